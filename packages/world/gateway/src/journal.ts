/**
 * Everything that came into a machine from outside, with the cycle at which it did: enough to run the same run again.
 * One JSON object a line: a header, a line a frame, and a last line with the end and the digest.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import type { System } from '@bulkhead/assembler';
import type { LinkEnd } from '@bulkhead/link';

export interface JournalHeader {
  readonly bulkheadJournal: 1;
  readonly system: string;
  readonly profile: string;
  readonly seed: number;
}
interface FrameLine {
  readonly at: number;
  readonly frame: string;
}
interface LastLine {
  readonly end: number;
  readonly digest: string;
}

/** Stands between the far end and the wire, and writes down what goes in. */
export class JournalWriter {
  readonly wire: LinkEnd;
  readonly #file: WriteStream;
  readonly #system: System;

  constructor(path: string, header: JournalHeader, system: System) {
    const inner = system.wire;
    this.#system = system;
    this.#file = createWriteStream(path);
    this.#line(header);
    this.wire = {
      connect: (receiver) => inner.connect(receiver),
      transmit: (frame, lenBytes) => {
        this.#line({ at: system.clock.now, frame: Buffer.from(frame.subarray(0, lenBytes)).toString('base64') });
        inner.transmit(frame, lenBytes);
      },
    };
  }
  /** Writes the last line. @returns the digest. */
  async end(): Promise<string> {
    const digest = this.#system.digest();
    this.#line({ end: this.#system.clock.now, digest } satisfies LastLine);
    await new Promise<void>((resolve) => this.#file.end(() => resolve()));
    return digest;
  }
  #line(value: JournalHeader | FrameLine | LastLine): void {
    this.#file.write(`${JSON.stringify(value)}\n`);
  }
}

export interface ReplayedJournal {
  readonly header: JournalHeader;
  readonly frames: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  readonly end: number;
  readonly digest: string;
}

/** @returns the journal, or one line that says what is wrong with it. */
export function parseJournal(text: string): ReplayedJournal | string {
  const lines = text.split('\n').filter((line) => line !== '');
  const parsed: Record<string, unknown>[] = [];
  for (const [index, line] of lines.entries()) {
    try {
      parsed.push(JSON.parse(line) as Record<string, unknown>);
    } catch {
      return `line ${index + 1} is no JSON`;
    }
  }
  const [header, ...rest] = parsed;
  const last = rest.pop();
  if (header?.['bulkheadJournal'] !== 1) return 'the first line is no journal header';
  if (typeof last?.['end'] !== 'number' || typeof last['digest'] !== 'string') return 'it was not ended: the last line has no digest';
  if (!rest.every((line) => typeof line['at'] === 'number' && typeof line['frame'] === 'string')) return 'a line is no frame';
  return {
    header: header as unknown as JournalHeader,
    frames: rest.map((line) => ({ at: line['at'] as number, bytes: Buffer.from(line['frame'] as string, 'base64') })),
    end: last['end'],
    digest: last['digest'],
  };
}

/** Runs a journal again on a fresh system. @returns the digest of the run. */
export function replay(system: System, { frames, end }: ReplayedJournal): string {
  const { clock, wire } = system;
  let next = 0;
  const feed = (): void => {
    while (next < frames.length && frames[next]!.at <= clock.now) {
      const { bytes } = frames[next++]!;
      wire.transmit(bytes, bytes.length);
    }
    if (next < frames.length) clock.set(alarm, frames[next]!.at);
  };
  const alarm = clock.createAlarm(feed);
  feed();
  system.runUntil(end);
  return system.digest();
}
