import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocking, outcomes } from '../src/index.ts';
import { EP_CAP, world as furnished, REPLY_CAP } from './furnished.ts';
import { ENDPOINTS, NOTIFICATIONS, REPLIES, THREADS, WORDS } from './world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const STORAGE = blocking.storageWords(THREADS);
const argument = (usual: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant(usual) },
    { weight: 9, arbitrary: fc.nat(7) },
    { weight: 1, arbitrary: fc.integer() },
  );
const step = fc.tuple(
  fc.oneof(fc.nat(21), fc.constantFrom(0, 4, 15)),
  fc.nat(THREADS - 1),
  argument(EP_CAP),
  argument(REPLY_CAP),
  argument(EP_CAP),
  fc.oneof(fc.integer(), fc.nat(4)),
);
const wild = fc.oneof(fc.integer(), fc.nat(9), fc.integer({ min: -9, max: WORDS }));
const hits = fc.array(fc.tuple(fc.boolean(), fc.nat(), wild), { maxLength: 12 });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const ENDS: readonly number[] = [
  outcomes.DONE,
  outcomes.SWITCHED,
  outcomes.BLOCKED,
  outcomes.CAP_FAULT,
  outcomes.RECORD_CORRUPTED,
];

/** @returns how a system call ended; undefined for what else may happen. */
function run(w: ReturnType<typeof furnished>, [what, thread, a, b, c, word]: Step): number | undefined {
  const { calls, threads } = w;
  const { endings, notifications } = calls;
  threads.tag[thread] = word;
  switch (what) {
    case 0:
    case 1:
      return calls.call(thread, a);
    case 2:
      return calls.send(thread, a);
    case 3:
      return calls.nbSend(thread, a);
    case 4:
    case 5:
      return calls.receive(thread, a, b);
    case 6:
      return calls.nbReceive(thread, a, b);
    case 7:
      return calls.wait(thread, a);
    case 8:
      return calls.poll(thread, a);
    case 9:
    case 10:
      return calls.replyReceive(thread, a, b);
    case 11:
      return calls.nbSendReceive(thread, c, a, b);
    case 12:
      return calls.nbSendWait(thread, c, a);
    case 13:
      return calls.raise(thread, w.tables.lookup(thread, a), 6, word & 0xff, (word & 0x100) !== 0);
    case 14:
      return void endings.suspend(thread);
    case 15:
      return void endings.resume(thread);
    case 16:
      return void endings.endpointDeleted(ENDPOINTS[word & 1]!);
    case 17:
      return void endings.notificationDeleted(NOTIFICATIONS[word & 1]!);
    case 18:
      return void endings.replyDeleted(REPLIES[word & 1]!);
    case 19:
      return void endings.cancelBadgedSends(ENDPOINTS[word & 1]!, 40 + a);
    case 20:
      return void threads.setPriority(thread, word & 0xff);
    default:
      return void notifications.bind(NOTIFICATIONS[word & 1]!, thread);
  }
}

describe('memory that somebody else wrote to: records, message buffers, and what is kept of threads', () => {
  it('makes no system call throw, run for ever, or end in another way than the documented ones', () => {
    const program = fc.array(step, { maxLength: 60, size: 'max' });
    const seen = new Set<number>();
    fc.assert(
      fc.property(program, hits, program, (before, wildHits, after) => {
        const w = furnished();
        const follow = (given: Step): void => {
          const end = run(w, given);
          if (end === undefined) return;
          expect(ENDS).toContain(end);
          seen.add(end);
        };
        before.forEach(follow);
        for (const [inStorage, where, value] of wildHits) {
          if (inStorage) w.storage[where % STORAGE] = value;
          else w.words[where % WORDS] = value;
        }
        after.forEach(follow);
      }),
      { numRuns: 300 * EFFORT, seed: 61 },
    );
    expect([...seen].sort()).toEqual([...ENDS].sort());
  });
});
