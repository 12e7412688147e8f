import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPLETE, INCOMPLETE, MALFORMED, MAX_ARGUMENTS, MAX_BULK_BYTES, RequestParser } from '../src/request.ts';
import { request } from './resp.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** All requests of a text, and the error that ended it, if one did. */
function read(text: string): { requests: string[][]; error: string; left: number; need: number } {
  const parser = new RequestParser();
  const bytes = bytesOf(text);
  const requests: string[][] = [];
  let at = 0;
  while (at < bytes.length) {
    const found = parser.parse(bytes, at, bytes.length);
    if (found === MALFORMED) return { requests, error: Buffer.from(parser.error).toString('latin1'), left: 0, need: 0 };
    if (found === INCOMPLETE) return { requests, error: '', left: bytes.length - at, need: parser.need };
    const words = Array.from({ length: parser.count }, (_, i) =>
      text.slice(parser.at[i]!, parser.at[i]! + parser.len[i]!),
    );
    requests.push(words);
    at = parser.end;
  }
  return { requests, error: '', left: 0, need: 0 };
}
const errorOf = (text: string): string => read(text).error;

const latin1: fc.Arbitrary<string> = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const words: fc.Arbitrary<string[]> = fc.array(latin1, { maxLength: 6 });
const inlineWord: fc.Arbitrary<string> = fc.stringMatching(/^[!-)+-~][!-~]{0,9}$/);
const inline = fc
  .tuple(fc.array(inlineWord, { maxLength: 5 }), fc.constantFrom(' ', '\t', '   '), fc.constantFrom('\r\n', '\n'))
  .map(([given, blank, end]) => ({ given, text: `${given.join(blank)}${end}` }));

describe('a stream of requests', () => {
  it('gives every word of every request, whatever bytes are in it', () => {
    const one = fc.oneof(
      words.map((given) => ({ given, text: request(...given) })),
      inline,
    );
    const property = fc.property(fc.array(one, { maxLength: 8 }), (given) => {
      const { requests, error, left } = read(given.map(({ text }) => text).join(''));
      expect(requests).toEqual(given.map((each) => each.given));
      expect([error, left]).toEqual(['', 0]);
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
  });
  it('that is cut anywhere lacks something, and never more than is missing', () => {
    const property = fc.property(words, fc.nat(), (given, place) => {
      const whole = request(...given);
      const cut = place % whole.length;
      if (cut === 0) return;
      const { requests, error, left, need } = read(whole.slice(0, cut));
      expect([requests, error, left]).toEqual([[], '', cut]);
      expect(need > cut && need <= whole.length).toBe(true);
    });
    fc.assert(property, { numRuns: 300 * EFFORT });
  });
  it('of random bytes is read or refused, and what is read lies within it', () => {
    const alphabet = fc.constantFrom(...Buffer.from('*$:-019 \r\nPING"\x00\xff'));
    const property = fc.property(fc.array(alphabet, { maxLength: 60 }), (given) => {
      const parser = new RequestParser();
      const bytes = Uint8Array.from(given);
      for (let at = 0; at < bytes.length; at = parser.end) {
        const found = parser.parse(bytes, at, bytes.length);
        if (found === INCOMPLETE) expect(parser.need).toBeGreaterThan(bytes.length - at);
        if (found !== COMPLETE) return;
        expect(parser.end > at && parser.end <= bytes.length).toBe(true);
        for (let i = 0; i < parser.count; i++)
          expect(parser.at[i]! >= at && parser.at[i]! + parser.len[i]! <= parser.end).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 2000 * EFFORT });
  });
});

describe('a request is refused in the words of Redis', () => {
  it.each([
    ['*x\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*-\r\n', 'invalid multibulk length'],
    ['*1\rx', 'invalid multibulk length'],
    [`*${MAX_ARGUMENTS + 1}\r\n`, 'invalid multibulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    [`*${'1'.repeat(40)}`, 'too big mbulk count string'],
    ['*1\r\n:1\r\n', "expected '$', got ':'"],
    ['*1\r\n\x01', "expected '$', got '?'"],
    ['*1\r\n$x\r\n', 'invalid bulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    [`*1\r\n$${MAX_BULK_BYTES + 1}\r\n`, 'invalid bulk length'],
    [`*1\r\n$${'1'.repeat(40)}`, 'too big bulk count string'],
    ['*1\r\n$1\r\nab\r\n', 'expected CRLF after a bulk string'],
    [`*9\r\n${`$${MAX_BULK_BYTES}\r\n${'x'.repeat(MAX_BULK_BYTES)}\r\n`.repeat(2)}`, 'too big request'],
    ['x'.repeat(65_536), 'too big inline request'],
    ['x '.repeat(MAX_ARGUMENTS + 1).concat('\n'), 'too many arguments in an inline request'],
  ])('in case %#', (text, message) => {
    expect(errorOf(text)).toBe(`-ERR Protocol error: ${message}\r\n`);
  });
  it('and one of no words has no words', () => {
    expect(read('*0\r\n*-1\r\n\r\n\n  \r\nPING\r\n').requests).toEqual([[], [], [], [], [], ['PING']]);
  });
});
