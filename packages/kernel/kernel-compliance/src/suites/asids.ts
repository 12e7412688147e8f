/** Address space identifiers, and the pools that give them. */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import { BASE, mapPage, tablesTo, vspaceOf } from './mapping.ts';

const asids = sectionOf('7.1 Objects, ASID Pool');

export const addressSpaceIdentifiers: readonly Clause[] = [
  asids(
    'ASIDPool_Assign: no page table, or one in use, is InvalidCapability 1',
    (story, check) => {
      const assign = (table: number) => story.invoke(story.boot.asidPool!, 'ASIDPool_Assign', [], [table]);
      const table = story.make('PageTable');
      answers(check, assign(story.make('Frame4K')), 'InvalidCapability', [1], 'a frame');
      answers(check, assign(tablesTo(story, BASE)[0]!), 'InvalidCapability', [1], 'mapped');
      answers(check, assign(table), 'NoError', [], 'right');
      answers(check, assign(table), 'InvalidCapability', [1], 'assigned already');
    },
    'asidPools',
  ),
  asids(
    'an address space that is assigned has its own mappings',
    (story, check) => {
      const vspace = vspaceOf(story);
      tablesTo(story, BASE, vspace);
      const frame = story.make('Frame4K');
      answers(check, mapPage(story, frame, BASE, story.all, vspace), 'NoError');
      const agent = story.sleeper();
      const spaces = [0, story.boot.cnode, vspace];
      answers(check, story.invoke(agent.tcb, 'TCB_SetSpace', [0, 0], spaces), 'NoError');
      story.signal(story.minted(agent.wake, 1));
      check.equal([story.access(BASE, 'store', 6), story.current], [6, agent.id], 'its thread');
      story.wait(agent.wake);
      story.thread();
      check.equal(story.access(BASE, 'load'), 'fault', 'another thread');
    },
    'asidPools',
  ),
  asids(
    'a new address space has nothing of one that is gone, though it may have its ASID',
    (story, check) => {
      const old = vspaceOf(story);
      tablesTo(story, BASE, old);
      answers(check, mapPage(story, story.make('Frame4K'), BASE, story.all, old), 'NoError');
      const agent = story.sleeper();
      const badged = story.minted(agent.wake, 1);
      const enter = (vspace: number) => story.invoke(agent.tcb, 'TCB_SetSpace', [0, 0], [0, story.boot.cnode, vspace]);
      answers(check, enter(old), 'NoError');
      story.signal(badged);
      check.equal(story.access(BASE, 'load'), 0, 'it reads its page');
      story.wait(agent.wake);
      const fresh = story.make('PageTable');
      answers(check, story.revoke(old), 'NoError');
      answers(check, story.delete(old), 'NoError');
      answers(check, story.invoke(story.boot.asidPool!, 'ASIDPool_Assign', [], [fresh]), 'NoError');
      answers(check, enter(fresh), 'NoError');
      story.signal(badged);
      check.equal(story.current, agent.id, 'it runs');
      check.equal(story.access(BASE, 'load'), 'fault', 'the page of the old one');
    },
    'asidPools',
  ),
  asids(
    'when the root of an address space goes, its threads have no mappings',
    (story, check) => {
      const vspace = vspaceOf(story);
      tablesTo(story, BASE, vspace);
      const frame = story.make('Frame4K');
      answers(check, mapPage(story, frame, BASE, story.all, vspace), 'NoError');
      const handler = story.make('Endpoint');
      const agent = story.sleeper();
      const badged = story.minted(agent.wake, 1);
      const spaces = [handler, story.boot.cnode, vspace];
      answers(check, story.invoke(agent.tcb, 'TCB_SetSpace', [0, 0], spaces), 'NoError');
      answers(check, story.revoke(vspace), 'NoError');
      answers(check, story.delete(vspace), 'NoError');
      answers(
        check,
        mapPage(story, frame, BASE, story.all, vspace),
        'InvalidCapability',
        undefined,
        'no root any more',
      );
      story.signal(badged);
      if (story.current === agent.id) check.equal(story.access(BASE, 'load'), 'fault', 'its page');
      check.equal(story.current, story.initial, 'it does not run on');
    },
    'asidPools',
  ),
  asids(
    'ASIDPool_Assign of a full pool is DeleteFirst',
    (story, check) => {
      const untyped = story.make('Untyped', 12);
      const slot = story.empty();
      const words = [slot, story.depth];
      const pool = story.invoke(story.boot.asidControl!, 'ASIDControl_MakePool', words, [untyped, story.boot.cnode]);
      answers(check, pool, 'NoError');
      const count = story.numbers.asidsPerPool;
      const tables = Array.from({ length: count }, () => story.make('PageTable'));
      const refused = tables.filter((table) => story.invoke(slot, 'ASIDPool_Assign', [], [table]).error !== 'NoError');
      check.equal(refused.length, 0, 'up to its size');
      const last = story.make('PageTable');
      answers(check, story.invoke(slot, 'ASIDPool_Assign', [], [last]), 'DeleteFirst', [], 'one more');
      answers(check, story.delete(tables[0]!), 'NoError');
      answers(check, story.invoke(slot, 'ASIDPool_Assign', [], [last]), 'NoError', [], 'where another was');
    },
    'asidPools',
  ),
  asids(
    'ASIDControl_MakePool: pools are finite, and when none is left it is DeleteFirst',
    (story, check) => {
      const errors: string[] = [];
      for (let i = 0; i < 4096 && errors.length === 0; i++) {
        const untyped = story.make('Untyped', 12);
        const words = [story.empty(), story.depth];
        const made = story.invoke(story.boot.asidControl!, 'ASIDControl_MakePool', words, [untyped, story.boot.cnode]);
        if (made.error !== 'NoError') errors.push(made.error);
      }
      check.equal(errors, ['DeleteFirst'], 'the first that is refused');
      const { asidControl, cnode } = story.boot;
      const wrong = story.invoke(asidControl!, 'ASIDControl_MakePool', [cnode, story.depth + 1], [cnode, cnode]);
      answers(check, wrong, 'DeleteFirst', [], 'before anything else is looked at');
    },
    'asidPools',
  ),
  asids(
    'ASIDControl_MakePool of a device’s memory is InvalidCapability 1',
    (story, check) => {
      const device = story.boot.untypeds.find(({ isDevice, sizeBits }) => isDevice && sizeBits >= 12)!;
      const untyped = story.make('Untyped', 12, 1, device.pointer);
      const words = [story.empty(), story.depth];
      const made = story.invoke(story.boot.asidControl!, 'ASIDControl_MakePool', words, [untyped, story.boot.cnode]);
      answers(check, made, 'InvalidCapability', [1]);
    },
    'asidPools',
    'deviceMemory',
  ),
  asids(
    'ASIDControl_MakePool: untyped InvalidCapability 1, RevokeFirst, path, DeleteFirst',
    (story, check) => {
      const { boot, depth } = story;
      const slot = story.empty();
      const make = (untyped: number, index: number, bits: number) =>
        story.invoke(boot.asidControl!, 'ASIDControl_MakePool', [index, bits], [untyped, boot.cnode]);
      const [whole, large, parent] = [story.make('Untyped', 12), story.make('Untyped', 13), story.make('Untyped', 12)];
      story.make('Endpoint', 0, 1, parent);
      answers(check, make(large, boot.tcb, depth + 1), 'InvalidCapability', [1], 'too large');
      answers(check, make(boot.tcb, boot.tcb, depth + 1), 'InvalidCapability', [1], 'no untyped');
      answers(check, make(parent, boot.tcb, depth + 1), 'RevokeFirst', [], 'it has children');
      answers(check, make(whole, boot.tcb, depth + 1), 'RangeError', [1, depth], 'the depth');
      answers(check, make(whole, boot.tcb, depth), 'DeleteFirst', [], 'the slot is taken');
      answers(check, make(whole, slot, depth), 'NoError', [], 'right');
      const table = story.make('PageTable');
      answers(check, story.invoke(slot, 'ASIDPool_Assign', [], [table]), 'NoError', [], 'the pool assigns');
      answers(check, story.revoke(whole), 'NoError');
      check.equal(story.holds(slot), false, 'the pool is the untyped’s child');
      answers(
        check,
        mapPage(story, story.make('Frame4K'), BASE, story.all, table),
        'FailedLookup',
        undefined,
        'no ASID',
      );
    },
    'asidPools',
  ),
];
