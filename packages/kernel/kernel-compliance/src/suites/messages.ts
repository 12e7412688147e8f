/** Messages and endpoints. */

import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Agent, Story } from '../story.ts';
import { KINDS, type Kind, serverOf } from './servers.ts';

const registers = sectionOf('4.1 Message Registers');
const endpoints = sectionOf('4.2 Endpoints');

const counted = (length: number): number[] => Array.from({ length }, (_, index) => 1000 + index);

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
