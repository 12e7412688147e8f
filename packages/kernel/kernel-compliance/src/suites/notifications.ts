/** Notifications. */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';

const objects = sectionOf('5.1 Notification Objects');
const signalling = sectionOf('5.2 Signalling, Polling and Waiting');
const binding = sectionOf('5.3 Binding Notifications');

export const notifications: readonly Clause[] = [
  objects('signals are or-ed into one word, and counted as one', (story, check) => {
    const notification = story.make('Notification');
    for (const badge of [1, 4, 4]) story.signal(story.minted(notification, badge));
    story.poll(notification);
    check.equal(story.message.badge, 5, 'the word');
    story.poll(notification);
    check.equal(story.message.badge, 0, 'and then it is empty');
  }),
  signalling('Wait at a word that is set returns at once, and clears it', (story, check) => {
    const notification = story.make('Notification');
    story.signal(story.minted(notification, 12));
    const agent = story.thread();
    story.wait(notification);
    check.equal([story.current, story.message.badge], [agent.id, 12], 'the word');
    story.wait(notification);
    check.equal(story.current, story.initial, 'the second Wait waits');
  }),
  signalling('Recv at a notification needs no reply object', (story, check) => {
    const notification = story.make('Notification');
    story.signal(story.minted(notification, 12));
    story.thread();
    story.recv(notification, story.empty());
    check.equal(story.message.badge, 12, 'the word');
  }),
  signalling('a signal wakes the first who waits, and only that one', (story, check) => {
    const notification = story.make('Notification');
    const badged = story.minted(notification, 8);
    const first = story.thread({ priority: 120 });
    story.wait(notification);
    story.thread({ priority: 110 });
    story.wait(notification);
    story.signal(badged);
    check.equal([story.current, story.message.badge], [first.id, 8], 'the first runs');
    story.wait(notification);
    check.equal(story.current, story.initial, 'the other still waits');
  }),
  signalling('who waits is woken by priority, first come first served within', (story, check) => {
    const notification = story.make('Notification');
    const badged = story.minted(notification, 8);
    const agents = [110, 130, 130].map((priority) => {
      const agent = story.thread({ priority });
      story.wait(notification);
      return agent;
    });
    const rest = story.make('Notification');
    const woken = [1, 2, 3].map(() => {
      story.signal(badged);
      const { current } = story;
      story.wait(rest);
      return agents.findIndex(({ id }) => id === current);
    });
    check.equal(woken, [1, 2, 0], 'order');
  }),
  signalling('an unbadged signal wakes a thread with 0, and is nothing when nobody waits', (story, check) => {
    const notification = story.make('Notification');
    const agent = story.thread();
    story.wait(notification);
    story.signal(notification);
    check.equal([story.current, story.message.badge], [agent.id, 0], 'woken');
  }),
  signalling('a signal does not wait, and Call of a notification is answered at once', (story, check) => {
    const notification = story.make('Notification');
    answers(check, story.invokeNumbered(story.minted(notification, 2), 0), 'NoError', []);
    check.equal(story.polled(notification), [2, 0], 'the word');
  }),
  signalling('deleting the last capability sends who waits to look again', (story, check) => {
    const notification = story.make('Notification');
    const handler = story.make('Endpoint');
    story.thread({ faults: handler });
    story.wait(notification);
    answers(check, story.delete(notification), 'NoError');
    story.nbRecv(handler, story.make('Reply'));
    check.equal(story.message.label, story.numbers.faults.CapFault, 'it faulted');
  }),
];

