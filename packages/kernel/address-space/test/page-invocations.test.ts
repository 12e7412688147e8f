import { objects } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { DEVICE_PAGE, Machine, nameOf, READ_WRITE, UNTYPED } from './machine.ts';
import {
  asidOf,
  FRAME_1G,
  FRAME_2M,
  FRAMES,
  FREE,
  find,
  GIB,
  IO_FRAME,
  KERNEL,
  KIB4,
  LAST,
  MIB2,
  MIDDLE,
  OTHER_SPACE,
  pageOf,
  prepare,
  SPACE,
  SPACE_MISTAKES,
  SPARE,
  SPARE_TABLE,
} from './prepared.ts';
import { commonMistakes, itRefuses, missing } from './refusals.ts';

const { FRAME, PAGE_TABLE, READ, WRITE, ALL_RIGHTS } = objects;

describe('Page_Map', () => {
  describe('the order of its refusals', () => {
    itRefuses({
      prepare: () => {
        const machine = prepare();
        machine.mapPage(FRAMES + 1, KIB4, SPACE);
        machine.mapPage(FRAMES + 3, 2 * KIB4, SPACE);
        machine.mapTable(SPARE, 0, OTHER_SPACE);
        machine.make(PAGE_TABLE, 0, FREE);
        machine.mapTable(FREE, 0, OTHER_SPACE);
        machine.mapPage(FRAMES + 2, 0, OTHER_SPACE);
        machine.make(PAGE_TABLE, 0, FREE + 1);
        machine.mapTable(FREE + 1, 2 * GIB, SPACE);
        machine.make(PAGE_TABLE, 0, SPARE_TABLE);
        return machine;
      },
      good: () => ({ index: FRAMES, label: labels.PAGE_MAP, words: [0, READ_WRITE, 0], extras: [SPACE] }),
      mistakes: [
        ...commonMistakes(SPACE, 3, 1),
        SPACE_MISTAKES[0]!,
        { ...SPACE_MISTAKES[1]!, spoil: (i) => (i.extras[0] = SPARE_TABLE) },
        ...SPACE_MISTAKES.slice(2),
        { name: 'a frame in an IO space', error: 'IllegalOperation', spoil: (i) => (i.index = IO_FRAME) },
        {
          name: 'a frame that is mapped in another address space',
          error: 'InvalidCapability',
          details: { capability: 1 },
          spoil: (i) => (i.index = FRAMES + 2),
        },
        {
          name: 'a frame that is mapped elsewhere in this one',
          error: 'InvalidArgument',
          details: { argument: 0 },
          spoil: (i) => (i.index = FRAMES + 1),
        },
        {
          name: 'a frame that is mapped at that page, a few bytes before',
          error: 'InvalidArgument',
          details: { argument: 0 },
          spoil: (i) => Object.assign(i, { index: FRAMES + 1, words: [KIB4 + 8, READ_WRITE, 0] }),
        },
        {
          name: 'an address of the kernel',
          error: 'InvalidArgument',
          details: { argument: 0 },
          spoil: (i) => (i.words[0] = KERNEL + 1),
        },
        {
          name: 'a negative address',
          error: 'InvalidArgument',
          details: { argument: 0 },
          spoil: (i) => (i.words[0] = -1),
        },
        {
          name: 'an address that is no multiple of the size',
          error: 'AlignmentError',
          spoil: (i) => (i.words[0] = GIB + 8),
        },
        { name: 'no table at all', error: 'FailedLookup', details: missing(30), spoil: (i) => (i.words[0] = GIB) },
        { name: 'no last table', error: 'FailedLookup', details: missing(21), spoil: (i) => (i.words[0] = 2 * GIB) },
        { name: 'another page is there', error: 'DeleteFirst', spoil: (i) => (i.words[0] = 2 * KIB4) },
      ],
    });
  });

  it.each([
    ['the whole of it', READ_WRITE, READ_WRITE, 0, 'VRWXUAD'],
    ['not to be executed', READ_WRITE, READ_WRITE, labels.EXECUTE_NEVER, 'VRWUAD'],
    ['only what is asked', READ_WRITE, READ, 0, 'VRXUA'],
    ['only what the capability allows', READ, READ_WRITE, labels.EXECUTE_NEVER, 'VRUA'],
    ['no more for bits that are no rights of a frame', READ, ALL_RIGHTS * 17, labels.EXECUTE_NEVER, 'VRUA'],
    ['nothing for the user without the right to read, not even execution', WRITE, READ_WRITE, 0, 'VRA'],
    ['nothing for the user who asks for nothing', READ_WRITE, 0, 0, 'VRA'],
  ])('gives %s', (_name, held, asked, attributes, flags) => {
    const machine = prepare();
    machine.copy(FREE, FRAMES, held);
    expect(machine.mapPage(FREE, 0, SPACE, asked, attributes)).toBe(0);
    expect(find(machine, 0)).toEqual({ ppn: BigInt(pageOf(machine, FRAMES)), level: 0, flags });
  });
  it('maps frames of 2 MiB and 1 GiB at multiples of their size', () => {
    const machine = prepare();
    expect(nameOf(machine.mapPage(FRAME_2M, KIB4, SPACE))).toBe('AlignmentError');
    expect(nameOf(machine.mapPage(FRAME_1G, MIB2, SPACE))).toBe('AlignmentError');
    expect(machine.mapPage(FRAME_2M, MIB2, SPACE)).toBe(0);
    expect(machine.mapPage(FRAME_1G, KERNEL - GIB, SPACE)).toBe(0);
    expect(find(machine, MIB2 + 3 * KIB4)).toMatchObject({ ppn: BigInt(pageOf(machine, FRAME_2M) + 3), level: 1 });
    expect(find(machine, KERNEL - KIB4)).toMatchObject({ ppn: BigInt(DEVICE_PAGE + 2 ** 18 - 1), level: 2 });
  });
  it('refuses a frame that begins below the kernel and ends in it', () => {
    const machine = prepare();
    expect(nameOf(machine.mapPage(FRAME_1G, KERNEL - MIB2, SPACE))).toBe('InvalidArgument');
  });
  it('answers DeleteFirst where a table hangs, and FailedLookup below a larger page', () => {
    const machine = prepare();
    expect(nameOf(machine.mapPage(FRAME_2M, 0, SPACE))).toBe('DeleteFirst');
    machine.mapPage(FRAME_2M, MIB2, SPACE);
    expect(nameOf(machine.mapPage(FRAMES, MIB2, SPACE))).toBe('FailedLookup');
    expect(machine.capabilities.details.bitsLeft).toBe(21);
  });
  it('maps again at the same address with other rights, and fences the page', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.fences.length = 0;
    expect(machine.mapPage(FRAMES, 0, SPACE, READ, labels.EXECUTE_NEVER)).toBe(0);
    expect(find(machine, 0)).toMatchObject({ flags: 'VRUA' });
    expect(machine.fences).toEqual([[0, asidOf(machine, SPACE)]]);
  });
  it('maps a copy elsewhere, and the copy of a mapped one begins unmapped', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.copy(FREE, FRAMES);
    expect(machine.mapPage(FREE, KIB4, SPACE)).toBe(0);
    expect(find(machine, KIB4)).toEqual(find(machine, 0));
  });
  it('maps again where its table is gone and there is another; not over what came there since', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.invoke(LAST, labels.PAGE_TABLE_UNMAP);
    expect(nameOf(machine.mapPage(FRAMES, 0, SPACE))).toBe('FailedLookup');
    machine.mapTable(SPARE, 0, SPACE);
    machine.mapPage(FRAMES + 1, 0, SPACE);
    expect(nameOf(machine.mapPage(FRAMES, 0, SPACE))).toBe('DeleteFirst');
    machine.invoke(FRAMES + 1, labels.PAGE_UNMAP);
    expect(machine.mapPage(FRAMES, 0, SPACE)).toBe(0);
  });
  it('fences a new page, unless the machine does not remember that there was none', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, KIB4, SPACE);
    expect(machine.fences).toEqual([[1, asidOf(machine, SPACE)]]);
    const forgetful = new Machine({ fencesNewEntries: false });
    forgetful.make(PAGE_TABLE, 0, SPACE, UNTYPED, 3);
    forgetful.make(FRAME, 12, FRAMES);
    forgetful.assign(SPACE);
    forgetful.fences.length = 0;
    forgetful.mapTable(MIDDLE, 0, SPACE);
    forgetful.mapTable(LAST, 0, SPACE);
    forgetful.mapPage(FRAMES, 0, SPACE);
    expect(forgetful.fences).toEqual([]);
    forgetful.mapPage(FRAMES, 0, SPACE, READ);
    expect(forgetful.fences).toEqual([[0, asidOf(forgetful, SPACE)]]);
  });
});

