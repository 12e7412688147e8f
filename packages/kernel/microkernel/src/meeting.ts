/**
 * Where threads meet: each component sleeps in a receive on its own endpoint, with a notification bound to it and a
 * reply object lent, all three made from its domain's memory. Calls arrive at the endpoint; interrupts, alarms, faults
 * and the signals of rings arrive at the notification.
 *
 * Components of the kernel's domain are called directly and never wait at an endpoint; their notification's word alone
 * says that there is something to do.
 */
import { type Capabilities, objects } from '@bulkhead/capabilities';
import { BlockedThreads, blocking, Endpoints, Notifications, Replies, rights } from '@bulkhead/ipc';
import type { Seat } from './seat.ts';

const { RUNNING } = blocking;
const { ENDPOINT, GRANT, GRANT_REPLY, NOTIFICATION, WRITE } = objects;
const CALLING = rights.CALL | rights.GRANT;

/** Nobody receives there, or the right does not allow it. */
export const NOT_ANSWERED = -1;

export class Meeting {
  readonly #threads: BlockedThreads;
  readonly #replies: Replies;
  readonly #endpoints: Endpoints;
  readonly #notifications: Notifications;
  readonly #capabilities: Capabilities;
  readonly #woken: Int32Array;
  /** Of the last call that was delivered: who calls. */
  badge = 0;

  constructor(words: Int32Array, capabilities: Capabilities, seats: readonly Seat[]) {
    this.#threads = new BlockedThreads(words, seats.length);
    this.#replies = new Replies(this.#threads);
    this.#endpoints = new Endpoints(this.#threads, this.#replies);
    this.#notifications = new Notifications(this.#threads, this.#endpoints);
    this.#capabilities = capabilities;
    this.#woken = new Int32Array(seats.length);
    for (const seat of seats) this.#threads.setPriority(seat.index, seat.level);
  }

  /** A life begins: its objects are fresh, and it sleeps. */
  join(seat: Seat): void {
    this.#endpoints.cancel(seat.index);
    this.#threads.badge[seat.index] = 0;
    this.#notifications.bind(seat.notification, seat.index);
    this.sleep(seat);
  }
  /** A life is over: nobody waits for it, and it waits for nobody. */
  part(seat: Seat): void {
    this.#endpoints.cancel(seat.index);
    this.#threads.badge[seat.index] = 0;
    if (seat.notification === 0) return;
    const caller = this.#replies.threadOf(seat.reply);
    if (caller >= 0) this.#endpoints.cancel(caller);
    this.#endpoints.cancelAll(seat.endpoint, this.#woken);
    this.#notifications.unbind(seat.index);
    seat.notification = 0;
  }

  /** Sets bits of a component's notification. @returns whether that woke it. */
  signal(seat: Seat, bits: number): boolean {
    const woken = this.#notifications.signal(seat.notification, bits);
    return seat.domain.isKernel ? !seat.busy : woken === seat.index;
  }
  /** @returns what was signalled since the last time. */
  take(seat: Seat): number {
    const { index } = seat;
    const bits = this.#threads.badge[index]!;
    this.#threads.badge[index] = 0;
    return this.#notifications.takeBound(index) === 0 ? bits | this.#notifications.word : bits;
  }
  /**
   * Answers whoever called, and receives again, unless something was signalled meanwhile.
   * @returns whether the component has something to do at once.
   */
  sleep(seat: Seat): boolean {
    const { index } = seat;
    if (!seat.domain.isKernel) this.#replies.take(seat.reply);
    if (this.#notifications.takeBound(index) === 0) {
      this.#threads.badge[index] = this.#threads.badge[index]! | this.#notifications.word;
      return true;
    }
    if (this.#threads.badge[index] !== 0) return true;
    if (!seat.domain.isKernel) this.#endpoints.receive(seat.endpoint, index, seat.reply, true);
    return false;
  }

  /** True when the component neither sleeps nor waits for an answer. */
  isAwake(seat: Seat): boolean {
    return this.#threads.state[seat.index] === RUNNING;
  }
  /**
   * A thread calls through a right of its domain, which names an endpoint.
   * @param slot the right's slot, or a negative error
   * @returns the component that received the call, or NOT_ANSWERED. `badge` tells it who calls.
   */
  call(caller: Seat, slot: number): number {
    if (slot < 0 || this.#capabilities.typeOf(slot) !== ENDPOINT) return NOT_ANSWERED;
    const held = this.#capabilities.rightsOf(slot);
    if ((held & WRITE) === 0 || (held & (GRANT | GRANT_REPLY)) === 0) return NOT_ANSWERED;
    const endpoint = this.#capabilities.wordOf(slot);
    this.badge = this.#capabilities.badgeOf(slot);
    // A component that was called inside its domain slept until now; in the queue of its own endpoint it would be found.
    if (!this.isAwake(caller)) this.#endpoints.cancel(caller.index);
    const receiver = this.#endpoints.send(endpoint, caller.index, this.badge, CALLING, false);
    if (receiver < 0) return NOT_ANSWERED;
    this.#threads.badge[receiver] = 0;
    return receiver;
  }
  /** A thread signals through a right of its domain, which names a notification. @returns whom it woke, or a negative number. */
  signalThrough(slot: number): number {
    if (slot < 0 || this.#capabilities.typeOf(slot) !== NOTIFICATION) return NOT_ANSWERED;
    if ((this.#capabilities.rightsOf(slot) & WRITE) === 0) return NOT_ANSWERED;
    return this.#notifications.signal(this.#capabilities.wordOf(slot), this.#capabilities.badgeOf(slot));
  }
}