export const boundNotifications: readonly Clause[] = [
  binding('a thread that receives at an endpoint is woken by its bound notification', (story, check) => {
    const endpoint = story.make('Endpoint');
    const notification = story.make('Notification');
    const server = story.server(endpoint);
    answers(check, story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'NoError');
    story.signal(story.minted(notification, 16));
    check.equal([story.current, story.message.badge], [server.id, 16], 'the word');
  }),
  binding('a bound notification that is set is received before any message', (story, check) => {
    const endpoint = story.make('Endpoint');
    const notification = story.make('Notification');
    const reply = story.make('Reply');
    const server = story.sleeper({ priority: 120 });
    answers(check, story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'NoError');
    story.signal(story.minted(notification, 16));
    story.thread({ priority: 110 });
    story.send(endpoint, { words: [1] });
    story.signal(story.minted(server.wake, 1));
    story.recv(endpoint, reply);
    check.equal([story.message.badge], [16], 'first the notification');
    story.recv(endpoint, reply);
    check.equal([story.message.badge, story.message.words[0]], [0, 1], 'then the message');
  }),
  binding('who waits for an answer is not woken: the word stays', (story, check) => {
    const endpoint = story.make('Endpoint');
    const notification = story.make('Notification');
    const badged = story.minted(notification, 16);
    const { reply } = story.server(endpoint);
    const client = story.sleeper();
    answers(check, story.invoke(client.tcb, 'TCB_BindNotification', [], [notification]), 'NoError');
    story.signal(story.minted(client.wake, 1));
    story.call(endpoint);
    story.signal(badged);
    story.replyRecv(endpoint, reply, { words: [3] });
    check.equal([story.current, story.message.words[0]], [client.id, 3], 'it was answered');
    story.poll(notification);
    check.equal(story.message.badge, 16, 'the word is still there');
  }),
  binding('only the bound thread may wait at a bound notification: others fault', (story, check) => {
    const notification = story.make('Notification');
    const handler = story.make('Endpoint');
    const server = story.sleeper();
    answers(check, story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'NoError');
    story.thread({ faults: handler });
    story.wait(notification);
    story.nbRecv(handler, story.make('Reply'));
    check.equal([story.message.label, story.message.words[2]], [story.numbers.faults.CapFault, 1], 'a fault');
  }),
  binding(
    'TCB_BindNotification: bound already, no Read, bound to another, or waited at is IllegalOperation',
    (story, check) => {
      const [free, taken, waited] = [
        story.make('Notification'),
        story.make('Notification'),
        story.make('Notification'),
      ];
      const [server, other] = [story.sleeper(), story.sleeper()];
      const blind = story.copied(free, story.numbers.rights.write);
      const bind = (tcb: number, notification: number) => story.invoke(tcb, 'TCB_BindNotification', [], [notification]);
      answers(check, bind(server.tcb, story.make('Endpoint')), 'IllegalOperation', [], 'no notification');
      answers(check, bind(server.tcb, blind), 'IllegalOperation', [], 'no Read');
      answers(check, bind(other.tcb, taken), 'NoError');
      answers(check, bind(server.tcb, taken), 'IllegalOperation', [], 'bound to another');
      story.thread();
      story.wait(waited);
      answers(check, bind(server.tcb, waited), 'IllegalOperation', [], 'waited at');
      answers(check, bind(server.tcb, free), 'NoError');
      answers(check, bind(server.tcb, story.make('Notification')), 'IllegalOperation', [], 'the thread has one');
    },
  ),
  binding('TCB_UnbindNotification without one is IllegalOperation; after it the endpoint is all', (story, check) => {
    const endpoint = story.make('Endpoint');
    const notification = story.make('Notification');
    const server = story.server(endpoint);
    answers(check, story.invoke(server.tcb, 'TCB_UnbindNotification'), 'IllegalOperation', [], 'none bound');
    answers(check, story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'NoError');
    answers(check, story.invoke(server.tcb, 'TCB_UnbindNotification'), 'NoError');
    story.signal(story.minted(notification, 2));
    check.equal(story.current, story.initial, 'the server waits on');
    story.poll(notification);
    check.equal(story.message.badge, 2, 'the word stayed');
  }),
  binding('deleting a bound notification unbinds it', (story, check) => {
    const endpoint = story.make('Endpoint');
    const notification = story.make('Notification');
    const server = story.server(endpoint);
    answers(check, story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'NoError');
    answers(check, story.delete(notification), 'NoError');
    const another = story.make('Notification');
    answers(check, story.invoke(server.tcb, 'TCB_BindNotification', [], [another]), 'NoError');
    story.nbSend(endpoint, { words: [1] });
    check.equal(story.current, server.id, 'the endpoint serves as before');
  }),
];
