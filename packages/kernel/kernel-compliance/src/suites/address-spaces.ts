/** Page tables, frames, ASIDs. Errors whose numbers are the architecture's are compared by their names alone. */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import { BASE, mapPage, mapped, mapTable, PAGE, tablesTo, vspaceOf } from './mapping.ts';

const GIGA = 2 ** 30;
const tables = sectionOf('7.1.1 Hardware Virtual Memory Objects');
const pages = sectionOf('7.1 Objects, Page');
const attributes = sectionOf('7.2 Mapping Attributes');
const sharing = sectionOf('7.3 Sharing Memory');

export const pageTables: readonly Clause[] = [
  tables('the kernel makes no tables: mapping a page where one is missing is FailedLookup', (story, check) => {
    const frame = story.make('Frame4K');
    for (let levels = story.numbers.tableBits.length - 1; levels > 0; levels--) {
      answers(check, mapPage(story, frame, BASE), 'FailedLookup', [0, 2], `${levels} tables are missing`);
      answers(check, mapTable(story, story.make('PageTable'), BASE), 'NoError', [], 'the next table');
    }
    answers(check, mapPage(story, frame, BASE), 'NoError', [], 'none is missing');
  }),
  tables(
    'PageTable_Map: mapped already, then no address space: InvalidCapability; kernel: InvalidArgument 0',
    (story, check) => {
      const [table, used] = [story.make('PageTable'), tablesTo(story, BASE)[0]!];
      const { kernelBase } = story.numbers;
      answers(check, mapTable(story, used, kernelBase, story.boot.tcb), 'InvalidCapability', [0], 'mapped already');
      answers(check, mapTable(story, table, kernelBase, story.boot.tcb), 'InvalidCapability', [1], 'no table');
      answers(check, mapTable(story, table, kernelBase, story.make('PageTable')), 'InvalidCapability', [1], 'no root');
      answers(check, mapTable(story, table, kernelBase), 'InvalidArgument', [0], 'the kernel’s');
      answers(check, mapTable(story, table, BASE), 'DeleteFirst', [], 'all levels are there');
    },
  ),
  tables(
    'PageTable_Map: the kernel’s range wins over an ASID that is gone: FailedLookup',
    (story, check) => {
      const [table, vspace, pool] = [story.make('PageTable'), story.make('PageTable'), story.empty()];
      const { asidControl, cnode } = story.boot;
      const untyped = story.make('Untyped', 12);
      const made = story.invoke(asidControl!, 'ASIDControl_MakePool', [pool, story.depth], [untyped, cnode]);
      answers(check, made, 'NoError', [], 'a pool');
      answers(check, story.invoke(pool, 'ASIDPool_Assign', [], [vspace]), 'NoError', [], 'an ASID');
      answers(check, story.delete(pool), 'NoError', [], 'it is gone');
      answers(check, mapTable(story, table, story.numbers.kernelBase, vspace), 'InvalidArgument', [0], 'the kernel’s');
      answers(check, mapTable(story, table, BASE, vspace), 'FailedLookup', [0, 1], 'no ASID');
    },
    'asidPools',
  ),
  tables('PageTable_Unmap takes away what is mapped below; the table can be mapped elsewhere', (story, check) => {
    const list = tablesTo(story, BASE);
    mapped(story, BASE);
    check.equal(story.access(BASE, 'store', 5), 5, 'the page is there');
    const table = list.at(-1)!;
    answers(check, story.invoke(table, 'PageTable_Unmap'), 'NoError');
    const other = story.thread();
    check.equal([story.access(BASE, 'load'), story.current], ['fault', story.initial], 'the page is not');
    check.that(other.id >= 0, 'a thread that may fault');
    answers(check, mapTable(story, table, BASE), 'NoError', [], 'again');
  }),
  tables('PageTable_Unmap of a table of which there is a copy is RevokeFirst', (story, check) => {
    const table = tablesTo(story, BASE).at(-1)!;
    const copy = story.copied(table);
    answers(check, story.invoke(table, 'PageTable_Unmap'), 'RevokeFirst');
    answers(check, story.delete(copy), 'NoError');
    answers(check, story.invoke(table, 'PageTable_Unmap'), 'NoError');
  }),
  tables('deleting the last capability to a table unmaps it', (story, check) => {
    const table = tablesTo(story, BASE).at(-1)!;
    mapped(story, BASE);
    answers(check, story.delete(table), 'NoError');
    story.thread();
    check.equal(story.access(BASE, 'load'), 'fault', 'the page');
  }),
];

