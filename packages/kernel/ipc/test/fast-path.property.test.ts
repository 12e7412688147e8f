import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockedThreads, blocking, fastPath, message, outcomes, SystemCalls } from '../src/index.ts';
import { Processor } from './processor.ts';
import {
  ENDPOINTS,
  endpointCap,
  NOTIFICATIONS,
  notificationCap,
  REPLIES,
  replyCap,
  Tables,
  THREADS,
  WORDS,
} from './world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
type Operation =
  | 'natural'
  | 'call'
  | 'replyReceive'
  | 'receive'
  | 'passivate'
  | 'activate'
  | 'resume'
  | 'signal'
  | 'wait'
  | 'send'
  | 'pass';
/** Threads 0 and 1 serve: they begin in a receive, without scheduling contexts. */
const SERVERS = 2;
/** 0, 1: endpoints; 2, 3: reply objects; 4: a notification; 5: an endpoint without rights. */
const step = fc.record({
  operation: fc.oneof(
    { weight: 20, arbitrary: fc.constant<Operation>('natural') },
    { weight: 4, arbitrary: fc.constantFrom<Operation>('call', 'replyReceive', 'receive') },
    { weight: 3, arbitrary: fc.constantFrom<Operation>('passivate', 'passivate', 'activate', 'resume') },
    { weight: 2, arbitrary: fc.constantFrom<Operation>('signal', 'wait', 'send', 'pass') },
  ),
  pointer: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.nat(6) },
  ),
  reply: fc.oneof(
    { weight: 5, arbitrary: fc.constant(2) },
    { weight: 2, arbitrary: fc.constant(3) },
    { weight: 1, arbitrary: fc.nat(6) },
  ),
  length: fc.oneof({ weight: 6, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(9) }),
  caps: fc.constantFrom(0, 0, 0, 0, 0, 1),
  thread: fc.nat(THREADS - 1),
  number: fc.nat(9999),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const start = fc.record({
  priorities: fc.array(fc.nat(3), { minLength: THREADS, maxLength: THREADS }),
  /** Bit t: thread t is of the other scheduling domain. */
  domains: fc.constantFrom(0, 0, 0, 0b100, 0b10),
  bound: fc.boolean(),
  first: fc.integer({ min: SERVERS, max: THREADS - 1 }),
});
type Start = typeof start extends fc.Arbitrary<infer T> ? T : never;

class Machine {
  readonly words = new Int32Array(WORDS);
  readonly threads = new BlockedThreads(this.words, THREADS);
  readonly tables = new Tables();
  readonly processor = new Processor();
  readonly calls = new SystemCalls(this.threads, this.tables, this.processor);
  readonly #isFast: boolean;

  constructor(isFast: boolean, { priorities, domains, bound, first }: Start) {
    this.#isFast = isFast;
    const [replyA, replyB] = REPLIES as [number, number];
    for (let thread = 0; thread < THREADS; thread++) {
      const caps = [
        endpointCap(ENDPOINTS[0]!, 40 + thread),
        endpointCap(ENDPOINTS[1]!, 50 + thread),
        replyCap(thread % 2 === 0 ? replyA : REPLIES[2]!),
        replyCap(replyB),
        notificationCap(NOTIFICATIONS[0]!, 1 << thread),
        endpointCap(ENDPOINTS[0]!, 0, 0),
      ];
      caps.forEach((cap, pointer) => {
        this.tables.put(thread, pointer, cap);
      });
      this.threads.setPriority(thread, priorities[thread]!);
      this.processor.priority[thread] = priorities[thread]!;
      this.processor.domain[thread] = (domains >> thread) & 1;
      this.processor.ready.push(thread);
      this.threads.buffer[thread] = 256 + thread * message.BUFFER_LANES;
    }
    if (bound) this.calls.notifications.bind(NOTIFICATIONS[0]!, 0);
    this.processor.switchTo(first);
    for (let server = 0; server < SERVERS; server++) {
      this.calls.receive(server, server, 2 + server);
      this.processor.context[server] = null;
    }
  }

