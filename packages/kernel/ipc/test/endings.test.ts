import { describe, expect, it } from 'vitest';
import { blocking } from '../src/index.ts';
import { CLIENT, EP, EP_CAP, NTFN, NTFN_CAP, R1, REPLY_CAP, SERVER, THIRD, world } from './furnished.ts';
import { endpointCap } from './world.ts';

const { BLOCKED_ON_RECEIVE, BLOCKED_ON_SEND, INACTIVE, RUNNING } = blocking;

describe('when the last capability goes (seL4 reference manual §3.2 "Deletion and Revocation")', () => {
  it('to an endpoint, all who wait there run their system call again', () => {
    const w = world();
    for (const thread of [1, 2, 3]) w.calls.call(thread, EP_CAP);
    expect(w.calls.endings.endpointDeleted(EP)).toBe(3);
    expect(w.scheduler.log).toEqual(['restart 1', 'restart 2', 'restart 3']);
    expect(w.words[EP]).toBe(0);
  });
  it('to an endpoint, a reply object that was lent there is free again', () => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.endings.endpointDeleted(EP);
    expect(w.calls.replies.threadOf(R1)).toBe(blocking.NO_THREAD);
    expect(w.threads.state[SERVER]).toBe(RUNNING);
  });
  it('to an endpoint, a caller that was received goes on waiting for its answer', () => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.call(CLIENT, EP_CAP);
    expect(w.calls.endings.endpointDeleted(EP)).toBe(0);
    w.compose(SERVER, 1, [2]);
    w.calls.send(SERVER, REPLY_CAP);
    expect(w.message(CLIENT)).toMatchObject({ words: [2] });
  });
  it('to a notification, its thread is unbound and who waits runs again', () => {
    const w = world();
    w.calls.notifications.bind(NTFN, SERVER);
    w.calls.wait(SERVER, NTFN_CAP);
    expect(w.calls.endings.notificationDeleted(NTFN)).toBe(1);
    expect([w.threads.bound[SERVER], w.threads.state[SERVER]]).toEqual([0, RUNNING]);
    expect(w.scheduler.log).toContain(`restart ${SERVER}`);
  });
  it.each([
    ['a caller that waits for its answer is never answered', true, CLIENT],
    ['a receiver that lent it stops', false, SERVER],
  ])('to a reply object, %s', (_name, called, tied) => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    if (called) w.calls.call(CLIENT, EP_CAP);
    w.calls.endings.replyDeleted(R1);
    expect(w.threads.state[tied]).toBe(INACTIVE);
    expect(w.words[R1]).toBe(0);
    expect(w.scheduler.log.includes(`dropped ${CLIENT} ${R1} and lent time`)).toBe(called);
  });
});

describe('CancelBadgedSends', () => {
  it('makes senders with the badge run again, and leaves others and receivers', () => {
    const w = world();
    for (const [thread, badge] of [
      [1, 5],
      [2, 6],
      [3, 5],
    ] as const) {
      w.tables.put(thread, EP_CAP, endpointCap(EP, badge));
      w.calls.send(thread, EP_CAP);
    }
    expect(w.calls.endings.cancelBadgedSends(EP, 5)).toBe(2);
    expect([1, 2, 3].map((thread) => w.threads.state[thread])).toEqual([RUNNING, BLOCKED_ON_SEND, RUNNING]);
    expect(w.scheduler.log).toEqual(['restart 1', 'restart 3']);
  });
  it('with badge 0 does nothing, and receivers have no badge', () => {
    const w = world();
    w.tables.put(CLIENT, EP_CAP, endpointCap(EP, 0));
    w.calls.send(CLIENT, EP_CAP);
    expect(w.calls.endings.cancelBadgedSends(EP, 0)).toBe(0);
    expect(w.threads.state[CLIENT]).toBe(BLOCKED_ON_SEND);
    w.calls.wait(SERVER, EP_CAP);
    w.calls.wait(SERVER, EP_CAP);
    expect(w.calls.endings.cancelBadgedSends(EP, 1)).toBe(0);
    expect(w.threads.state[SERVER]).toBe(BLOCKED_ON_RECEIVE);
  });
  it('does not tell a sender the badge of its own capability', () => {
    const w = world();
    w.calls.send(CLIENT, EP_CAP);
    w.calls.endings.cancelBadgedSends(EP, 41);
    expect(w.threads.badge[CLIENT]).toBe(0);
  });
});

describe('a thread that is stopped', () => {
  it('leaves its queue, and what it called is told that nobody waits', () => {
    const w = world();
    w.calls.call(CLIENT, EP_CAP);
    w.calls.endings.suspend(CLIENT);
    expect([w.threads.state[CLIENT], w.words[EP]]).toEqual([INACTIVE, 0]);
    w.calls.call(THIRD, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.endings.suspend(THIRD);
    expect(w.scheduler.log.at(-1)).toBe(`dropped ${THIRD} ${R1}`);
    expect(w.calls.replies.take(R1)).toBe(blocking.NO_THREAD);
  });
  it('runs its system call again when it is resumed', () => {
    const w = world();
    w.calls.call(CLIENT, EP_CAP);
    w.calls.endings.resume(CLIENT);
    expect(w.threads.state[CLIENT]).toBe(RUNNING);
    expect(w.scheduler.log).toEqual([`restart ${CLIENT}`]);
  });
});
