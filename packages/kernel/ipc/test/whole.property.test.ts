import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocking, fastPath } from '../src/index.ts';
import { Pair } from './pair.ts';
import { CALLS, COMBINED, step } from './steps.ts';
import { ENDPOINTS, NOTIFICATIONS, REPLIES, THREADS, type World } from './world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** What must hold of the implementation alone, whatever the model says. */
function checkInvariants({ threads, words }: World): void {
  const waitingAt = new Map<number, number>();
  for (const object of [...ENDPOINTS, ...NOTIFICATIONS]) {
    let last = -1;
    for (let t = threads.endOf(object, blocking.QUEUE_HEAD); t !== blocking.NO_THREAD; t = threads.after(t)) {
      expect(t).toBeGreaterThanOrEqual(0);
      expect(waitingAt.has(t)).toBe(false);
      waitingAt.set(t, object);
      if (last >= 0) expect(threads.priority[last]).toBeGreaterThanOrEqual(threads.priority[t]!);
      last = t;
    }
    expect(words[object + blocking.QUEUE_TAIL]).toBe(last + 1);
    const isQueue = words[object] === 1 || (words[object] === 2 && ENDPOINTS.includes(object));
    expect(isQueue).toBe(last >= 0);
  }
  for (let t = 0; t < THREADS; t++) {
    const state = threads.state[t]!;
    const queued = [blocking.BLOCKED_ON_SEND, blocking.BLOCKED_ON_RECEIVE, blocking.BLOCKED_ON_NOTIFICATION].includes(
      state as 1,
    );
    expect(waitingAt.get(t) ?? 0).toBe(queued ? threads.object[t] : 0);
    const reply = threads.reply[t]!;
    if (reply !== 0) expect(words[reply]).toBe(t + 1);
    if (state === blocking.BLOCKED_ON_REPLY) expect(reply).not.toBe(0);
    if (state === blocking.RUNNING || state === blocking.INACTIVE) expect(reply).toBe(0);
    const bound = threads.bound[t]!;
    if (bound !== 0) expect(words[bound + 4]).toBe(t + 1);
  }
  for (const reply of REPLIES) if (words[reply] !== 0) expect(threads.reply[words[reply]! - 1]).toBe(reply);
}

describe('a reference model of objects (seL4 reference manual §4 "Message Passing (IPC)", §5 "Notifications")', () => {
  it('agrees on everything that can be seen after every step, and every queue is of those who wait there', () => {
    const seen = new Set<string>();
    const missed = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 200, size: 'max' }), (sequence) => {
        const pair = new Pair();
        for (const given of sequence) {
          const made = pair.run(given);
          if (made === undefined) continue;
          const [real, expected] = made;
          expect([given.operation, real]).toEqual([given.operation, expected]);
          const [seenOfReal, seenOfModel] = [pair.seenOfReal(), pair.seenOfModel()];
          // The long comparison only to explain.
          if (JSON.stringify(seenOfReal) !== JSON.stringify(seenOfModel)) expect(seenOfReal).toEqual(seenOfModel);
          checkInvariants(pair.real);
          seen.add(`${given.operation} ${expected.split(' ')[0]}`);
          for (const line of pair.model.log) seen.add(line.split(' ')[0]!);
          for (const t of pair.model.threads) seen.add(`caps ${t.caps} unwrapped ${t.unwrapped}`);
        }
        for (const [i, count] of pair.real.calls.misses.counts.entries()) if (count > 0) missed.add(fastPath.NAMES[i]!);
      }),
      { numRuns: 25 * EFFORT, seed: 41 },
    );
    const passing = [...CALLS, ...COMBINED].filter((call) => call !== 'replyReceive' && !call.startsWith('nb'));
    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...[...CALLS, ...COMBINED].filter((call) => call !== 'nbSend').map((call) => `${call} fault`),
        ...passing.map((call) => `${call} done`),
        ...['called', 'answered', 'dropped', 'lends', 'woke', 'rests', 'restart', 'resume'],
        ...['caps 1 unwrapped 0', 'caps 1 unwrapped 1', 'caps 2 unwrapped 3', 'caps 2 unwrapped 1'],
      ]),
    );
    const frequent: readonly fastPath.Miss[] = ['taken', 'long-message', 'no-right', 'nobody-receives', 'senders-wait'];
    expect([...missed]).toEqual(expect.arrayContaining([...frequent]));
  });
});
