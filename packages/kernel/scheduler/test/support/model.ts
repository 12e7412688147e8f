/**
 * The scheduler, said slowly: objects, explicit lists, nothing shared with the implementation. One list of ready threads
 * a domain, sorted on the spot; one list of refills a context; one list of replies for the calls a context came along.
 */
import { freshContext, freshThread, type ModelContext, type ModelReply, type ModelThread } from './model-objects.ts';
import { begun, brokenRefills, charged, configured, renewed } from './model-refills.ts';

export class Model {
  readonly threads: ModelThread[];
  readonly contexts: ModelContext[];
  readonly replies: ModelReply[];
  readonly minimum: number;
  readonly schedule: { domain: number; duration: number }[];
  now = 0;
  current: ModelThread | null = null;
  context: ModelContext | null = null;
  used = 0;
  /** In the order of their turns, for each priority; `-1` elements never occur. */
  ready: ModelThread[] = [];
  postponed: { thread: ModelThread; time: number }[] = [];
  start = 0;
  turn = 0;
  turnEnd = 2 ** 52;

  constructor(threadCount: number, contextCount: number, replyCount: number, minimum: number, scheduleLength: number) {
    this.minimum = minimum;
    this.threads = Array.from({ length: threadCount }, (_, id) => freshThread(id));
    this.contexts = Array.from({ length: contextCount }, (_, id) => freshContext(id));
    this.replies = Array.from({ length: replyCount }, (_, id) => ({ id, caller: null }));
    this.schedule = Array.from({ length: scheduleLength }, () => ({ domain: 0, duration: 0 }));
    this.schedule[0] = { domain: 0, duration: 2 ** 52 };
  }

  // time

