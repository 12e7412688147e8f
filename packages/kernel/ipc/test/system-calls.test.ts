import { describe, expect, it } from 'vitest';
import { blocking, outcomes, rights } from '../src/index.ts';
import {
  CLIENT,
  EMPTY,
  EP_CAP,
  NTFN,
  NTFN_CAP,
  OTHER,
  R1,
  REPLY_CAP,
  SERVER,
  TCB,
  THIRD,
  withRights,
  world,
} from './furnished.ts';
import { ABSENT, ALL, ENDPOINTS, endpointCap } from './world.ts';

const { BLOCKED, DONE, PREEMPTED, SWITCHED } = outcomes;

describe('Call and ReplyRecv (seL4 reference manual §4.2.4 "Calling and Replying")', () => {
  it('brings a message with the badge of the capability, and its answer without one', () => {
    const w = world();
    expect(w.calls.receive(SERVER, EP_CAP, REPLY_CAP)).toBe(BLOCKED);
    w.compose(CLIENT, 7, [1, 2, 3]);
    expect(w.calls.callSlowly(CLIENT, EP_CAP)).toBe(BLOCKED);
    expect(w.message(SERVER)).toEqual({ label: 7, words: [1, 2, 3], caps: 0, unwrapped: 0, badge: 41 });
    w.compose(SERVER, 8, [4]);
    expect(w.calls.replyReceiveSlowly(SERVER, EP_CAP, REPLY_CAP)).toBe(BLOCKED);
    expect(w.message(CLIENT)).toEqual({ label: 8, words: [4], caps: 0, unwrapped: 0, badge: 0 });
    expect(w.scheduler.log).toEqual([
      `called ${CLIENT} ${SERVER} ${R1} donates`,
      `resume ${SERVER}`,
      `answered ${CLIENT} ${SERVER} ${R1}`,
      `resume ${CLIENT}`,
    ]);
  });
  it('a caller that came first waits, and is taken by the next Recv', () => {
    const w = world();
    expect(w.calls.call(CLIENT, EP_CAP)).toBe(BLOCKED);
    expect(w.threads.state[CLIENT]).toBe(blocking.BLOCKED_ON_SEND);
    expect(w.calls.receive(SERVER, EP_CAP, REPLY_CAP)).toBe(DONE);
    expect(w.message(SERVER).badge).toBe(41);
    expect(w.threads.state[CLIENT]).toBe(blocking.BLOCKED_ON_REPLY);
  });
  it.each([
    ['Write alone', rights.WRITE, blocking.INACTIVE],
    ['Write and GrantReply', rights.WRITE | rights.GRANT_REPLY, blocking.BLOCKED_ON_REPLY],
    ['Write and Grant', rights.WRITE | rights.GRANT, blocking.BLOCKED_ON_REPLY],
  ])('a caller with %s can be answered or not (§4.2.4)', (_name, right, state) => {
    for (const receivesFirst of [true, false]) {
      const w = withRights(world(), CLIENT, right);
      if (receivesFirst) w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
      w.calls.call(CLIENT, EP_CAP);
      if (!receivesFirst) w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
      expect(w.threads.state[CLIENT]).toBe(state);
    }
  });
  it('a caller whose receiver only waits, without a reply object, is never answered', () => {
    const w = world();
    w.calls.wait(SERVER, EP_CAP);
    expect(w.calls.call(CLIENT, EP_CAP)).toBe(BLOCKED);
    expect(w.misses('no-reply-lent')).toBe(1);
    expect(w.threads.state[CLIENT]).toBe(blocking.INACTIVE);
  });
  it('a reply through an unused reply object does nothing and says nothing', () => {
    const w = world();
    w.compose(SERVER, 3, [1]);
    expect(w.calls.send(SERVER, REPLY_CAP)).toBe(DONE);
    expect(w.calls.nbSend(SERVER, REPLY_CAP)).toBe(DONE);
    expect(w.scheduler.log).toEqual([]);
  });
  it('a reply object answers once', () => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.call(CLIENT, EP_CAP);
    w.calls.send(SERVER, REPLY_CAP);
    expect(w.threads.state[CLIENT]).toBe(blocking.RUNNING);
    w.calls.call(CLIENT, EP_CAP);
    w.compose(SERVER, 9, [9]);
    w.calls.send(SERVER, REPLY_CAP);
    expect(w.threads.state[CLIENT]).toBe(blocking.BLOCKED_ON_SEND);
  });
  it('anybody who holds the reply object may answer, and may do so before the server receives again', () => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.call(CLIENT, EP_CAP);
    w.compose(THIRD, 6, [5]);
    w.calls.send(THIRD, REPLY_CAP);
    expect(w.message(CLIENT)).toMatchObject({ label: 6, words: [5], badge: 0 });
  });
  it.each([
    ['a caller that waits for its answer', false],
    ['another receiver that lent it', true],
  ])('lending a reply object that is tied to %s ends that thread', (_name, isReceiver) => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    if (!isReceiver) w.calls.call(CLIENT, EP_CAP);
    const tied = isReceiver ? SERVER : CLIENT;
    expect(w.calls.receive(THIRD, EP_CAP, REPLY_CAP)).toBe(BLOCKED);
    expect(w.threads.state[tied]).toBe(blocking.INACTIVE);
    expect(w.threads.reply[tied]).toBe(0);
    expect(w.replies.threadOf(R1)).toBe(THIRD);
    if (!isReceiver) expect(w.scheduler.log).toContain(`dropped ${CLIENT} ${R1}`);
  });
  it('a Call through a reply object answers, and is answered with nothing', () => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.call(CLIENT, EP_CAP);
    w.compose(SERVER, 8, [4]);
    expect(w.calls.call(SERVER, REPLY_CAP)).toBe(DONE);
    expect(w.message(CLIENT)).toMatchObject({ label: 8, words: [4] });
    expect(w.message(SERVER)).toEqual({ label: 0, words: [], caps: 0, unwrapped: 0, badge: 0 });
  });
});

