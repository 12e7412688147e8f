/** Interrupts and IO spaces. */
import { answers, climb, type Draft, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import { done } from '../stage.ts';
import type { Story } from '../story.ts';
import { BASE, mapPage, tablesTo } from './mapping.ts';

const delivery = sectionOf('8.1 Interrupt Delivery');
const ioSpace = sectionOf('8.3 I/O Space');

const IRQ = 5;
const PAGE = 0x1000;
const IO_BASE = 0x40_0000;

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
    'IRQHandler_SetNotification: no notification with Write is InvalidCapability 1',
    (story, check) => {
      const handler = handlerOf(story);
      const notification = story.make('Notification');
      const set = (to: number) => story.invoke(handler, 'IRQHandler_SetNotification', [], [to]);
      answers(check, set(story.make('Endpoint')), 'InvalidCapability', [1], 'an endpoint');
      answers(check, set(story.copied(notification, story.numbers.rights.read)), 'InvalidCapability', [1], 'no Write');
      answers(check, set(notification), 'NoError', [], 'right');
    },
    'interrupts',
  ),
  delivery(
    'an interrupt signals the notification with the badge of the capability that was given',
    (story, check) => {
      const { notification } = served(story, 8);
      story.interrupt(IRQ);
      check.equal(told(story, notification), 8, 'the word');
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
      check.equal(told(story, notification), 5, 'the word');
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
      const { notification } = served(story);
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
    },
    'interrupts',
  ),
  delivery(
    'revoking the control takes all handlers',
    (story, check) => {
      const { handler, notification } = served(story);
      answers(check, story.revoke(story.boot.irqControl!), 'NoError');
      check.equal(story.holds(handler), false, 'the handler');
      story.interrupt(IRQ);
      check.equal(told(story, notification), 0, 'nothing is told');
    },
    'interrupts',
  ),
];

/** The IO space of the device, in a fresh slot. */
function issued(story: Story): number {
  const { ioSpaceControl, cnode } = story.boot;
  const slot = story.empty();
  const words = [story.numbers.device, story.numbers.ioDomain, slot, story.depth];
  done(story.invoke(ioSpaceControl!, 'IOSpaceControl_Issue', words, [cnode]), 'IOSpaceControl_Issue');
  return slot;
}
/** Maps tables until none is missing. @returns how many it took */
function ioTables(story: Story, space: number): number {
  for (let count = 0; count < 8; count++) {
    const table = story.make('IOPageTable');
    const { error } = story.invoke(table, 'IOPageTable_Map', [IO_BASE], [space]);
    if (error === 'DeleteFirst') return count;
    done({ error, words: [] }, 'IOPageTable_Map');
  }
  return -1;
}
const mapIo = (story: Story, frame: number, space: number, address: number = IO_BASE, rights: number = story.all) =>
  story.invoke(frame, 'Page_MapIO', [rights, address], [space]);
const reach = (story: Story, address: number = IO_BASE): number | 'fault' =>
  story.machine.deviceAccess!(story.numbers.device, address, 'load');

