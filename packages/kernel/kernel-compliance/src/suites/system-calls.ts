/** What each system call does with a capability that is not there, or is another. */

import type { Check } from '../check.ts';
import { answers, sectionOf } from '../clause.ts';
import { LOOKUP_FAILURES } from '../numbers.ts';
import type { Clause } from '../run.ts';
import type { Story } from '../story.ts';

const calls = sectionOf('2.2 System Calls');
const capFaults = sectionOf('6.2.1 Capability Faults');

/** A pointer whose look-up fails: the root CNode's guard is zero. */
export const nowhere = (story: Story): number => 2 ** (story.depth - 2) + 5;

/** The fault that the initial thread finds at an endpoint. */
export function capFault(story: Story, check: Check, handler: number, reply: number, what: string): readonly number[] {
  check.equal(story.current, story.initial, `${what}: the thread that faulted does not run`);
  story.nbRecv(handler, reply);
  const { label, words } = story.message;
  check.equal(label, story.numbers.faults.CapFault, `${what}: a capability fault`);
  return words;
}

const SENDING = ['Send', 'Call'] as const;
const RECEIVING = ['Recv', 'NBRecv', 'Wait', 'NBWait'] as const;

export const systemCalls: readonly Clause[] = [
  ...SENDING.map((name) =>
    capFaults(`${name} through a pointer that leads nowhere is a fault, not in the receive phase`, (story, check) => {
      const handler = story.make('Endpoint');
      const reply = story.make('Reply');
      story.thread({ faults: handler });
      story.perform({ name, pointer: nowhere(story) });
      const words = capFault(story, check, handler, reply, name);
      check.equal(words.slice(1, 4), [nowhere(story), 0, LOOKUP_FAILURES.indexOf('GuardMismatch')], 'what it says');
    }),
  ),
  ...SENDING.map((name) =>
    capFaults(`${name} with an extra capability that leads nowhere is a fault, and nothing is sent`, (story, check) => {
      const handler = story.make('Endpoint');
      const endpoint = story.make('Endpoint');
      const badged = story.minted(endpoint, 9);
      const reply = story.make('Reply');
      story.thread({ faults: handler });
      story.perform({ name, pointer: badged, words: [1], capabilities: [endpoint, nowhere(story)] });
      const words = capFault(story, check, handler, reply, name);
      check.equal(words.slice(1, 3), [nowhere(story), 0], 'what it says');
      story.nbRecv(endpoint, reply);
      check.equal(story.message.badge, 0, 'nobody waits to send');
    }),
  ),
  ...RECEIVING.map((name) =>
    capFaults(`${name} from a pointer that leads nowhere is a fault in the receive phase`, (story, check) => {
      const handler = story.make('Endpoint');
      const reply = story.make('Reply');
      story.thread({ faults: handler });
      story.perform({ name, pointer: nowhere(story), reply });
      const words = capFault(story, check, handler, reply, name);
      check.equal(words.slice(1, 4), [nowhere(story), 1, LOOKUP_FAILURES.indexOf('GuardMismatch')], 'what it says');
    }),
  ),
  ...RECEIVING.map((name) =>
    capFaults(
      `${name} on what is neither endpoint nor notification is a fault in the receive phase`,
      (story, check) => {
        const handler = story.make('Endpoint');
        const reply = story.make('Reply');
        const agent = story.thread({ faults: handler });
        story.perform({ name, pointer: agent.tcb, reply });
        const words = capFault(story, check, handler, reply, name);
        check.equal(words.slice(1, 4), [agent.tcb, 1, LOOKUP_FAILURES.indexOf('MissingCapability')], 'what it says');
      },
    ),
  ),
  ...RECEIVING.map((name) =>
    capFaults(`${name} without the right to read is a fault in the receive phase`, (story, check) => {
      const handler = story.make('Endpoint');
      const endpoint = story.make('Endpoint');
      const blind = story.copied(endpoint, story.all - story.numbers.rights.read);
      const reply = story.make('Reply');
      story.thread({ faults: handler });
      story.perform({ name, pointer: blind, reply });
      check.equal(capFault(story, check, handler, reply, name).slice(1, 3), [blind, 1], 'what it says');
    }),
  ),
  ...(['Recv', 'NBRecv'] as const).map((name) =>
    capFaults(`${name} at an endpoint without a reply object is a fault in the receive phase`, (story, check) => {
      const handler = story.make('Endpoint');
      const endpoint = story.make('Endpoint');
      const reply = story.make('Reply');
      const agent = story.thread({ faults: handler });
      story.perform({ name, pointer: endpoint, reply: agent.tcb });
      check.equal(capFault(story, check, handler, reply, name).slice(1, 3), [agent.tcb, 1], 'what it says');
    }),
  ),
  capFaults('an answer to a capability fault starts the thread again, and its system call with it', (story, check) => {
    const handler = story.make('Endpoint');
    const notification = story.make('Notification');
    const badged = story.minted(notification, 8);
    const slot = story.empty();
    const reply = story.make('Reply');
    const agent = story.thread({ faults: handler });
    story.perform({ name: 'Wait', pointer: slot });
    capFault(story, check, handler, reply, 'Wait');
    answers(check, story.copy(slot, notification), 'NoError');
    story.signal(badged);
    story.send(reply);
    check.equal(story.current, agent.id, 'the thread runs again');
    check.equal(story.message.badge, 8, 'it waited again, at what is there now');
  }),
  calls('NBSend through a pointer that leads nowhere is dropped silently', (story, check) => {
    const agent = story.thread();
    story.nbSend(nowhere(story), { words: [1] });
    check.equal(story.current, agent.id, 'the thread runs on');
  }),
  calls('Call of an empty slot is answered InvalidCapability 0', (story, check) => {
    const slot = story.empty();
    answers(check, story.invokeNumbered(slot, 0), 'InvalidCapability', [0]);
  }),
  calls('Send and NBSend to an empty slot are dropped silently', (story, check) => {
    const slot = story.empty();
    const agent = story.thread();
    story.send(slot);
    check.equal(story.current, agent.id, 'after Send');
    story.nbSend(slot);
    check.equal(story.current, agent.id, 'after NBSend');
  }),
  calls('Send and NBSend invoke kernel objects; what they refuse is dropped', (story, check) => {
    const { labels } = story.numbers;
    const { id, tcb } = story.thread({ priority: 120 });
    story.call(tcb, { label: labels.TCB_Suspend ?? 0 });
    const agent = story.thread();
    story.send(tcb, { label: labels.CNode_Copy ?? 0 });
    check.equal(story.current, agent.id, 'a label that the object does not know');
    story.nbSend(tcb, { label: labels.TCB_Resume ?? 0 });
    check.equal(story.current, id, 'a thread resumed by NBSend');
  }),
  ...(['NBSendRecv', 'NBSendWait'] as const).map((name) =>
    calls(`the first phase of ${name} does nothing to a TCB`, (story, check) => {
      const endpoint = story.make('Endpoint');
      const reply = story.make('Reply');
      const victim = story.sleeper({ priority: 120 });
      story.thread();
      const label = story.numbers.labels.TCB_Suspend ?? 0;
      story.perform({ name, destination: victim.tcb, pointer: endpoint, reply, label });
      check.equal(story.current, story.initial, 'it waits');
      story.signal(story.minted(victim.wake, 1));
      check.equal(story.current, victim.id, 'the TCB was not suspended');
    }),
  ),
  calls(
    'the first phase of NBSendWait through a pointer that leads nowhere is dropped; the second is done',
    (story, check) => {
      const notification = story.make('Notification');
      const badged = story.minted(notification, 2);
      const agent = story.thread();
      story.signal(badged);
      story.nbSendWait(nowhere(story), notification);
      check.equal(story.current, agent.id, 'it runs on');
      check.equal(story.message.badge, 2, 'it took the signal');
    },
  ),
  calls('the first phase of NBSendRecv does not wait for a receiver', (story, check) => {
    const [from, to] = [story.make('Endpoint'), story.make('Endpoint')];
    const [badged, reply] = [story.minted(to, 9), story.make('Reply')];
    story.thread();
    story.nbSendRecv(badged, from, reply, { words: [1] });
    check.equal(story.current, story.initial, 'it waits to receive');
    story.nbRecv(to, story.make('Reply'));
    check.equal(story.message.badge, 0, 'nothing was kept');
  }),
  calls('Yield invokes nothing; who is alone at its priority runs on in its next turn', (story, check) => {
    const agent = story.thread();
    story.yield();
    check.equal(story.current, agent.id, 'who runs');
  }),
];
