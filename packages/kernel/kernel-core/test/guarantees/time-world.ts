/** A world of players who spend time in every way that there is, and whose time was used, counted unit by unit from outside. */
import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import fc from 'fast-check';
import { expect } from 'vitest';
import { bootSlots, labels, type Program } from '../../src/index.ts';
import { World } from '../support.ts';

const [ENDPOINT, BELL, REPLY, ANSWERING, ANSWER, ENDING, END, SILENT, KEPT, FIRST_THREAD] = [
  64, 65, 66, 67, 68, 69, 70, 71, 72, 80,
] as const;
const MADE = [
  objects.ENDPOINT,
  objects.NOTIFICATION,
  objects.REPLY,
  ...[objects.ENDPOINT, objects.REPLY],
  ...[objects.ENDPOINT, objects.REPLY],
  ...[objects.ENDPOINT, objects.REPLY],
];
export const SPORADIC = 1;
/**
 * Who hears that a thread is out of time: nobody; a handler that answers; one that answers that this is the end; one
 * that never answers; and the passive server, which has no time for it.
 */
export const HANDLERS: readonly number[] = [0, ANSWERING, ENDING, SILENT, ENDPOINT];
export const [NO_HANDLER, ANSWERS] = [0, 1];

/** A thread takes three slots: its TCB, its buffer's frame, its scheduling context. */
const contextSlot = (i: number): number => FIRST_THREAD + i * 3 + 2;

type Step = readonly [kind: number, length: number];
export interface Wish {
  readonly budget: number;
  readonly slack: number;
  readonly priority: number;
  readonly steps: readonly Step[];
  /** Index in HANDLERS. */
  readonly handler: number;
  readonly flags: number;
  readonly domain: number;
}
export const DOMAINS = 3;
export const wish: fc.Arbitrary<Wish> = fc.record({
  budget: fc.integer({ min: 2, max: 12 }),
  slack: fc.integer({ min: 1, max: 30 }),
  priority: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(fc.tuple(fc.nat(6), fc.nat(8)), { minLength: 1, maxLength: 8 }),
  handler: fc.nat(HANDLERS.length - 1),
  flags: fc.constantFrom(0, SPORADIC),
  domain: fc.nat(DOMAINS - 1),
});

/** Spends, calls the server, yields, yields to another, faults, signals and waits. */
export const player = (steps: readonly Step[], count: number): Program =>
  function* play(t) {
    for (let i = 0; ; i++) {
      const [kind, length] = steps[i % steps.length]!;
      if (kind === 1) yield t.call(ENDPOINT);
      else if (kind === 2)
        yield t.call(contextSlot(1 + (length % count)), message.messageTag(labels.SCHED_CONTEXT_YIELD_TO, 0, 0, 0));
      else if (kind === 3) yield t.yield();
      else if (kind === 4) yield t.fault(2, length);
      else if (kind === 5) yield t.send(BELL);
      else if (kind === 6) yield t.wait(BELL);
      yield t.spend(1 + length);
    }
  };
export const hog: Program = function* spend(t) {
  for (;;) yield t.spend(1000);
};
/** Passive: runs on the time of whoever calls. After a fault it lets the thread go on behind it. */
const server: Program = function* serve(t) {
  yield t.receive(ENDPOINT, REPLY);
  for (let i = 1; ; i++) {
    yield t.spend(1 + (i % 5));
    const isFault = t.label !== 0;
    if (isFault) t.setWord(0, t.word(0), t.wordHigh(0) + 1);
    yield t.replyReceive(ENDPOINT, message.messageTag(0, 0, 0, isFault ? 2 : 0), REPLY);
  }
};
/** Hears of timeouts, and answers with a label: 0 lets the thread go on when it has time again. */
const answering = (endpoint: number, reply: number, label: number, hear: () => void): Program =>
  function* answer(t) {
    yield t.receive(endpoint, reply);
    for (;;) {
      hear();
      yield t.replyReceive(endpoint, message.messageTag(label, 0, 0, 0), reply);
    }
  };
const silent = (hear: () => void): Program =>
  function* listen(t) {
    for (;;) {
      yield t.receive(SILENT, KEPT);
      hear();
    }
  };

export interface TimeOptions {
  /** By domain: how long its turn is. @defaultValue one domain, for ever */
  readonly turns?: readonly number[];
  /** Who hears that the server is out of its caller's time. Index in HANDLERS. */
  readonly serverHandler?: number;
}

