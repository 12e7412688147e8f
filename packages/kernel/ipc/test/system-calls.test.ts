import { describe, expect, it } from 'vitest';
import { blocking, outcomes, rights } from '../src/index.ts';
import {
  ABSENT,
  ALL,
  ENDPOINTS,
  endpointCap,
  NOTIFICATIONS,
  notificationCap,
  otherCap,
  REPLIES,
  replyCap,
  World,
} from './world.ts';

const [EP] = ENDPOINTS as [number];
const [NTFN] = NOTIFICATIONS as [number];
const [R1, R2] = REPLIES as [number, number];
/** Pointers of every thread in these tests. */
const EP_CAP = 1;
const NTFN_CAP = 2;
const REPLY_CAP = 3;
const OTHER = 4;
const TCB = 5;
const SECOND_REPLY = 6;
const EMPTY = 9;
const SERVER = 0;
const CLIENT = 1;
const THIRD = 2;

function world(): World {
  const made = new World();
  for (let thread = 0; thread < 6; thread++) {
    made.tables.put(thread, EP_CAP, endpointCap(EP, 40 + thread));
    made.tables.put(thread, NTFN_CAP, notificationCap(NTFN, 1 << thread));
    made.tables.put(thread, REPLY_CAP, replyCap(R1));
    made.tables.put(thread, SECOND_REPLY, replyCap(R2));
    made.tables.put(thread, OTHER, otherCap(100));
    made.tables.put(thread, TCB, otherCap(101, rights.OTHER_ALONE));
  }
  return made;
}
const withRights = (given: World, thread: number, right: number): World => {
  given.tables.put(thread, EP_CAP, endpointCap(EP, 5, right));
  given.tables.put(thread, NTFN_CAP, notificationCap(NTFN, 5, right));
  return given;
};
const { BLOCKED, CAP_FAULT, DONE, PREEMPTED, SWITCHED } = outcomes;

