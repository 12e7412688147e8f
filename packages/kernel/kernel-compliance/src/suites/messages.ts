/** Messages and endpoints. */

import type { Check } from '../check.ts';
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Agent, Story, ThreadOptions } from '../story.ts';

const registers = sectionOf('4.1 Message Registers');
const endpoints = sectionOf('4.2 Endpoints');
const badges = sectionOf('4.2.1 Endpoint Badges');
const calling = sectionOf('4.2.4 Calling and Replying');

const counted = (length: number): number[] => Array.from({ length }, (_, index) => 1000 + index);

/** Servers with time of their own, and those that run on their callers’, for whom there may be a fast path. */
const KINDS = ['an active', 'a passive'] as const;
type Kind = (typeof KINDS)[number];
const serverOf = (story: Story, kind: Kind, endpoint: number, options: ThreadOptions = {}) =>
  kind === 'a passive' ? story.passiveServer(endpoint, options) : story.server(endpoint, options);

/** A server waits; a client calls with so many words. */
function callWith(
  story: Story,
  length: number,
  buffers: { server: boolean; client: boolean },
  kind: Kind = KINDS[0],
): number {
  const endpoint = story.make('Endpoint');
  const server = serverOf(story, kind, endpoint, { hasBuffer: buffers.server });
  story.thread({ hasBuffer: buffers.client });
  story.call(endpoint, { label: 77, words: counted(length) });
  return server.id;
}

export const messageRegisters: readonly Clause[] = [
  ...[0, 1, 3, 4, 5, 119, 120].flatMap((length) =>
    KINDS.map((kind) =>
      registers(
        `a message of ${length} words arrives at ${kind} server as it was sent, label and length with it`,
        (story, check) => {
          const server = callWith(story, length, { server: true, client: true }, kind);
          check.equal(story.current, server, 'the server runs');
          const { label, length: arrived, words, extraCaps, capsUnwrapped } = story.message;
          check.equal([label, arrived, extraCaps, capsUnwrapped], [77, length, 0, 0], 'the tag');
          check.equal(words, counted(length), 'the words');
        },
      ),
    ),
  ),
  registers('a longer message is cut to 120 words', (story, check) => {
    const endpoint = story.make('Endpoint');
    story.server(endpoint);
    story.thread();
    story.call(endpoint, { words: counted(120), length: 127 });
    check.equal(story.message.length, 120, 'the length');
  }),
  registers('without an IPC buffer of the sender, only the words in registers are sent', (story, check) => {
    callWith(story, 9, { server: true, client: false });
    check.equal(story.message.words, counted(story.numbers.messageRegisters), 'the words');
  }),
  registers('without an IPC buffer of the receiver, only the words in registers arrive', (story, check) => {
    callWith(story, 9, { server: false, client: true });
    check.equal(story.message.words, counted(story.numbers.messageRegisters), 'the words');
  }),
  registers('a word has 64 bits', (story, check) => {
    const endpoint = story.make('Endpoint');
    story.server(endpoint);
    story.thread();
    const words = [2 ** 52 + 1, 2 ** 32, 2 ** 31, 7, 2 ** 51 + 3];
    story.call(endpoint, { words });
    check.equal(story.message.words, words, 'the words');
  }),
  registers('an answer has words, too, and its label', (story, check) => {
    const endpoint = story.make('Endpoint');
    const { reply } = story.server(endpoint);
    const client = story.thread();
    story.call(endpoint);
    story.send(reply, { label: 5, words: counted(20) });
    story.recv(endpoint, reply);
    check.equal(story.current, client.id, 'the client runs');
    check.equal([story.message.label, story.message.words], [5, counted(20)], 'the answer');
  }),
];

/** Whose messages the initial thread receives, again and again: their badges; 0 is nobody's. */
function drain(story: Story, endpoint: number, times: number): number[] {
  const reply = story.make('Reply');
  story.stepUp();
  return Array.from({ length: times }, () => {
    story.nbRecv(endpoint, reply);
    return story.message.badge;
  });
}
/** Threads of these priorities wait to send, the first with badge 1. */
function senders(story: Story, endpoint: number, priorities: readonly number[]): Agent[] {
  return priorities.map((priority, index) => {
    const badged = story.minted(endpoint, index + 1);
    const agent = story.thread({ priority });
    story.send(badged, { words: [index] });
    return agent;
  });
}