describe('Send, NBSend, Recv, NBRecv, Wait and Poll at an endpoint (§4.2 "Endpoints")', () => {
  it('a Send waits for a receiver, and goes on without an answer', () => {
    const w = world();
    w.compose(CLIENT, 1, [11]);
    expect(w.calls.send(CLIENT, EP_CAP)).toBe(BLOCKED);
    expect(w.calls.receive(SERVER, EP_CAP, REPLY_CAP)).toBe(DONE);
    expect(w.message(SERVER)).toMatchObject({ words: [11], badge: 41 });
    expect(w.threads.state[CLIENT]).toBe(blocking.RUNNING);
    expect(w.threads.badge[CLIENT]).toBe(0);
    expect(w.scheduler.log).toEqual([`resume ${CLIENT}`]);
  });
  it('an NBSend without a receiver is dropped', () => {
    const w = world();
    expect(w.calls.nbSend(CLIENT, EP_CAP)).toBe(DONE);
    expect(w.calls.nbReceive(SERVER, EP_CAP, REPLY_CAP)).toBe(DONE);
    expect(w.message(SERVER).badge).toBe(0);
  });
  it('an NBRecv and a Poll that find nobody set the badge to 0', () => {
    const w = world();
    for (const poll of [() => w.calls.nbReceive(SERVER, EP_CAP, REPLY_CAP), () => w.calls.poll(SERVER, EP_CAP)]) {
      w.threads.badge[SERVER] = 99;
      expect(poll()).toBe(DONE);
      expect(w.threads.badge[SERVER]).toBe(0);
    }
  });
  it('takes senders by priority, first come, first served within one, and anew after a change', () => {
    const w = world();
    for (const [thread, priority] of [
      [1, 5],
      [2, 9],
      [3, 5],
      [4, 9],
    ] as const) {
      w.threads.setPriority(thread, priority);
      w.calls.send(thread, EP_CAP);
    }
    w.threads.setPriority(3, 200);
    w.threads.setPriority(2, 5);
    const order = [1, 2, 3, 4].map(() => {
      w.calls.wait(SERVER, EP_CAP);
      return w.threads.badge[SERVER]! - 40;
    });
    expect(order).toEqual([3, 4, 1, 2]);
  });
});

describe('NBSendRecv and NBSendWait', () => {
  it('send, and lend the scheduling context, then receive', () => {
    const w = world();
    w.calls.wait(THIRD, EP_CAP);
    w.compose(SERVER, 2, [3]);
    expect(w.calls.nbSendReceive(SERVER, EP_CAP, EP_CAP, REPLY_CAP)).toBe(BLOCKED);
    expect(w.message(THIRD)).toMatchObject({ words: [3], badge: 40 });
    expect(w.scheduler.log).toEqual([`lends ${SERVER} ${THIRD}`, `resume ${THIRD}`]);
    expect(w.threads.state[SERVER]).toBe(blocking.BLOCKED_ON_RECEIVE);
    expect(w.threads.reply[SERVER]).toBe(R1);
  });
  it('a plain Send and NBSend lend nothing', () => {
    const w = world();
    w.calls.wait(THIRD, EP_CAP);
    w.calls.send(SERVER, EP_CAP);
    expect(w.scheduler.log).toEqual([`resume ${THIRD}`]);
  });
  it('drop a first phase that finds nobody, nothing, or no right, and receive all the same', () => {
    const w = withRights(world(), THIRD, 0);
    w.tables.put(THIRD, 8, endpointCap(ENDPOINTS[1]!, 0, ALL));
    for (const destination of [ABSENT, EMPTY, EP_CAP, 8]) {
      expect(w.calls.nbSendWait(THIRD, destination, 8)).toBe(BLOCKED);
      expect(w.threads.state[THIRD]).toBe(blocking.BLOCKED_ON_RECEIVE);
      expect(w.threads.reply[THIRD]).toBe(0);
      w.calls.endings.resume(THIRD);
    }
    expect(w.tables.log).toEqual([]);
  });
  it('may invoke other objects in the first phase, but no TCB, CNode, domain or scheduling context', () => {
    const w = world();
    expect(w.calls.nbSendWait(SERVER, OTHER, EP_CAP)).toBe(BLOCKED);
    expect(w.calls.nbSendReceive(THIRD, TCB, EP_CAP, REPLY_CAP)).toBe(BLOCKED);
    expect(w.tables.log).toEqual([`${SERVER} invokes 100`]);
  });
  it('an invocation that was interrupted makes the whole call begin again', () => {
    const w = world();
    w.tables.result = PREEMPTED;
    expect(w.calls.nbSendWait(SERVER, OTHER, EP_CAP)).toBe(PREEMPTED);
    expect(w.threads.state[SERVER]).toBe(blocking.RUNNING);
  });
});