/** The server is thread 0; the players follow, then the handlers. They all start now. */
export class TimeWorld extends World {
  readonly #turns: readonly number[];
  readonly #times: { readonly heard: number };

  constructor(
    programs: readonly Program[],
    wishes: readonly Wish[],
    { turns = [], serverHandler = 0 }: TimeOptions = {},
  ) {
    const times = { heard: 0 };
    const hear = (): void => {
      times.heard++;
    };
    const handlers = [answering(ANSWERING, ANSWER, 0, hear), answering(ENDING, END, 1, hear), silent(hear)];
    super({
      pages: 128,
      programs: [server, ...programs, ...handlers],
      boot: { timeSlice: 1_000_000 },
      kernel: { domainCount: DOMAINS, scheduleLength: DOMAINS },
    });
    this.#times = times;
    this.#turns = turns;
    for (const type of MADE) this.make(type);
    while (this.nextSlot() < FIRST_THREAD - 1);
    const tcb = this.makeThread({ program: 0, priority: 200, budget: 50 });
    expect(tcb).toBe(FIRST_THREAD);
    this.#hear(tcb, serverHandler);
    const tcbs = wishes.map((each, i) => this.#makePlayer(each, i));
    const hearing = handlers.map((_, i) =>
      this.makeThread({ priority: 210, budget: 10, program: 1 + programs.length + i }),
    );
    this.rest();
    this.step(50);
    this.wake();
    this.must(contextSlot(0), labels.SCHED_CONTEXT_UNBIND);
    for (const each of hearing) expect(this.kernel.threads.state[this.thread(each)]).not.toBe(0);
    for (const [i, each] of tcbs.entries()) this.start(each, i + 1);
    this.#beginTurns();
    this.rest();
  }
  /** How many timeouts a handler heard of. */
  get heard(): number {
    return this.#times.heard;
  }
  contextOf(player: number): number {
    return this.kernel.capabilities.wordOf(this.slot(contextSlot(player + 1)));
  }

  #makePlayer({ budget, slack, priority, flags, handler, domain }: Wish, badge: number): number {
    const tcb = this.makeThread({ priority, budget, period: budget + slack, faultEndpoint: ENDPOINT, badge, flags });
    this.#hear(tcb, handler);
    if (this.#turns.length > 0) this.must(bootSlots.DOMAIN, labels.DOMAIN_SET, [domain], [tcb]);
    return tcb;
  }
  #hear(tcb: number, handler: number): void {
    const endpoint = HANDLERS[handler]!;
    if (endpoint !== 0) this.must(tcb, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [endpoint]);
  }
  #beginTurns(): void {
    this.#turns.forEach((length, domain) => {
      this.must(bootSlots.DOMAIN, labels.DOMAIN_SCHEDULE_CONFIGURE, [domain, domain, length]);
    });
    if (this.#turns.length > 0) this.must(bootSlots.DOMAIN, labels.DOMAIN_SCHEDULE_SET_START, [0]);
  }
  /** The domain whose turn it is so long after the start. */
  domainAt(time: number): number {
    let left = time % this.#turns.reduce((sum, length) => sum + length, 0);
    return this.#turns.findIndex((length) => {
      left -= length;
      return left < 0;
    });
  }

  /** Unit by unit: whose context was used, and by whom. */
  ticks(length: number): { readonly contexts: number[]; readonly threads: number[] } {
    const contexts: number[] = [];
    const threads: number[] = [];
    const { kernel } = this;
    const elapse = kernel.elapse.bind(kernel);
    kernel.elapse = (to) => {
      const { current, scheduler } = kernel;
      const context = current < 0 ? 0 : scheduler.threads.context[current]!;
      for (let { now } = scheduler; now < to; now++) {
        contexts.push(context);
        threads.push(current);
      }
      elapse(to);
    };
    this.step(length);
    expect(contexts.length).toBe(length);
    return { contexts, threads };
  }
}

/** The most that a context was used within any time of this length. */
export function mostWithin(ticks: readonly number[], context: number, length: number): number {
  let [used, most] = [0, 0];
  ticks.forEach((each, i) => {
    if (each === context) used++;
    if (i >= length && ticks[i - length] === context) used--;
    most = Math.max(most, used);
  });
  return most;
}
/** @returns whether a context was ever used for more than its budget for each period that has begun since the start. */
export function isOverdrawn(ticks: readonly number[], context: number, { budget, slack }: Wish): boolean {
  let used = 0;
  return ticks.some((each, time) => {
    if (each === context) used++;
    return used > budget * (1 + Math.floor(time / (budget + slack)));
  });
}
