/**
 * Donation: scheduling contexts that move with calls, and come back with the answers. seL4 reference manual 13.0.0
 * §6.1 "Scheduling Context Donation". Who meets whom, and with which message, is the message system's; it tells here
 * what happened.
 */
import { NONE, NOTIFICATION_SC, SC_NOTIFICATION } from './records.ts';
import type { Scheduler } from './scheduler.ts';
import { BLOCKED_ON_REPLY, INACTIVE } from './threads.ts';

export class Calls {
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** @returns the thread that waits for this reply, or -1. */
  callerOf(reply: number): number {
    const caller = this.#scheduler.stacks.callerWord(reply) - 1;
    return this.#scheduler.threads.reply[caller] === reply ? caller : NONE;
  }

  /**
   * A message was delivered from `caller`, which waits for the answer; a fault message likewise. The callee takes the
   * processor over. The caller's context goes with the call if the callee is passive; not to the handler of a timeout.
   * @param reply the reply object that the callee lent; 0: none, then nothing is donated and the caller never answered
   */
  call(caller: number, callee: number, reply: number, donates = true): void {
    const { threads, stacks } = this.#scheduler;
    this.#scheduler.block(caller);
    if (reply === 0) {
      threads.state[caller] = INACTIVE;
    } else {
      this.#untie(reply);
      threads.state[caller] = BLOCKED_ON_REPLY;
      threads.reply[caller] = reply;
      stacks.tie(reply, caller);
      const sc = threads.context[caller]!;
      if (donates && sc !== 0 && threads.context[callee] === 0) {
        stacks.push(reply, sc);
        this.#scheduler.give(sc, callee);
      }
    }
    this.#scheduler.wake(callee, true);
  }
  /** The send phase of NBSendRecv and NBSendWait delivered a message: the context moves, and nothing remembers whence. */
  donate(from: number, to: number): void {
    const { threads } = this.#scheduler;
    const sc = threads.context[from]!;
    if (sc !== 0 && threads.context[to] === 0) this.#scheduler.give(sc, to);
    this.#scheduler.wake(to, true);
  }
  /**
   * The answer. The context of the call comes back with it, unless the caller has one by now: then it stays where it is.
   * @returns the caller if it came back to a context without time, and has a timeout handler: its fault is to be sent;
   * or -1. Nothing happens when nobody waits.
   * @param mayFault false for the answer to a timeout fault: then the caller waits for its time
   */
  reply(reply: number, mayFault = true): number {
    const caller = this.callerOf(reply);
    if (caller === NONE) return NONE;
    this.#giveBack(reply, caller);
    return this.#scheduler.answer(caller, mayFault);
  }
  /**
   * A reply object is gone. From the head of a stack the context goes back to the caller, which stays without an answer;
   * from the middle, the chain is cut, and the context stays with its holder.
   */
  remove(reply: number): void {
    const caller = this.callerOf(reply);
    if (caller === NONE) return;
    this.#giveBack(reply, caller);
    this.#scheduler.threads.reply[caller] = 0;
    this.#scheduler.threads.state[caller] = INACTIVE;
  }
  /** A reply object is lent again: who waited for it is as if suspended, and what it lent stays with whoever has it. */
  #untie(reply: number): void {
    const caller = this.callerOf(reply);
    if (caller !== NONE) this.#scheduler.suspend(caller);
  }
  #giveBack(reply: number, caller: number): void {
    const { threads, stacks } = this.#scheduler;
    const sc = stacks.pop(reply);
    if (sc === 0) stacks.cut(reply);
    else if (threads.context[caller] === 0) this.#scheduler.give(sc, caller);
  }

  // ---------------------------------------------------------------- notifications

  /** @returns the scheduling context that is bound to a notification, or 0. */
  contextOf(notification: number): number {
    const { words } = this.#scheduler.contexts;
    const sc = words[notification + NOTIFICATION_SC]!;
    return sc > 0 && words[sc + SC_NOTIFICATION] === notification ? sc : 0;
  }
  /** The last capability to a notification is gone: its context stays, bound to none. */
  forget(notification: number): void {
    const sc = this.contextOf(notification);
    if (sc === 0) return;
    this.#scheduler.contexts.words[sc + SC_NOTIFICATION] = 0;
    this.#scheduler.contexts.words[notification + NOTIFICATION_SC] = 0;
  }
  /** A signal reached a thread that waited. If it is passive, it has the notification's context until it waits again. */
  signalled(thread: number, notification: number): void {
    const sc = this.contextOf(notification);
    if (sc !== 0 && this.#scheduler.threads.context[thread] === 0 && this.#scheduler.holderOf(sc) === NONE)
      this.#scheduler.give(sc, thread);
    this.#scheduler.wake(thread);
  }
  /** A thread waits at a notification, or at an endpoint while this notification is bound to it: the context goes back. */
  waits(thread: number, notification: number): void {
    this.#scheduler.block(thread);
    const sc = this.contextOf(notification);
    if (sc !== 0 && this.#scheduler.threads.context[thread] === sc) this.#scheduler.release(sc);
  }
}
