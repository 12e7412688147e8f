/** What others see of a revocation or a deletion that an interrupt broke off, and how it goes on. */
import type { Check } from '../check.ts';
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import { done } from '../stage.ts';
import type { Agent, Story } from '../story.ts';

const deletion = sectionOf('3.2 Deletion and Revocation');
const NEEDS = ['preemption', 'interrupts'] as const;

const IRQ = 7;
/** More than the reference kernel does before it asks whether somebody waits. */
const MANY = 300;

/** A thread above all that waits for an interrupt. */
function watcher(story: Story): Agent & { readonly wake: number } {
  const agent = story.sleeper({ priority: 220 });
  const handler = story.empty();
  const { irqControl, cnode } = story.boot;
  done(story.invoke(irqControl!, 'IRQControl_Get', [IRQ, handler, story.depth], [cnode]), 'IRQControl_Get');
  done(story.invoke(handler, 'IRQHandler_SetNotification', [], [story.minted(agent.wake, 1)]), 'SetNotification');
  return agent;
}
/** The initial thread revokes or deletes; the interrupt comes within, and the watcher runs. */
function breakOff(
  story: Story,
  check: Check,
  label: 'CNode_Revoke' | 'CNode_Delete',
  pointer: number,
): Agent & { wake: number } {
  const agent = watcher(story);
  story.machine.interruptDuring!(IRQ);
  story.call(story.boot.cnode, { label: story.numbers.labels[label] ?? 0, words: [pointer, story.depth] });
  check.equal(story.current, agent.id, 'the watcher runs in between');
  return agent;
}
const held = (story: Story, slots: readonly number[]): number => slots.filter((slot) => story.holds(slot)).length;
const copiesOf = (story: Story, source: number): number[] => Array.from({ length: MANY }, () => story.copied(source));

/** A CNode that holds many capabilities. */
function fullNode(story: Story): number {
  const node = story.make('CNode', 9);
  const limit = story.numbers.fanOutLimit;
  done(story.retypeInto(story.memory, 'Endpoint', 0, node, 0, Math.min(limit, MANY)), 'filling the CNode');
  return node;
}

export const preemption: readonly Clause[] = [
  deletion(
    'Revoke is broken off by an interrupt: others see it partly done; then it goes on to its end',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const copies = copiesOf(story, endpoint);
      const agent = breakOff(story, check, 'CNode_Revoke', endpoint);
      const left = held(story, copies);
      check.that(left > 0 && left < MANY, `in between ${left} of ${MANY} are left`);
      check.equal(story.holds(endpoint), true, 'the capability itself is');
      story.wait(agent.wake);
      check.equal(story.current, story.initial, 'the revocation goes on');
      answers(check, story.answerOf(story.initial), 'NoError', []);
      check.equal(held(story, copies), 0, 'none is left');
    },
    ...NEEDS,
  ),
  deletion(
    'a Revoke that was broken off may be done by another, and made anew in between',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const copies = copiesOf(story, endpoint);
      const agent = breakOff(story, check, 'CNode_Revoke', endpoint);
      answers(check, story.revoke(endpoint), 'NoError', [], 'the watcher does it');
      const another = story.copied(endpoint);
      story.wait(agent.wake);
      answers(check, story.answerOf(story.initial), 'NoError', [], 'and so does the first');
      check.equal([held(story, copies), story.holds(another)], [0, false], 'what is left');
    },
    ...NEEDS,
  ),
  deletion(
    'a Revoke whose capability goes in between ends without an error; the others stay',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const copies = copiesOf(story, endpoint);
      const agent = breakOff(story, check, 'CNode_Revoke', endpoint);
      const left = held(story, copies);
      answers(check, story.delete(endpoint), 'NoError', []);
      story.wait(agent.wake);
      answers(check, story.answerOf(story.initial), 'NoError', []);
      check.equal(held(story, copies), left, 'what is left');
    },
    ...NEEDS,
  ),
  deletion(
    'a thread that is suspended within its Revoke goes on with it when it is resumed',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const copies = copiesOf(story, endpoint);
      const agent = breakOff(story, check, 'CNode_Revoke', endpoint);
      const left = held(story, copies);
      answers(check, story.invoke(story.boot.tcb, 'TCB_Suspend'), 'NoError', []);
      check.equal(held(story, copies), left, 'nothing more is done');
      answers(check, story.invoke(story.boot.tcb, 'TCB_Resume'), 'NoError', []);
      story.wait(agent.wake);
      check.equal([story.current, held(story, copies)], [story.initial, 0], 'and then it is');
    },
    ...NEEDS,
  ),
  deletion(
    'a CNode that is being deleted is a zombie: to invoke it is InvalidCapability 0, whatever the label',
    (story, check) => {
      const node = fullNode(story);
      const agent = breakOff(story, check, 'CNode_Delete', node);
      check.equal(story.holds(node), true, 'its slot is not empty');
      for (const label of Object.values(story.numbers.labels))
        answers(check, story.invokeNumbered(node, label), 'InvalidCapability', [0], `label ${label}`);
      story.wait(agent.wake);
      answers(check, story.answerOf(story.initial), 'NoError', [], 'the deletion ends');
      check.equal(story.holds(node), false, 'the slot is empty');
    },
    ...NEEDS,
  ),
  deletion(
    'a zombie leads nowhere, holds nothing and is not copied',
    (story, check) => {
      const node = fullNode(story);
      const agent = breakOff(story, check, 'CNode_Delete', node);
      const { cnode } = story.boot;
      const words = [story.empty(), story.depth, 1, 9, story.all];
      answers(check, story.invoke(cnode, 'CNode_Copy', words, [node]), 'FailedLookup', [1, 1], 'as a root');
      const retype = story.retypeInto(story.memory, 'Endpoint', 0, node, 500, 1);
      answers(check, retype, 'FailedLookup', [0, 2], 'as a destination');
      answers(check, story.copy(story.empty(), node), 'IllegalOperation', [], 'copied');
      answers(check, story.mint(story.empty(), node, story.all, 0), 'IllegalOperation', [], 'minted');
      story.wait(agent.wake);
      check.equal(story.holds(node), false, 'the deletion ends');
    },
    ...NEEDS,
  ),
  deletion(
    'a deletion that was broken off may be ended by another',
    (story, check) => {
      const node = fullNode(story);
      const agent = breakOff(story, check, 'CNode_Delete', node);
      answers(check, story.delete(node), 'NoError', [], 'the watcher ends it');
      check.equal(story.holds(node), false, 'the slot is empty');
      story.wait(agent.wake);
      answers(check, story.answerOf(story.initial), 'NoError', [], 'the first finds nothing to do');
    },
    ...NEEDS,
  ),
];
