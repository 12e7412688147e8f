/** Chance as an argument: the same seed gives the same numbers, on every machine. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

type Generator = ReturnType<typeof xoroshiro128plus>;

export class Chance {
  readonly #generator: Generator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed | 0);
  }
  /** @returns the next 32 bits, signed. */
  next(): number {
    return this.#generator.next();
  }
  /** @returns a whole number from 0 to `bound` - 1; the bias for bounds far below 2^32 is negligible. */
  below(bound: number): number {
    return (this.#generator.next() >>> 0) % bound;
  }
}
