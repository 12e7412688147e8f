/** Capabilities in messages: the rules (1) to (6) of a transfer. */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Story } from '../story.ts';

const transfer = sectionOf('4.2.2 Capability Transfer');
const errors = sectionOf('4.2.3 Errors');

interface Meeting {
  readonly endpoint: number;
  readonly slot: number;
  readonly server: number;
  readonly reply: number;
}
/** A server waits with a receive slot, and a client above the initial thread is about to send. */
function meet(story: Story): Meeting {
  const endpoint = story.make('Endpoint');
  const slot = story.empty();
  story.receive = { root: story.boot.cnode, index: slot, depth: story.depth };
  const { id, reply } = story.server(endpoint);
  return { endpoint, slot, server: id, reply };
}
const tagOf = (story: Story): number[] => [story.message.extraCaps, story.message.capsUnwrapped];

export const capabilityTransfer: readonly Clause[] = [
  transfer('with Grant, a capability is copied to the receive slot', (story, check) => {
    const { endpoint, slot } = meet(story);
    const gift = story.make('Notification');
    story.thread();
    story.call(endpoint, { capabilities: [gift] });
    check.equal(tagOf(story), [1, 0], 'tag');
    check.equal([story.holds(slot), story.holds(gift)], [true, true], 'the sender keeps it');
  }),
  transfer('what arrived is derived from the sender’s: its badge and rights are the same', (story, check) => {
    const { endpoint, slot } = meet(story);
    const notification = story.make('Notification');
    const gift = story.minted(notification, 6, story.numbers.rights.write);
    story.thread();
    story.call(endpoint, { capabilities: [gift] });
    story.signal(slot);
    story.poll(notification);
    check.equal(story.message.badge, 6, 'the badge');
    answers(check, story.revoke(gift), 'NoError');
    check.equal(story.holds(slot), false, 'it is a child of the original badged capability');
  }),
  transfer('(2) without Grant the message goes, and no capability', (story, check) => {
    const { endpoint, slot } = meet(story);
    const less = story.copied(endpoint, story.all - story.numbers.rights.grant);
    const gift = story.make('Notification');
    story.thread();
    story.call(less, { words: [3], capabilities: [gift] });
    check.equal([...tagOf(story), ...story.message.words], [0, 0, 3], 'tag and words');
    check.equal(story.holds(slot), false, 'the receive slot');
  }),
  transfer(
    '(3) a capability to the same endpoint is unwrapped: its badge arrives, and no capability',
    (story, check) => {
      const { endpoint, slot } = meet(story);
      const badged = story.minted(endpoint, 31);
      story.thread();
      story.call(endpoint, { capabilities: [badged] });
      check.equal([...tagOf(story), ...story.message.badges], [1, 1, 31], 'tag and badge');
      check.equal(story.holds(slot), false, 'the receive slot is free');
    },
  ),
  transfer('(3) unwrapped and copied capabilities mix: one slot, any number of badges', (story, check) => {
    const { endpoint, slot } = meet(story);
    const [a, b] = [story.minted(endpoint, 31), story.minted(endpoint, 32)];
    const gift = story.make('Notification');
    story.thread();
    story.call(endpoint, { capabilities: [a, gift, b] });
    check.equal(tagOf(story), [3, 5], 'tag');
    check.equal([story.message.badges[0], story.message.badges[2]], [31, 32], 'badges');
    check.equal(story.holds(slot), true, 'the receive slot');
  }),
  transfer('(3) a second capability that is not unwrapped ends the transfer', (story, check) => {
    const { endpoint } = meet(story);
    const badged = story.minted(endpoint, 31);
    const gifts = story.make('Notification', 0, 2);
    story.thread();
    story.call(endpoint, { capabilities: [gifts, gifts + 1, badged] });
    check.equal(tagOf(story), [1, 0], 'one was handled; those behind are lost');
  }),
  transfer('(3) a capability that cannot be derived ends the transfer', (story, check) => {
    const { endpoint, slot } = meet(story);
    const untyped = story.make('Untyped', 8);
    story.make('Endpoint', 0, 1, untyped);
    const badged = story.minted(endpoint, 31);
    story.thread();
    story.call(endpoint, { words: [5], capabilities: [badged, untyped, badged] });
    check.equal([...tagOf(story), ...story.message.words], [1, 1, 5], 'one was handled, and the words came');
    check.equal(story.holds(slot), false, 'the receive slot');
  }),
  transfer('(3) an endpoint’s own capability, unwrapped, needs no receive slot', (story, check) => {
    const endpoint = story.make('Endpoint');
    story.server(endpoint);
    const badged = story.minted(endpoint, 31);
    story.thread();
    story.call(endpoint, { capabilities: [badged, badged] });
    check.equal([...tagOf(story), ...story.message.badges], [2, 3, 31, 31], 'tag and badges');
  }),
  transfer('(5) an answer unwraps nothing, not even the endpoint that both use', (story, check) => {
    const { endpoint, reply } = meet(story);
    const gift = story.empty();
    const wish = story.empty();
    answers(check, story.copy(gift, endpoint), 'NoError');
    story.receive = { root: story.boot.cnode, index: wish, depth: story.depth };
    const client = story.thread();
    story.call(endpoint);
    story.replyRecv(endpoint, reply, { capabilities: [gift] });
    check.equal([story.current, ...tagOf(story)], [client.id, 1, 0], 'tag');
    check.equal(story.holds(wish), true, 'the capability came');
  }),
  transfer('an answer carries capabilities only if the receiver’s capability had Grant', (story, check) => {
    const endpoint = story.make('Endpoint');
    const wish = story.empty();
    const gift = story.make('Notification');
    const { grant } = story.numbers.rights;
    story.receive = { root: story.boot.cnode, index: wish, depth: story.depth };
    const reply = story.make('Reply');
    const less = story.copied(reply, story.all - grant);
    story.thread({ priority: 120 });
    story.recv(endpoint, reply);
    story.thread();
    story.call(endpoint);
    story.send(less, { words: [1], capabilities: [gift] });
    story.recv(endpoint, reply);
    check.equal([...tagOf(story), ...story.message.words], [0, 0, 1], 'through a reply capability without Grant');
    check.equal(story.holds(wish), false, 'the receive slot');
  }),
  transfer('(6) a receiver without an IPC buffer gets no capability', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.server(endpoint, { hasBuffer: false });
    const badged = story.minted(endpoint, 31);
    story.thread();
    story.call(endpoint, { words: [2], capabilities: [badged] });
    check.equal([story.current, ...tagOf(story), ...story.message.words], [server.id, 0, 0, 2], 'tag and words');
  }),
];

