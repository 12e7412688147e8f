/** Components that have something to do, by the level at which they run, those of one level in turn. */
import { ReadyQueues } from '@bulkhead/scheduler';
import type { Domain, Seat } from './seat.ts';

export class ReadySeats {
  readonly #queues: ReadyQueues;
  readonly #seats: readonly Seat[];

  constructor(seats: readonly Seat[]) {
    this.#queues = new ReadyQueues(seats.length);
    this.#seats = seats;
  }
  add(seat: Seat): void {
    if (!this.#queues.isQueued(seat.index)) this.#queues.enqueue(seat.index, seat.level);
  }
  withdraw(seat: Seat): void {
    if (this.#queues.isQueued(seat.index)) this.#queues.dequeue(seat.index);
  }
  /** 0 when nobody is ready. */
  get highestLevel(): number {
    return this.#queues.highestPriority();
  }
  /** The first of the highest level; somebody is ready. */
  get highest(): Seat {
    return this.#seats[this.#queues.highest()]!;
  }
  /** Takes the component of a domain that has the highest own level, equals in turn. @returns null when none is ready. */
  takeOf(domain: Domain): Seat | null {
    const { seats } = domain;
    let next = -1;
    for (let i = 0; i < seats.length; i++) {
      const at = (domain.served + 1 + i) % seats.length;
      const { index, ownLevel } = seats[at]!;
      if (this.#queues.isQueued(index) && (next < 0 || ownLevel > seats[next]!.ownLevel)) next = at;
    }
    if (next < 0) return null;
    domain.served = next;
    this.#queues.dequeue(seats[next]!.index);
    return seats[next]!;
  }
}