  elapse(now: number): number {
    const passed = now - this.now;
    this.now = now;
    let fault = -1;
    if (this.context !== null && this.context.max > 0) {
      this.used += passed;
      this.context.consumed += passed;
      if (this.context.refills[0]!.amount - this.used < this.minimum) fault = this.#sliceOver(true);
    }
    for (;;) {
      const due = this.#byRelease()[0];
      if (due === undefined || due.time > now) break;
      this.admit(due.thread, false);
    }
    while (this.turnEnd <= now) {
      const next = this.schedule[this.turn + 1];
      this.turn = next === undefined || next.duration === 0 ? this.start : this.turn + 1;
      this.turnEnd += this.schedule[this.turn]!.duration;
    }
    return fault;
  }
  choose(): number {
    const domain = this.schedule[this.turn]!.domain;
    const mine = this.ready.filter((thread) => thread.domain === domain);
    const highest = Math.max(-1, ...mine.map(({ priority }) => priority));
    const chosen = mine.find(({ priority }) => priority === highest) ?? null;
    const context = chosen?.context ?? null;
    if (context !== this.context) {
      this.charge();
      this.context = context;
      if (context !== null && !context.sporadic && context.budget < context.period)
        context.refills = begun(context.refills, this.now);
    }
    this.current = chosen;
    if (chosen?.yieldedTo != null) this.#report(chosen);
    return chosen?.id ?? -1;
  }
  until(): number {
    const times = [this.turnEnd, ...this.postponed.map(({ time }) => time)];
    if (this.context !== null && this.context.max > 0)
      times.push(this.now + this.context.refills[0]!.amount - this.used);
    return Math.min(...times);
  }
  #byRelease(): readonly { thread: ModelThread; time: number }[] {
    return this.postponed.toSorted((a, b) => a.time - b.time);
  }
  #sliceOver(mayFault: boolean): number {
    const context = this.context!;
    this.charge();
    if (context.budget === context.period) context.refills = renewed(context.refills, context.budget);
    const { holder } = context;
    if (holder === null || holder.state !== 'runnable') return -1;
    if (mayFault && this.#faults(holder)) return holder.id;
    this.admit(holder, false);
    return -1;
  }
  #faults(thread: ModelThread): boolean {
    const { context } = thread;
    if (!thread.handler || context === null || context.max === 0) return false;
    if (context.budget === context.period || this.#hasTime(context)) return false;
    this.block(thread.id);
    return true;
  }
  charge(): void {
    const { context, used } = this;
    this.used = 0;
    if (context === null || used === 0 || context.max === 0) return;
    context.refills = charged(context.refills, used, context, this.minimum);
  }
  #hasTime(context: ModelContext): boolean {
    const head = context.refills[0]!;
    return head.time <= this.now && head.amount - (context === this.context ? this.used : 0) >= this.minimum;
  }

  // queues

  admit(thread: ModelThread, first: boolean): void {
    this.withdraw(thread);
    const { context } = thread;
    if (thread.state !== 'runnable' || context === null || context.max === 0) return;
    if (!this.#hasTime(context))
      this.postponed.push({ thread, time: Math.max(context.refills[0]!.time, this.now + 1) });
    else if (first) this.ready.unshift(thread);
    else this.ready.push(thread);
  }
  withdraw(thread: ModelThread): void {
    this.ready = this.ready.filter((other) => other !== thread);
    this.postponed = this.postponed.filter((entry) => entry.thread !== thread);
  }

  // threads

  block(id: number): void {
    this.threads[id]!.state = 'blocked';
    this.withdraw(this.threads[id]!);
  }
  wake(id: number, first = false): void {
    const thread = this.threads[id]!;
    thread.state = 'runnable';
    this.#begin(thread);
    this.admit(thread, first);
  }
  #begin({ context }: ModelThread): void {
    if (context === null || context === this.context || !context.sporadic || context.budget === context.period) return;
    context.refills = begun(context.refills, this.now);
  }
  suspend(id: number): void {
    const thread = this.threads[id]!;
    this.#forgetCall(thread);
    thread.yieldedTo = null;
    thread.state = 'inactive';
    this.withdraw(thread);
  }
  resume(id: number): void {
    if (this.threads[id]!.state === 'runnable') return;
    this.#forgetCall(this.threads[id]!);
    this.wake(id);
  }
  destroyThread(id: number): void {
    this.suspend(id);
    const thread = this.threads[id]!;
    if (thread.context !== null) this.release(thread.context);
    if (this.current === thread) this.current = null;
    Object.assign(thread, { priority: 0, domain: 0, context: null, handler: false, report: -1 });
  }
  setPriority(id: number, priority: number): void {
    this.threads[id]!.priority = priority;
    this.admit(this.threads[id]!, this.threads[id] === this.current);
  }
  setDomain(domain: number, id: number): void {
    this.threads[id]!.domain = domain;
    this.admit(this.threads[id]!, this.threads[id] === this.current);
  }

  // contexts and calls

  configure(id: number, budget: number, period: number, extra: number, sporadic: boolean): void {
    const context = this.contexts[id]!;
    if (context === this.context) this.charge();
    const keeps = context.holder?.state === 'runnable' && context.max > 0 && budget < period;
    const left = keeps ? Math.min(context.refills[0]!.amount, budget) : budget;
    const time = keeps ? Math.max(context.refills[0]!.time, this.now) : this.now;
    Object.assign(context, { budget, period, sporadic, max: budget === period ? 2 : 2 + extra });
    context.refills = configured(time, left, context, this.minimum);
    if (context.holder !== null) this.admit(context.holder, context.holder === this.current);
  }
  give(context: ModelContext, to: ModelThread): void {
    this.release(context);
    context.holder = to;
    to.context = context;
  }
  release(context: ModelContext): void {
    this.#yieldOver(context);
    const { holder } = context;
    if (holder === null) return;
    context.holder = null;
    holder.context = null;
    this.withdraw(holder);
  }
  bind(id: number, threadId: number): void {
    const thread = this.threads[threadId]!;
    this.give(this.contexts[id]!, thread);
    this.#begin(thread);
    this.admit(thread, false);
  }
  unbind(id: number): void {
    this.release(this.contexts[id]!);
    this.contexts[id]!.stack = [];
  }
  destroyContext(id: number): void {
    const context = this.contexts[id]!;
    this.release(context);
    if (this.context === context) {
      this.context = null;
      this.used = 0;
    }
    Object.assign(context, freshContext(id));
  }
  call(callerId: number, calleeId: number, replyId: number, donates: boolean): void {
    const caller = this.threads[callerId]!;
    const callee = this.threads[calleeId]!;
    this.block(callerId);
    caller.state = 'inactive';
    if (replyId >= 0) {
      const reply = this.replies[replyId]!;
      if (reply.caller !== null) this.suspend(reply.caller.id);
      reply.caller = caller;
      caller.state = 'blocked-on-reply';
      const { context } = caller;
      if (donates && context !== null && callee.context === null) {
        context.stack.push(reply);
        this.give(context, callee);
      }
    }
    this.wake(calleeId, true);
  }
  donate(from: number, to: number): void {
    const { context } = this.threads[from]!;
    if (context !== null && this.threads[to]!.context === null) this.give(context, this.threads[to]!);
    this.wake(to, true);
  }
  reply(id: number, mayFault: boolean): number {
    const reply = this.replies[id]!;
    const { caller } = reply;
    if (caller === null) return -1;
    this.#giveBack(reply, caller);
    caller.state = 'runnable';
    this.#begin(caller);
    if (mayFault && this.#faults(caller)) return caller.id;
    this.admit(caller, true);
    return -1;
  }
  remove(id: number): void {
    const reply = this.replies[id]!;
    const { caller } = reply;
    if (caller === null) return;
    this.#giveBack(reply, caller);
    caller.state = 'inactive';
  }
  #giveBack(reply: ModelReply, caller: ModelThread): void {
    const context = this.contexts.find(({ stack }) => stack.at(-1) === reply);
    if (context === undefined) {
      this.#cut(reply);
      return;
    }
    context.stack.pop();
    reply.caller = null;
    if (caller.context === null) this.give(context, caller);
  }
  /** The replies below never see the context again. */
  #cut(reply: ModelReply): void {
    reply.caller = null;
    for (const context of this.contexts) context.stack = context.stack.slice(context.stack.indexOf(reply) + 1);
  }
  #forgetCall(thread: ModelThread): void {
    const reply = this.replies.find(({ caller }) => caller === thread);
    if (reply !== undefined) this.#cut(reply);
  }

  // yielding

  yieldHead(): void {
    if (this.context === null || this.context.max === 0) return;
    this.used = Math.max(this.used, this.context.refills[0]!.amount);
    this.#sliceOver(false);
  }
  yieldTo(id: number): void {
    const context = this.contexts[id]!;
    const current = this.current!;
    current.report = -1;
    this.#yieldOver(context);
    const target = context.holder!;
    if (!this.ready.includes(target)) {
      this.#reportOf(current, context);
      return;
    }
    const waits = target.priority >= current.priority;
    if (waits) {
      current.yieldedTo = context;
      this.admit(current, true);
    }
    this.admit(target, true);
    if (!waits) this.#reportOf(current, context);
  }
  #yieldOver(context: ModelContext): void {
    for (const thread of this.threads) if (thread.yieldedTo === context) this.#report(thread);
  }
  #report(thread: ModelThread): void {
    this.#reportOf(thread, thread.yieldedTo!);
    thread.yieldedTo = null;
  }
  #reportOf(thread: ModelThread, context: ModelContext): void {
    thread.report = context.consumed;
    context.consumed = 0;
  }

  /** What must always hold; the name of what does not, or nothing. */
  broken(): string | undefined {
    for (const context of this.contexts) {
      if (context.max === 0) continue;
      const broken = brokenRefills(context.refills, context, this.minimum);
      if (broken !== undefined) return `the refills of ${context.id} ${broken}`;
    }
    return undefined;
  }
}
