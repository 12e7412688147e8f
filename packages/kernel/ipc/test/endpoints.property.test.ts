import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockedThreads, blocking, Endpoints, Notifications, Replies, rights } from '../src/index.ts';
import { Model } from './model.ts';

const { CALL, GRANT, GRANT_REPLY } = rights;
const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const THREADS = 7;
const ENDPOINTS = [16, 20] as const;
const NOTIFICATIONS = [32, 48] as const;
const REPLIES = [0, 64, 72] as const;
const WORDS = 96;

const OPERATIONS = [
  'send',
  'send',
  'receive',
  'receive',
  'reply',
  'cancel',
  'cancelAll',
  'cancelBadged',
  'setPriority',
  'signal',
  'wait',
  'takeBound',
  'bind',
  'unbind',
] as const;
const any = fc.noBias(fc.nat(9999));
const step = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  thread: fc.noBias(fc.nat(THREADS - 1)),
  where: fc.nat(1),
  badge: fc.nat(3),
  sending: fc.constantFrom(0, CALL, CALL | GRANT, CALL | GRANT_REPLY, CALL | GRANT | GRANT_REPLY, CALL | GRANT_REPLY),
  waits: fc.constantFrom(true, true, true, false),
  reply: fc.nat(2),
  number: any,
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const steps = fc.array(step, { maxLength: 150, size: 'max' });

class Real {
  readonly words = new Int32Array(WORDS);
  readonly threads = new BlockedThreads(this.words, THREADS);
  readonly replies = new Replies(this.threads);
  readonly endpoints = new Endpoints(this.threads, this.replies);
  readonly notifications = new Notifications(this.threads, this.endpoints);
  readonly #into = new Int32Array(THREADS);

  /** In the words of the model. */
  run({ operation, thread, where, badge, sending, waits, reply, number }: Step): string {
    const { endpoints, notifications, threads } = this;
    const endpoint = ENDPOINTS[where]!;
    const notification = NOTIFICATIONS[where]!;
    switch (operation) {
      case 'send':
        return this.#meets(endpoints.send(endpoint, thread, badge, sending, waits), false);
      case 'receive':
        return this.#meets(endpoints.receive(endpoint, thread, REPLIES[reply]!, waits), true);
      case 'reply': {
        const caller = this.replies.take(REPLIES[1 + where]!);
        return caller >= 0 ? `answers ${caller}` : this.#refusal(caller);
      }
      case 'cancel':
        endpoints.cancel(thread);
        return '';
      case 'cancelAll':
        return this.#cancels(
          number % 2 === 0 ? endpoints.cancelAll(endpoint, this.#into) : endpoints.cancelAll(notification, this.#into),
        );
      case 'cancelBadged':
        return this.#cancels(endpoints.cancelBadgedSends(endpoint, badge, this.#into));
      case 'setPriority':
        threads.setPriority(thread, number % 4);
        return '';
      case 'signal': {
        const woken = notifications.signal(notification, badge);
        return woken >= 0 ? `wakes ${woken} badge ${threads.badge[woken]}` : this.#refusal(woken);
      }
      case 'wait':
        return this.#takes(notifications.wait(notification, thread, waits));
      case 'takeBound':
        return this.#takes(notifications.takeBound(thread));
      case 'bind':
        return notifications.bind(notification, thread) === 0 ? 'done' : 'illegal';
      case 'unbind':
        return notifications.unbind(thread) === 0 ? 'done' : 'illegal';
    }
  }
  #meets(answer: number, withBadge: boolean): string {
    if (answer < 0) return this.#refusal(answer);
    return withBadge ? `meets ${answer} badge ${this.threads.sendBadge[answer]}` : `meets ${answer}`;
  }
  #takes(answer: number): string {
    return answer === 0 ? `takes ${this.notifications.word}` : this.#refusal(answer);
  }
  #cancels(count: number): string {
    return count < 0 ? this.#refusal(count) : `cancels ${[...this.#into.subarray(0, count)].join(',')}`;
  }
  #refusal(answer: number): string {
    const names = ['', 'blocked', 'would block', 'nobody', 'illegal', 'corrupted'];
    return names[-answer] ?? `answer ${answer}`;
  }
  kind(thread: number): string {
    const kinds = ['runs', 'sends', 'receives', 'awaits-reply', 'awaits-notification', 'inactive'];
    return kinds[this.threads.state[thread]!]!;
  }
  queue(object: number): number[] {
    const queue: number[] = [];
    let thread = this.threads.endOf(object, blocking.QUEUE_HEAD);
    for (; thread >= 0; thread = this.threads.after(thread)) queue.push(thread);
    return queue;
  }
}

