/** Scheduling contexts that move with calls, and come back. */

import type { Check } from '../check.ts';
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Agent, Story } from '../story.ts';

const donation = sectionOf('6.1.9 Scheduling Context Donation');
const timeouts = sectionOf('6.1.11 Exceptions');

type Server = Agent & { readonly reply: number };

/** Whether a context is a thread's: asked by taking it away. */
function holds(story: Story, context: number, agent: Agent, check: Check, what: string): void {
  const taken = story.invoke(context, 'SchedContext_UnbindObject', [], [agent.tcb]);
  check.equal(taken.error, 'NoError', what);
}

/** A client calls a passive server, which calls another. The last runs. */
function chain(story: Story): { client: Agent; first: Server; second: Server; endpoints: number[] } {
  const endpoints = [story.make('Endpoint'), story.make('Endpoint')];
  const first = story.passiveServer(endpoints[0]!, { priority: 120 });
  const second = story.passiveServer(endpoints[1]!, { priority: 130 });
  const client = story.thread();
  story.call(endpoints[0]!, { words: [1] });
  story.call(endpoints[1]!, { words: [2] });
  return { client, first, second, endpoints };
}

export const donations: readonly Clause[] = [
  donation('Call lends the caller’s context to a passive server, and the answer brings it back', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const client = story.thread();
    story.call(endpoint);
    check.equal(story.current, server.id, 'the server runs');
    story.replyRecv(endpoint, server.reply);
    check.equal(story.current, client.id, 'the client runs');
    story.wait(story.make('Notification'));
    holds(story, client.schedContext, client, check, 'the client has its context');
  }),
  donation('the time that the server uses is the client’s', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const client = story.thread();
    story.call(endpoint);
    story.elapse(3 * story.numbers.minBudget);
    story.replyRecv(endpoint, server.reply);
    story.wait(story.make('Notification'));
    const used = story.invoke(client.schedContext, 'SchedContext_Consumed');
    answers(check, used, 'NoError', [3 * story.numbers.minBudget], 'consumed');
  }),
  donation('a server with a context of its own takes nobody’s', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.server(endpoint);
    const client = story.thread();
    story.call(endpoint);
    check.equal(story.current, server.id, 'the server runs');
    story.wait(story.make('Notification'));
    holds(story, client.schedContext, client, check, 'the client kept its context');
  }),
  donation('a client that was lent time along a chain gets it back from the last', (story, check) => {
    const { client, first, second, endpoints } = chain(story);
    check.equal(story.current, second.id, 'the last of the chain');
    story.replyRecv(endpoints[1]!, second.reply, { words: [3] });
    check.equal([story.current, story.message.words], [first.id, [3]], 'the one before');
    story.replyRecv(endpoints[0]!, first.reply, { words: [4] });
    check.equal([story.current, story.message.words], [client.id, [4]], 'the client');
  }),
  donation('Wait lends no reply object: a passive receiver gets the message and no time', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.thread({ priority: 120 });
    story.wait(endpoint);
    answers(check, story.invoke(server.schedContext, 'SchedContext_UnbindObject', [], [server.tcb]), 'NoError');
    const client = story.thread();
    story.call(endpoint, { words: [5] });
    check.that(story.current !== server.id, 'the receiver does not run');
    check.that(story.current !== client.id, 'nobody can answer the caller');
  }),
  donation(
    'deleting the last capability to the head’s reply object gives the context back, without an answer',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const server = story.passiveServer(endpoint);
      const client = story.thread();
      story.call(endpoint);
      story.call(story.boot.cnode, {
        label: story.numbers.labels.CNode_Delete ?? 0,
        words: [server.reply, story.depth],
      });
      check.that(story.current !== server.id, 'the server has no time any more');
      holds(story, client.schedContext, client, check, 'the context is the client’s');
    },
  ),
  donation('a reply object that is lent again without an answer leaves the context where it is', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const client = story.thread();
    story.call(endpoint);
    story.nbRecv(endpoint, server.reply);
    check.equal(story.current, server.id, 'the server runs on, and has the client’s time');
    story.wait(story.make('Notification'));
    holds(story, client.schedContext, server, check, 'the server has it');
    answers(check, story.resume(client), 'NoError');
    check.equal(story.current, story.initial, 'the client has none');
  }),
  donation(
    'deleting a reply object in the middle leaves the context where it is, and cuts the chain',
    (story, check) => {
      const { client, first, second, endpoints } = chain(story);
      answers(check, story.delete(first.reply), 'NoError');
      check.equal(story.current, second.id, 'the last runs on');
      story.replyRecv(endpoints[1]!, second.reply);
      check.equal(story.current, first.id, 'it answers the one before');
      story.recv(endpoints[0]!, story.make('Reply'));
      check.that(story.current !== client.id, 'the client is never answered');
    },
  ),
  donation('a client that is suspended while others use its context does not get it back', (story, check) => {
    const { client, second, endpoints } = chain(story);
    answers(check, story.suspend(client), 'NoError');
    check.equal(story.current, second.id, 'the last runs on, with the context');
    story.replyRecv(endpoints[1]!, second.reply);
    check.that(story.current !== client.id, 'the client does not run');
  }),
  donation('NBSendRecv lends the context to a passive receiver', (story, check) => {
    const [to, from] = [story.make('Endpoint'), story.make('Endpoint')];
    const receiver = story.passiveServer(to);
    const reply = story.make('Reply');
    const sender = story.thread();
    story.nbSendRecv(to, from, reply, { words: [7] });
    check.equal([story.current, story.message.words], [receiver.id, [7]], 'the receiver runs');
    story.wait(story.make('Notification'));
    holds(story, sender.schedContext, receiver, check, 'the context is the receiver’s');
  }),
  donation(
    'a context that is bound to a notification goes to the passive thread that it wakes, and comes back',
    (story, check) => {
      const notification = story.make('Notification');
      const context = story.schedContext();
      answers(check, story.invoke(context, 'SchedContext_Bind', [], [notification]), 'NoError');
      const badged = story.minted(notification, 1);
      const agent = story.thread();
      story.wait(notification);
      answers(check, story.invoke(agent.schedContext, 'SchedContext_UnbindObject', [], [agent.tcb]), 'NoError');
      story.signal(badged);
      check.equal(story.current, agent.id, 'the thread runs');
      story.wait(notification);
      const taken = story.invoke(context, 'SchedContext_UnbindObject', [], [agent.tcb]);
      answers(check, taken, 'IllegalOperation', [], 'the thread has given it back');
    },
  ),
  donation('an answer to a caller that has got another context leaves the lent one with the server', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const client = story.thread();
    story.call(endpoint);
    const another = story.schedContext();
    const bound = story.invoke(another, 'SchedContext_Bind', [], [client.tcb]);
    answers(check, bound, 'NoError', undefined, 'a second context for the client');
    story.replyRecv(endpoint, server.reply);
    story.wait(story.make('Notification'));
    holds(story, another, client, check, 'the client has the second');
    holds(story, client.schedContext, server, check, 'the server kept the first');
  }),
  donation(
    'a passive server with a bound notification that has a context runs on it when it is signalled',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const notification = story.make('Notification');
      const context = story.schedContext();
      const server = story.passiveServer(endpoint);
      answers(check, story.invoke(context, 'SchedContext_Bind', [], [notification]), 'NoError');
      answers(check, story.invoke(server.tcb, 'TCB_BindNotification', [], [notification]), 'NoError');
      story.signal(story.minted(notification, 4));
      check.equal([story.current, story.message.badge], [server.id, 4], 'it runs');
      story.recv(endpoint, server.reply);
      check.equal(story.current, story.initial, 'it waits');
      const taken = story.invoke(context, 'SchedContext_UnbindObject', [], [server.tcb]);
      answers(check, taken, 'IllegalOperation', [], 'and has given the context back');
      const client = story.thread();
      story.call(endpoint, { words: [6] });
      check.equal([story.current, story.message.words], [server.id, [6]], 'it runs for a client, too');
      story.replyRecv(endpoint, server.reply);
      check.equal(story.current, client.id, 'whose time comes back');
    },
  ),
  donation('Yield by a server on a lent context gives up the client’s time', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const budget = 2 * story.numbers.minBudget;
    story.thread({ budget, period: 10 * budget });
    story.call(endpoint);
    check.equal(story.current, server.id, 'the server runs');
    story.yield();
    check.equal(story.current, story.initial, 'until it yields');
    story.elapse(10 * budget + 1);
    check.equal(story.current, server.id, 'and again in the next period');
  }),
  donation('a caller’s context is lent by Call, and not by Send', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const client = story.thread();
    story.send(endpoint, { words: [1] });
    check.equal(story.current, client.id, 'the sender keeps its time');
    check.that(server.id !== client.id, 'and the server has none');
  }),
  donation('deleting a passive server gives its client’s context back', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    const client = story.thread();
    story.call(endpoint);
    story.call(story.boot.cnode, { label: story.numbers.labels.CNode_Delete ?? 0, words: [server.tcb, story.depth] });
    check.equal(story.current, story.initial, 'the server is gone, and the client waits for its answer');
    story.send(server.reply, { words: [3] });
    check.equal([story.current, story.message.words], [client.id, [3]], 'anybody with the reply object answers');
  }),
  donation('NBSendRecv to a receiver with a context of its own lends nothing', (story, check) => {
    const [to, from] = [story.make('Endpoint'), story.make('Endpoint')];
    const receiver = story.server(to);
    const reply = story.make('Reply');
    const sender = story.thread();
    story.nbSendRecv(to, from, reply, { words: [7] });
    check.equal([story.current, story.message.words], [receiver.id, [7]], 'the receiver runs');
    story.wait(story.make('Notification'));
    holds(story, sender.schedContext, sender, check, 'the sender has its own');
    holds(story, receiver.schedContext, receiver, check, 'and the receiver its own');
  }),
];

