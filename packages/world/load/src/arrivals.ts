/**
 * When requests arrive in an open loop: a Poisson process, that is, exponentially distributed gaps of a given mean.
 *
 * The gaps are drawn by comparisons alone: J. von Neumann, "Various Techniques Used in Connection with Random Digits",
 * NBS Applied Mathematics Series 12 (1951), pp. 36–38. Of uniform numbers u1 > u2 > … > un, and the next no smaller than
 * un, n is odd with a chance of e^-u1. Then u1 is the fraction; otherwise the whole part is one more, and it begins
 * again. No logarithm is needed, which may differ between engines.
 */
import { Chance } from '@bulkhead/clock';

const TWO_32 = 0x1_0000_0000;
const AT = 0;

export class Arrivals {
  readonly #chance: Chance;
  readonly #meanCycles: number;
  /** A typed array: a field would be a boxed double. */
  readonly #time: Float64Array = new Float64Array(1);

  constructor(seed: number, meanCycles: number) {
    this.#chance = new Chance(seed);
    this.#meanCycles = meanCycles;
  }
  /** The first arrival comes a gap after this. */
  begin(atCycles: number): void {
    this.#time[AT] = atCycles;
  }
  /** @returns when the next request arrives, in cycles; parts of a cycle add up. */
  next(): number {
    this.#time[AT] = this.#time[AT]! + this.#meanCycles * exponential(this.#chance);
    return this.#time[AT]!;
  }
}

/** @returns a number from the exponential distribution of mean 1, in steps of 2^-32. */
export function exponential(chance: Chance): number {
  for (let whole = 0; ; whole++) {
    const first = chance.next() >>> 0;
    let smallest = first;
    let length = 1;
    for (let drawn = chance.next() >>> 0; drawn < smallest; drawn = chance.next() >>> 0) {
      smallest = drawn;
      length++;
    }
    if ((length & 1) === 1) return whole + first / TWO_32;
  }
}
