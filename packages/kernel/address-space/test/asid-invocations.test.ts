import { granuleOf, objects } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { ASID_CONTROL, DEVICE, Machine, nameOf, POOL, POOL_PAGE, UNTYPED } from './machine.ts';
import { asidOf, FRAMES, FREE, LAST, LOST_SPACE, pageOf, prepare, rootOf, SPACE, SPARE } from './prepared.ts';
import { readPage } from './reader.ts';
import { commonMistakes, INVALID_ROOT, itRefuses } from './refusals.ts';

const { PAGE_TABLE, ENDPOINT } = objects;

describe('ASIDControl_MakePool', () => {
  describe('the order of its refusals', () => {
    const full = (_: unknown, machine: Machine): void => {
      machine.make(objects.UNTYPED, 12, 110, UNTYPED, 8);
      for (let k = 0; k < 7; k++)
        machine.invoke(ASID_CONTROL, labels.ASID_CONTROL_MAKE_POOL, [120 + k, 32], [110 + k, -1]);
    };
    itRefuses({
      prepare,
      good: () => ({ index: ASID_CONTROL, label: labels.ASID_CONTROL_MAKE_POOL, words: [FREE, 32], extras: [41, -1] }),
      mistakes: [
        ...commonMistakes(SPACE, 2, 2),
        { name: 'no pool is left', error: 'DeleteFirst', spoil: full },
        {
          name: 'no untyped',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i) => (i.extras[0] = FRAMES),
        },
        {
          name: 'an untyped of another size',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i) => (i.extras[0] = UNTYPED),
        },
        {
          name: 'a device',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i, machine) => {
            machine.make(objects.UNTYPED, 12, 105, DEVICE);
            i.extras[0] = 105;
          },
        },
        {
          name: 'an untyped with children',
          error: 'RevokeFirst',
          spoil: (_, machine) => {
            machine.make(ENDPOINT, 0, 106, 41);
          },
        },
        {
          name: 'a root that is no CNode',
          error: 'FailedLookup',
          details: INVALID_ROOT,
          spoil: (i) => (i.extras[1] = FRAMES),
        },
        {
          name: 'a depth that is none',
          error: 'RangeError',
          details: { rangeMin: 1, rangeMax: 32 },
          spoil: (i) => (i.words[1] = 33),
        },
        {
          name: 'a depth of more than 32 bits',
          error: 'RangeError',
          details: { rangeMin: 1, rangeMax: 32 },
          spoil: (i) => (i.words[1] = 2 ** 32 + 32),
        },
        { name: 'a path to nowhere', error: 'FailedLookup', spoil: (i) => (i.words[0] = 2 ** 20) },
        { name: 'a full destination', error: 'DeleteFirst', spoil: (i) => (i.words[0] = SPACE) },
      ],
    });
  });
  it('makes a pool of which each address space has an ASID of its own', () => {
    const machine = prepare();
    expect(machine.invoke(ASID_CONTROL, labels.ASID_CONTROL_MAKE_POOL, [FREE, 32], [41, -1])).toBe(0);
    expect(machine.assign(SPARE, FREE)).toBe(0);
    expect(asidOf(machine, SPARE)).toBe(512);
  });
  it('ignores the bits of the index above the depth, those of the high lane too', () => {
    const machine = prepare();
    const words = [2 ** 40 + FREE, 32];
    expect(machine.invoke(ASID_CONTROL, labels.ASID_CONTROL_MAKE_POOL, words, [41, -1])).toBe(0);
    expect(machine.capabilities.typeOf(machine.at(FREE))).toBe(objects.ASID_POOL);
  });
  it('makes a pool where one was deleted', () => {
    const machine = prepare();
    for (let round = 0; round < 20; round++) {
      expect(machine.invoke(ASID_CONTROL, labels.ASID_CONTROL_MAKE_POOL, [FREE, 32], [41, -1])).toBe(0);
      machine.capabilities.delete(machine.at(FREE));
    }
  });
});

describe('ASIDPool_Assign', () => {
  describe('the order of its refusals', () => {
    itRefuses({
      prepare: () => {
        const machine = prepare();
        machine.capabilities.install(machine.at(FREE), objects.ASID_POOL, 2 ** 20, 0);
        return machine;
      },
      good: () => ({ index: POOL, label: labels.ASID_POOL_ASSIGN, words: [], extras: [SPARE] }),
      mistakes: [
        ...commonMistakes(SPACE, 0, 1),
        {
          name: 'no page table',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i) => (i.extras[0] = FRAMES),
        },
        {
          name: 'a table that hangs somewhere',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i) => (i.extras[0] = LAST),
        },
        {
          name: 'a root',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i) => (i.extras[0] = SPACE),
        },
        {
          name: 'a root whose ASID is gone',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i) => (i.extras[0] = LOST_SPACE),
        },
        { name: 'a pool that is none', error: 'FailedLookup', details: INVALID_ROOT, spoil: (i) => (i.index = FREE) },
        {
          name: 'a pool without a free ASID',
          error: 'DeleteFirst',
          spoil: (_, machine) => {
            for (let entry = 0; entry < 512; entry++) machine.memory.setWord(POOL_PAGE, entry * 2 + 1, 1);
          },
        },
      ],
    });
  });
  it('gives each of 511 address spaces an ASID of its own, and no more', () => {
    const machine = new Machine();
    const root = (page: number): void =>
      machine.capabilities.install(machine.at(FREE), PAGE_TABLE, granuleOf(POOL_PAGE + 1 + (page % 8), 0), 0);
    const asids = new Set<number>();
    for (let page = 0; page < 511; page++) {
      root(page);
      expect(machine.assign(FREE)).toBe(0);
      asids.add(asidOf(machine, FREE));
      // Taken out of the slot as if it were elsewhere, so that the ASID stays in use.
      machine.capabilities.clearMapping(machine.at(FREE));
      machine.capabilities.delete(machine.at(FREE));
    }
    expect([asids.size, asids.has(0)]).toEqual([511, false]);
    root(511);
    expect(nameOf(machine.assign(FREE))).toBe('DeleteFirst');
  });
  it('gives the kernel to the address space, fences the ASID, and never gives ASID 0', () => {
    const machine = new Machine();
    machine.make(PAGE_TABLE, 0, SPACE);
    expect(rootOf(machine, SPACE)).toBe(-1);
    expect(machine.assign(SPACE)).toBe(0);
    expect(machine.hasUpperHalf(pageOf(machine, SPACE))).toBe(true);
    expect([rootOf(machine, SPACE), asidOf(machine, SPACE)]).toEqual([pageOf(machine, SPACE), 1]);
    expect(machine.fences).toEqual([[-1, 1]]);
    expect(readPage(machine.memory, pageOf(machine, SPACE), 0)).toBeNull();
  });
});
