import { beforeEach, describe, expect, it } from 'vitest';
import { threadStates } from '../src/index.ts';
import { World } from './support/world.ts';

const { BLOCKED, BLOCKED_ON_REPLY, INACTIVE, RUNNABLE } = threadStates;
const [A, B, C, D] = [0, 1, 2, 3] as const;

let world: World;
/** A has the only context; B, C and D are passive and wait. */
beforeEach(() => {
  world = new World({ minBudget: 2 });
  world.start(A, 10, 30, 100);
  for (const server of [B, C, D]) {
    world.scheduler.setPriority(server, 20);
    world.scheduler.block(server);
  }
  world.scheduler.choose();
});
const holder = (): number => world.scheduler.holderOf(world.context(0));
const stateOf = (thread: number): number => world.scheduler.threads.state[thread]!;
/** A calls B, which calls C. */
function callTwice(): void {
  world.calls.call(A, B, world.reply(0));
  expect(world.scheduler.choose()).toBe(B);
  world.calls.call(B, C, world.reply(1));
  expect(world.scheduler.choose()).toBe(C);
}

describe('scheduling contexts move with calls (§6.1 "Scheduling Context Donation")', () => {
  it('Call: a passive callee borrows the context of the caller, and the reply returns it', () => {
    callTwice();
    expect([holder(), stateOf(A), stateOf(B)]).toEqual([C, BLOCKED_ON_REPLY, BLOCKED_ON_REPLY]);
    expect(world.calls.reply(world.reply(1))).toBe(-1);
    expect([holder(), stateOf(B)]).toEqual([B, RUNNABLE]);
    world.calls.reply(world.reply(0));
    expect([holder(), stateOf(A)]).toEqual([A, RUNNABLE]);
    expect(world.scheduler.choose()).toBe(A);
  });
  it('the time that a passive server uses is that of its caller', () => {
    world.calls.call(A, B, world.reply(0));
    world.scheduler.choose();
    expect(world.scheduler.until()).toBe(30);
    world.scheduler.elapse(12);
    world.calls.reply(world.reply(0));
    expect(world.invocations.consumed(world.context(0))).toBe(12);
    expect(world.scheduler.choose()).toBe(A);
    expect(world.scheduler.until()).toBe(30);
  });
  it('a callee with a context of its own runs on that', () => {
    world.configure(1, 5, 50);
    world.invocations.bind(world.context(1), B);
    world.calls.call(A, B, world.reply(0));
    expect([holder(), world.scheduler.choose()]).toEqual([A, B]);
  });
  it('without a reply object nothing is donated, and the caller is inactive', () => {
    world.calls.call(A, B, 0);
    expect([holder(), stateOf(A), stateOf(B)]).toEqual([A, INACTIVE, RUNNABLE]);
    expect(world.scheduler.choose()).toBe(-1);
  });
  it('NBSendRecv and NBSendWait donate without a way back', () => {
    world.calls.donate(A, B);
    world.scheduler.block(A);
    expect([holder(), world.scheduler.choose()]).toEqual([B, B]);
    expect(world.scheduler.stacks.headOf(world.context(0))).toBe(0);
  });
  it('the context goes back only if the caller has none now', () => {
    callTwice();
    world.configure(1, 30, 100);
    world.invocations.bind(world.context(1), B);
    world.calls.reply(world.reply(1));
    expect([holder(), world.scheduler.threads.context[B]]).toEqual([C, world.context(1)]);
  });
  it('a reply through an object that nobody waits for does nothing', () => {
    expect(world.calls.reply(world.reply(3))).toBe(-1);
    expect(holder()).toBe(A);
  });
});

