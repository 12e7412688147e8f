/**
 * What messages tell the scheduler. Two machines know of each thread's state, that of messages and that of the
 * scheduler; here, and in `thread-control.ts`, is where they are kept the same.
 */
import { type BlockedThreads, blocking, fastPath, type SchedulingPort } from '@bulkhead/ipc';
import { type Calls, type Scheduler, threadStates } from '@bulkhead/scheduler';
import { TIMEOUT } from './fault-types.ts';
import type { NativeThreads } from './options.ts';
import { VSPACE_SLOT } from './tcb-layout.ts';
import type { Tcbs } from './tcbs.ts';

const NONE = -1;

export class SchedulingAdapter implements SchedulingPort {
  readonly #scheduler: Scheduler;
  readonly #calls: Calls;
  readonly #threads: BlockedThreads;
  readonly #tcbs: Tcbs;
  readonly #native: NativeThreads | null;
  readonly #isAddressSpace: (slot: number) => boolean;
  /** A native thread that takes what was signalled, until it is told that it runs. */
  #signalled: number = NONE;
  /** Who was answered last, and to which fault; -1 and 0 for none. For the kernel to finish. */
  answeredThread: number = NONE;
  answeredFault = 0;
  /** Who came back to a context without time, and has a timeout handler; -1 for none. */
  timedOut: number = NONE;

  constructor(
    scheduler: Scheduler,
    calls: Calls,
    tcbs: Tcbs,
    native: NativeThreads | undefined,
    isAddressSpace: (slot: number) => boolean,
  ) {
    this.#native = native ?? null;
    this.#isAddressSpace = isAddressSpace;
    this.#scheduler = scheduler;
    this.#calls = calls;
    this.#threads = tcbs.threads;
    this.#tcbs = tcbs;
  }

  resume(thread: number): void {
    this.#tcbs.complete(thread);
    if (this.#runsByItself(thread)) this.#tellNative(thread);
    else if (thread !== this.timedOut) this.#scheduler.resume(thread);
  }
  /** Its system call stays not done, so it is made again. */
  restart(thread: number): void {
    if (thread !== this.timedOut) this.#scheduler.resume(thread);
  }
  yields(_thread: number): void {
    this.#scheduler.yieldHead();
  }

  /** The context of a timeout stays: its thread is to get time from the handler, not to give it. */
  called(caller: number, callee: number, reply: number, donates: boolean): void {
    this.#tcbs.complete(callee);
    this.#calls.call(caller, callee, reply, donates && this.#threads.fault[caller] !== TIMEOUT);
  }
  lends(sender: number, receiver: number): void {
    this.#tcbs.complete(receiver);
    this.#calls.donate(sender, receiver);
  }
  answered(caller: number, _server: number, reply: number): void {
    this.answeredThread = caller;
    this.answeredFault = this.#threads.fault[caller]!;
    if (this.answeredFault === 0) this.#tcbs.complete(caller);
    const timedOut = this.#calls.reply(reply, this.answeredFault !== TIMEOUT);
    if (timedOut !== NONE) this.timedOut = timedOut;
    else if (this.#scheduler.threads.state[caller] !== threadStates.RUNNABLE) this.#scheduler.resume(caller);
  }
  /** What does not come back is forgotten when the caller has `ended`. */
  dropped(_caller: number, reply: number, returns: boolean): void {
    if (returns) this.#calls.remove(reply);
  }
  ended(thread: number): void {
    this.#scheduler.suspend(thread);
  }
  woke(notification: number, thread: number): void {
    this.#tcbs.complete(thread);
    if (this.#runsByItself(thread)) {
      this.#signalled = thread;
      return;
    }
    const { state, context } = this.#scheduler.threads;
    if (state[thread] === threadStates.RUNNABLE && context[thread] !== 0) return;
    this.#calls.signalled(thread, notification);
  }
  /** Only the context goes back: whether the thread waits is not known yet. */
  rests(notification: number, thread: number): void {
    const sc = this.#calls.contextOf(notification);
    if (sc !== 0 && this.#scheduler.threads.context[thread] === sc) this.#scheduler.release(sc);
  }

  /** A native thread was signalled just now, or else got a message. */
  #tellNative(thread: number): void {
    const isSignal = thread === this.#signalled;
    this.#signalled = NONE;
    if (isSignal) this.#native!.signalled(thread);
    else this.#native!.received(thread);
  }
  #runsByItself(thread: number): boolean {
    return this.#native?.isNative(thread) === true && this.#scheduler.threads.context[thread] === 0;
  }

  missOfCall(caller: number, callee: number): number {
    const { context, domain } = this.#scheduler.threads;
    if (context[callee] !== 0 || context[caller] === 0) return fastPath.HAS_CONTEXT;
    if (domain[caller] !== domain[callee]) return fastPath.DOMAIN;
    if (!this.#scheduler.mayPass(caller, callee)) return fastPath.PRIORITY;
    return this.#hasAddressSpace(callee) ? fastPath.TAKEN : fastPath.ADDRESS_SPACE;
  }
  missOfReply(server: number, caller: number, reply: number): number {
    const { context, domain } = this.#scheduler.threads;
    const sc = context[server]!;
    if (sc === 0 || this.#scheduler.stacks.contextOf(reply) !== sc) return fastPath.NOT_THE_LAST_CALL;
    if (context[caller] !== 0) return fastPath.HAS_CONTEXT;
    if (domain[caller] !== domain[server]) return fastPath.DOMAIN;
    if (!this.#scheduler.mayPass(server, caller)) return fastPath.PRIORITY;
    return this.#hasAddressSpace(caller) ? fastPath.TAKEN : fastPath.ADDRESS_SPACE;
  }
  /** A native thread's is not in its TCB. */
  #hasAddressSpace(thread: number): boolean {
    if (this.#isAddressSpace(this.#tcbs.wordOf(thread) + VSPACE_SLOT)) return true;
    return this.#native?.isNative(thread) === true;
  }

  /** A thread waits, or has ended, as far as messages know: the scheduler learns of it. */
  settle(thread: number): void {
    const state = this.#threads.state[thread];
    if (state === blocking.RUNNING) return;
    if (state === blocking.INACTIVE) this.#scheduler.suspend(thread);
    else if (this.#scheduler.threads.state[thread] === threadStates.RUNNABLE) this.#scheduler.block(thread);
  }
}