  /** The current thread does something, or something happens to a thread. */
  run(given: Step): void {
    const { processor } = this;
    const thread = processor.current;
    const { operation } = given;
    if (operation === 'signal') this.calls.signal(NOTIFICATIONS[0]!, 1 << given.thread);
    else if (operation === 'resume') this.#revive(given.thread);
    else if (operation === 'passivate') this.#passivate(given.thread);
    else if (operation === 'activate') processor.activate(given.thread);
    else if (operation === 'pass') processor.yields(thread);
    else if (thread >= 0) {
      const answer = this.#call(thread, given);
      if (answer === outcomes.SWITCHED) {
        processor.switchTo(this.calls.peer);
        return;
      }
      if (answer === outcomes.CAP_FAULT) this.calls.endings.suspend(thread);
    }
    const goesOn = thread >= 0 && operation !== 'pass' && this.threads.state[thread] === blocking.RUNNING;
    if (thread >= 0 && operation === 'pass') processor.ready.push(thread);
    processor.choose(goesOn);
  }
  /** Nobody is stopped for ever. */
  #revive(thread: number): void {
    if (this.threads.state[thread] === blocking.RUNNING) return;
    this.calls.endings.resume(thread);
  }
  /** A server that waits gives its scheduling context up: it runs on those of its callers from now on. */
  #passivate(thread: number): void {
    if (this.threads.state[thread] === blocking.BLOCKED_ON_RECEIVE) this.processor.context[thread] = null;
  }
  /** A server answers and receives again; a client calls. */
  #natural(thread: number, given: Step): Step {
    if (thread >= SERVERS) return { ...given, operation: 'call' };
    return { ...given, operation: 'replyReceive', pointer: thread, reply: 2 + thread };
  }
  #call(thread: number, given: Step): number {
    const { calls, threads } = this;
    if (given.operation === 'natural') return this.#call(thread, this.#natural(thread, given));
    const { operation, pointer, reply, length, caps, number } = given;
    threads.tag[thread] = message.messageTag(number & 7, (number >> 3) & 7, caps, length);
    for (let lane = 0; lane < 8; lane++) threads.registers[thread * 8 + lane] = number + lane;
    switch (operation) {
      case 'call':
        return this.#isFast ? calls.call(thread, pointer) : calls.callSlowly(thread, pointer);
      case 'replyReceive':
        if (this.#isFast) return calls.replyReceive(thread, pointer, reply);
        return calls.replyReceiveSlowly(thread, pointer, reply);
      case 'receive':
        return calls.receive(thread, pointer, reply);
      case 'wait':
        return calls.wait(thread, pointer);
      default:
        return calls.send(thread, pointer);
    }
  }
  /** All that anybody could see. */
  seen(): unknown {
    const { threads, processor } = this;
    const { state, object, badge, sendBadge, sending, reply, tag, registers, fault } = threads;
    return {
      words: this.words.join(),
      threads: { state, object, badge, tag, registers, reply, fault },
      senders: Array.from(state, (kind, t) => (kind === blocking.BLOCKED_ON_SEND ? [sendBadge[t], sending[t]] : [])),
      caps: this.tables.slots,
      context: processor.context,
      calls: processor.calls,
      current: processor.current,
      runnable: processor.ready.toSorted(),
    };
  }
}

describe('the fast path (the reference kernel’s preconditions, src/fastpath)', () => {
  it('leaves everything, and the processor, as the general path does', () => {
    const misses = new Float64Array(fastPath.NAMES.length);
    fc.assert(
      fc.property(start, fc.array(step, { minLength: 30, maxLength: 150, size: 'max' }), (given, steps) => {
        const fast = new Machine(true, given);
        const slow = new Machine(false, given);
        for (const each of steps) {
          fast.run(each);
          slow.run(each);
          const [one, other] = [fast.seen(), slow.seen()];
          // The long comparison only to explain.
          if (JSON.stringify(one) !== JSON.stringify(other)) expect(one).toEqual(other);
        }
        fast.calls.misses.counts.forEach((count, reason) => {
          misses[reason]! += count;
        });
      }),
      { numRuns: 100 * EFFORT, seed: 51 },
    );
    expect(misses[fastPath.TAKEN]).toBeGreaterThan(100 * EFFORT);
    const met = fastPath.NAMES.filter((_, reason) => misses[reason]! > 0);
    expect(met).toEqual(
      expect.arrayContaining(['has-context', 'priority', 'not-the-last-call', 'domain', 'signalled']),
    );
  });
});
