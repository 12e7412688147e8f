import { describe, expect, it } from 'vitest';
import { blocking, message, outcomes, rights } from '../src/index.ts';
import { CLIENT, EP, EP_CAP, NTFN_CAP, OTHER, REPLY_CAP, SERVER, THIRD, world } from './furnished.ts';
import { ALL, type Cap, ENDPOINTS, endpointCap, notificationCap, OWN_ROOT, replyCap, type World } from './world.ts';

const words = (count: number): number[] => Array.from({ length: count }, (_, i) => 1000 + i);
const INDEX = 20;
/** Pointers of capabilities to pass. */
const FIRST = 10;
const SECOND = 11;
const STUCK = 12;
const EMPTY = 13;

/** The server waits; the client's message with capabilities arrives. */
function passed(caps: readonly number[], prepare: (w: World) => void = () => {}, right: number = ALL): World {
  const w = world();
  w.tables.put(CLIENT, EP_CAP, endpointCap(EP, 9, right));
  w.tables.put(CLIENT, FIRST, notificationCap(48, 3));
  w.tables.put(CLIENT, SECOND, endpointCap(ENDPOINTS[1]!, 4));
  w.tables.put(CLIENT, STUCK, { ...notificationCap(48, 3), isStuck: true });
  w.expectCap(SERVER, INDEX);
  prepare(w);
  w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
  w.compose(CLIENT, 1, [5], caps);
  w.calls.send(CLIENT, EP_CAP);
  return w;
}
const arrived = (w: World): [caps: number, unwrapped: number, slot: Cap | null] => {
  const { caps, unwrapped } = w.message(SERVER);
  return [caps, unwrapped, w.tables.at(SERVER, INDEX)];
};

describe('words of a message (seL4 reference manual §4.1 "Message Registers")', () => {
  it.each([0, 1, 4, 5, 20, 119, 120])('%i arrive, the first four in registers', (count) => {
    const w = world();
    w.compose(CLIENT, 3, words(count));
    w.calls.send(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.message(SERVER)).toEqual({ label: 3, words: words(count), caps: 0, unwrapped: 0, badge: 41 });
  });
  it('beyond 120 do not, whatever the tag says', () => {
    const w = world();
    w.compose(CLIENT, 3, words(120));
    w.threads.tag[CLIENT] = message.messageTag(3, 0, 0, 127);
    w.calls.send(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.message(SERVER).words).toEqual(words(120));
  });
  it('have 64 bits', () => {
    const w = world();
    w.compose(CLIENT, 0, words(6));
    w.threads.registers[CLIENT * 8 + 3] = -7;
    w.poke(CLIENT, message.BUFFER_MESSAGE + 11, -8);
    w.calls.send(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect([w.threads.registers[SERVER * 8 + 3], w.peek(SERVER, message.BUFFER_MESSAGE + 11)]).toEqual([-7, -8]);
  });
  it.each([
    ['the sender', CLIENT],
    ['the receiver', SERVER],
  ])('are cut to four when %s has no buffer', (_name, without) => {
    const w = world();
    w.compose(CLIENT, 3, words(9));
    w.takeBuffer(without);
    w.calls.send(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.message(SERVER).words).toEqual(words(4));
  });
  it('leave from a buffer that is only read, and are cut where such a one would take them', () => {
    const w = world();
    w.compose(CLIENT, 3, words(9));
    w.protectBuffer(CLIENT);
    w.calls.send(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.message(SERVER).words).toEqual(words(9));
    w.protectBuffer(SERVER);
    const before = w.words.slice();
    w.calls.send(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.message(SERVER).words).toEqual(words(4));
    const buffer = w.threads.buffer[SERVER]!;
    const ofServer = (all: Int32Array): Int32Array => all.slice(buffer, buffer + message.BUFFER_LANES);
    expect(ofServer(w.words)).toEqual(ofServer(before));
  });
  it('are those at the time when the message moves', () => {
    const w = world();
    w.compose(CLIENT, 3, words(6));
    w.calls.send(CLIENT, EP_CAP);
    w.poke(CLIENT, message.BUFFER_MESSAGE + 10, 77);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.message(SERVER).words[5]).toBe(77);
  });
  it('leave the rest of the receiver’s buffer alone', () => {
    const w = world();
    w.poke(SERVER, message.BUFFER_MESSAGE + 10, 55);
    w.compose(CLIENT, 3, words(5));
    w.calls.send(CLIENT, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.peek(SERVER, message.BUFFER_MESSAGE + 10)).toBe(55);
  });
});