export const endpointQueues: readonly Clause[] = [
  endpoints('Send waits for a receiver', (story, check) => {
    const endpoint = story.make('Endpoint');
    senders(story, endpoint, [110]);
    check.equal(story.current, story.initial, 'the sender waits');
    check.equal(drain(story, endpoint, 2), [1, 0], 'its message is received, once');
  }),
  endpoints('NBSend does not wait: without a receiver the message is dropped', (story, check) => {
    const endpoint = story.make('Endpoint');
    const badged = story.minted(endpoint, 1);
    const agent = story.thread();
    story.nbSend(badged);
    check.equal(story.current, agent.id, 'the sender runs on');
    story.wait(story.make('Notification'));
    check.equal(drain(story, endpoint, 1), [0], 'nothing is received');
  }),
  endpoints('NBSend to a waiting receiver is delivered', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.server(endpoint);
    story.nbSend(endpoint, { words: [6] });
    check.equal([story.current, story.message.words], [server.id, [6]], 'the receiver runs with the message');
  }),
  endpoints('NBRecv does not wait: the badge is 0', (story, check) => {
    const endpoint = story.make('Endpoint');
    const reply = story.make('Reply');
    const agent = story.thread();
    story.nbRecv(endpoint, reply);
    check.equal([story.current, story.message.badge], [agent.id, 0], 'it runs on');
  }),
  endpoints('senders of one priority are received in the order in which they came', (story, check) => {
    const endpoint = story.make('Endpoint');
    senders(story, endpoint, [110, 110, 110]);
    check.equal(drain(story, endpoint, 4), [1, 2, 3, 0], 'order');
  }),
  endpoints('senders of a higher priority are received first', (story, check) => {
    const endpoint = story.make('Endpoint');
    senders(story, endpoint, [110, 130, 120, 130]);
    check.equal(drain(story, endpoint, 4), [2, 4, 3, 1], 'order');
  }),
  endpoints('a waiting thread whose priority changes takes the place of its new priority', (story, check) => {
    const endpoint = story.make('Endpoint');
    const waiting = senders(story, endpoint, [120, 111, 110]);
    answers(check, story.setPriority(waiting[2]!, 130), 'NoError');
    check.equal(drain(story, endpoint, 3), [3, 1, 2], 'order');
  }),
  endpoints('receivers wait in the order of their priorities', (story, check) => {
    const endpoint = story.make('Endpoint');
    const rest = story.make('Notification');
    const low = story.server(endpoint, { priority: 110 });
    const high = story.server(endpoint, { priority: 130 });
    story.nbSend(endpoint);
    check.equal(story.current, high.id, 'the first message goes to the higher');
    story.wait(rest);
    story.nbSend(endpoint);
    check.equal(story.current, low.id, 'the second to the lower');
  }),
  endpoints('a thread that is suspended waits no more', (story, check) => {
    const endpoint = story.make('Endpoint');
    const [agent] = senders(story, endpoint, [110]);
    answers(check, story.suspend(agent!), 'NoError');
    check.equal(drain(story, endpoint, 1), [0], 'nothing is received');
    story.together(() => answers(check, story.resume(agent!), 'NoError', undefined, 'resumed'));
    check.equal(story.current, story.initial, 'it sends again, and waits');
    check.equal(drain(story, endpoint, 1), [1], 'it is received');
  }),
];

export const endpointBadges: readonly Clause[] = [
  ...KINDS.map((kind) =>
    badges(`the badge of the sender’s capability arrives at ${kind} server; without one it is 0`, (story, check) => {
      const endpoint = story.make('Endpoint');
      const badged = story.minted(endpoint, 42);
      const { reply } = serverOf(story, kind, endpoint);
      story.thread();
      story.call(badged);
      check.equal(story.message.badge, 42, 'badged');
      story.replyRecv(endpoint, reply);
      story.call(endpoint);
      check.equal(story.message.badge, 0, 'unbadged');
    }),
  ),
  badges('the badge of a sender that waited is that of the capability when it sent', (story, check) => {
    const endpoint = story.make('Endpoint');
    const badged = story.minted(endpoint, 42);
    const other = story.empty();
    story.thread();
    story.send(badged);
    answers(check, story.move(other, badged), 'NoError');
    story.stepUp();
    story.nbRecv(endpoint, story.make('Reply'));
    check.equal(story.message.badge, 42, 'the badge');
  }),
  ...KINDS.map((kind) =>
    badges(`the badge that comes with the answer of ${kind} server is 0`, (story, check) => {
      const endpoint = story.make('Endpoint');
      const badged = story.minted(endpoint, 42);
      const { reply } = serverOf(story, kind, endpoint);
      story.thread();
      story.call(badged);
      story.replyRecv(endpoint, reply);
      check.equal(story.message.badge, 0, 'the badge');
    }),
  ),
  badges('a badge is set once, by CNode_Mint: again, or on the badged, is IllegalOperation', (story, check) => {
    const badged = story.minted(story.make('Endpoint'), 5);
    answers(check, story.mint(story.empty(), badged, story.all, 6), 'IllegalOperation', [], 'an endpoint');
    const other = story.minted(story.make('Notification'), 5);
    answers(check, story.mint(story.empty(), other, story.all, 6), 'IllegalOperation', [], 'a notification');
    answers(check, story.mint(story.empty(), other, story.all, 0), 'IllegalOperation', [], 'taken away');
  }),
];

/** A client called and waits; the server, which runs, holds `reply`. */
function called(
  story: Story,
  check: Check,
  rights: number,
  kind: Kind = KINDS[0],
): { reply: number; client: number; endpoint: number } {
  const endpoint = story.make('Endpoint');
  const less = story.copied(endpoint, rights);
  const { reply, id } = serverOf(story, kind, endpoint);
  const client = story.thread();
  story.call(less);
  check.equal(story.current, id, 'the server runs');
  return { reply, client: client.id, endpoint };
}