export const transferErrors: readonly Clause[] = [
  errors('a receive slot that is taken ends the transfer; the message arrives', (story, check) => {
    const { endpoint, slot } = meet(story);
    const gift = story.make('Notification');
    answers(check, story.copy(slot, gift), 'NoError');
    story.thread();
    story.call(endpoint, { words: [4], capabilities: [gift] });
    check.equal([...tagOf(story), ...story.message.words], [0, 0, 4], 'tag and words');
  }),
  errors('a receive slot that is not there ends the transfer, and badges before it arrive', (story, check) => {
    const endpoint = story.make('Endpoint');
    story.receive = { root: story.boot.tcb, index: 1, depth: 2 };
    story.server(endpoint);
    const badged = story.minted(endpoint, 31);
    const gift = story.make('Notification');
    story.thread();
    story.call(endpoint, { capabilities: [badged, gift] });
    check.equal([...tagOf(story), story.message.badges[0]], [1, 1, 31], 'tag and badge');
  }),
  errors('a capability that went while the sender waited ends the transfer', (story, check) => {
    const endpoint = story.make('Endpoint');
    const gift = story.make('Notification');
    const slot = story.empty();
    story.thread();
    story.send(endpoint, { words: [4], capabilities: [gift] });
    answers(check, story.delete(gift), 'NoError');
    story.receive = { root: story.boot.cnode, index: slot, depth: story.depth };
    story.stepUp();
    story.nbRecv(endpoint, story.make('Reply'));
    check.equal([story.message.extraCaps, ...story.message.words], [0, 4], 'the message arrives without it');
  }),
  errors('only as many capabilities are looked up as the tag says, whatever stands behind them', (story, check) => {
    const { endpoint, server } = meet(story);
    const gift = story.make('Notification');
    story.thread();
    story.nbSend(story.empty(), { capabilities: [gift, 2 ** (story.depth - 2) + 5, 2 ** (story.depth - 2) + 6] });
    story.call(endpoint, { capabilities: [gift] });
    check.equal([story.current, ...tagOf(story)], [server, 1, 0], 'the message, with one');
  }),
  errors(
    '(1) extra capabilities are looked up before anything else: NBSend with a bad one sends nothing',
    (story, check) => {
      const { endpoint, server } = meet(story);
      const agent = story.thread();
      story.nbSend(endpoint, { words: [1], capabilities: [2 ** (story.depth - 2) + 5] });
      check.that(story.current !== server, 'the receiver still waits');
      check.equal(story.current, agent.id, 'the sender runs on');
    },
  ),
];