export const framesAndPages: readonly Clause[] = [
  pages('Page_Map: what is written can be read, and other pages are not touched', (story, check) => {
    tablesTo(story, BASE);
    mapped(story, BASE);
    mapped(story, BASE + PAGE);
    check.equal(story.access(BASE + 8, 'store', 41), 41, 'store');
    check.equal([story.access(BASE + 8, 'load'), story.access(BASE + PAGE + 8, 'load')], [41, 0], 'load');
  }),
  pages(
    'Page_Map of a new page: address space, kernel range, alignment, tables, entry: in this order',
    (story, check) => {
      const { kernelBase } = story.numbers;
      const frame = story.make('Frame4K');
      answers(check, mapPage(story, frame, kernelBase + 1, 0, story.boot.tcb), 'InvalidCapability', [1], 'no table');
      answers(check, mapPage(story, frame, kernelBase + 1), 'InvalidArgument', [0], 'the kernel’s');
      answers(check, mapPage(story, frame, BASE + 1), 'AlignmentError', [], 'alignment');
      answers(check, mapPage(story, frame, BASE), 'FailedLookup', [0, 2], 'tables');
      tablesTo(story, BASE);
      mapped(story, BASE);
      answers(check, mapPage(story, frame, BASE), 'DeleteFirst', [], 'the entry is used');
      answers(check, mapPage(story, frame, BASE + PAGE), 'NoError', [], 'the next is free');
    },
  ),
  pages('Page_Map of a mapped page: another address is InvalidArgument, the same maps anew', (story, check) => {
    tablesTo(story, BASE);
    const frame = mapped(story, BASE);
    answers(check, mapPage(story, frame, BASE + PAGE), 'InvalidArgument', undefined, 'elsewhere');
    answers(check, mapPage(story, frame, BASE), 'NoError', [], 'in its place');
  }),
  pages(
    'Page_Map of a mapped page in another address space is InvalidCapability',
    (story, check) => {
      tablesTo(story, BASE);
      const frame = mapped(story, BASE);
      const other = vspaceOf(story);
      answers(check, mapPage(story, frame, BASE, story.all, other), 'InvalidCapability', [1]);
    },
    'asidPools',
  ),
  pages('the rights of a page are those that are asked for and the capability has', (story, check) => {
    tablesTo(story, BASE);
    const { read } = story.numbers.rights;
    const frame = story.make('Frame4K');
    const reader = story.copied(frame, read);
    answers(check, mapPage(story, reader, BASE), 'NoError', [], 'asking for all');
    check.equal(story.access(BASE, 'load'), 0, 'it can be read');
    story.thread();
    check.equal(story.access(BASE, 'store', 1), 'fault', 'and not written');
  }),
  attributes('mapping again in place changes the rights at once', (story, check) => {
    tablesTo(story, BASE);
    const frame = mapped(story, BASE);
    check.equal(story.access(BASE, 'store', 7), 7, 'written');
    answers(check, mapPage(story, frame, BASE, story.numbers.rights.read), 'NoError', [], 'read only');
    check.equal(story.access(BASE, 'load'), 7, 'still read');
    story.thread();
    check.equal(story.access(BASE, 'store', 8), 'fault', 'no translation is kept');
  }),
  attributes('instructions are fetched from a page unless its attributes forbid it', (story, check) => {
    tablesTo(story, BASE);
    const frame = mapped(story, BASE);
    check.equal(story.access(BASE, 'fetch'), 0, 'allowed');
    const words = [BASE, story.all, story.numbers.executeNever];
    answers(check, story.invoke(frame, 'Page_Map', words, [story.boot.vspace]), 'NoError', [], 'in place');
    check.equal(story.access(BASE, 'load'), 0, 'it is read');
    story.thread();
    check.equal(story.access(BASE, 'fetch'), 'fault', 'and not fetched from');
  }),
  pages('two threads of one address space see the same', (story, check) => {
    tablesTo(story, BASE);
    mapped(story, BASE);
    story.access(BASE + 4, 'store', 12);
    story.thread();
    check.equal(story.access(BASE + 4, 'load'), 12, 'the other thread');
  }),
  pages('Page_Unmap takes the page away at once; of an unmapped page it does nothing', (story, check) => {
    tablesTo(story, BASE);
    const frame = mapped(story, BASE);
    check.equal(story.access(BASE, 'load'), 0, 'there');
    answers(check, story.invoke(frame, 'Page_Unmap'), 'NoError');
    answers(check, story.invoke(frame, 'Page_Unmap'), 'NoError', [], 'once more');
    answers(check, mapPage(story, frame, BASE + PAGE), 'NoError', [], 'it can be mapped elsewhere');
    story.thread();
    check.equal(story.access(BASE, 'load'), 'fault', 'gone');
  }),
  sharing('a copy of a frame comes out unmapped, and can be mapped beside the first', (story, check) => {
    tablesTo(story, BASE);
    const frame = mapped(story, BASE);
    const copy = story.copied(frame);
    answers(check, mapPage(story, copy, BASE + PAGE), 'NoError', [], 'the copy');
    story.access(BASE + 16, 'store', 99);
    check.equal(story.access(BASE + PAGE + 16, 'load'), 99, 'the same memory');
    answers(check, story.invoke(copy, 'Page_Unmap'), 'NoError');
    check.equal(story.access(BASE + 16, 'load'), 99, 'the first mapping stays');
  }),
  sharing('deleting a mapped capability unmaps it, though others to its frame are left', (story, check) => {
    tablesTo(story, BASE);
    const frame = mapped(story, BASE);
    const copy = story.copied(frame);
    answers(check, mapPage(story, copy, BASE + PAGE), 'NoError');
    answers(check, story.delete(frame), 'NoError');
    check.equal(story.access(BASE + PAGE, 'load'), 0, 'the copy’s mapping stays');
    story.thread();
    check.equal(story.access(BASE, 'load'), 'fault', 'the deleted one’s does not');
  }),
  sharing('revoking a frame unmaps what others mapped of it, and leaves its own mapping', (story, check) => {
    tablesTo(story, BASE);
    const frame = mapped(story, BASE);
    const copy = story.copied(frame);
    answers(check, mapPage(story, copy, BASE + PAGE), 'NoError');
    answers(check, story.revoke(frame), 'NoError');
    check.equal(story.access(BASE, 'load'), 0, 'its own');
    story.thread();
    check.equal(story.access(BASE + PAGE, 'load'), 'fault', 'the copy’s');
  }),
  sharing('memory that is used again is not reached by an old mapping', (story, check) => {
    tablesTo(story, BASE);
    const untyped = story.make('Untyped', 12);
    const frame = story.make('Frame4K', 0, 1, untyped);
    answers(check, mapPage(story, frame, BASE), 'NoError');
    story.access(BASE, 'store', 3);
    answers(check, story.revoke(untyped), 'NoError');
    answers(check, story.retype(untyped, 'Frame4K', 0, frame), 'NoError');
    answers(check, mapPage(story, frame, BASE + PAGE), 'NoError');
    check.equal(story.access(BASE + PAGE, 'load'), 0, 'it comes zeroed');
    story.thread();
    check.equal(story.access(BASE, 'load'), 'fault', 'the old place');
  }),
  pages(
    'Page_GetAddress answers the physical address of the frame',
    (story, check) => {
      const untyped = story.boot.untypeds.find(({ isDevice, sizeBits }) => isDevice && sizeBits >= 13)!;
      const frames = story.make('Frame4K', 0, 2, untyped.pointer);
      answers(check, story.invoke(frames + 1, 'Page_GetAddress'), 'NoError', [untyped.paddr + PAGE]);
    },
    'deviceMemory',
  ),
];

