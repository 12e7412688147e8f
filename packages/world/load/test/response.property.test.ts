import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseReader } from '../src/response.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Field lines that are not Content-Length, though some look much like it. */
const otherField = fc.oneof(
  fc.constantFrom(
    'Content-Lengths: 7',
    'X-Content-Length: 8',
    'Content-Length-Was: 9',
    'Content-Len: 5',
    'a:',
    'Content',
  ),
  fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,20}: [ -~]{0,40}$/).filter((line) => !/^content-length:/i.test(line)),
);
const lengthName = fc.constantFrom('Content-Length:', 'content-length:', 'CONTENT-LENGTH: ', 'cOnTeNt-LeNgTh: \t ');
const response = fc.record({
  status: fc.integer({ min: 200, max: 599 }),
  before: fc.array(otherField, { maxLength: 4 }),
  name: lengthName,
  space: fc.constantFrom('', ' ', '\t '),
  after: fc.array(otherField, { maxLength: 4 }),
  lineEnd: fc.constantFrom('\r\n', '\n'),
  body: fc.uint8Array({ maxLength: 300 }),
});
/** Lengths of the pieces in which bytes come; what is left comes at once. */
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });

function feedInPieces(reader: ResponseReader, bytes: Uint8Array, pieces: readonly number[]) {
  const body: number[] = [];
  let taken = 0;
  for (let at = 0, piece = 0; at < bytes.length && !reader.isComplete; piece++) {
    const to = Math.min(bytes.length, at + (pieces[piece] ?? bytes.length));
    const count = reader.feed(bytes, at, to);
    body.push(...bytes.subarray(reader.bodyFrom, at + count));
    taken += count;
    at = to;
  }
  return { body, taken };
}

describe('a response (RFC 9112 §4, §6.3)', () => {
  it('is read alike in whatever pieces it comes, to its end and no further', () => {
    const property = fc.property(
      fc.array(fc.tuple(response, cuts), { minLength: 1, maxLength: 3 }),
      fc.uint8Array({ maxLength: 50 }),
      (responses, rest) => {
        const reader = new ResponseReader();
        for (const [{ status, before, name, space, after, lineEnd, body }, pieces] of responses) {
          const fields = [...before, `${name}${body.length}${space}`, ...after];
          const head = bytesOf([`HTTP/1.1 ${status} Some Reason`, ...fields, '', ''].join(lineEnd));
          reader.begin();
          const got = feedInPieces(reader, Uint8Array.of(...head, ...body, ...rest), pieces);
          expect([reader.isComplete, reader.isMalformed, reader.status]).toEqual([true, false, status]);
          expect(got).toEqual({ body: [...body], taken: head.length + body.length });
        }
      },
    );
    fc.assert(property, { numRuns: 300 * EFFORT });
  });
  it('is not complete before its last byte', () => {
    const property = fc.property(response, fc.nat(), (given, cut) => {
      const head = `HTTP/1.1 ${given.status} OK\r\n${given.name}${given.body.length}\r\n\r\n`;
      const bytes = Uint8Array.of(...bytesOf(head), ...given.body);
      const reader = new ResponseReader();
      reader.begin();
      reader.feed(bytes, 0, cut % bytes.length);
      expect(reader.isComplete).toBe(false);
      reader.feed(bytes, cut % bytes.length, bytes.length);
      expect(reader.isComplete).toBe(true);
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it.each([
    ['no length', 'HTTP/1.1 200 OK\r\nServer: x\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n'],
    ['an empty length', 'HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length in two words', 'HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n'],
  ])('with %s is malformed and never complete', (_what, text) => {
    const reader = new ResponseReader();
    reader.begin();
    reader.feed(bytesOf(`${text}body`), 0, text.length + 4);
    expect([reader.isMalformed, reader.isComplete]).toEqual([true, false]);
  });
  it('whatever comes, nothing is thrown, and no more is taken than came', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), cuts, (bytes, pieces) => {
      const reader = new ResponseReader();
      reader.begin();
      expect(feedInPieces(reader, bytes, pieces).taken).toBeLessThanOrEqual(bytes.length);
      if (reader.isComplete) expect(reader.bodyLeft).toBe(0);
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
  });
});