describe('the IPC buffer', () => {
  it('has 1 KiB: tag, 120 words, user data, 3 capabilities or badges, and where one is received', () => {
    const { BUFFER_MESSAGE, CAPS_OR_BADGES, RECEIVE_ROOT, RECEIVE_INDEX, RECEIVE_DEPTH, BUFFER_LANES } = message;
    const inWords = [BUFFER_MESSAGE, CAPS_OR_BADGES, RECEIVE_ROOT, RECEIVE_INDEX, RECEIVE_DEPTH, BUFFER_LANES];
    expect(inWords.map((lane) => lane / message.WORD_LANES)).toEqual([1, 122, 125, 126, 127, 128]);
  });
});

describe('extra capabilities (§4.2.2 "Capability Transfer")', () => {
  it('the first that is not to the endpoint itself goes to the receive slot', () => {
    const w = passed([FIRST]);
    expect(arrived(w)).toEqual([1, 0, w.tables.at(CLIENT, FIRST)]);
  });
  it('one to the endpoint itself is unwrapped: its badge arrives, and its bit is set', () => {
    const w = passed([EP_CAP]);
    expect(arrived(w)).toEqual([1, 1, null]);
    expect(w.peek(SERVER, message.CAPS_OR_BADGES)).toBe(9);
  });
  it('unwrapped ones may stand before and after the one that goes to the slot', () => {
    const w = passed([EP_CAP, FIRST, EP_CAP]);
    expect(arrived(w)).toEqual([3, 0b101, w.tables.at(CLIENT, FIRST)]);
    expect(w.peek(SERVER, message.CAPS_OR_BADGES + 4)).toBe(9);
  });
  it('a second for the slot ends it, and what stands behind is lost', () => {
    const w = passed([FIRST, SECOND, EP_CAP]);
    expect(arrived(w)).toEqual([1, 0, w.tables.at(CLIENT, FIRST)]);
  });
  it.each([
    ['one that cannot be derived', STUCK],
    ['an empty slot', EMPTY],
  ])('%s ends it', (_name, pointer) => {
    expect(arrived(passed([EP_CAP, pointer, EP_CAP]))).toEqual([1, 1, null]);
  });
  it.each([
    ['is occupied', (w: World) => w.tables.put(SERVER, INDEX, replyCap(64))],
    ['has no such root', (w: World) => w.expectCap(SERVER, INDEX, OWN_ROOT + 1)],
    ['has no such index', (w: World) => w.expectCap(SERVER, 99)],
    ['is not used up by its depth', (w: World) => w.expectCap(SERVER, INDEX, OWN_ROOT, 4)],
  ])('a receive slot that %s takes none; badges arrive all the same', (_name, prepare) => {
    const w = passed([EP_CAP, FIRST], prepare);
    expect(w.message(SERVER)).toMatchObject({ caps: 1, unwrapped: 1, words: [5] });
    expect(w.tables.at(SERVER, INDEX)).not.toEqual(w.tables.at(CLIENT, FIRST));
  });
  it('none arrive without Grant, and the message does', () => {
    const w = passed([EP_CAP, FIRST], undefined, rights.WRITE | rights.GRANT_REPLY);
    expect(w.message(SERVER)).toMatchObject({ caps: 0, unwrapped: 0, words: [5] });
  });
  it.each([
    ['no buffer', (given: World) => given.takeBuffer(SERVER)],
    ['one that is only read', (given: World) => given.protectBuffer(SERVER)],
  ])('none arrive where the receiver has %s', (_name, prepare) => {
    const w = passed([FIRST], prepare);
    expect(w.message(SERVER)).toMatchObject({ caps: 0, words: [5] });
  });
  it('leave from a buffer that is only read', () => {
    expect(arrived(passed([FIRST], (given) => given.protectBuffer(CLIENT)))[0]).toBe(1);
  });
  it('of a sender without a buffer there are none', () => {
    const w = passed([], (given) => given.takeBuffer(CLIENT));
    w.calls.wait(SERVER, EP_CAP);
    w.threads.tag[CLIENT] = message.messageTag(1, 0, 3, 1);
    expect(w.calls.send(CLIENT, EP_CAP)).toBe(outcomes.DONE);
    expect(w.message(SERVER)).toMatchObject({ caps: 0 });
  });
  it('are looked up again when the message moves: what is gone by then does not arrive', () => {
    const w = world();
    w.tables.put(CLIENT, FIRST, notificationCap(48));
    w.expectCap(SERVER, INDEX);
    w.compose(CLIENT, 1, [5], [FIRST]);
    w.calls.send(CLIENT, EP_CAP);
    w.tables.put(CLIENT, FIRST, null);
    expect(w.calls.receive(SERVER, EP_CAP, REPLY_CAP)).toBe(outcomes.DONE);
    expect(w.message(SERVER)).toMatchObject({ caps: 0, words: [5] });
    expect(w.tables.at(SERVER, INDEX)).toBeNull();
  });
  it('are those of the sender that is received, whoever sent meanwhile', () => {
    const w = world();
    w.tables.put(CLIENT, FIRST, notificationCap(48));
    w.expectCap(SERVER, INDEX);
    w.compose(CLIENT, 1, [5], [FIRST]);
    w.calls.send(CLIENT, EP_CAP);
    w.compose(THIRD, 1, []);
    w.calls.nbSend(THIRD, EP_CAP);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(arrived(w)).toEqual([1, 0, w.tables.at(CLIENT, FIRST)]);
  });
  it.each([
    ['with', rights.GRANT, 1],
    ['without', 0, 0],
  ])('of an answer arrive %s Grant on the reply object; nothing of it is unwrapped', (_name, right, caps) => {
    const w = world();
    w.tables.put(SERVER, REPLY_CAP, replyCap(64, right));
    w.expectCap(CLIENT, INDEX);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    w.calls.call(CLIENT, EP_CAP);
    w.compose(SERVER, 1, [5], [EP_CAP, EP_CAP]);
    w.calls.send(SERVER, REPLY_CAP);
    expect(w.message(CLIENT)).toMatchObject({ caps, unwrapped: 0, words: [5] });
    expect(w.tables.at(CLIENT, INDEX)).toEqual(caps === 1 ? w.tables.at(SERVER, EP_CAP) : null);
  });
});