function runModel(model: Model, given: Step): string {
  const { operation, thread, where, badge, sending, waits, reply, number } = given;
  const endpoint = ENDPOINTS[where]!;
  const notification = NOTIFICATIONS[where]!;
  switch (operation) {
    case 'send':
      return model.send(endpoint, thread, badge, sending, waits);
    case 'receive':
      return model.receive(endpoint, thread, REPLIES[reply]! === 0 ? undefined : REPLIES[reply], waits);
    case 'reply':
      return model.reply(REPLIES[1 + where]!);
    case 'cancel':
      model.cancel(thread);
      return '';
    case 'cancelAll':
      return model.cancelAll(number % 2 === 0 ? endpoint : notification);
    case 'cancelBadged':
      return model.cancelBadged(endpoint, badge);
    case 'setPriority':
      model.setPriority(thread, number % 4);
      return '';
    case 'signal':
      return model.signal(notification, badge);
    case 'wait':
      return model.wait(notification, thread, waits);
    case 'takeBound':
      return model.takeBound(thread);
    case 'bind':
      return model.bind(notification, thread);
    case 'unbind':
      return model.unbind(thread);
  }
}
/** Only a running thread does these; on others they would be a bug of the caller. */
const NEEDS_RUNNING: readonly string[] = ['send', 'receive', 'wait', 'takeBound'];

describe('a reference model of lists (seL4 reference manual §4.2 "Endpoints", §5 "Notifications")', () => {
  it('agrees on who meets whom, who waits where in which order, and who is answered', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(steps, (sequence) => {
        const real = new Real();
        const model = new Model(THREADS);
        for (const given of sequence) {
          if (NEEDS_RUNNING.includes(given.operation) && !model.runs(given.thread)) continue;
          const expected = runModel(model, given);
          expect(real.run(given)).toBe(expected);
          seen.add(`${given.operation} ${expected.split(' ')[0]}`);
          const objects = [...ENDPOINTS, ...NOTIFICATIONS];
          const actual = [model.threads.map((_, thread) => real.kind(thread)), objects.map((at) => real.queue(at))];
          expect(actual).toEqual([model.threads.map(({ kind }) => kind), objects.map((at) => model.queue(at))]);
        }
      }),
      { numRuns: 100 * EFFORT, seed: 31 },
    );
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'send meets',
        'send blocked',
        'receive meets',
        'receive blocked',
        'receive would',
        'reply answers',
        'reply nobody',
        'signal wakes',
        'signal nobody',
        'wait takes',
        'takeBound takes',
        'bind illegal',
      ]),
    );
  });
});

describe('records that somebody else wrote to', () => {
  it('never make an operation throw or run for ever', () => {
    const hits = fc.array(fc.tuple(fc.nat(WORDS - 1), fc.oneof(fc.integer(), fc.nat(9))), { maxLength: 20 });
    fc.assert(
      fc.property(steps, hits, steps, (before, wild, after) => {
        const real = new Real();
        const run = (given: Step): void => {
          const isRunning = real.threads.state[given.thread] === blocking.RUNNING;
          if (NEEDS_RUNNING.includes(given.operation) && !isRunning) return;
          real.run(given);
        };
        before.forEach(run);
        for (const [where, value] of wild) real.words[where] = value;
        after.forEach(run);
      }),
      { numRuns: 100 * EFFORT, seed: 32 },
    );
  });
});
