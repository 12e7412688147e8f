/**
 * Everything that came into a machine from outside, with the cycle at which it did: enough to run the same run again.
 * One JSON object a line: a header, a line a frame, and a last line with the end and the digest.
 */
import { err, ok, type Result } from '@bulkhead/result';

/** What a fresh system must be, for the journal to be its own. */
export interface JournalHeader {
  readonly bulkheadJournal: 1;
  readonly system: string;
  readonly profile: string;
  readonly seed: number;
}
export interface JournalFrame {
  /** The cycle at which it was put on the wire. */
  readonly at: number;
  readonly bytes: Uint8Array;
}
export interface Journal {
  readonly header: JournalHeader;
  /** In the order of their times. */
  readonly frames: readonly JournalFrame[];
  /** The cycle at which the recording ended. */
  readonly end: number;
  readonly digest: string;
}

type Line = Readonly<Record<string, unknown>>;

/** The lines of a journal, each with its newline. */
export const headerLine = (header: JournalHeader): string => `${JSON.stringify(header)}\n`;
export const frameLine = (at: number, frame: Uint8Array): string =>
  `${JSON.stringify({ at, frame: Buffer.from(frame).toString('base64') })}\n`;
export const lastLine = (end: number, digest: string): string => `${JSON.stringify({ end, digest })}\n`;

/** @returns the journal, or one line that says what is wrong with it. */
export function parseJournal(text: string): Result<Journal, string> {
  const [first = '', ...rest] = text.split('\n').filter((line) => line !== '');
  const header = headerOf(parseLine(first));
  if (header === null) return err('the first line is no journal header');
  const last = parseLine(rest.pop() ?? '');
  const { end, digest } = last ?? {};
  if (!isTime(end) || typeof digest !== 'string' || !/^[0-9a-f]{16}$/.test(digest))
    return err('it was not ended: the last line has no digest');
  const frames: JournalFrame[] = [];
  for (const [index, line] of rest.entries()) {
    const frame = frameOf(parseLine(line));
    if (frame === null) return err(`line ${index + 2} is no frame`);
    if (frame.at > end || frame.at < (frames.at(-1)?.at ?? 0)) return err(`line ${index + 2} is out of its time`);
    frames.push(frame);
  }
  return ok({ header, frames, end, digest });
}

function parseLine(line: string): Line | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? (value as Line | null) : null;
  } catch {
    return null;
  }
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function headerOf(line: Line | null): JournalHeader | null {
  const { bulkheadJournal, system, profile, seed } = line ?? {};
  if (bulkheadJournal !== 1 || typeof system !== 'string' || typeof profile !== 'string' || !isTime(seed)) return null;
  return { bulkheadJournal, system, profile, seed };
}

/** Base64 is taken as it is written: `Buffer` would skip what is none. */
function frameOf(line: Line | null): JournalFrame | null {
  const { at, frame } = line ?? {};
  if (!isTime(at) || typeof frame !== 'string' || frame === '') return null;
  const bytes = Buffer.from(frame, 'base64');
  return bytes.toString('base64') === frame ? { at, bytes } : null;
}