export const ioSpaces: readonly Clause[] = [
  ioSpace(
    'a device reaches nothing until a page is mapped for it',
    (story, check) => {
      check.equal(reach(story), 'fault', 'before');
      const space = issued(story);
      ioTables(story, space);
      const frame = story.make('Frame4K');
      answers(check, mapIo(story, frame, space), 'NoError');
      check.equal([reach(story), reach(story, IO_BASE + PAGE)], [0, 'fault'], 'after');
    },
    'ioSpaces',
  ),
  ioSpace(
    'IOPageTable_Map fills the first missing level from the root; complete is DeleteFirst',
    (story, check) => {
      const space = issued(story);
      const frame = story.make('Frame4K');
      answers(check, mapIo(story, frame, space), 'FailedLookup', undefined, 'no table');
      check.that(ioTables(story, space) > 0, 'tables were mapped until none was missing');
      answers(check, mapIo(story, frame, space), 'NoError', [], 'all tables');
    },
    'ioSpaces',
  ),
  ioSpace(
    'Page_MapIO: mapped already InvalidCapability, no rights InvalidArgument, used DeleteFirst',
    (story, check) => {
      const space = issued(story);
      ioTables(story, space);
      const [frame, other] = [story.make('Frame4K'), story.make('Frame4K')];
      answers(check, mapIo(story, frame, story.boot.tcb), 'InvalidCapability', undefined, 'no IO space');
      answers(check, mapIo(story, frame, space, IO_BASE, 0), 'InvalidArgument', undefined, 'no rights');
      answers(check, mapIo(story, frame, space), 'NoError');
      answers(check, mapIo(story, frame, space, IO_BASE + PAGE), 'InvalidCapability', undefined, 'mapped already');
      answers(check, mapIo(story, other, space), 'DeleteFirst', [], 'the entry is used');
    },
    'ioSpaces',
  ),
  ioSpace(
    'Page_UnmapIO, and deleting the frame’s capability, end the device’s access at once',
    (story, check) => {
      const space = issued(story);
      ioTables(story, space);
      const frame = story.make('Frame4K');
      answers(check, mapIo(story, frame, space), 'NoError');
      check.equal(reach(story), 0, 'mapped');
      answers(check, story.invoke(frame, 'Page_UnmapIO'), 'NoError');
      check.equal(reach(story), 'fault', 'unmapped');
      answers(check, mapIo(story, frame, space), 'NoError');
      answers(check, story.delete(frame), 'NoError');
      check.equal(reach(story), 'fault', 'deleted');
    },
    'ioSpaces',
  ),
  ioSpace(
    'a device has the rights that were asked for and the frame’s capability has',
    (story, check) => {
      const { device, rights } = story.numbers;
      const space = issued(story);
      ioTables(story, space);
      const [frame, other] = [story.make('Frame4K'), story.make('Frame4K')];
      const reader = story.copied(other, rights.read);
      answers(check, mapIo(story, frame, space, IO_BASE, rights.read), 'NoError', [], 'asked for');
      answers(check, mapIo(story, reader, space, IO_BASE + PAGE), 'NoError', [], 'there');
      const store = (address: number) => story.machine.deviceAccess!(device, address, 'store', 1);
      check.equal([store(IO_BASE), store(IO_BASE + PAGE)], ['fault', 'fault'], 'no store');
      check.equal([reach(story), reach(story, IO_BASE + PAGE)], [0, 0], 'loads');
    },
    'ioSpaces',
  ),
  ioSpace(
    'what a device writes is in the frame, and a copy of the frame can be mapped for a thread',
    (story, check) => {
      const space = issued(story);
      ioTables(story, space);
      tablesTo(story, BASE);
      const frame = story.make('Frame4K');
      answers(check, mapPage(story, story.copied(frame), BASE), 'NoError', [], 'for the thread');
      answers(check, mapIo(story, frame, space), 'NoError', [], 'for the device');
      story.machine.deviceAccess!(story.numbers.device, IO_BASE + 8, 'store', 77);
      check.equal(story.access(BASE + 8, 'load'), 77, 'the word');
    },
    'ioSpaces',
  ),
  ioSpace(
    'IOPageTable_Unmap takes away what is mapped below it',
    (story, check) => {
      const space = issued(story);
      const tables = [story.make('IOPageTable')];
      while (story.invoke(tables.at(-1)!, 'IOPageTable_Map', [IO_BASE], [space]).error === 'NoError')
        tables.push(story.make('IOPageTable'));
      answers(check, mapIo(story, story.make('Frame4K'), space), 'NoError');
      check.equal(reach(story), 0, 'mapped');
      answers(check, story.invoke(tables.at(-2)!, 'IOPageTable_Unmap'), 'NoError');
      check.equal(reach(story), 'fault', 'unmapped');
      answers(check, story.invoke(tables.at(-2)!, 'IOPageTable_Map', [IO_BASE], [space]), 'NoError', [], 'again');
      check.equal(reach(story), 'fault', 'and empty');
    },
    'ioSpaces',
  ),
  ioSpace(
    'revoking the control takes every IO space, and the device reaches nothing any more',
    (story, check) => {
      const space = issued(story);
      const copy = story.copied(space);
      ioTables(story, space);
      answers(check, mapIo(story, story.make('Frame4K'), copy), 'NoError');
      check.equal(reach(story), 0, 'mapped');
      answers(check, story.revoke(story.boot.ioSpaceControl!), 'NoError');
      check.equal([story.holds(space), story.holds(copy), reach(story)], [false, false, 'fault'], 'what is left');
    },
    'ioSpaces',
  ),
  ioSpace(
    'a device has one IO space at a time: RevokeFirst',
    (story, check) => {
      const space = issued(story);
      const words = [story.numbers.device, story.numbers.ioDomain + 1, story.empty(), story.depth];
      const again = () => story.invoke(story.boot.ioSpaceControl!, 'IOSpaceControl_Issue', words, [story.boot.cnode]);
      answers(check, again(), 'RevokeFirst');
      answers(check, story.delete(space), 'NoError');
      answers(check, again(), 'NoError');
    },
    'ioSpaces',
  ),
  ioSpace(
    'a frame that is mapped for a device is not mapped for the processor: IllegalOperation',
    (story, check) => {
      const space = issued(story);
      ioTables(story, space);
      const frame = story.make('Frame4K');
      answers(check, mapIo(story, frame, space), 'NoError');
      const words = [0x8_0000_0000, story.all, 0];
      answers(check, story.invoke(frame, 'Page_Map', words, [story.boot.vspace]), 'IllegalOperation');
    },
    'ioSpaces',
  ),
];