const LENGTH = 19;
const fault = (w: World, slot: number, obeys: boolean): number => {
  for (let i = 0; i < LENGTH; i++) w.threads.faultWords[CLIENT * blocking.FAULT_LANES + 2 * i] = 500 + i;
  return w.calls.raise(CLIENT, slot, 2, LENGTH, obeys);
};

describe('a fault imitates a call of the thread that faults (§6.2 "Faults")', () => {
  const FAULT = Array.from({ length: LENGTH }, (_, i) => 500 + i);
  const raised = (obeys: boolean): World => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(fault(w, w.tables.lookup(THIRD, EP_CAP), obeys)).toBe(outcomes.BLOCKED);
    return w;
  };
  it('its words arrive with the badge of the handler’s capability', () => {
    expect(raised(true).message(SERVER)).toEqual({ label: 2, words: FAULT, caps: 0, unwrapped: 0, badge: 42 });
  });
  it('it arrives later, too', () => {
    const w = world();
    fault(w, w.tables.lookup(THIRD, EP_CAP), true);
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.message(SERVER)).toMatchObject({ label: 2, words: FAULT, badge: 42 });
    expect(w.threads.state[CLIENT]).toBe(blocking.BLOCKED_ON_REPLY);
  });
  it('an answer with label 0 restarts the thread, with the words of the answer for its registers', () => {
    const w = raised(true);
    w.compose(SERVER, 0, words(7));
    w.calls.replyReceive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.misses('fault')).toBe(0);
    expect(w.scheduler.log).toContain(`restart ${CLIENT}`);
    expect(w.threads.faultWords[CLIENT * blocking.FAULT_LANES + 12]).toBe(1006);
    expect(w.threads.faultWords[CLIENT * blocking.FAULT_LANES + 14]).toBe(507);
    expect(w.threads.fault[CLIENT]).toBe(0);
  });
  it.each([
    [true, blocking.INACTIVE],
    [false, blocking.RUNNING],
  ])('an answer with another label ends it where the fault obeys labels (%s)', (obeys, state) => {
    const w = raised(obeys);
    w.compose(SERVER, 1, []);
    w.calls.replyReceive(SERVER, EP_CAP, REPLY_CAP);
    expect(w.threads.state[CLIENT]).toBe(state);
    expect(w.misses('fault')).toBe(1);
  });
  it.each([
    ['nothing', (_w: World) => 0],
    ['another object', (w: World) => w.tables.lookup(CLIENT, OTHER)],
    ['a notification', (w: World) => w.tables.lookup(CLIENT, NTFN_CAP)],
    ['an endpoint without Write', (w: World) => handler(w, ALL & ~rights.WRITE)],
    ['an endpoint without Grant or GrantReply', (w: World) => handler(w, rights.WRITE | rights.READ)],
  ])('a thread whose handler is %s does not run any more', (_name, slotOf) => {
    const w = world();
    w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
    fault(w, slotOf(w), true);
    expect(w.threads.state[CLIENT]).toBe(blocking.INACTIVE);
    expect(w.threads.state[SERVER]).toBe(blocking.BLOCKED_ON_RECEIVE);
  });
  it('a thread whose fault waits for a handler that goes stops: a fault cannot be raised again', () => {
    const w = world();
    fault(w, w.tables.lookup(THIRD, EP_CAP), true);
    w.calls.endings.endpointDeleted(EP);
    expect(w.threads.state[CLIENT]).toBe(blocking.INACTIVE);
    expect(w.scheduler.log).toEqual([]);
  });
});
const handler = (w: World, right: number): number => {
  w.tables.put(CLIENT, FIRST, endpointCap(EP, 1, right));
  return w.tables.lookup(CLIENT, FIRST);
};
