/**
 * Who runs next, and until when. The scheduler is told what happened (time passed, a thread blocked, woke, called,
 * replied) and is asked `choose` and `until`; it starts nothing, and reads no clock. seL4 reference manual 13.0.0 §6.1
 * "Threads", "Scheduling algorithm": of the threads that are runnable, have a scheduling context with time, and belong
 * to the domain whose turn it is, the one of the highest priority runs.
 *
 * Invariants, after each operation:
 * - a thread stands in the ready queue of its domain, at its priority, if and only if it is runnable and its context
 *   is active with a head that is due and large enough; in the release queue if and only if it is runnable, and its
 *   context active but without such a head; in neither otherwise. Whoever runs stays in its ready queue;
 * - a thread and its context name each other, or neither names the other;
 * - `context` is whose time passes: that of the thread chosen last, wherever it was donated since.
 */
import { invariant } from '@bulkhead/result';
import { DomainSchedule } from './domain-schedule.ts';
import { NONE, SC_THREAD } from './records.ts';
import { ReplyStacks } from './reply-stacks.ts';
import { RunQueues } from './run-queues.ts';
import { SchedContexts } from './sched-contexts.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { BLOCKED, INACTIVE, RUNNABLE, Threads } from './threads.ts';
import { Usage } from './usage.ts';
import { Yields } from './yields.ts';

export class Scheduler {
  readonly threads: Threads;
  readonly contexts: SchedContexts;
  readonly domains: DomainSchedule;
  readonly stacks: ReplyStacks;
  readonly #queues: RunQueues;
  readonly #usage: Usage;
  readonly #yields: Yields;
  readonly #words: Int32Array;
  /** The thread chosen last, or -1. */
  current: number = NONE;

  constructor({ words, threadCount, domainCount = 1, scheduleLength = 1, minBudget = 1 }: SchedulerOptions) {
    this.#words = words;
    this.threads = new Threads(threadCount);
    this.contexts = new SchedContexts(words, minBudget);
    this.domains = new DomainSchedule(domainCount, scheduleLength);
    this.stacks = new ReplyStacks(words);
    this.#queues = new RunQueues(this.threads, domainCount);
    this.#usage = new Usage(this.contexts);
    this.#yields = new Yields(this.threads, this.contexts);
  }

  get now(): number {
    return this.#usage.now;
  }
  /** The scheduling context whose time passes, or 0. */
  get context(): number {
    return this.#usage.context;
  }
  isQueued(thread: number): boolean {
    return this.#queues.isReady(thread);
  }
  /** @returns whether the processor would go straight to `to` if `from` waited: nobody else stands above it. */
  mayPass(from: number, to: number): boolean {
    const { domain, priority } = this.threads;
    if (domain[to] !== this.domains.current) return false;
    return priority[to]! >= this.#queues.highestPriorityWithout(domain[to]!, from);
  }
  isPostponed(thread: number): boolean {
    return this.#queues.isPostponed(thread);
  }
  /** @returns the thread that holds a scheduling context, or -1. */
  holderOf(sc: number): number {
    const thread = this.#words[sc + SC_THREAD]! - 1;
    return this.threads.context[thread] === sc ? thread : NONE;
  }

  // ---------------------------------------------------------------- time

