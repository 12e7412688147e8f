import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { nameOf } from './machine.ts';
import { BASE } from './memory.ts';
import {
  asidOf,
  FRAME_1G,
  FRAMES,
  FREE,
  find,
  GIB,
  KERNEL,
  KIB4,
  LAST,
  LOST_SPACE,
  MIB2,
  MIDDLE,
  OTHER_SPACE,
  pageOf,
  prepare,
  SPACE,
  SPACE_MISTAKES,
  SPARE,
} from './prepared.ts';
import { commonMistakes, itRefuses } from './refusals.ts';

describe('PageTable_Map', () => {
  describe('the order of its refusals', () => {
    itRefuses({
      prepare,
      good: () => ({ index: SPARE, label: labels.PAGE_TABLE_MAP, words: [GIB, 0], extras: [SPACE] }),
      mistakes: [
        ...commonMistakes(FRAMES, 2, 1),
        {
          name: 'a table that hangs somewhere',
          error: 'InvalidCapability',
          details: { capability: 0 },
          spoil: (i) => (i.index = LAST),
        },
        {
          name: 'a table that is a root',
          error: 'InvalidCapability',
          details: { capability: 0 },
          spoil: (i) => (i.index = OTHER_SPACE),
        },
        ...SPACE_MISTAKES.slice(0, 2),
        {
          name: 'an address of the kernel',
          error: 'InvalidArgument',
          details: { argument: 0 },
          spoil: (i) => (i.words[0] = KERNEL),
        },
        {
          name: 'a negative address',
          error: 'InvalidArgument',
          details: { argument: 0 },
          spoil: (i) => (i.words[0] = -KIB4),
        },
        ...SPACE_MISTAKES.slice(2),
        { name: 'all levels are there', error: 'DeleteFirst', spoil: (i) => (i.words[0] = 0) },
      ],
    });
  });

  it('hangs the table in at the first level that is missing, and fences the address space', () => {
    const machine = prepare();
    expect(nameOf(machine.mapTable(SPARE, 3 * MIB2 + 5 * KIB4 + 17, SPACE))).toBe('NoError');
    expect(machine.capabilities.mappedVpnOf(machine.at(SPARE))).toBe((3 * MIB2) / KIB4);
    expect(machine.fences).toEqual([[-1, asidOf(machine, SPACE)]]);
    expect(machine.mapPage(FRAMES, 3 * MIB2 + 5 * KIB4, SPACE)).toBe(0);
    expect(find(machine, 3 * MIB2 + 5 * KIB4)).toMatchObject({ level: 0 });
  });
  it('answers DeleteFirst where a larger page is in the way', () => {
    const machine = prepare();
    expect(machine.mapPage(FRAME_1G, GIB, SPACE)).toBe(0);
    expect(nameOf(machine.mapTable(SPARE, GIB, SPACE))).toBe('DeleteFirst');
  });
});

describe('PageTable_Unmap', () => {
  describe('the order of its refusals', () => {
    itRefuses({
      prepare: () => {
        const machine = prepare();
        machine.mapTable(SPARE, GIB, SPACE);
        machine.copy(FREE, MIDDLE);
        return machine;
      },
      good: () => ({ index: SPARE, label: labels.PAGE_TABLE_UNMAP, words: [], extras: [] }),
      mistakes: [
        ...commonMistakes(FRAMES, 0, 0),
        { name: 'another capability names the table', error: 'RevokeFirst', spoil: (i) => (i.index = MIDDLE) },
        { name: 'the root of an address space', error: 'RevokeFirst', spoil: (i) => (i.index = SPACE) },
      ],
    });
  });

  it('drops all that the table holds, empties it, and fences the address space', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.fences.length = 0;
    expect(machine.invoke(MIDDLE, labels.PAGE_TABLE_UNMAP)).toBe(0);
    expect(find(machine, 0)).toBeNull();
    expect(machine.fences).toEqual([[-1, asidOf(machine, SPACE)]]);
    const page = pageOf(machine, MIDDLE) - BASE;
    expect(machine.memory.words.subarray(page * 1024, page * 1024 + 1024).every((word) => word === 0)).toBe(true);
  });
  it('lets the table hang elsewhere, without what it held', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.invoke(MIDDLE, labels.PAGE_TABLE_UNMAP);
    expect(machine.mapTable(MIDDLE, 5 * GIB, OTHER_SPACE)).toBe(0);
    expect(nameOf(machine.mapPage(FRAMES + 1, 5 * GIB, OTHER_SPACE))).toBe('FailedLookup');
  });
  it('frees a table whose own upper table is gone', () => {
    const machine = prepare();
    machine.invoke(MIDDLE, labels.PAGE_TABLE_UNMAP);
    machine.fences.length = 0;
    expect(machine.invoke(LAST, labels.PAGE_TABLE_UNMAP)).toBe(0);
    expect(machine.fences).toEqual([]);
    expect(machine.mapTable(LAST, GIB, OTHER_SPACE)).toBe(0);
  });
  it('frees a root whose ASID is gone, upper half and all', () => {
    const machine = prepare();
    expect(machine.hasUpperHalf(pageOf(machine, LOST_SPACE))).toBe(true);
    expect(machine.invoke(LOST_SPACE, labels.PAGE_TABLE_UNMAP)).toBe(0);
    expect(machine.hasUpperHalf(pageOf(machine, LOST_SPACE))).toBe(false);
    expect(machine.assign(LOST_SPACE)).toBe(0);
  });
  it('does nothing to a table that hangs nowhere', () => {
    const machine = prepare();
    expect(machine.invoke(SPARE, labels.PAGE_TABLE_UNMAP)).toBe(0);
    expect(machine.fences).toEqual([]);
  });
});