describe('Page_Unmap', () => {
  describe('the order of its refusals', () => {
    itRefuses({
      prepare,
      good: () => ({ index: FRAMES, label: labels.PAGE_UNMAP, words: [], extras: [] }),
      mistakes: [
        ...commonMistakes(SPACE, 0, 0),
        { name: 'a frame in an IO space', error: 'IllegalOperation', spoil: (i) => (i.index = IO_FRAME) },
      ],
    });
  });
  it('clears the entry, fences the page, and lets the frame be mapped elsewhere', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, KIB4, SPACE);
    machine.fences.length = 0;
    expect(machine.invoke(FRAMES, labels.PAGE_UNMAP)).toBe(0);
    expect(find(machine, KIB4)).toBeNull();
    expect(machine.fences).toEqual([[1, asidOf(machine, SPACE)]]);
    expect(machine.mapPage(FRAMES, 2 * KIB4, SPACE)).toBe(0);
  });
  it('does nothing to a frame that is mapped nowhere', () => {
    const machine = prepare();
    expect(machine.invoke(FRAMES, labels.PAGE_UNMAP)).toBe(0);
    expect(machine.fences).toEqual([]);
  });
  it('leaves alone what came to its place since, in the same address space or in the next of the same ASID', () => {
    const machine = prepare();
    machine.mapPage(FRAMES, 0, SPACE);
    machine.invoke(LAST, labels.PAGE_TABLE_UNMAP);
    machine.mapTable(LAST, 0, SPACE);
    machine.mapPage(FRAMES + 1, 0, SPACE);
    expect(machine.invoke(FRAMES, labels.PAGE_UNMAP)).toBe(0);
    expect(find(machine, 0)).toMatchObject({ ppn: BigInt(pageOf(machine, FRAMES + 1)) });
  });
});