export const bigPages: readonly Clause[] = [
  pages(
    'a frame of 2 MiB takes the place of a table: alignment, tables above it, DeleteFirst where a table is',
    (story, check) => {
      const frame = story.make('Frame2M');
      const span = 2 ** 21;
      const before = story.make('PageTable');
      answers(check, mapPage(story, frame, BASE), 'FailedLookup', [0, 2], 'no table above');
      answers(check, mapTable(story, before, BASE), 'NoError', [], 'the table above');
      answers(check, mapPage(story, frame, BASE + PAGE), 'AlignmentError', [], 'alignment');
      answers(check, mapPage(story, frame, BASE), 'NoError', [], 'mapped');
      story.access(BASE + span - 4, 'store', 8);
      check.equal(story.access(BASE + span - 4, 'load'), 8, 'its last word');
      answers(check, mapTable(story, story.make('PageTable'), BASE), 'DeleteFirst', [], 'a table in its place');
      answers(check, mapPage(story, story.make('Frame4K'), BASE), 'FailedLookup', undefined, 'a page within');
      answers(check, story.invoke(frame, 'Page_Unmap'), 'NoError');
      story.thread();
      check.equal(story.access(BASE + span - 4, 'load'), 'fault', 'unmapped, its last word, too');
    },
    'bigPages',
  ),
  pages(
    'a frame of 1 GiB stands in the root: alignment, DeleteFirst where a table is, and it goes as one',
    (story, check) => {
      const frame = story.make('Frame1G', 0, 1, story.boot.untypeds.find(({ sizeBits }) => sizeBits >= 30)!.pointer);
      const [first, second] = [4 * GIGA, 5 * GIGA];
      answers(check, mapPage(story, frame, first + 2 ** 21), 'AlignmentError', [], 'alignment');
      answers(check, mapTable(story, story.make('PageTable'), second), 'NoError', [], 'a table in the root');
      answers(check, mapPage(story, frame, second), 'DeleteFirst', [], 'where a table is');
      answers(check, mapPage(story, frame, first), 'NoError', [], 'mapped');
      answers(check, mapTable(story, story.make('PageTable'), first), 'DeleteFirst', [], 'a table in its place');
      answers(check, mapPage(story, story.make('Frame4K'), first), 'FailedLookup', [0, 2], 'a page within');
      answers(check, mapPage(story, frame, 6 * GIGA), 'InvalidArgument', [0], 'elsewhere');
      answers(check, story.invoke(frame, 'Page_Unmap'), 'NoError', [], 'unmapped');
      answers(check, mapTable(story, story.make('PageTable'), first), 'NoError', [], 'its place is free');
    },
    'bigPages',
    'gigabyte',
  ),
];
