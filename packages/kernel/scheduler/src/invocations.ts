/**
 * What may be asked of scheduling contexts, scheduling control, threads and domains, with the errors in the order in
 * which they win: each function is that order. seL4 reference manual 13.0.0 §10.3 "Architecture-Independent Object Methods"; orders that the
 * manual does not give are the reference kernel's. A refused invocation changes nothing.
 *
 * Objects are named as everywhere here; a name that no object has stands for a capability of another type. Lengths of
 * messages and labels are the caller's to check, before.
 */

import type { Calls } from './calls.ts';
import { FOREVER } from './domain-schedule.ts';
import { ErrorDetails, ILLEGAL_OPERATION } from './errors.ts';
import {
  MAX_SIZE_BITS,
  MIN_REFILLS,
  MIN_SIZE_BITS,
  NONE,
  NOTIFICATION_SC,
  refillsWithin,
  SC_BADGE,
  SC_FLAGS,
  SC_NOTIFICATION,
} from './records.ts';
import { SPORADIC } from './sched-contexts.ts';
import type { Scheduler } from './scheduler.ts';
import { BLOCKED, BLOCKED_ON_REPLY, RUNNABLE } from './threads.ts';

/** Longer would not leave times exact. */
export const MAX_PERIOD: number = 2 ** 48;
const WORD_BYTES_BITS = 2;
const NOTIFICATION_WORDS = 16;

export class Invocations {
  readonly details: ErrorDetails = new ErrorDetails();
  readonly #scheduler: Scheduler;
  readonly #calls: Calls;
  readonly #words: Int32Array;

  constructor(scheduler: Scheduler, calls: Calls) {
    this.#scheduler = scheduler;
    this.#calls = calls;
    this.#words = scheduler.contexts.words;
  }

  // ---------------------------------------------------------------- SchedControl

  /**
   * SchedControl_ConfigureFlags. Errors: no context INVALID_CAPABILITY(1); budget, then period, out of range; budget
   * above period; more refills than the context holds: RANGE_ERROR.
   * @param sizeBits the size of the context's memory, as its capability says
   */
  configure(
    sc: number,
    sizeBits: number,
    budget: number,
    period: number,
    extraRefills: number,
    badge: number,
    flags: number,
  ): number {
    const refused = this.checkConfigure(sc, sizeBits, budget, period, extraRefills);
    if (refused !== 0) return refused;
    this.#setParameters(sc, budget, period, MIN_REFILLS + extraRefills);
    this.#words[sc + SC_BADGE] = badge;
    this.#words[sc + SC_FLAGS] = flags & SPORADIC;
    this.#scheduler.reconsider(sc);
    return 0;
  }
  /** What configure would refuse, for a caller who has more to check before anything changes. */
  checkConfigure(sc: number, sizeBits: number, budget: number, period: number, extraRefills: number): number {
    const { minBudget } = this.#scheduler.contexts;
    const room = refillsWithin(sizeBits) - MIN_REFILLS;
    if (!this.#isContext(sc, sizeBits)) return this.details.invalidCapability(1);
    if (!isWithin(budget, minBudget, MAX_PERIOD)) return this.details.range(minBudget, MAX_PERIOD);
    if (!isWithin(period, minBudget, MAX_PERIOD)) return this.details.range(minBudget, MAX_PERIOD);
    if (budget > period) return this.details.range(minBudget, period);
    return isWithin(extraRefills, 0, room) ? 0 : this.details.range(0, room);
  }
  /** Whoever runs on the context keeps what is left of the head; otherwise everything begins anew. */
  #setParameters(sc: number, budget: number, period: number, refills: number): void {
    const { contexts, threads, now } = this.#scheduler;
    const holder = this.#scheduler.holderOf(sc);
    this.#scheduler.settle(sc);
    const runs = holder !== NONE && threads.state[holder] === RUNNABLE && contexts.isActive(sc);
    if (budget === period) contexts.renew(sc, MIN_REFILLS, budget, period, now);
    else if (runs) contexts.update(sc, refills, budget, period, now);
    else contexts.renew(sc, refills, budget, period, now);
  }

  // ---------------------------------------------------------------- SchedContext

