import { describe, expect, it } from 'vitest';
import { fastPath, message, rights } from '../src/index.ts';
import { CLIENT, EP, EP_CAP, NTFN, NTFN_CAP, REPLY_CAP, SECOND_REPLY, SERVER, THIRD, world } from './furnished.ts';
import { ABSENT, ALL, endpointCap, type World } from './world.ts';

type Prepare = (w: World) => void;
/** A server waits with a reply object; then something is different. */
function miss(prepare: Prepare, pointer = EP_CAP): fastPath.Miss {
  const w = world();
  w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
  w.compose(CLIENT, 1, [1, 2]);
  prepare(w);
  const before = w.words.join();
  w.calls.call(CLIENT, pointer);
  const { last } = w.calls.misses;
  if (last === fastPath.TAKEN) expect(w.words.join()).not.toBe(before);
  return fastPath.NAMES[last]!;
}
const onlyRights =
  (right: number): Prepare =>
  (w) =>
    w.tables.put(CLIENT, EP_CAP, endpointCap(EP, 1, right));
const refusing =
  (reason: number): Prepare =>
  (w) => {
    w.scheduler.miss = reason;
  };
const none: Prepare = () => {};

describe('why a Call misses the fast path', () => {
  it.each<[fastPath.Miss, string, Prepare, number?]>([
    ['taken', 'four words, a receiver that lent a reply object', (w) => w.compose(CLIENT, 1, [1, 2, 3, 4])],
    ['taken', 'GrantReply is enough', onlyRights(rights.WRITE | rights.GRANT_REPLY)],
    ['long-message', 'five words', (w) => w.compose(CLIENT, 1, [1, 2, 3, 4, 5])],
    ['extra-caps', 'a capability goes along', (w) => w.compose(CLIENT, 1, [1], [EP_CAP])],
    ['failed-lookup', 'the pointer names nothing', none, ABSENT],
    ['not-an-endpoint', 'it names a notification', none, NTFN_CAP],
    ['no-right', 'no Write', onlyRights(ALL & ~rights.WRITE)],
    ['no-right', 'neither Grant nor GrantReply', onlyRights(rights.WRITE | rights.READ)],
    ['nobody-receives', 'the endpoint is idle', (w) => w.calls.endings.suspend(SERVER)],
    [
      'no-reply-lent',
      'the receiver waits',
      (w) => {
        w.calls.endings.suspend(SERVER);
        w.calls.wait(THIRD, EP_CAP);
      },
    ],
    ['has-context', 'the receiver has a scheduling context', refusing(fastPath.HAS_CONTEXT)],
    ['priority', 'a higher one could run', refusing(fastPath.PRIORITY)],
    ['domain', 'it is of another scheduling domain', refusing(fastPath.DOMAIN)],
    ['address-space', 'its address space is not there', refusing(fastPath.ADDRESS_SPACE)],
    ['corrupted', 'the queue names nobody', (w) => w.words.fill(77, EP + 1, EP + 2)],
  ])('%s: %s', (expected, _name, prepare, pointer) => {
    expect(miss(prepare, pointer)).toBe(expected);
  });
});

/** A server has received a call and is about to answer it; then something is different. */
function missOfReply(prepare: Prepare, pointer = EP_CAP, reply = REPLY_CAP): fastPath.Miss {
  const w = world();
  w.calls.receive(SERVER, EP_CAP, REPLY_CAP);
  w.calls.call(CLIENT, EP_CAP);
  w.compose(SERVER, 1, [1, 2]);
  prepare(w);
  w.calls.replyReceive(SERVER, pointer, reply);
  return fastPath.NAMES[w.calls.misses.last]!;
}
const signalled: Prepare = (w) => {
  w.calls.notifications.bind(NTFN, SERVER);
  w.calls.signal(NTFN, 1);
};
const faulted: Prepare = (w) => {
  w.threads.fault[CLIENT] = 6;
};

describe('why a ReplyRecv misses the fast path', () => {
  it.each<[fastPath.Miss, string, Prepare, number?, number?]>([
    ['taken', 'the caller waits, and nobody else', none],
    ['taken', 'another server waits there, too', (w) => void w.calls.receive(THIRD, EP_CAP, SECOND_REPLY)],
    ['long-message', 'five words', (w) => w.compose(SERVER, 1, [1, 2, 3, 4, 5])],
    ['extra-caps', 'a capability goes along', (w) => w.compose(SERVER, 1, [1], [EP_CAP])],
    ['failed-lookup', 'the pointer names nothing', none, ABSENT],
    ['not-an-endpoint', 'it names a notification', none, NTFN_CAP],
    ['no-right', 'no Read', (w) => w.tables.put(SERVER, EP_CAP, endpointCap(EP, 1, ALL & ~rights.READ))],
    ['not-a-reply', 'the reply object is not there', none, EP_CAP, ABSENT],
    ['not-a-reply', 'it is something else', none, EP_CAP, NTFN_CAP],
    ['signalled', 'the bound notification is active', signalled],
    ['senders-wait', 'another client called', (w) => void w.calls.call(THIRD, EP_CAP)],
    ['corrupted', 'the endpoint is in no state', (w) => w.words.fill(77, EP, EP + 1)],
    ['nobody-to-answer', 'the reply object is unused', none, EP_CAP, SECOND_REPLY],
    ['fault', 'the caller faulted', faulted],
    ['not-the-last-call', 'the scheduling context is of another call', refusing(fastPath.NOT_THE_LAST_CALL)],
    ['has-context', 'the caller has a scheduling context', refusing(fastPath.HAS_CONTEXT)],
  ])('%s: %s', (expected, _name, prepare, pointer, reply) => {
    expect(missOfReply(prepare, pointer, reply)).toBe(expected);
  });

  it('the message comes before the capabilities, and these before what the scheduler says', () => {
    const all: Prepare = (w) => {
      w.compose(SERVER, 1, [1, 2, 3, 4, 5], [EP_CAP]);
      refusing(fastPath.PRIORITY)(w);
    };
    expect(missOfReply(all, ABSENT, ABSENT)).toBe('long-message');
    expect(missOfReply(refusing(fastPath.PRIORITY), ABSENT, ABSENT)).toBe('failed-lookup');
    expect(missOfReply(refusing(fastPath.PRIORITY), EP_CAP, ABSENT)).toBe('not-a-reply');
  });
  it('tags with a forbidden length are long, not short', () => {
    expect(missOfReply((w) => w.threads.tag.fill(message.messageTag(0, 0, 0, 127), SERVER, SERVER + 1))).toBe(
      'long-message',
    );
  });
});
