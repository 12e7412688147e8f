/** IO spaces. */
import { answers, climb, type Draft, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import { done } from '../stage.ts';
import type { Story } from '../story.ts';
import { BASE, mapPage, tablesTo } from './mapping.ts';

const ioSpace = sectionOf('8.3 I/O Space');

const PAGE = 0x1000;
const IO_BASE = 0x40_0000;
/** What the last level of tables maps. */
const TABLE = 0x20_0000;

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
  ioSpace(
    'an IO space that is deleted takes the device’s access along, and a new one begins empty',
    (story, check) => {
      const space = issued(story);
      ioTables(story, space);
      answers(check, mapIo(story, story.make('Frame4K'), space), 'NoError');
      check.equal(reach(story), 0, 'mapped');
      answers(check, story.delete(space), 'NoError');
      check.equal(reach(story), 'fault', 'deleted');
      const again = issued(story);
      ioTables(story, again);
      check.equal(reach(story), 'fault', 'nothing of the old one is left, not in a cache either');
    },
    'ioSpaces',
  ),
  ioSpace(
    'a frame whose memory is taken back is not reached by the device any more',
    (story, check) => {
      const space = issued(story);
      ioTables(story, space);
      const untyped = story.make('Untyped', 12);
      const frame = story.make('Frame4K', 0, 1, untyped);
      answers(check, mapIo(story, frame, space), 'NoError');
      check.equal(reach(story), 0, 'mapped');
      answers(check, story.revoke(untyped), 'NoError');
      check.equal(reach(story), 'fault', 'revoked');
    },
    'ioSpaces',
  ),
  ioSpace(
    'an IO space lasts as long as a capability to it, and so do its tables and frames',
    (story, check) => {
      const space = issued(story);
      const copy = story.copied(space);
      ioTables(story, space);
      const frame = story.make('Frame4K');
      answers(check, mapIo(story, frame, space), 'NoError');
      answers(check, story.delete(space), 'NoError');
      check.equal(reach(story), 0, 'a copy is left');
      answers(check, story.invoke(frame, 'Page_UnmapIO'), 'NoError');
      answers(check, mapIo(story, frame, copy, IO_BASE + PAGE), 'NoError', [], 'through the copy');
      check.equal([reach(story), reach(story, IO_BASE + PAGE)], ['fault', 0], 'elsewhere');
    },
    'ioSpaces',
  ),
  ioSpace(
    'taking the root table away takes everything away; another can be its root',
    (story, check) => {
      const space = issued(story);
      const root = story.make('IOPageTable');
      answers(check, story.invoke(root, 'IOPageTable_Map', [IO_BASE], [space]), 'NoError');
      ioTables(story, space);
      const frame = story.make('Frame4K');
      answers(check, mapIo(story, frame, space), 'NoError');
      check.equal(reach(story), 0, 'mapped');
      answers(check, story.delete(root), 'NoError');
      check.equal(reach(story), 'fault', 'gone');
      answers(check, mapIo(story, story.make('Frame4K'), space), 'FailedLookup', undefined, 'no root');
      check.that(ioTables(story, space) > 0, 'tables are mapped anew');
      check.equal(reach(story), 'fault', 'and empty');
    },
    'ioSpaces',
  ),
  ioSpace(
    'IOSpaceControl_Issue: label, length, device RangeError, RevokeFirst, path, DeleteFirst',
    (story, check) => {
      const { boot, numbers, depth } = story;
      const taken = issued(story);
      const draft: Draft = {
        pointer: boot.ioSpaceControl!,
        label: numbers.labels.CNode_Copy!,
        words: [numbers.noDevice, numbers.ioDomain + 1, taken],
        capabilities: [],
      };
      climb(story, check, draft, [
        { error: 'IllegalOperation', what: 'a label of another type' },
        {
          mend: (d) => (d.label = numbers.labels.IOSpaceControl_Issue!),
          error: 'TruncatedMessage',
          what: 'three words',
        },
        { mend: (d) => d.words.push(depth + 1), error: 'TruncatedMessage', what: 'no root' },
        { mend: (d) => d.capabilities.push(boot.cnode), error: 'RangeError', what: 'no such device' },
        { mend: (d) => (d.words[0] = numbers.device), error: 'RevokeFirst', what: 'it has an IO space' },
        {
          mend: () => done(story.revoke(boot.ioSpaceControl!), 'CNode_Revoke'),
          error: 'RangeError',
          words: [1, depth],
          what: 'the depth',
        },
        { mend: (d) => (d.words[3] = depth - 1), error: 'FailedLookup', what: 'the path' },
        {
          mend: (d) => {
            d.words[2] = boot.tcb;
            d.words[3] = depth;
          },
          error: 'DeleteFirst',
          what: 'the slot is taken',
        },
        { mend: (d) => (d.words[2] = taken), error: 'NoError', what: 'and then it is done' },
      ]);
    },
    'ioSpaces',
  ),
  ioSpace(
    'IOPageTable_Map: label, length, mapped already InvalidCapability, no IO space InvalidCapability, DeleteFirst',
    (story, check) => {
      const { boot, numbers } = story;
      const space = issued(story);
      const mapped = story.make('IOPageTable');
      done(story.invoke(mapped, 'IOPageTable_Map', [IO_BASE], [space]), 'IOPageTable_Map');
      ioTables(story, space);
      const draft: Draft = { pointer: mapped, label: numbers.labels.CNode_Copy!, words: [], capabilities: [] };
      climb(story, check, draft, [
        { error: 'IllegalOperation', what: 'a label of another type' },
        { mend: (d) => (d.label = numbers.labels.IOPageTable_Map!), error: 'TruncatedMessage', what: 'no address' },
        { mend: (d) => d.words.push(IO_BASE), error: 'TruncatedMessage', what: 'no IO space' },
        { mend: (d) => d.capabilities.push(boot.tcb), error: 'InvalidCapability', words: [0], what: 'mapped already' },
        { mend: (d) => (d.pointer = story.make('IOPageTable')), error: 'InvalidCapability', what: 'no IO space' },
        { mend: (d) => (d.capabilities[0] = space), error: 'DeleteFirst', what: 'no table is missing' },
        { mend: (d) => (d.words[0] = IO_BASE + TABLE), error: 'NoError', what: 'and then it is done' },
      ]);
    },
    'ioSpaces',
  ),
  ioSpace(
    'Page_MapIO: label, length, size and mapped already InvalidCapability, no IO space InvalidCapability, FailedLookup, DeleteFirst, InvalidArgument',
    (story, check) => {
      const { boot, numbers } = story;
      const space = issued(story);
      ioTables(story, space);
      const [mapped, fresh] = [story.make('Frame4K'), story.make('Frame4K')];
      done(mapIo(story, mapped, space), 'Page_MapIO');
      const draft: Draft = {
        pointer: story.make('Frame2M'),
        label: numbers.labels.CNode_Copy!,
        words: [0],
        capabilities: [],
      };
      climb(story, check, draft, [
        { error: 'IllegalOperation', what: 'a label of another type' },
        { mend: (d) => (d.label = numbers.labels.Page_MapIO!), error: 'TruncatedMessage', what: 'one word' },
        { mend: (d) => d.words.push(IO_BASE + TABLE), error: 'TruncatedMessage', what: 'no IO space' },
        { mend: (d) => d.capabilities.push(boot.tcb), error: 'InvalidCapability', words: [0], what: 'the size' },
        { mend: (d) => (d.pointer = mapped), error: 'InvalidCapability', words: [0], what: 'mapped already' },
        { mend: (d) => (d.pointer = fresh), error: 'InvalidCapability', what: 'no IO space' },
        { mend: (d) => (d.capabilities[0] = space), error: 'FailedLookup', what: 'a table is missing' },
        { mend: (d) => (d.words[1] = IO_BASE), error: 'DeleteFirst', what: 'another page is there' },
        { mend: (d) => (d.words[1] = IO_BASE + PAGE), error: 'InvalidArgument', words: [0], what: 'no rights' },
        { mend: (d) => (d.words[0] = story.all), error: 'NoError', what: 'and then it is done' },
      ]);
    },
    'ioSpaces',
  ),
];