describe('replies that go away (§6.1 "Scheduling Context Donation")', () => {
  it('the head: the context goes back to its caller, which stays without an answer', () => {
    callTwice();
    world.calls.remove(world.reply(1));
    expect([holder(), stateOf(B)]).toEqual([B, INACTIVE]);
    world.calls.reply(world.reply(0));
    expect(holder()).toBe(A);
  });
  it('the middle: the chain is cut, the context stays, and callers below never get it', () => {
    callTwice();
    world.calls.call(C, D, world.reply(2));
    world.calls.remove(world.reply(1));
    expect([holder(), stateOf(B)]).toEqual([D, INACTIVE]);
    world.calls.reply(world.reply(2));
    expect(holder()).toBe(C);
    world.calls.reply(world.reply(0));
    expect([holder(), stateOf(A)]).toEqual([C, RUNNABLE]);
    expect(world.scheduler.threads.context[A]).toBe(0);
  });
  it('a suspended caller at the head: its context stays where it was donated', () => {
    callTwice();
    world.scheduler.suspend(B);
    expect([holder(), stateOf(B)]).toEqual([C, INACTIVE]);
    expect(world.scheduler.stacks.headOf(world.context(0))).toBe(0);
  });
  it('an object lent again cancels the call that it stood for: the context stays where it was donated', () => {
    world.calls.call(A, B, world.reply(0));
    world.start(4, 20, 9, 90);
    world.calls.call(4, C, world.reply(0));
    expect([stateOf(A), world.scheduler.threads.context[A], holder()]).toEqual([INACTIVE, 0, B]);
    expect(world.calls.callerOf(world.reply(0))).toBe(4);
    world.calls.reply(world.reply(0));
    expect([holder(), world.scheduler.threads.context[4]]).toEqual([B, world.context(4)]);
  });
  it('a context that is gone does not come back', () => {
    callTwice();
    world.scheduler.destroyContext(world.context(0));
    world.calls.reply(world.reply(1));
    expect([world.scheduler.threads.context[B], stateOf(B)]).toEqual([0, RUNNABLE]);
    expect(world.scheduler.choose()).toBe(-1);
  });
  it('a server that is gone with a borrowed context: it comes back when its reply object goes', () => {
    world.calls.call(A, B, world.reply(0));
    world.scheduler.destroyThread(B);
    expect(holder()).toBe(-1);
    world.calls.remove(world.reply(0));
    expect(holder()).toBe(A);
  });
});

describe('contexts of notifications (§6.1 "Scheduling Context Donation")', () => {
  it('a passive thread has it from the signal until it waits again', () => {
    const word = world.notification(0);
    world.configure(3, 10, 40);
    world.invocations.bindNotification(world.context(3), word);
    world.calls.signalled(B, word);
    expect(world.scheduler.threads.context[B]).toBe(world.context(3));
    expect(world.scheduler.choose()).toBe(B);
    world.calls.waits(B, word);
    expect([world.scheduler.threads.context[B], stateOf(B)]).toEqual([0, BLOCKED]);
  });
  it('a thread with a context keeps its own, and a context in use is not taken', () => {
    const word = world.notification(0);
    world.configure(3, 10, 40);
    world.invocations.bindNotification(world.context(3), word);
    world.calls.signalled(B, word);
    world.calls.signalled(C, word);
    expect([world.scheduler.threads.context[B], world.scheduler.threads.context[C]]).toEqual([world.context(3), 0]);
  });
});

describe('no time left (§6.1 "Timeout Exceptions")', () => {
  it('without a handler the thread waits for its next refill', () => {
    expect(world.scheduler.elapse(30)).toBe(-1);
    expect([world.scheduler.isPostponed(A), world.scheduler.choose(), world.scheduler.until()]).toEqual([
      true,
      -1,
      100,
    ]);
    world.scheduler.elapse(100);
    expect(world.scheduler.choose()).toBe(A);
  });
  it('with one it faults: blocked, until the answer to the fault, and then until its next refill', () => {
    world.scheduler.threads.timeoutHandler[A] = 1;
    expect(world.scheduler.elapse(30)).toBe(A);
    world.calls.call(A, D, world.reply(0), false);
    expect([holder(), stateOf(A), stateOf(D)]).toEqual([A, BLOCKED_ON_REPLY, RUNNABLE]);
    expect(world.calls.reply(world.reply(0), false)).toBe(-1);
    expect(world.scheduler.isPostponed(A)).toBe(true);
  });
  it('a passive server has a fault of its own on the time of its client', () => {
    world.scheduler.threads.timeoutHandler[B] = 1;
    world.calls.call(A, B, world.reply(0));
    world.scheduler.choose();
    expect(world.scheduler.elapse(30)).toBe(B);
  });
  it('a reply that brings a context without time back is a fault of a caller that has a handler', () => {
    callTwice();
    world.scheduler.threads.timeoutHandler[B] = 1;
    world.scheduler.elapse(30);
    expect(world.calls.reply(world.reply(1))).toBe(B);
    expect(stateOf(B)).toBe(BLOCKED);
  });
  it('round robin knows no timeout: only the turn ends', () => {
    world.start(4, 10, 7, 7);
    world.start(5, 10, 7, 7);
    world.scheduler.threads.timeoutHandler.fill(1);
    world.scheduler.suspend(A);
    expect(world.run(21).map(({ thread }) => thread)).toEqual([4, 5, 4]);
  });
});