describe('Call and ReplyRecv (seL4 reference manual §4.2.3 "Calling and Replying")', () => {
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

/** What is left as it was when a call is refused. */
const stateOf = (w: World): unknown => ({
  words: w.words.slice(),
  states: w.threads.state.slice(),
  tags: w.threads.tag.slice(),
  registers: w.threads.registers.slice(),
});

describe('bad capabilities and missing rights, when sending', () => {
  const SENDS = [
    ['Send', (w: World, pointer: number) => w.calls.send(CLIENT, pointer)],
    ['Call', (w: World, pointer: number) => w.calls.call(CLIENT, pointer)],
  ] as const;
  it.each(SENDS)('%s: a failed look-up is a CapFault, not in the receive phase', (_name, send) => {
    const w = world();
    const before = stateOf(w);
    expect(send(w, ABSENT)).toBe(CAP_FAULT);
    expect(w.calls.fault).toEqual({ pointer: ABSENT, inReceive: false, byLookup: true });
    expect(stateOf(w)).toEqual(before);
  });
  it.each(SENDS)(
    '%s: an extra capability that is not there is a CapFault of its pointer; nothing is sent',
    (_n, send) => {
      const w = world();
      w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
      w.compose(CLIENT, 1, [1], [EP_CAP, ABSENT]);
      const before = stateOf(w);
      expect(send(w, EP_CAP)).toBe(CAP_FAULT);
      expect(w.calls.fault).toEqual({ pointer: ABSENT, inReceive: false, byLookup: true });
      expect(stateOf(w)).toEqual(before);
    },
  );
  it('the invoked capability is looked up before the extra ones', () => {
    const w = world();
    w.compose(CLIENT, 1, [], [ABSENT + 1]);
    expect(w.calls.send(CLIENT, ABSENT)).toBe(CAP_FAULT);
    expect(w.calls.fault.pointer).toBe(ABSENT);
  });
  it('the extra ones are looked up before rights are checked', () => {
    const w = withRights(world(), CLIENT, 0);
    w.compose(CLIENT, 1, [], [ABSENT]);
    expect(w.calls.call(CLIENT, EP_CAP)).toBe(CAP_FAULT);
  });
  it('NBSend drops everything silently', () => {
    const w = withRights(world(), CLIENT, rights.READ);
    const before = stateOf(w);
    for (const pointer of [ABSENT, EMPTY, EP_CAP, NTFN_CAP]) expect(w.calls.nbSend(CLIENT, pointer)).toBe(DONE);
    expect(stateOf(w)).toEqual(before);
  });
  it.each([
    ['an endpoint without Write', EP_CAP],
    ['a notification without Write', NTFN_CAP],
    ['nothing', EMPTY],
  ])('%s: Send drops, Call is answered with InvalidCapability, number 0', (_name, pointer) => {
    const w = withRights(world(), CLIENT, ALL & ~rights.WRITE);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.calls.send(CLIENT, pointer)).toBe(DONE);
    w.compose(CLIENT, 77, [5, 6]);
    w.threads.badge[CLIENT] = 3;
    expect(w.calls.call(CLIENT, pointer)).toBe(DONE);
    expect(w.message(CLIENT)).toEqual({ label: 2, words: [0], caps: 0, unwrapped: 0, badge: 0 });
    expect(w.threads.state[SERVER]).toBe(blocking.BLOCKED_ON_RECEIVE);
  });
  it('errors of other invocations come back as the label of a Call, and are dropped by Send', () => {
    const w = world();
    w.tables.result = -4;
    expect(w.calls.send(CLIENT, OTHER)).toBe(DONE);
    expect(w.calls.call(CLIENT, OTHER)).toBe(DONE);
    expect(w.message(CLIENT)).toMatchObject({ label: 4, badge: 0 });
    expect(w.tables.log).toEqual([`${CLIENT} invokes 100`, `${CLIENT} invokes 100, a call`, `${CLIENT} is told of -4`]);
    w.tables.result = 2;
    w.calls.call(CLIENT, TCB);
    expect(w.message(CLIENT)).toMatchObject({ label: 0, badge: 0 });
    expect(w.message(CLIENT).words).toHaveLength(2);
  });
});

describe('bad capabilities and missing rights, when receiving', () => {
  const RECEIVES = [
    ['Recv', (w: World, pointer: number) => w.calls.receive(SERVER, pointer, REPLY_CAP)],
    ['NBRecv', (w: World, pointer: number) => w.calls.nbReceive(SERVER, pointer, REPLY_CAP)],
    ['Wait', (w: World, pointer: number) => w.calls.wait(SERVER, pointer)],
    ['Poll', (w: World, pointer: number) => w.calls.poll(SERVER, pointer)],
    ['ReplyRecv', (w: World, pointer: number) => w.calls.replyReceive(SERVER, pointer, REPLY_CAP)],
    ['NBSendRecv', (w: World, pointer: number) => w.calls.nbSendReceive(SERVER, ABSENT, pointer, REPLY_CAP)],
    ['NBSendWait', (w: World, pointer: number) => w.calls.nbSendWait(SERVER, ABSENT, pointer)],
  ] as const;
  it.each(RECEIVES)('%s: CapFault in the receive phase, blocking or not', (_name, receive) => {
    const w = withRights(world(), SERVER, ALL & ~rights.READ);
    const before = stateOf(w);
    for (const [pointer, byLookup] of [
      [ABSENT, true],
      [EMPTY, false],
      [REPLY_CAP, false],
      [OTHER, false],
      [EP_CAP, false],
      [NTFN_CAP, false],
    ] as const) {
      expect(receive(w, pointer)).toBe(CAP_FAULT);
      expect(w.calls.fault).toEqual({ pointer, inReceive: true, byLookup });
    }
    expect(stateOf(w)).toEqual(before);
  });
  it.each(RECEIVES)('%s: a notification that is bound to another thread is a CapFault', (_name, receive) => {
    const w = world();
    w.calls.notifications.bind(NTFN, CLIENT);
    w.calls.send(THIRD, NTFN_CAP);
    expect(receive(w, NTFN_CAP)).toBe(CAP_FAULT);
    expect(w.calls.fault).toEqual({ pointer: NTFN_CAP, inReceive: true, byLookup: false });
  });
  it.each([
    ['Recv', (w: World, reply: number) => w.calls.receive(SERVER, EP_CAP, reply)],
    ['NBRecv', (w: World, reply: number) => w.calls.nbReceive(SERVER, EP_CAP, reply)],
    ['ReplyRecv', (w: World, reply: number) => w.calls.replyReceive(SERVER, EP_CAP, reply)],
  ] as const)(
    '%s: without a reply object a CapFault of its pointer, after the endpoint was found good',
    (_n, receive) => {
      const w = world();
      for (const [pointer, byLookup] of [
        [ABSENT, true],
        [EMPTY, false],
        [NTFN_CAP, false],
      ] as const) {
        expect(receive(w, pointer)).toBe(CAP_FAULT);
        expect(w.calls.fault).toEqual({ pointer, inReceive: true, byLookup });
      }
      expect(w.calls.receive(SERVER, ABSENT, ABSENT)).toBe(CAP_FAULT);
      expect(w.calls.fault.pointer).toBe(ABSENT);
    },
  );
  it('the answer of a ReplyRecv is given even though its receive faults', () => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.call(CLIENT, EP_CAP);
    w.compose(SERVER, 4, [1]);
    expect(w.calls.replyReceive(SERVER, ABSENT, REPLY_CAP)).toBe(CAP_FAULT);
    expect(w.message(CLIENT)).toMatchObject({ label: 4, words: [1] });
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
