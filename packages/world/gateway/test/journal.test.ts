import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameLine, headerLine, type JournalFrame, lastLine, parseJournal } from '../src/journal.ts';

const HEADER = { bulkheadJournal: 1, system: 'monolithic', profile: 'haswell', seed: 1 } as const;
const DIGEST = '0123456789abcdef';
const emit = (frames: readonly JournalFrame[], end: number): string =>
  [headerLine(HEADER), ...frames.map(({ at, bytes }) => frameLine(at, bytes)), lastLine(end, DIGEST)].join('');
const errorOf = (text: string): string => {
  const parsed = parseJournal(text);
  return parsed.ok ? '' : parsed.error;
};

const anyFrames = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1e12 }), fc.uint8Array({ minLength: 1, maxLength: 99 })), { maxLength: 20 })
  .map((frames) => frames.map(([at, bytes]) => ({ at, bytes })).sort((a, b) => a.at - b.at));

describe('The text of a journal', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(anyFrames, fc.nat(1e6), (frames, more) => {
        const end = (frames.at(-1)?.at ?? 0) + more;
        const parsed = parseJournal(emit(frames, end));
        expect(parsed.ok && parsed.value).toEqual({
          header: HEADER,
          frames: frames.map(({ at, bytes }) => ({ at, bytes: Buffer.from(bytes) })),
          end,
          digest: DIGEST,
        });
      }),
    );
  });
  it('is refused in one line wherever it was cut off', () => {
    fc.assert(
      fc.property(anyFrames, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (frames, share) => {
        const whole = emit(frames, 2e12).trimEnd();
        expect(errorOf(whole.slice(0, Math.floor(whole.length * share)))).toMatch(/^[^\n]+$/);
      }),
    );
  });

  it('is refused in one line when it is something else', () => {
    for (const foreign of [
      '',
      '\n',
      'hello',
      '{}',
      '[]',
      'null',
      '{"bulkheadJournal":2}',
      '\0\0\0',
      '{"bulkheadJournal":1}',
    ])
      expect(errorOf(foreign)).toBe('the first line is no journal header');
  });
  it('is refused when a line is no frame, and says which', () => {
    const lines = [
      'x',
      '{}',
      '{"at":-1,"frame":"AAAA"}',
      '{"at":1,"frame":"A*AA"}',
      '{"at":1.5,"frame":"AAAA"}',
      '{"at":1,"frame":""}',
    ];
    for (const line of lines)
      expect(errorOf(`${headerLine(HEADER)}${frameLine(1, new Uint8Array(3))}${line}\n${lastLine(9, DIGEST)}`)).toBe(
        'line 3 is no frame',
      );
  });
  it('is refused when time goes backward, or past the end', () => {
    const frame = new Uint8Array(3);
    expect(
      errorOf(
        emit(
          [
            { at: 5, bytes: frame },
            { at: 4, bytes: frame },
          ],
          9,
        ),
      ),
    ).toBe('line 3 is out of its time');
    expect(errorOf(emit([{ at: 10, bytes: frame }], 9))).toBe('line 2 is out of its time');
  });
});