  /**
   * It is `now`: since the last time, `context` was used.
   * @returns a thread that ran out of time and has a timeout handler: it is blocked, and its fault is to be sent; or -1.
   */
  elapse(now: number): number {
    const passed = now - this.#usage.now;
    invariant(passed >= 0, 'time goes forward');
    this.#usage.now = now;
    const timedOut = this.#usage.context === 0 ? NONE : this.#use(passed);
    while (this.#queues.firstRelease() <= now) this.#admit(this.#queues.firstPostponed(), false);
    this.domains.advance(now);
    return timedOut;
  }
  /** @returns the thread that runs now, or -1. It runs until something happens, or `until`. */
  choose(): number {
    const thread = this.#queues.highest(this.domains.current);
    const sc = thread === NONE ? 0 : this.threads.context[thread]!;
    if (sc !== this.#usage.context) this.#usage.switchTo(sc);
    this.current = thread;
    if (thread !== NONE && this.threads.yieldedTo[thread] !== 0) this.#yields.complete(thread);
    return thread;
  }
  /** @returns the thread that `choose` would choose, or -1; nothing changes. */
  peek(): number {
    return this.#queues.highest(this.domains.current);
  }
  /**
   * Somebody runs whom `choose` did not choose. From now on time passes for the context of a thread that cannot be
   * postponed, though its turn may be over; or, with -1, for nobody's: who runs is none of these threads.
   */
  attribute(thread: number): void {
    const sc = thread === NONE ? 0 : this.threads.context[thread]!;
    if (sc !== this.#usage.context) this.#usage.switchTo(sc);
    this.current = thread;
  }
  /** @returns when `elapse` is to be called next: the head refill ends, a refill is due, or a domain's turn is over. */
  until(): number {
    const others = Math.min(this.domains.end, this.#queues.firstRelease());
    const { context, now } = this.#usage;
    if (context === 0 || !this.contexts.isActive(context)) return others;
    return Math.min(others, now + this.#usage.left);
  }

  #use(passed: number): number {
    const { context: sc } = this.#usage;
    if (!this.contexts.isActive(sc)) return this.#lose(sc);
    this.#usage.add(passed);
    return this.#usage.left >= this.contexts.minBudget ? NONE : this.#endSlice(true);
  }
  /** A context that is not what was left in memory gives no time. */
  #lose(sc: number): number {
    this.#usage.forget();
    const thread = this.holderOf(sc);
    if (thread !== NONE) this.#withdraw(thread);
    return NONE;
  }
  /** The head is used up: the next, if it is due, or a fault, or a pause. */
  #endSlice(mayFault: boolean): number {
    const { context: sc } = this.#usage;
    this.#usage.commit();
    if (this.contexts.isRoundRobin(sc)) this.contexts.renewSlice(sc);
    const thread = this.holderOf(sc);
    if (thread === NONE || this.threads.state[thread] !== RUNNABLE) return NONE;
    if (mayFault && this.#faultsWithout(thread, sc)) return thread;
    this.#admit(thread, false);
    return NONE;
  }
  /** Blocks a thread that has no time but a timeout handler. Manual §6.1 "Timeout Exceptions". */
  #faultsWithout(thread: number, sc: number): boolean {
    if (this.threads.timeoutHandler[thread] === 0 || !this.contexts.isActive(sc)) return false;
    if (this.contexts.isRoundRobin(sc) || this.#usage.hasTime(sc)) return false;
    this.block(thread);
    return true;
  }

  // ---------------------------------------------------------------- queues

  /** Puts a thread where it belongs; in front of its priority when it takes the processor over from another. */
  #admit(thread: number, first: boolean): void {
    this.#withdraw(thread);
    const sc = this.threads.context[thread]!;
    if (this.threads.state[thread] !== RUNNABLE || sc === 0 || !this.contexts.isActive(sc)) return;
    if (!this.#usage.hasTime(sc)) this.#postpone(thread, sc);
    else if (first) this.#queues.enqueueFront(thread);
    else this.#queues.enqueue(thread);
  }
  /** Until the head is due; at least one unit of time, so that no memory makes this loop. */
  #postpone(thread: number, sc: number): void {
    this.#queues.postpone(thread, Math.max(this.contexts.headTime(sc), this.#usage.now + 1));
  }
  #withdraw(thread: number): void {
    this.#queues.remove(thread);
  }

  // ---------------------------------------------------------------- threads

  /** The thread waits. */
  block(thread: number): void {
    this.threads.state[thread] = BLOCKED;
    this.#withdraw(thread);
  }
  /**
   * The thread need not wait any more: it runs when its turn comes.
   * @param first it takes over from the thread that woke it and waits itself: before others of its priority
   */
  wake(thread: number, first = false): void {
    this.threads.state[thread] = RUNNABLE;
    this.#unblockSporadic(thread);
    this.#admit(thread, first);
  }
  #unblockSporadic(thread: number): void {
    const sc = this.threads.context[thread]!;
    if (sc === 0 || sc === this.#usage.context || !this.contexts.isSporadic(sc)) return;
    if (this.contexts.isActive(sc)) this.contexts.unblock(sc, this.#usage.now);
  }
  /** Manual §6.1 "Thread Deactivation". A call that waits for its answer is forgotten: nothing comes back from it. */
  suspend(thread: number): void {
    this.#forgetCall(thread);
    this.#yields.forget(thread);
    this.threads.state[thread] = INACTIVE;
    this.#withdraw(thread);
  }
  resume(thread: number): void {
    if (this.threads.state[thread] === RUNNABLE) return;
    this.#forgetCall(thread);
    this.wake(thread);
  }
  /** The last capability to a thread is gone. Its context stays, with nobody. */
  destroyThread(thread: number): void {
    this.suspend(thread);
    const sc = this.threads.context[thread]!;
    if (sc !== 0) this.release(sc);
    this.threads.clear(thread);
    if (this.current === thread) this.current = NONE;
  }
  setPriority(thread: number, priority: number): void {
    this.threads.priority[thread] = priority;
    this.#requeue(thread);
  }
  setDomain(thread: number, domain: number): void {
    this.#withdraw(thread);
    this.threads.domain[thread] = domain;
    this.#requeue(thread);
  }
  /** After a change: whoever runs goes before others of its priority, anybody else behind them. */
  #requeue(thread: number): void {
    this.#admit(thread, thread === this.current);
  }

  // ---------------------------------------------------------------- contexts change hands

  /** A context goes to a passive thread, from whoever holds it. */
  give(sc: number, to: number): void {
    this.release(sc);
    this.#words[sc + SC_THREAD] = to + 1;
    this.threads.context[to] = sc;
  }
  /** Takes a context from its holder, who is passive then. */
  release(sc: number): void {
    const from = this.holderOf(sc);
    this.#yields.end(sc);
    this.#words[sc + SC_THREAD] = 0;
    if (from === NONE) return;
    this.#withdraw(from);
    this.threads.context[from] = 0;
  }
  /** Binds, and lets the thread run if it can. */
  bind(sc: number, thread: number): void {
    this.give(sc, thread);
    this.#unblockSporadic(thread);
    this.#admit(thread, false);
  }
  /** The last capability to a scheduling context is gone. */
  destroyContext(sc: number): void {
    this.#yields.end(sc);
    this.release(sc);
    this.forgetStack(sc);
    if (sc === this.#usage.context) {
      this.#usage.forget();
      this.#usage.context = 0;
    }
    this.contexts.clear(sc);
  }
  /** The calls along which a context came here will not bring it back. */
  forgetStack(sc: number): void {
    const head = this.stacks.headOf(sc);
    if (head !== 0) this.stacks.detach(head);
  }
  /** A context's parameters are about to change: what was used until now is charged by the old ones. */
  settle(sc: number): void {
    if (sc === this.#usage.context) this.#usage.commit();
  }
  /** A context's parameters have changed. */
  reconsider(sc: number): void {
    const thread = this.holderOf(sc);
    if (thread !== NONE) this.#requeue(thread);
  }
  /** A caller gets its answer, and runs before others of its priority. @returns it if it has a timeout fault; or -1. */
  answer(caller: number, mayFault: boolean): number {
    this.threads.reply[caller] = 0;
    this.threads.state[caller] = RUNNABLE;
    this.#unblockSporadic(caller);
    const sc = this.threads.context[caller]!;
    if (mayFault && sc !== 0 && this.#faultsWithout(caller, sc)) return caller;
    this.#admit(caller, true);
    return NONE;
  }
  #forgetCall(thread: number): void {
    const reply = this.threads.reply[thread]!;
    if (reply === 0) return;
    this.stacks.cut(reply);
    this.threads.reply[thread] = 0;
  }

  // ---------------------------------------------------------------- yielding

  /** Manual §6.1 "Scheduling Contexts": Yield gives up what is left of the head refill. It counts as used, not as consumed. */
  yieldHead(): void {
    const { context: sc } = this.#usage;
    if (sc === 0 || !this.contexts.isActive(sc)) return;
    this.#usage.takeHead();
    this.#endSlice(false);
  }
  /**
   * The thread of a context runs before others of its priority, the current one included.
   * @returns whether that is all. If not, the current thread waits in front of its queue, and its report is made when
   * it is chosen again, or the context changes hands.
   */
  yieldTo(sc: number): boolean {
    const { threads, current } = this;
    this.#yields.end(sc);
    const target = this.holderOf(sc);
    if (target === NONE || !this.#queues.isReady(target)) return true;
    const waits = threads.priority[target]! >= threads.priority[current]!;
    if (waits) {
      this.#yields.begin(current, sc);
      this.#admit(current, true);
    }
    this.#admit(target, true);
    return !waits;
  }
}