export const callingAndReplying: readonly Clause[] = [
  calling('Call waits for the answer, which goes to the caller alone', (story, check) => {
    const { reply, client, endpoint } = called(story, check, story.all);
    story.send(reply, { words: [9] });
    check.that(story.current !== client, 'the server runs on, above its client');
    story.recv(endpoint, reply);
    check.equal([story.current, story.message.words], [client, [9]], 'the answer');
  }),
  ...KINDS.map((kind) =>
    calling(`ReplyRecv of ${kind} server answers and waits for the next`, (story, check) => {
      const { reply, client, endpoint } = called(story, check, story.all, kind);
      story.replyRecv(endpoint, reply, { words: [9] });
      check.equal([story.current, story.message.words], [client, [9]], 'the answer');
      story.call(endpoint, { words: [8] });
      check.equal(story.message.words, [8], 'the next call');
      story.replyRecv(endpoint, reply, { label: 3, words: [1, 2, 3, 4] });
      check.equal(
        [story.current, story.message.label, story.message.words],
        [client, 3, [1, 2, 3, 4]],
        'and its answer',
      );
    }),
  ),
  calling('ReplyRecv takes a sender that waits already', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.server(endpoint);
    story.thread({ priority: 111 });
    story.call(endpoint, { words: [1] });
    answers(check, story.invoke(story.boot.tcb, 'TCB_SetPriority', [119], [story.boot.tcb]), 'NoError', undefined, '');
    check.equal(story.current, server.id, 'the server works on');
    story.replyRecv(endpoint, server.reply);
    check.equal(story.current, story.initial, 'nobody else calls: the server waits');
  }),
  ...KINDS.map((kind) =>
    calling(`GrantReply alone lets a thread call ${kind} server`, (story, check) => {
      const { rights } = story.numbers;
      const { reply, client, endpoint } = called(story, check, rights.write | rights.grantReply, kind);
      story.replyRecv(endpoint, reply);
      check.equal(story.current, client, 'it was answered');
    }),
  ),
  calling('without Grant and GrantReply the call is delivered, and the caller is never answered', (story, check) => {
    const { reply, client, endpoint } = called(story, check, story.numbers.rights.write);
    story.replyRecv(endpoint, reply);
    check.that(story.current !== client, 'the caller does not run');
    check.equal(story.current, story.initial, 'the initial thread does');
  }),
  calling('an answer through an unused reply object does nothing', (story, check) => {
    const reply = story.make('Reply');
    const agent = story.thread();
    story.send(reply, { words: [1] });
    check.equal(story.current, agent.id, 'it runs on');
  }),
  calling('a reply object answers once', (story, check) => {
    const { reply, client, endpoint } = called(story, check, story.all);
    story.send(reply, { words: [1] });
    story.send(reply, { words: [2] });
    story.recv(endpoint, reply);
    check.equal([story.current, story.message.words], [client, [1]], 'the first answer');
  }),
  calling('an answer does not depend on the endpoint: it may be gone', (story, check) => {
    const { reply, client, endpoint } = called(story, check, story.all);
    answers(check, story.revoke(endpoint), 'NoError');
    answers(check, story.delete(endpoint), 'NoError');
    story.send(reply, { words: [4] });
    story.wait(story.make('Notification'));
    check.equal([story.current, story.message.words], [client, [4]], 'the answer');
  }),
  calling('who is suspended while it waits for an answer gets none', (story, check) => {
    const endpoint = story.make('Endpoint');
    const { reply } = story.server(endpoint);
    const client = story.thread();
    story.call(endpoint);
    answers(check, story.suspend(client), 'NoError');
    story.send(reply, { words: [4] });
    story.recv(endpoint, reply);
    check.equal(story.current, story.initial, 'the client does not run');
  }),
  calling('a reply object that is lent again gives up the wait for which it stood', (story, check) => {
    const { reply, client, endpoint } = called(story, check, story.all);
    story.nbRecv(endpoint, reply);
    story.send(reply, { words: [4] });
    story.recv(endpoint, reply);
    check.that(story.current !== client, 'the caller was not answered');
  }),
  calling('a reply object that a receiver lent, lent by another, ends the first one’s wait', (story, check) => {
    const endpoint = story.make('Endpoint');
    const other = story.make('Endpoint');
    const first = story.server(endpoint);
    const second = story.thread({ priority: 115 });
    story.recv(other, first.reply);
    story.nbSend(endpoint, { words: [1] });
    check.equal(story.current, story.initial, 'nobody waits at the first endpoint');
    story.nbSend(other, { words: [2] });
    check.equal(story.current, second.id, 'the second one waits at the other');
  }),
  calling('deleting a reply object leaves its caller without an answer', (story, check) => {
    const { reply, client, endpoint } = called(story, check, story.all);
    answers(check, story.delete(reply), 'NoError');
    story.recv(endpoint, story.make('Reply'));
    check.that(story.current !== client, 'the caller does not run');
  }),
];
