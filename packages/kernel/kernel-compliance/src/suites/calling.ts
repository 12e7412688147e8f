/** Badges, calls and answers. */
import type { Check } from '../check.ts';
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Story } from '../story.ts';
import { KINDS, type Kind, serverOf } from './servers.ts';

const badges = sectionOf('4.2.1 Endpoint Badges');
const calling = sectionOf('4.2.4 Calling and Replying');

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
  calling('calls may be answered in another order than they came in', (story, check) => {
    const endpoint = story.make('Endpoint');
    const second = story.make('Reply');
    const server = story.passiveServer(endpoint);
    const one = story.thread({ priority: 111 });
    story.call(endpoint, { words: [1] });
    story.recv(endpoint, second);
    const two = story.thread({ priority: 112 });
    story.call(endpoint, { words: [2] });
    check.equal([story.current, story.message.words], [server.id, [2]], 'the second call');
    story.replyRecv(endpoint, second, { words: [20] });
    check.equal([story.current, story.message.words], [two.id, [20]], 'is answered first');
    story.nbSend(endpoint);
    check.equal(story.current, server.id, 'the server still has the first one’s time');
    story.replyRecv(endpoint, server.reply, { words: [10] });
    story.wait(story.make('Notification'));
    check.equal([story.current, story.message.words], [one.id, [10]], 'the first');
  }),
  calling('deleting a reply object leaves its caller without an answer', (story, check) => {
    const { reply, client, endpoint } = called(story, check, story.all);
    answers(check, story.delete(reply), 'NoError');
    story.recv(endpoint, story.make('Reply'));
    check.that(story.current !== client, 'the caller does not run');
  }),
];
