/** Interrupts. */
import type { Check } from '../check.ts';
import { answers, climb, type Draft, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import { done } from '../stage.ts';
import type { Story } from '../story.ts';

const delivery = sectionOf('8.1 Interrupt Delivery');

const IRQ = 5;

/** A handler of an interrupt. */
function handlerOf(story: Story, irq: number = IRQ): number {
  const { irqControl, cnode } = story.boot;
  const slot = story.empty();
  done(story.invoke(irqControl!, 'IRQControl_Get', [irq, slot, story.depth], [cnode]), 'IRQControl_Get');
  return slot;
}
/** A handler, and the notification to which it signals with a badge. */
function served(story: Story, badge = 2): { readonly handler: number; readonly notification: number } {
  const notification = story.make('Notification');
  const handler = handlerOf(story);
  const badged = story.minted(notification, badge);
  done(story.invoke(handler, 'IRQHandler_SetNotification', [], [badged]), 'IRQHandler_SetNotification');
  return { handler, notification };
}
function told(story: Story, notification: number): number {
  story.poll(notification);
  return story.message.badge;
}

/** An interrupt comes, is told and acknowledged: the next one would be, too. */
function toldOnce(story: Story, check: Check, handler: number, notification: number): void {
  story.interrupt(IRQ);
  check.equal(told(story, notification), 2, 'it is told');
  story.machine.quiet(IRQ);
  answers(check, story.invoke(handler, 'IRQHandler_Ack'), 'NoError', [], 'acknowledged');
}

export const interrupts: readonly Clause[] = [
  delivery(
    'IRQControl_Get: label, length, number RangeError, RevokeFirst, path, DeleteFirst',
    (story, check) => {
      const { boot, numbers, depth } = story;
      handlerOf(story);
      const draft: Draft = {
        pointer: boot.irqControl!,
        label: numbers.labels.CNode_Copy!,
        words: [numbers.maxIrq + 1, boot.tcb],
        capabilities: [],
      };
      climb(story, check, draft, [
        { error: 'IllegalOperation', what: 'a label of another type' },
        { mend: (d) => (d.label = numbers.labels.IRQControl_Get!), error: 'TruncatedMessage', what: 'two words' },
        { mend: (d) => d.words.push(depth + 1), error: 'TruncatedMessage', what: 'no root' },
        { mend: (d) => d.capabilities.push(boot.cnode), error: 'RangeError', what: 'the number' },
        { mend: (d) => (d.words[0] = IRQ), error: 'RevokeFirst', what: 'it has a handler' },
        { mend: (d) => (d.words[0] = IRQ + 1), error: 'RangeError', words: [1, depth], what: 'the depth' },
        { mend: (d) => (d.words[2] = depth), error: 'DeleteFirst', what: 'the slot is taken' },
        { mend: (d) => (d.words[1] = story.empty()), error: 'NoError', what: 'and then it is done' },
      ]);
    },
    'interrupts',
  ),
  delivery(
    'IRQHandler_SetNotification: no notification with Write is InvalidCapability 0',
    (story, check) => {
      const handler = handlerOf(story);
      const notification = story.make('Notification');
      const set = (to: number) => story.invoke(handler, 'IRQHandler_SetNotification', [], [to]);
      answers(check, set(story.make('Endpoint')), 'InvalidCapability', [0], 'an endpoint');
      answers(check, set(story.copied(notification, story.numbers.rights.read)), 'InvalidCapability', [0], 'no Write');
      answers(check, set(notification), 'NoError', [], 'right');
    },
    'interrupts',
  ),
  delivery(
    'an interrupt signals the notification with the badge of the capability that was given',
    (story, check) => {
      const { notification } = served(story, 8);
      story.interrupt(IRQ);
      check.equal(story.polled(notification), [8, 0], 'the word');
    },
    'interrupts',
  ),
  delivery(
    'the line stays masked until IRQHandler_Ack',
    (story, check) => {
      const { handler, notification } = served(story);
      story.interrupt(IRQ);
      check.equal(told(story, notification), 2, 'the first');
      story.interrupt(IRQ);
      check.equal(told(story, notification), 0, 'masked');
      story.invoke(handler, 'IRQHandler_Ack');
      check.equal(told(story, notification), 2, 'acknowledged: it comes again');
    },
    'interrupts',
  ),
  delivery(
    'one notification tells several interrupts apart by their badges',
    (story, check) => {
      const { notification } = served(story, 1);
      const other = handlerOf(story, IRQ + 1);
      const badged = story.minted(notification, 4);
      answers(check, story.invoke(other, 'IRQHandler_SetNotification', [], [badged]), 'NoError');
      story.interrupt(IRQ);
      story.interrupt(IRQ + 1);
      check.equal(story.polled(notification), [5, 0], 'the word');
    },
    'interrupts',
  ),
  delivery(
    'IRQHandler_SetNotification replaces the one before; IRQHandler_Clear leaves none',
    (story, check) => {
      const { handler, notification } = served(story);
      const second = story.minted(story.make('Notification'), 4);
      answers(check, story.invoke(handler, 'IRQHandler_SetNotification', [], [second]), 'NoError');
      story.interrupt(IRQ);
      check.equal([told(story, notification), told(story, second)], [0, 4], 'the second is told');
      answers(check, story.invoke(handler, 'IRQHandler_Clear'), 'NoError');
      answers(check, story.invoke(handler, 'IRQHandler_Ack'), 'NoError');
      story.interrupt(IRQ);
      check.equal([told(story, notification), told(story, second)], [0, 0], 'nobody is');
    },
    'interrupts',
  ),
  delivery(
    'revoking the notification ends the telling',
    (story, check) => {
      const { handler, notification } = served(story);
      toldOnce(story, check, handler, notification);
      answers(check, story.revoke(notification), 'NoError');
      story.interrupt(IRQ);
      check.equal(told(story, notification), 0, 'the word');
    },
    'interrupts',
  ),
  delivery(
    'an interrupt preempts who runs for who waits above',
    (story, check) => {
      const handler = handlerOf(story);
      const agent = story.sleeper({ priority: 200 });
      const badged = story.minted(agent.wake, 2);
      answers(check, story.invoke(handler, 'IRQHandler_SetNotification', [], [badged]), 'NoError');
      story.interrupt(IRQ);
      check.equal([story.current, story.message.badge], [agent.id, 2], 'the thread runs');
    },
    'interrupts',
  ),
  delivery(
    'deleting the last capability to a handler makes the interrupt free again',
    (story, check) => {
      const { handler, notification } = served(story);
      const copy = story.copied(handler);
      answers(check, story.delete(handler), 'NoError');
      story.interrupt(IRQ);
      check.equal(told(story, notification), 2, 'a copy is left');
      answers(check, story.delete(copy), 'NoError');
      story.machine.quiet(IRQ);
      handlerOf(story);
      story.interrupt(IRQ);
      check.equal(told(story, notification), 0, 'the new handler tells nobody');
    },
    'interrupts',
  ),
  delivery(
    'revoking the control takes all handlers',
    (story, check) => {
      const { handler, notification } = served(story);
      toldOnce(story, check, handler, notification);
      check.equal(story.holds(handler), true, 'the handler is there');
      answers(check, story.revoke(story.boot.irqControl!), 'NoError');
      check.equal(story.holds(handler), false, 'the handler');
      story.interrupt(IRQ);
      check.equal(told(story, notification), 0, 'nothing is told');
    },
    'interrupts',
  ),
  delivery(
    'IRQControl_GetTrigger refuses in the same order, and makes a handler',
    (story, check) => {
      const { boot, numbers, depth } = story;
      handlerOf(story);
      const slot = story.empty();
      const get = (...words: number[]) => story.invoke(boot.irqControl!, 'IRQControl_GetTrigger', words, [boot.cnode]);
      const { edgeTrigger } = numbers;
      answers(check, get(numbers.maxIrq + 1, edgeTrigger, boot.tcb, depth + 1), 'RangeError', undefined, 'the number');
      answers(check, get(IRQ, edgeTrigger, boot.tcb, depth + 1), 'RevokeFirst', [], 'it has a handler');
      answers(check, get(IRQ + 1, edgeTrigger, boot.tcb, depth + 1), 'RangeError', [1, depth], 'the depth');
      answers(check, get(IRQ + 1, edgeTrigger, boot.tcb, depth), 'DeleteFirst', [], 'the slot is taken');
      answers(check, get(IRQ + 1, edgeTrigger, slot, depth), 'NoError', [], 'right');
      const notification = story.make('Notification');
      const badged = story.minted(notification, 2);
      answers(check, story.invoke(slot, 'IRQHandler_SetNotification', [], [badged]), 'NoError');
      story.interrupt(IRQ + 1);
      check.equal(told(story, notification), 2, 'it is told');
    },
    'triggers',
  ),
];
