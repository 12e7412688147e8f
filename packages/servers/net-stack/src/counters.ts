/** What was dropped, refused or done again, counted in simulated memory. Wraps at 2^32. */
import type { Window } from '@bulkhead/runtime';

export const COUNTER_NAMES = [
  'frameIn',
  'frameOut',
  'badDeviceEvent',
  'badEthernet',
  'badArp',
  'badIpv4',
  'badIcmp',
  'badUdp',
  'badTcp',
  'notForUs',
  'fragment',
  'unknownProtocol',
  'addressConflict',
  'noRoute',
  'neighbourUnreachable',
  'noBuffer',
  'noSocket',
  'datagramDropped',
  'synDropped',
  'outOfWindow',
  'outOfOrder',
  'challengeAck',
  'resetSent',
  'resetReceived',
  'retransmission',
  'fastRetransmit',
  'timeout',
  'zeroWindowProbe',
  'portChosen',
] as const;
export type CounterName = (typeof COUNTER_NAMES)[number];

/** Each counter's number. */
export const COUNT: Readonly<Record<CounterName, number>> = Object.fromEntries(
  COUNTER_NAMES.map((name, index) => [name, index]),
) as Record<CounterName, number>;

export const COUNTERS_BYTES: number = COUNTER_NAMES.length * 4;

export class Counters {
  readonly #cells: Window;

  constructor(cells: Window) {
    this.#cells = cells;
  }
  count(counter: number): void {
    this.#cells.store32(counter * 4, (this.#cells.load32(counter * 4) + 1) | 0);
  }
  /** Counts, and gives the count before. */
  next(counter: number): number {
    const before = this.#cells.load32(counter * 4) >>> 0;
    this.count(counter);
    return before;
  }
  read(name: CounterName): number {
    return this.#cells.load32(COUNT[name] * 4) >>> 0;
  }
}