describe('notifications (§5 "Notifications")', () => {
  it('gather bits until somebody takes them', () => {
    const w = world();
    w.calls.send(1, NTFN_CAP);
    w.calls.nbSend(2, NTFN_CAP);
    expect(w.calls.call(3, NTFN_CAP)).toBe(DONE);
    expect(w.message(3)).toMatchObject({ label: 0, words: [], badge: 0 });
    expect(w.calls.wait(SERVER, NTFN_CAP)).toBe(DONE);
    expect(w.threads.badge[SERVER]).toBe(0b1110);
    expect(w.calls.poll(SERVER, NTFN_CAP)).toBe(DONE);
    expect(w.threads.badge[SERVER]).toBe(0);
  });
  it('wake one waiting thread a signal, by priority', () => {
    const w = world();
    w.threads.setPriority(4, 9);
    for (const thread of [3, 4]) expect(w.calls.receive(thread, NTFN_CAP, ABSENT)).toBe(BLOCKED);
    w.calls.send(1, NTFN_CAP);
    expect([w.threads.state[3], w.threads.state[4]]).toEqual([blocking.BLOCKED_ON_NOTIFICATION, blocking.RUNNING]);
    expect(w.threads.badge[4]).toBe(0b10);
    expect(w.scheduler.log).toEqual([`rests ${NTFN} 3`, `rests ${NTFN} 4`, `woke ${NTFN} 4`, 'resume 4']);
  });
  it('that are bound wake the thread out of its Recv, and its reply object is free again', () => {
    const w = world();
    w.calls.notifications.bind(NTFN, SERVER);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.send(CLIENT, NTFN_CAP);
    expect(w.threads.state[SERVER]).toBe(blocking.RUNNING);
    expect(w.threads.badge[SERVER]).toBe(0b10);
    expect(w.replies.threadOf(R1)).toBe(blocking.NO_THREAD);
  });
  it('that are bound and active come first, whoever waits to send', () => {
    const w = world();
    w.calls.notifications.bind(NTFN, SERVER);
    w.calls.send(CLIENT, EP_CAP);
    w.calls.send(THIRD, NTFN_CAP);
    expect(w.calls.receive(SERVER, EP_CAP, REPLY_CAP)).toBe(DONE);
    expect(w.threads.badge[SERVER]).toBe(0b100);
    expect(w.calls.receive(SERVER, EP_CAP, REPLY_CAP)).toBe(DONE);
    expect(w.threads.badge[SERVER]).toBe(41);
  });
  it('that are bound do not wake a thread that waits for an answer', () => {
    const w = world();
    w.calls.notifications.bind(NTFN, CLIENT);
    w.calls.call(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.send(THIRD, NTFN_CAP);
    expect(w.threads.state[CLIENT]).toBe(blocking.BLOCKED_ON_REPLY);
    expect(w.calls.notifications.isBoundActive(CLIENT)).toBe(true);
  });
});

describe('Yield', () => {
  it('is the scheduler’s', () => {
    const w = world();
    expect(w.calls.yield(CLIENT)).toBe(DONE);
    expect(w.scheduler.log).toEqual([`yield ${CLIENT}`]);
  });
});

describe('the fast path is recorded', () => {
  it('as taken, by both ways', () => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.calls.call(CLIENT, EP_CAP)).toBe(SWITCHED);
    expect(w.calls.peer).toBe(SERVER);
    expect(w.calls.replyReceive(SERVER, EP_CAP, REPLY_CAP)).toBe(SWITCHED);
    expect(w.calls.peer).toBe(CLIENT);
    expect(w.misses('taken')).toBe(2);
  });
});
