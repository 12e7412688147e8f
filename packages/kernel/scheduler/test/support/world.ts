/** A scheduler in memory of its own, with objects at known places, for tests. */
import { Calls, Invocations, Scheduler } from '../../src/index.ts';

export interface WorldOptions {
  readonly threadCount?: number;
  readonly contextCount?: number;
  readonly sizeBits?: number;
  readonly domainCount?: number;
  readonly scheduleLength?: number;
  readonly minBudget?: number;
}

const REPLIES = 8;
const NOTIFICATIONS = 4;
const FIRST = 32;

export class World {
  readonly words: Int32Array;
  readonly scheduler: Scheduler;
  readonly calls: Calls;
  readonly invocations: Invocations;
  readonly sizeBits: number;
  readonly contextCount: number;

  constructor(options: WorldOptions = {}) {
    const { threadCount = 6, contextCount = 6, sizeBits = 8, domainCount = 1, scheduleLength = 1 } = options;
    this.sizeBits = sizeBits;
    this.contextCount = contextCount;
    this.words = new Int32Array(this.notification(NOTIFICATIONS));
    this.scheduler = new Scheduler({
      words: this.words,
      threadCount,
      domainCount,
      scheduleLength,
      minBudget: options.minBudget ?? 1,
    });
    this.calls = new Calls(this.scheduler);
    this.invocations = new Invocations(this.scheduler, this.calls);
  }

  context(index: number): number {
    return FIRST + (index << (this.sizeBits - 2));
  }
  reply(index: number): number {
    return this.context(this.contextCount) + index * 8;
  }
  notification(index: number): number {
    return this.reply(REPLIES) + index * 16;
  }
  configure(index: number, budget: number, period: number, { extra = 0, badge = 0, flags = 0 } = {}): number {
    return this.invocations.configure(this.context(index), this.sizeBits, budget, period, extra, badge, flags);
  }
  /** A runnable thread with a scheduling context of the same number. */
  start(thread: number, priority: number, budget: number, period: number, options = {}): void {
    this.scheduler.setPriority(thread, priority);
    this.configure(thread, budget, period, options);
    this.scheduler.bind(this.context(thread), thread);
    this.scheduler.resume(thread);
  }
  /** Time passes until `end`, everybody doing nothing but run. @returns who ran, from when to when. */
  run(end: number): { thread: number; from: number; to: number }[] {
    const story: { thread: number; from: number; to: number }[] = [];
    while (this.scheduler.now < end) {
      const from = this.scheduler.now;
      const thread = this.scheduler.choose();
      const to = Math.min(this.scheduler.until(), end);
      this.scheduler.elapse(to);
      const last = story.at(-1);
      if (last?.thread === thread) last.to = to;
      else story.push({ thread, from, to });
    }
    return story;
  }
  refills(index: number): { time: number; amount: number }[] {
    const { contexts } = this.scheduler;
    const sc = this.context(index);
    if (!contexts.isActive(sc)) return [];
    return Array.from({ length: contexts.refillCount(sc) }, (_, i) => ({
      time: contexts.refillTime(sc, i),
      amount: contexts.refillAmount(sc, i),
    }));
  }
}
