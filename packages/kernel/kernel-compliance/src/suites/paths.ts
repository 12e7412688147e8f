/**
 * Calls and answers at the edge of what a fast path may take: for each precondition, what happens when it does not hold.
 * Each clause runs with the fast path and without, and must look the same.
 */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import { done } from '../stage.ts';
import type { Story } from '../story.ts';

const calling = sectionOf('4.2.4 Calling and Replying');

/** A passive server was called by a client, and runs. */
function serving(story: Story) {
  const endpoint = story.make('Endpoint');
  const server = story.passiveServer(endpoint);
  const client = story.thread();
  story.call(endpoint, { words: [1] });
  return { endpoint, server, client };
}

export const paths: readonly Clause[] = [
  calling('Call when nobody receives: the caller waits, and is received with all that it sent', (story, check) => {
    const endpoint = story.make('Endpoint');
    const badged = story.minted(endpoint, 9);
    const client = story.thread();
    story.call(badged, { label: 6, words: [1, 2] });
    check.equal(story.current, story.initial, 'it waits');
    const reply = story.make('Reply');
    story.nbRecv(endpoint, reply);
    check.equal([story.message.badge, story.message.label, ...story.message.words], [9, 6, 1, 2], 'received');
    story.send(reply, { words: [3] });
    check.equal([story.current, story.message.words], [client.id, [3]], 'answered');
  }),
  calling('Call when others wait to send, too: they are received by priority', (story, check) => {
    const endpoint = story.make('Endpoint');
    const clients = [110, 112, 111].map((priority, index) => {
      const client = story.thread({ priority });
      story.call(endpoint, { words: [index] });
      return client;
    });
    const reply = story.make('Reply');
    story.thread({ priority: 120 });
    story.recv(endpoint, reply);
    const order = [story.message.words[0]];
    story.replyRecv(endpoint, reply, { words: [7] });
    order.push(story.message.words[0]);
    story.replyRecv(endpoint, reply, { words: [7] });
    order.push(story.message.words[0]);
    check.equal(order, [1, 2, 0], 'order');
    story.replyRecv(endpoint, reply, { words: [8] });
    check.equal([story.current, story.message.words], [clients[1]!.id, [7]], 'the highest of those answered runs');
  }),
  calling(
    'ReplyRecv of a passive server when another client waits: the server goes on, on the second one’s time',
    (story, check) => {
      const second = story.sleeper({ priority: 130 });
      const wake = story.minted(second.wake, 1);
      const { endpoint, server, client } = serving(story);
      story.signal(wake);
      check.equal(story.current, second.id, 'the second client is above the server');
      story.call(endpoint, { words: [2] });
      check.equal(story.current, server.id, 'nobody receives: it waits');
      story.replyRecv(endpoint, server.reply, { words: [5] });
      check.equal([story.current, story.message.words], [server.id, [2]], 'the second call');
      story.replyRecv(endpoint, server.reply, { words: [6] });
      check.equal([story.current, story.message.words], [second.id, [6]], 'the second answer');
      story.wait(second.wake);
      check.equal([story.current, story.message.words], [client.id, [5]], 'the first client had its own');
    },
  ),
  calling('several passive servers wait at one endpoint: each call goes to the next', (story, check) => {
    const endpoint = story.make('Endpoint');
    const servers = [120, 125, 120].map((priority) => story.passiveServer(endpoint, { priority }));
    const clients = [0, 1, 2].map(() => story.sleeper());
    const wakes = clients.map(({ wake }) => story.minted(wake, 1));
    const order = wakes.map((wake, index) => {
      story.signal(wake);
      story.call(endpoint, { words: [index] });
      const { current } = story;
      story.recv(story.make('Endpoint'), story.make('Reply'));
      return servers.findIndex(({ id }) => id === current);
    });
    check.equal(order, [1, 0, 2], 'by priority, and by time');
    story.thread();
    story.call(endpoint);
    check.equal(story.current, story.initial, 'and then nobody receives');
  }),
  calling(
    'ReplyRecv when the bound notification is set: the answer goes, and the notification is received',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const notification = story.make('Notification');
      const badged = story.minted(notification, 32);
      const server = story.server(endpoint);
      done(story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'TCB_BindNotification');
      const client = story.thread();
      story.call(endpoint);
      story.signal(badged);
      story.replyRecv(endpoint, server.reply, { words: [4] });
      check.equal([story.current, story.message.badge], [server.id, 32], 'the notification');
      story.recv(endpoint, server.reply);
      check.equal([story.current, story.message.words], [client.id, [4]], 'the answer');
    },
  ),
  calling(
    'ReplyRecv of a passive server when the bound notification is set: it has no time to see it',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const notification = story.make('Notification');
      const badged = story.minted(notification, 32);
      const server = story.passiveServer(endpoint);
      done(story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'TCB_BindNotification');
      const client = story.thread();
      story.call(endpoint);
      story.signal(badged);
      story.replyRecv(endpoint, server.reply, { words: [4] });
      check.equal([story.current, story.message.words], [client.id, [4]], 'the answer took the time along');
      story.wait(story.make('Notification'));
      story.call(server.schedContext, {
        label: story.numbers.labels.SchedContext_Bind ?? 0,
        capabilities: [server.tcb],
      });
      check.equal([story.current, story.message.badge], [server.id, 32], 'with time it has it');
    },
  ),
  calling(
    'ReplyRecv with what is no reply object: nothing is answered, and the second phase faults',
    (story, check) => {
      const handler = story.make('Endpoint');
      const endpoint = story.make('Endpoint');
      const agent = story.thread({ faults: handler });
      story.replyRecv(endpoint, agent.tcb, { label: story.numbers.labels.TCB_Suspend ?? 0 });
      check.equal(story.current, story.initial, 'it waits for its handler');
      story.nbRecv(handler, story.make('Reply'));
      const { label, words } = story.message;
      check.equal([label, ...words.slice(1, 3)], [story.numbers.faults.CapFault, agent.tcb, 1], 'the fault');
    },
  ),
  calling('ReplyRecv from an endpoint without Read: the answer goes, and the second phase faults', (story, check) => {
    const { endpoint, server, client } = serving(story);
    const blind = story.copied(endpoint, story.all - story.numbers.rights.read);
    story.replyRecv(blind, server.reply, { words: [6] });
    check.equal([story.current, story.message.words], [client.id, [6]], 'the answer');
  }),
  calling('Call of a server below another thread that can run: that thread runs first', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint, { priority: 110 });
    const middle = story.sleeper({ priority: 115 });
    const wake = story.minted(middle.wake, 1);
    const client = story.thread({ priority: 120 });
    story.signal(wake);
    check.equal(story.current, client.id, 'the client is above both');
    story.call(endpoint, { words: [2] });
    check.equal(story.current, middle.id, 'the one in the middle');
    story.wait(middle.wake);
    check.equal([story.current, story.message.words], [server.id, [2]], 'then the server, on the client’s time');
  }),
  calling('ReplyRecv to a client below another thread that can run: that thread runs first', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const middle = story.sleeper({ priority: 115 });
    const wake = story.minted(middle.wake, 1);
    const client = story.thread({ priority: 110 });
    story.call(endpoint);
    story.signal(wake);
    check.equal(story.current, server.id, 'the server is above both');
    story.replyRecv(endpoint, server.reply, { words: [2] });
    check.equal(story.current, middle.id, 'the one in the middle');
    story.wait(middle.wake);
    check.equal([story.current, story.message.words], [client.id, [2]], 'then the client');
  }),
  calling(
    'Call of a server in another domain: it runs when its domain does',
    (story, check) => {
      const domain = story.boot.domain!;
      const endpoint = story.make('Endpoint');
      const server = story.passiveServer(endpoint);
      done(story.invoke(domain, 'DomainSet_Set', [1], [server.tcb]), 'DomainSet_Set');
      story.thread();
      story.call(endpoint, { words: [2] });
      check.equal(story.current, story.initial, 'not yet');
      done(story.invoke(domain, 'DomainSet_ScheduleConfigure', [1, 1, story.slice]), 'the second domain');
      done(story.invoke(domain, 'DomainSet_ScheduleConfigure', [0, 0, story.slice]), 'the first domain');
      story.invoke(domain, 'DomainSet_ScheduleSetStart', [0]);
      story.elapse(story.slice);
      check.equal([story.current, story.message.words], [server.id, [2]], 'now');
    },
    'domains',
  ),
  calling(
    'Call of a server whose address space is gone: it has the message, and no memory',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const vspace = story.make('PageTable');
      done(story.invoke(story.boot.asidPool!, 'ASIDPool_Assign', [], [vspace]), 'ASIDPool_Assign');
      const server = story.passiveServer(endpoint);
      const spaces = [0, story.boot.cnode, vspace];
      done(story.invoke(server.tcb, 'TCB_SetSpace', [0, 0], spaces), 'TCB_SetSpace');
      answers(check, story.revoke(vspace), 'NoError');
      answers(check, story.delete(vspace), 'NoError');
      story.thread();
      story.call(endpoint, { words: [2] });
      check.equal([story.current, story.message.words], [server.id, [2]], 'the message');
      check.equal(story.access(0x1000, 'fetch'), 'fault', 'its first step');
    },
    'asidPools',
  ),
  calling('a fault is answered with its words by ReplyRecv, too', (story, check) => {
    const endpoint = story.make('Endpoint');
    const handler = story.passiveServer(endpoint);
    const agent = story.thread({ faults: endpoint });
    story.access(0x7_0000_0000, 'load');
    check.equal(story.current, handler.id, 'the handler runs');
    story.replyRecv(endpoint, handler.reply, { words: [1, 2, 3] });
    check.equal(story.current, agent.id, 'the thread goes on');
    story.call(endpoint, { words: [4] });
    check.equal([story.current, story.message.words], [handler.id, [4]], 'and may call as any other');
  }),
  calling(
    'a thread whose priority changes while it waits for an answer is answered, and runs at the new one',
    (story, check) => {
      const other = story.sleeper({ priority: 115 });
      const wake = story.minted(other.wake, 1);
      const { endpoint, server, client } = serving(story);
      answers(check, story.setPriority(client, 118), 'NoError', []);
      check.equal(story.current, server.id, 'the server runs on, above it');
      story.signal(wake);
      story.replyRecv(endpoint, server.reply, { words: [4] });
      check.equal([story.current, story.message.words], [client.id, [4]], 'it runs before who is below it now');
    },
  ),
  calling('many calls in turn, short and long, look the same', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const badged = story.minted(endpoint, 3);
    const client = story.thread();
    const seen: number[] = [];
    for (let turn = 0; turn < 40; turn++) {
      const words = Array.from({ length: (turn * 7) % 9 }, (_, index) => turn * 10 + index);
      story.call(badged, { label: turn, words });
      if (JSON.stringify(story.message.words) === JSON.stringify(words)) seen.push(story.message.label);
      story.replyRecv(endpoint, server.reply, { label: 1 + turn, words: words.slice(1) });
      check.equal([story.current, story.message.label], [client.id, 1 + turn], `answer ${turn}`);
    }
    check.equal(seen.length, 40, 'calls that arrived as they were sent');
  }),
];
