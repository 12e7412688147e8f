/**
 * Where threads meet: each component sleeps in a receive on its own endpoint, with a notification bound to it and a
 * reply object lent, all three made from its domain's memory. Calls arrive at the endpoint; interrupts, alarms, faults
 * and the signals of rings arrive at the notification.
 *
 * Components of the kernel's domain are called directly and never wait at an endpoint; their notification's word alone
 * says that there is something to do.
 *
 * Components call each other here, in one step, for whoever is called answers before it sleeps. Threads with a stack of
 * their own send by system calls (`@bulkhead/kernel-core`), to the same objects: what they send to a component waits in
 * the component's thread until it is served, and the answer goes the way of every answer.
 */
import { type Capabilities, objects } from '@bulkhead/capabilities';
import {
  type BlockedThreads,
  blocking,
  type Endpoints,
  message,
  type Notifications,
  type Replies,
  rights,
  type SystemCalls,
} from '@bulkhead/ipc';
import type { KernelCore } from '@bulkhead/kernel-core';
import type { Seat } from './seat.ts';

const { BLOCKED_ON_REPLY, RUNNING } = blocking;
const REGISTER_LANES: number = message.MESSAGE_REGISTERS * message.WORD_LANES;
const { ENDPOINT, GRANT, GRANT_REPLY, NOTIFICATION, WRITE } = objects;
const CALLING = rights.CALL | rights.GRANT;

/** Nobody receives there, or the right does not allow it. */
export const NOT_ANSWERED = -1;

const NOBODY = -1;

export class Meeting {
  readonly #core: KernelCore;
  readonly #calls: SystemCalls;
  readonly #threads: BlockedThreads;
  readonly #replies: Replies;
  readonly #endpoints: Endpoints;
  readonly #notifications: Notifications;
  readonly #capabilities: Capabilities;
  /** By thread: the index of the component whose thread it is, or -1. */
  readonly #seatOf: Int16Array;
  /** Of the last call that was delivered: who calls. */
  badge = 0;

  /** The seats have their threads. */
  constructor(core: KernelCore, seats: readonly Seat[]) {
    this.#core = core;
    this.#calls = core.calls;
    this.#threads = core.threads;
    this.#replies = core.calls.replies;
    this.#endpoints = core.calls.endpoints;
    this.#notifications = core.calls.notifications;
    this.#capabilities = core.capabilities;
    this.#seatOf = new Int16Array(core.threads.threadCount).fill(NOBODY);
    for (const { index, thread, level } of seats) {
      this.#seatOf[thread] = index;
      this.#threads.state[thread] = RUNNING;
      this.#threads.setPriority(thread, level);
      core.scheduler.setPriority(thread, level);
    }
  }
  /** @returns the index of the component whose thread it is, or -1: it is a thread of another kind, or none. */
  seatOf(thread: number): number {
    return this.#seatOf[thread] ?? NOBODY;
  }

  /** A life begins: its objects are fresh, and it sleeps. As far as the scheduler knows, it waits. */
  join(seat: Seat): void {
    const { thread } = seat;
    this.#endpoints.cancel(thread);
    this.#threads.badge[thread] = 0;
    this.#notifications.bind(seat.notification, thread);
    this.#core.scheduler.resume(thread);
    this.#core.scheduler.block(thread);
    this.sleep(seat);
  }
  /** A life is over: nobody waits for it, and it waits for nobody. @param answer what callers of another kind are told */
  part(seat: Seat, answer: number): void {
    const { thread } = seat;
    this.#endpoints.cancel(thread);
    this.#threads.badge[thread] = 0;
    if (seat.notification === 0) return;
    const caller = this.#replies.threadOf(seat.reply);
    if (caller >= 0 && this.seatOf(caller) < 0) this.answer(seat, answer);
    else if (caller >= 0) this.#endpoints.cancel(caller);
    this.#calls.endings.endpointDeleted(seat.endpoint);
    this.#notifications.unbind(thread);
    this.#core.scheduler.block(thread);
    seat.notification = 0;
  }

