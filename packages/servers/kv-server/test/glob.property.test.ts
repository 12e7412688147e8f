import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Glob } from '../src/glob.ts';
import { ascii } from '../src/text.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

function matches(pattern: string, text: string): boolean {
  const glob = new Glob();
  glob.use(ascii(`##${pattern}##`), 2, pattern.length);
  return glob.matches(ascii(`${text}##`), text.length);
}

describe('a pattern (Redis, command reference, "KEYS")', () => {
  it.each([
    ['h?llo', ['hello', 'hallo'], ['hllo', 'heello']],
    ['h*llo', ['hllo', 'heeeello'], ['hell', 'xhllo']],
    ['h[ae]llo', ['hello', 'hallo'], ['hillo', 'hllo']],
    ['h[^e]llo', ['hallo', 'hbllo'], ['hello']],
    ['h[a-b]llo', ['hallo', 'hbllo'], ['hcllo']],
    ['h[b-a]llo', ['hallo'], ['hcllo']],
    ['h\\*llo', ['h*llo'], ['hello']],
    ['h[\\]]', ['h]'], ['h\\']],
    ['[', [], ['[', 'a']],
    ['[ab', ['a', 'b'], ['c', '']],
    ['[a-]', ['a', '-'], ['b']],
    ['a\\', ['a\\'], ['a']],
    ['*', ['', 'anything'], []],
    ['', [''], ['a']],
    ['**a**', ['a', 'bab'], ['b']],
  ])('%s', (pattern, yes, no) => {
    expect(yes.filter((text) => !matches(pattern, text))).toEqual([]);
    expect(no.filter((text) => matches(pattern, text))).toEqual([]);
  });
  it('of *, ? and plain bytes is the regular expression of the same meaning', () => {
    const element = fc.constantFrom('*', '?', 'a', 'b');
    const property = fc.property(
      fc.array(element, { maxLength: 8 }),
      fc.stringMatching(/^[ab]{0,12}$/),
      (elements, text) => {
        const meaning = elements.map((each) => (each === '*' ? '.*' : each === '?' ? '.' : each)).join('');
        expect(matches(elements.join(''), text)).toBe(new RegExp(`^${meaning}$`).test(text));
      },
    );
    fc.assert(property, { numRuns: 1000 * EFFORT });
  });
  it('of any bytes says yes or no to any bytes', () => {
    const text = fc.string({ unit: fc.constantFrom('[', ']', '^', '-', '\\', '*', '?', 'a') });
    fc.assert(
      fc.property(text, text, (pattern, given) => {
        expect(typeof matches(pattern, given)).toBe('boolean');
      }),
      { numRuns: 1000 * EFFORT },
    );
  });
});