export const timeoutFaults: readonly Clause[] = [
  timeouts(
    'a thread with a timeout handler that uses up its budget faults: badge of the context, time used',
    (story, check) => {
      const handler = story.make('Endpoint');
      const reply = story.make('Reply');
      const budget = 2 * story.numbers.minBudget;
      const agent = story.sleeper({ timeouts: handler, budget, period: 10 * budget, badge: 33 });
      answers(check, story.invoke(agent.schedContext, 'SchedContext_Consumed'), 'NoError');
      story.signal(story.minted(agent.wake, 1));
      story.elapse(budget);
      check.equal(story.current, story.initial, 'it does not run');
      story.nbRecv(handler, reply);
      const { label, words } = story.message;
      check.equal([label, ...words.slice(0, 2)], [story.numbers.faults.Timeout, 33, budget], 'the fault');
      story.elapse(10 * budget);
      check.equal(story.current, story.initial, 'it waits for an answer, however long');
      story.send(reply);
      check.equal(story.current, agent.id, 'and goes on');
    },
    'timeouts',
  ),
  timeouts(
    'the words of the answer to a timeout are written back to the thread’s registers, as many as there are',
    (story, check) => {
      const [handler, reply] = [story.make('Endpoint'), story.make('Reply')];
      const budget = 2 * story.numbers.minBudget;
      const agent = story.sleeper({ timeouts: story.minted(handler, 1), budget, period: 10 * budget });
      const { count } = story.numbers.registers;
      const registers = () => story.invoke(agent.tcb, 'TCB_ReadRegisters', [0, count]).words;
      const answer = (words: readonly number[]) => {
        story.signal(agent.wake);
        story.elapse(budget);
        story.nbRecv(handler, reply);
        const before = registers();
        story.send(reply, { label: 1, words });
        const after = registers();
        answers(check, story.resume(agent), 'NoError');
        story.elapse(10 * budget);
        return { before, after };
      };
      const values = Array.from({ length: count }, (_, index) => 4096 + 16 * index);
      check.equal(answer(values).after, values, 'all of them');
      const few = answer([4096, 7, 8]);
      check.equal(few.after, [4096, 7, 8, ...few.before.slice(3)], 'three of them');
    },
    'timeouts',
    'registers',
  ),
  timeouts(
    'without a timeout handler nothing is told, and the thread goes on with the next budget',
    (story, check) => {
      const handler = story.make('Endpoint');
      const budget = 2 * story.numbers.minBudget;
      const agent = story.sleeper({ faults: story.minted(handler, 5), budget, period: 10 * budget });
      story.signal(story.minted(agent.wake, 1));
      story.elapse(budget);
      story.nbRecv(handler, story.make('Reply'));
      check.equal(story.message.badge, 0, 'no fault');
      story.elapse(9 * budget + 1);
      check.equal(story.current, agent.id, 'it goes on');
    },
    'timeouts',
  ),
  timeouts(
    'round robin has no timeouts: who takes turns goes on in the next',
    (story, check) => {
      const handler = story.make('Endpoint');
      const agent = story.sleeper({ timeouts: story.minted(handler, 5) });
      story.signal(story.minted(agent.wake, 1));
      story.elapse(3 * story.slice);
      check.equal(story.current, agent.id, 'it goes on');
    },
    'timeouts',
  ),
  timeouts(
    'a passive server’s timeout handler hears when a client’s budget is used up',
    (story, check) => {
      const [endpoint, handler] = [story.make('Endpoint'), story.make('Endpoint')];
      const budget = 2 * story.numbers.minBudget;
      const server = story.passiveServer(endpoint, { timeouts: handler });
      story.thread({ budget, period: 10 * budget, badge: 44 });
      story.call(endpoint);
      check.equal(story.current, server.id, 'the server runs');
      story.elapse(budget);
      check.equal(story.current, story.initial, 'no more');
      story.nbRecv(handler, story.make('Reply'));
      check.equal(
        [story.message.label, story.message.words[0]],
        [story.numbers.faults.Timeout, 44],
        'whose time it was',
      );
    },
    'timeouts',
  ),
  timeouts(
    'an answer that brings back a context without time is a timeout of who gets it',
    (story, check) => {
      const [outer, inner, handler] = [story.make('Endpoint'), story.make('Endpoint'), story.make('Endpoint')];
      const budget = 2 * story.numbers.minBudget;
      const first = story.passiveServer(outer, { timeouts: story.minted(handler, 1) });
      const second = story.passiveServer(inner, { timeouts: story.minted(handler, 2), priority: 130 });
      story.thread({ budget, period: 10 * budget, badge: 55 });
      story.call(outer);
      story.call(inner);
      check.equal(story.current, second.id, 'the inner server runs');
      story.elapse(budget);
      const reply = story.make('Reply');
      story.nbRecv(handler, reply);
      check.equal([story.message.badge, story.message.words[0]], [2, 55], 'its timeout');
      story.send(second.reply);
      story.nbRecv(handler, story.make('Reply'));
      const { badge, label, words } = story.message;
      check.equal([badge, label, words[0]], [1, story.numbers.faults.Timeout, 55], 'the outer server’s');
      check.that(first.id !== story.current, 'the outer server does not run');
    },
    'timeouts',
  ),
];