describe('Page_GetAddress', () => {
  describe('the order of its refusals', () => {
    itRefuses({
      prepare,
      good: () => ({ index: FRAMES, label: labels.PAGE_GET_ADDRESS, words: [], extras: [] }),
      mistakes: commonMistakes(SPACE, 0, 0),
    });
  });
  it('answers with all 64 bits of the physical address', () => {
    const machine = prepare();
    const { answer } = machine.message;
    const address = (index: number): number => {
      machine.invoke(index, labels.PAGE_GET_ADDRESS);
      return answer.high[0]! * 2 ** 32 + (answer.low[0]! >>> 0);
    };
    expect(address(FRAMES)).toBe(pageOf(machine, FRAMES) * KIB4);
    machine.capabilities.install(machine.at(FREE), objects.UNTYPED, 2 ** 31, 21, true);
    machine.make(FRAME, 21, FREE + 1, FREE);
    expect(address(FREE + 1)).toBe(2 ** 35);
    expect(answer.length).toBe(1);
  });
});

describe('sizes of frames', () => {
  it.each([11, 13, 20, 22, 29, 31])('2^%i bytes are refused by retype: InvalidArgument 1', (bits) => {
    const machine = new Machine();
    expect(nameOf(machine.make(FRAME, bits, FREE))).toBe('InvalidArgument');
    expect(machine.capabilities.details.argument).toBe(1);
  });
});
