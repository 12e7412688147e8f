import { Clock } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { NO_CONNECTION, Requests, type RequestsOptions, WRONG_ANSWER } from '../src/requests.ts';

const clock = (): Clock => new Clock(1e9);
/** Runs until nothing is due. */
function drain(time: Clock, until: number): void {
  while (time.now < until) {
    time.advance(Math.min(time.due, until) - time.now);
    time.runDue();
  }
}
function requestsOf(changes: Partial<RequestsOptions>): Requests {
  return new Requests({
    clock: clock(),
    clients: 3,
    requests: 7,
    loop: { kind: 'closed' },
    seed: 1,
    onArrival: () => {},
    onEnded: () => {},
    ...changes,
  });
}
function everythingOf(requests: Requests, client: number): number[] {
  const asked: number[] = [];
  while (requests.hasNext(client)) {
    asked.push(requests.begin(client));
    requests.succeed(client, 0, 0);
  }
  return asked;
}

describe('requests', () => {
  it('are dealt out in turn, so that who asks what does not depend on who is faster', () => {
    const requests = requestsOf({});
    expect([2, 0, 1].map((client) => everythingOf(requests, client))).toEqual([
      [2, 5],
      [0, 3, 6],
      [1, 4],
    ]);
    expect([requests.isDone, requests.ended]).toEqual([true, 7]);
  });
  it('end in order: each is told once, whether it was answered or failed', () => {
    const told: number[] = [];
    const requests = requestsOf({ onEnded: (ended) => told.push(ended) });
    for (const client of [0, 1, 2]) requests.begin(client);
    requests.succeed(1, 10, 20);
    requests.fail(WRONG_ANSWER);
    requests.succeed(2, 1, 2);
    expect(told).toEqual([1, 2, 3]);
    expect([requests.answered, requests.failed, requests.bytes, requests.lastFailure]).toEqual([
      2,
      1,
      33,
      WRONG_ANSWER,
    ]);
  });
  it('are given up after three failures a client with no answer in between', () => {
    const requests = requestsOf({ clients: 2, requests: 100 });
    requests.expect(2);
    for (let i = 0; i < 5; i++) requests.failUnasked(i % 2, NO_CONNECTION);
    requests.begin(0);
    requests.succeed(0, 0, 0);
    for (let i = 0; i < 5; i++) requests.failUnasked(0, NO_CONNECTION);
    expect([requests.isHopeless, requests.failed]).toEqual([false, 10]);
    requests.failUnasked(1, NO_CONNECTION);
    expect([requests.isHopeless, requests.isDone, requests.hasNext(0), requests.isExhausted(0)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

describe('an open loop', () => {
  const loop = { kind: 'open', requestsPerSecond: 1e6 } as const;

  it('has requests arrive for each client in turn, whoever waits', () => {
    const time = clock();
    const arrived: number[] = [];
    const requests = requestsOf({ clock: time, loop, onArrival: (client) => arrived.push(client) });
    expect([requests.hasNext(0), requests.isExhausted(0)]).toEqual([false, false]);
    requests.open();
    drain(time, 1e6);
    expect(arrived).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(requests.waitingAtLastArrival).toBe(7);
  });
  it('counts a latency from the arrival, and not from the asking: no coordinated omission', () => {
    const time = clock();
    const arrivedAt: number[] = [];
    const requests = requestsOf({ clock: time, loop, clients: 1, onArrival: () => arrivedAt.push(time.now) });
    requests.open();
    drain(time, 1e6);
    everythingOf(requests, 0);
    requests.latencies.forEach((latency, i) => {
      expect(latency).toBeGreaterThanOrEqual(time.now - arrivedAt[i]!);
      expect(latency).toBeLessThan(time.now - arrivedAt[i]! + 1);
    });
  });
  it('counts a closed loop from the asking', () => {
    const time = clock();
    const requests = requestsOf({ clock: time });
    time.advance(500);
    requests.begin(0);
    time.advance(70);
    requests.succeed(0, 0, 0);
    expect(requests.latencies[0]).toBe(70);
  });
});
