/**
 * Who answers at which address: disjoint ranges, of which the first added keeps what it has.
 *
 * Invariant: ranges do not overlap, so that an address is in at most one and the order of a search does not matter.
 */
import type { RegisterDevice } from '@bulkhead/ports';

/** Addresses from `start` up to, but not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export class RouteTable {
  #starts: Float64Array = new Float64Array(16);
  #ends: Float64Array = new Float64Array(16);
  #bases: Float64Array = new Float64Array(16);
  readonly #devices: RegisterDevice[] = [];
  #count = 0;

  clear(): void {
    this.#count = 0;
    this.#devices.length = 0;
  }

  /** Gives `device` what of the range nobody has; its offsets are from `base`. */
  add(start: number, end: number, base: number, device: RegisterDevice): void {
    let free: Span[] = start < end ? [{ start, end }] : [];
    for (let route = 0; route < this.#count; route++) {
      const taken = { start: this.#starts[route]!, end: this.#ends[route]! };
      free = free.flatMap((span) => without(span, taken));
    }
    for (const span of free) this.#append(span, base, device);
  }

  /** @returns the index of the route, or -1. */
  find(address: number): number {
    for (let route = 0; route < this.#count; route++) if (this.holds(route, address)) return route;
    return -1;
  }
  holds(route: number, address: number): boolean {
    return address >= this.#starts[route]! && address < this.#ends[route]!;
  }
  device(route: number): RegisterDevice {
    return this.#devices[route]!;
  }
  base(route: number): number {
    return this.#bases[route]!;
  }

  #append({ start, end }: Span, base: number, device: RegisterDevice): void {
    if (this.#count === this.#starts.length) this.#grow();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#bases[this.#count] = base;
    this.#devices.push(device);
    this.#count += 1;
  }
  #grow(): void {
    const larger = (values: Float64Array): Float64Array => {
      const grown = new Float64Array(values.length * 2);
      grown.set(values);
      return grown;
    };
    this.#starts = larger(this.#starts);
    this.#ends = larger(this.#ends);
    this.#bases = larger(this.#bases);
  }
}

/** @returns what both have, empty ranges left out. */
export const intersect = (some: readonly Span[], others: readonly Span[]): Span[] =>
  some.flatMap((one) =>
    others
      .map((other) => ({ start: Math.max(one.start, other.start), end: Math.min(one.end, other.end) }))
      .filter(({ start, end }) => start < end),
  );

const without = (span: Span, taken: Span): Span[] =>
  [
    { start: span.start, end: Math.min(span.end, taken.start) },
    { start: Math.max(span.start, taken.end), end: span.end },
  ].filter(({ start, end }) => start < end);