  /** SchedContext_Bind to a thread. Errors: bindError; no thread INVALID_CAPABILITY(1). */
  bind(sc: number, thread: number): number {
    if (!this.#isContext(sc)) return this.details.invalidCapability(0);
    if (!this.#scheduler.threads.exists(thread)) return this.details.invalidCapability(1);
    if (!this.#mayBind(sc, thread)) return ILLEGAL_OPERATION;
    this.#scheduler.bind(sc, thread);
    return 0;
  }
  /** Either has a partner, or the thread is blocked and would wake to a context without time. */
  #mayBind(sc: number, thread: number): boolean {
    const { contexts, threads, now } = this.#scheduler;
    if (this.#scheduler.holderOf(sc) !== NONE) return false;
    if (threads.context[thread] !== 0) return false;
    const state = threads.state[thread];
    const isBlocked = state === BLOCKED || state === BLOCKED_ON_REPLY;
    return !isBlocked || (contexts.isActive(sc) && contexts.isReady(sc, now, 0));
  }
  /** SchedContext_Bind to a notification. Errors: INVALID_CAPABILITY; either has a partner: ILLEGAL_OPERATION. */
  bindNotification(sc: number, notification: number): number {
    if (!this.#isContext(sc)) return this.details.invalidCapability(0);
    if (!this.#isNotification(notification)) return this.details.invalidCapability(1);
    if (this.#notificationOf(sc) !== 0 || this.#calls.contextOf(notification) !== 0) return ILLEGAL_OPERATION;
    this.#words[sc + SC_NOTIFICATION] = notification;
    this.#words[notification + NOTIFICATION_SC] = sc;
    return 0;
  }
  /** SchedContext_Unbind, from everything. Error: the current thread has it: ILLEGAL_OPERATION. */
  unbind(sc: number): number {
    if (!this.#isContext(sc)) return this.details.invalidCapability(0);
    const holder = this.#scheduler.holderOf(sc);
    if (holder !== NONE && holder === this.#scheduler.current) return ILLEGAL_OPERATION;
    this.#scheduler.release(sc);
    this.#partFromNotification(sc);
    this.#scheduler.forgetStack(sc);
    return 0;
  }
  /** SchedContext_UnbindObject, a thread. Errors: not its thread, then the current one: ILLEGAL_OPERATION. */
  unbindObject(sc: number, thread: number): number {
    if (!this.#isContext(sc)) return this.details.invalidCapability(0);
    if (!this.#scheduler.threads.exists(thread)) return this.details.invalidCapability(1);
    if (this.#scheduler.holderOf(sc) !== thread) return ILLEGAL_OPERATION;
    if (thread === this.#scheduler.current) return ILLEGAL_OPERATION;
    this.#scheduler.release(sc);
    return 0;
  }
  /** SchedContext_UnbindObject, a notification. Error: not its notification: ILLEGAL_OPERATION. */
  unbindNotification(sc: number, notification: number): number {
    if (!this.#isContext(sc)) return this.details.invalidCapability(0);
    if (!this.#isNotification(notification)) return this.details.invalidCapability(1);
    if (this.#notificationOf(sc) !== notification) return ILLEGAL_OPERATION;
    this.#partFromNotification(sc);
    return 0;
  }
  /** SchedContext_Consumed. @returns the time used since it was asked last, or an error. */
  consumed(sc: number): number {
    if (!this.#isContext(sc)) return this.details.invalidCapability(0);
    return this.#scheduler.contexts.takeConsumed(sc);
  }
  /**
   * SchedContext_YieldTo, by the current thread. Errors, all ILLEGAL_OPERATION: the context has no thread; it is the
   * caller's; the caller does not control the thread's priority; the caller has yielded already.
   *
   * What the context consumed is told by `yieldReport`, at once or when the caller is chosen again.
   */
  yieldTo(sc: number): number {
    const { threads, contexts, current } = this.#scheduler;
    if (!this.#isContext(sc)) return this.details.invalidCapability(0);
    const target = this.#scheduler.holderOf(sc);
    if (target === NONE || target === current) return ILLEGAL_OPERATION;
    if (threads.priority[target]! > threads.maximumControlled[current]!) return ILLEGAL_OPERATION;
    if (threads.yieldedTo[current] !== 0) return ILLEGAL_OPERATION;
    threads.yieldReport[current] = -1;
    if (this.#scheduler.yieldTo(sc)) threads.yieldReport[current] = contexts.takeConsumed(sc);
    return 0;
  }
  /** @returns what the context consumed to which a thread yielded; -1 while that is not known. */
  yieldReport(thread: number): number {
    return this.#scheduler.threads.yieldReport[thread]!;
  }

  // ---------------------------------------------------------------- TCB

  /** TCB_SetPriority. Errors: the authority is no thread INVALID_CAPABILITY(1); above its maximum RANGE_ERROR. */
  setPriority(authority: number, thread: number, priority: number): number {
    const refused = this.#mayControl(authority, thread, priority);
    if (refused !== 0) return refused;
    this.#scheduler.setPriority(thread, priority);
    return 0;
  }
  /** TCB_SetMCPriority. Errors as for SetPriority. */
  setMaximumControlled(authority: number, thread: number, maximum: number): number {
    const refused = this.#mayControl(authority, thread, maximum);
    if (refused !== 0) return refused;
    this.#scheduler.threads.maximumControlled[thread] = maximum;
    return 0;
  }
  /**
   * TCB_SetSchedParams. Errors: as for SetMCPriority, then as for SetPriority; the context: ILLEGAL_OPERATION if either
   * has a partner or the thread is blocked and the context without time; none for the current thread:
   * ILLEGAL_OPERATION; something else INVALID_CAPABILITY(2).
   * @param sc 0 for none: the thread becomes passive
   */
  setSchedParams(authority: number, thread: number, maximum: number, priority: number, sc: number): number {
    const refused = this.checkSchedParams(authority, thread, maximum, priority, sc);
    if (refused !== 0) return refused;
    const { threads } = this.#scheduler;
    threads.maximumControlled[thread] = maximum;
    this.#scheduler.setPriority(thread, priority);
    const old = threads.context[thread]!;
    if (sc !== 0) this.#scheduler.bind(sc, thread);
    else if (old !== 0) this.#scheduler.release(old);
    return 0;
  }
  /** What setSchedParams would refuse, for a caller who has more to check before anything changes. */
  checkSchedParams(authority: number, thread: number, maximum: number, priority: number, sc: number): number {
    const refused = this.#mayControl(authority, thread, maximum) || this.#mayControl(authority, thread, priority);
    if (refused !== 0) return refused;
    if (sc === 0 && thread === this.#scheduler.current) return ILLEGAL_OPERATION;
    if (sc !== 0 && !this.#isContext(sc)) return this.details.invalidCapability(2);
    return sc === 0 || this.#mayBind(sc, thread) ? 0 : ILLEGAL_OPERATION;
  }
  #mayControl(authority: number, thread: number, priority: number): number {
    const { threads } = this.#scheduler;
    if (!threads.exists(thread)) return this.details.invalidCapability(0);
    if (!threads.exists(authority)) return this.details.invalidCapability(1);
    const maximum = threads.maximumControlled[authority]!;
    return isWithin(priority, 0, maximum) ? 0 : this.details.range(0, maximum);
  }

  // ---------------------------------------------------------------- DomainSet

  /** DomainSet_Set. Errors: no such domain INVALID_ARGUMENT(0); no thread INVALID_ARGUMENT(1). */
  setDomain(domain: number, thread: number): number {
    const refused = this.checkDomain(domain);
    if (refused !== 0) return refused;
    if (!this.#scheduler.threads.exists(thread)) return this.details.invalidArgument(1);
    this.#scheduler.setDomain(thread, domain);
    return 0;
  }
  /** What setDomain refuses first, for a caller who does not know yet whether there is a thread at all. */
  checkDomain(domain: number): number {
    const { domainCount } = this.#scheduler.domains;
    return isWithin(domain, 0, domainCount - 1) ? 0 : this.details.invalidArgument(0);
  }
  /**
   * DomainSet_ScheduleConfigure: entry `index`; domain 0 for no time ends the schedule. Errors: index, then domain out of
   * range RANGE_ERROR; duration too long INVALID_ARGUMENT(2); no time for a domain other than 0 INVALID_ARGUMENT(1); no
   * time where the schedule starts INVALID_ARGUMENT(2).
   */
  configureSchedule(index: number, domain: number, duration: number): number {
    const { domains } = this.#scheduler;
    if (!isWithin(index, 0, domains.length - 1)) return this.details.range(0, domains.length - 1);
    if (!isWithin(domain, 0, domains.domainCount - 1)) return this.details.range(0, domains.domainCount - 1);
    if (!isWithin(duration, 0, FOREVER)) return this.details.invalidArgument(2);
    if (duration === 0 && domain !== 0) return this.details.invalidArgument(1);
    if (duration === 0 && index === domains.start) return this.details.invalidArgument(2);
    domains.set(index, domain, duration);
    return 0;
  }
  /** DomainSet_ScheduleSetStart. Errors: index out of range RANGE_ERROR; an end of the schedule INVALID_ARGUMENT(0). */
  setScheduleStart(index: number): number {
    const { domains, now } = this.#scheduler;
    if (!isWithin(index, 0, domains.length - 1)) return this.details.range(0, domains.length - 1);
    if (domains.isEnd(index)) return this.details.invalidArgument(0);
    domains.setStart(index, now);
    return 0;
  }

  // ---------------------------------------------------------------- objects

  #isContext(sc: number, sizeBits: number = MIN_SIZE_BITS): boolean {
    if (!isWithin(sizeBits, MIN_SIZE_BITS, MAX_SIZE_BITS)) return false;
    return isWithin(sc, 1, this.#words.length - (1 << (sizeBits - WORD_BYTES_BITS)));
  }
  #isNotification(notification: number): boolean {
    return isWithin(notification, 1, this.#words.length - NOTIFICATION_WORDS);
  }
  #notificationOf(sc: number): number {
    const notification = this.#words[sc + SC_NOTIFICATION]!;
    return this.#isNotification(notification) && this.#calls.contextOf(notification) === sc ? notification : 0;
  }
  #partFromNotification(sc: number): void {
    const notification = this.#notificationOf(sc);
    if (notification !== 0) this.#words[notification + NOTIFICATION_SC] = 0;
    this.#words[sc + SC_NOTIFICATION] = 0;
  }
}

const isWithin = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;
