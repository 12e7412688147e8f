/**
 * What the driver counts in its heap, for people: how long devices reached what was unmapped already, and the faults that
 * nobody was told of. They go on from life to life of a device, and start at 0 with the driver.
 */
import type { Window } from '@bulkhead/runtime';
import { COUNTERS_OFFSET } from './layout.ts';

/** Pages that were unmapped, and not invalidated before the answer. */
export const EXPOSED_PAGES = 0;
/** The most of them that waited at once. */
export const EXPOSED_AT_ONCE = 4;
/** The longest that one waited, in microseconds. */
export const EXPOSED_LONGEST_US = 8;
/** Batches in which they were invalidated. */
export const BATCHES = 12;
/** Faults of devices that had been told of often enough. */
export const FAULTS_UNTOLD = 16;
/** Devices of which no more faults are reported until they change hands. */
export const DEVICES_HUSHED = 20;
/** How often the fault queue ran over: some faults are not known at all. */
export const FAULT_OVERFLOWS = 24;

export class Counters {
  readonly #heap: Window;

  constructor(heap: Window) {
    this.#heap = heap;
  }
  get(counter: number): number {
    return this.#heap.load32(COUNTERS_OFFSET + counter);
  }
  add(counter: number, count = 1): void {
    this.#heap.store32(COUNTERS_OFFSET + counter, (this.get(counter) + count) | 0);
  }
  raiseTo(counter: number, value: number): void {
    if (value > this.get(counter)) this.#heap.store32(COUNTERS_OFFSET + counter, value);
  }
}

/** The counters, read from outside: for who looks at a system. */
export interface IommuDriverCounters {
  readonly exposedPages: number;
  readonly exposedAtOnce: number;
  readonly exposedLongestUs: number;
  readonly batches: number;
  readonly faultsUntold: number;
  readonly devicesHushed: number;
  readonly faultOverflows: number;
}
/** @param word reads the driver's heap, by byte offset. */
export function countersOf(word: (offset: number) => number): IommuDriverCounters {
  const counter = (offset: number): number => word(COUNTERS_OFFSET + offset) >>> 0;
  return {
    exposedPages: counter(EXPOSED_PAGES),
    exposedAtOnce: counter(EXPOSED_AT_ONCE),
    exposedLongestUs: counter(EXPOSED_LONGEST_US),
    batches: counter(BATCHES),
    faultsUntold: counter(FAULTS_UNTOLD),
    devicesHushed: counter(DEVICES_HUSHED),
    faultOverflows: counter(FAULT_OVERFLOWS),
  };
}
