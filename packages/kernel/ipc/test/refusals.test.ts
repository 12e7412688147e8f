import { describe, expect, it } from 'vitest';
import { blocking, outcomes, rights } from '../src/index.ts';
import {
  CLIENT,
  EMPTY,
  EP_CAP,
  NTFN,
  NTFN_CAP,
  OTHER,
  REPLY_CAP,
  SERVER,
  TCB,
  THIRD,
  withRights,
  world,
} from './furnished.ts';
import { ABSENT, ALL, type World } from './world.ts';

const { CAP_FAULT, DONE } = outcomes;

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
