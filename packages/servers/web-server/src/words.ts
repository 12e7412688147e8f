/**
 * Recognises one of at most 31 words, a byte at a time, in two small integers: the set of words that still fit, and how
 * many bytes have come. So a word may be cut anywhere, and nothing of it is kept.
 */
import { invariant } from '@bulkhead/result';
import { utf8 } from './grammar.ts';

export const NO_WORD = -1;

export class Words {
  /** The set that holds every word: where recognition starts. */
  readonly all: number;
  readonly #words: readonly Uint8Array[];

  constructor(words: readonly string[]) {
    invariant(words.length <= 31, 'a set of words fits an integer');
    this.#words = words.map(utf8);
    this.all = 2 ** words.length - 1;
  }
  /** @returns the words of `fitting` whose byte number `index` is `byte`. */
  narrow(fitting: number, index: number, byte: number): number {
    let rest = fitting;
    let left = fitting;
    while (rest !== 0) {
      const word = 31 - Math.clz32(rest);
      rest &= ~(1 << word);
      if (this.#words[word]![index] !== byte) left &= ~(1 << word);
    }
    return left;
  }
  /** @returns the word of `fitting` that is `lenBytes` long, or NO_WORD. */
  exact(fitting: number, lenBytes: number): number {
    let rest = fitting;
    while (rest !== 0) {
      const word = 31 - Math.clz32(rest);
      rest &= ~(1 << word);
      if (this.#words[word]!.length === lenBytes) return word;
    }
    return NO_WORD;
  }
}
