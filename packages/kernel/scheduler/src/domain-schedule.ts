/**
 * Scheduling domains: a table of domains and durations that is walked for ever; only threads of the domain whose turn
 * it is may run. seL4 reference manual 13.0.0 §6.3 "Domains". An entry of duration 0 ends the table.
 *
 * Turns follow each other exactly, however late one is told of the time.
 */
export const FOREVER: number = 2 ** 52;

const END = 0;

export class DomainSchedule {
  readonly domainCount: number;
  readonly length: number;
  readonly #domain: Uint8Array;
  readonly #duration: Float64Array;
  /** `[0]`: when the turn of `index` is over. */
  readonly #end: Float64Array = new Float64Array([FOREVER]);
  #start = 0;
  #index = 0;

  constructor(domainCount: number, length: number) {
    this.domainCount = domainCount;
    this.length = length;
    this.#domain = new Uint8Array(length);
    this.#duration = new Float64Array(length);
    this.#duration[0] = FOREVER; // until somebody says otherwise, domain 0 has all the time
  }

  /** The domain whose turn it is. */
  get current(): number {
    return this.#domain[this.#index]!;
  }
  /** When its turn is over. */
  get end(): number {
    return this.#end[0]!;
  }
  get start(): number {
    return this.#start;
  }
  isEnd(index: number): boolean {
    return this.#duration[index] === END;
  }
  /** The turn that runs keeps the duration with which it began. */
  set(index: number, domain: number, duration: number): void {
    this.#domain[index] = domain;
    this.#duration[index] = duration;
  }
  /** Begins the table at `index`, now and whenever it comes round. */
  setStart(index: number, now: number): void {
    this.#start = index;
    this.#index = index;
    this.#end[0] = now + this.#duration[index]!;
  }
  advance(now: number): void {
    if (now < this.#end[0]!) return;
    this.#skipRounds(now);
    while (now >= this.#end[0]!) this.#step();
  }

  #step(): void {
    const next = this.#index + 1;
    this.#index = next === this.length || this.isEnd(next) ? this.#start : next;
    this.#end[0]! += this.#duration[this.#index]!;
  }
  /** Whole walks through the table change nothing but the time. */
  #skipRounds(now: number): void {
    while (now >= this.#end[0]! && this.#index !== this.#start) this.#step();
    const begin = this.#end[0]!;
    if (now < begin) return;
    do this.#step();
    while (this.#index !== this.#start);
    const round = this.#end[0]! - begin;
    this.#end[0] = begin + Math.floor((now - begin) / round) * round;
  }
}