  /** Sets bits of a component's notification. @returns whether that woke it. */
  signal(seat: Seat, bits: number): boolean {
    const woken = this.#notifications.signal(seat.notification, bits);
    return seat.domain.isKernel ? !seat.busy : woken === seat.thread;
  }
  /** @returns what was signalled since the last time. */
  take(seat: Seat): number {
    const { thread } = seat;
    const bits = this.#threads.badge[thread]!;
    this.#threads.badge[thread] = 0;
    return this.#notifications.takeBound(thread) === 0 ? bits | this.#notifications.word : bits;
  }
  /**
   * Answers whoever called, and receives again, unless something was signalled meanwhile.
   * @returns whether the component has something to do at once.
   */
  sleep(seat: Seat): boolean {
    const { thread } = seat;
    if (!seat.domain.isKernel) this.#replies.take(seat.reply);
    if (this.#notifications.takeBound(thread) === 0) {
      this.#threads.badge[thread] = this.#threads.badge[thread]! | this.#notifications.word;
      return true;
    }
    if (this.#threads.badge[thread] !== 0) return true;
    if (seat.domain.isKernel) return false;
    const sender = this.#endpoints.receive(seat.endpoint, thread, seat.reply, true);
    if (sender >= 0) this.#collect(sender, seat);
    return false;
  }

  // ---------------------------------------------------------------- threads of another kind

  /** Somebody waited: the message is in the component's registers, and the scheduler knows that it runs. */
  #collect(sender: number, { thread, endpoint }: Seat): void {
    this.#calls.collect(sender, thread, endpoint);
    this.#core.reschedule();
  }
  /** @returns through which badge the message came that a component has in its registers; then it has received it. */
  takeMessage({ thread }: Seat): number {
    const badge = this.#threads.badge[thread]!;
    this.#threads.badge[thread] = 0;
    return badge;
  }
  /** A message that nobody wants answered, and that lends no time: dropped, for a component answers calls only. */
  turnDown(seat: Seat): void {
    this.takeMessage(seat);
    this.sleep(seat);
  }
  /** Whether somebody of another kind waits for a component's answer. */
  owesAnswer(seat: Seat): boolean {
    const caller = this.#replies.threadOf(seat.reply);
    return caller >= 0 && this.#threads.state[caller] === BLOCKED_ON_REPLY && this.seatOf(caller) < 0;
  }
  /** If somebody waits for it. */
  answer({ thread, reply }: Seat, word: number): void {
    this.#setWord(thread, 0, word);
    this.#threads.tag[thread] = message.messageTag(0, 0, 0, 1);
    this.#send(thread, reply);
  }
  /** The same with the words that the component has beside its result. */
  answerWith(seat: Seat, word: number): void {
    const { thread, answer, reply } = seat;
    this.#setWord(thread, 0, word);
    for (let i = 1; i < message.MESSAGE_REGISTERS; i++) this.#setWord(thread, i, answer[i]!);
    this.#threads.tag[thread] = message.messageTag(0, 0, 0, message.MESSAGE_REGISTERS);
    this.#send(thread, reply);
  }
  #setWord(thread: number, index: number, word: number): void {
    const at = thread * REGISTER_LANES + index * message.WORD_LANES;
    this.#threads.registers[at] = word;
    this.#threads.registers[at + 1] = word >> 31;
  }
  #send(thread: number, reply: number): void {
    this.#calls.answer(thread, reply, true);
    this.#core.scheduler.block(thread);
    this.#core.reschedule();
  }

  // ---------------------------------------------------------------- components among themselves

  /** True when the component neither sleeps nor waits for an answer. */
  isAwake(seat: Seat): boolean {
    return this.#threads.state[seat.thread] === RUNNING;
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
    if (!this.isAwake(caller)) this.#endpoints.cancel(caller.thread);
    const receiver = this.#endpoints.send(endpoint, caller.thread, this.badge, CALLING, false);
    if (receiver < 0) return NOT_ANSWERED;
    this.#threads.badge[receiver] = 0;
    return this.#seatOf[receiver]!;
  }
  /** A thread signals through a right of its domain, which names a notification. @returns the component that it woke, or -1. */
  signalThrough(slot: number): number {
    if (slot < 0 || this.#capabilities.typeOf(slot) !== NOTIFICATION) return NOBODY;
    if ((this.#capabilities.rightsOf(slot) & WRITE) === 0) return NOBODY;
    return this.signalObject(this.#capabilities.wordOf(slot), this.#capabilities.badgeOf(slot));
  }
  /** @returns the index of the component to whose thread a notification is bound, or -1. */
  seatBoundTo(notification: number): number {
    return this.seatOf(this.#notifications.boundThread(notification));
  }
  /** Sets bits of any notification. @returns the component that it woke, or -1; threads of another kind run by themselves. */
  signalObject(notification: number, bits: number): number {
    if (this.seatBoundTo(notification) < 0) {
      this.#core.signal(notification, bits);
      return NOBODY;
    }
    const woken = this.#notifications.signal(notification, bits);
    return woken < 0 ? NOBODY : this.#seatOf[woken]!;
  }
}
