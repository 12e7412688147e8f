import { objects } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { DEVICE, type Machine, nameOf, POOL } from './machine.ts';
import { BASE } from './memory.ts';
import { FRAME_1G, FRAME_2M, FRAMES, LAST, MIDDLE, pageOf, prepare, SPACE, SPARE } from './prepared.ts';

const OBJECT = 1;
const DATA = 2;
const EXTRA = 3;
const GIB = 2 ** 30;
const OUT_OF_RAM = 0x7000_0000;
/** What a stray store does to a slot. */
const overwrite = (machine: Machine, index: number, word: number, value: number): void => {
  machine.memory.words[machine.at(index) + word] = value;
};

describe('a capability that was overwritten', () => {
  it('to a table out of RAM is Corrupted where its memory would be used', () => {
    const machine = prepare();
    machine.mapTable(SPARE, GIB, SPACE);
    overwrite(machine, SPARE, OBJECT, OUT_OF_RAM);
    expect(nameOf(machine.invoke(SPARE, labels.PAGE_TABLE_UNMAP))).toBe('Corrupted');
    machine.capabilities.clearMapping(machine.at(SPARE));
    expect(nameOf(machine.mapTable(SPARE, GIB, SPACE))).toBe('Corrupted');
    expect(nameOf(machine.assign(SPARE, POOL))).toBe('Corrupted');
  });
  it('to a frame that no page table could hold is Corrupted: of no size of theirs, or not where such a frame can be', () => {
    const machine = prepare();
    overwrite(machine, FRAME_2M, OBJECT, machine.capabilities.objectOf(machine.at(FRAME_2M)) + 256);
    expect(nameOf(machine.mapPage(FRAME_2M, 2 ** 21, SPACE))).toBe('Corrupted');
    for (const bits of [3, 13, 39]) {
      machine.capabilities.install(machine.at(200 + bits), objects.FRAME, 0, bits, true);
      expect(nameOf(machine.mapPage(200 + bits, GIB, SPACE))).toBe('Corrupted');
      machine.capabilities.setMapping(machine.at(200 + bits), machine.spaces.asidOf(machine.at(SPACE)), 0);
      expect(machine.invoke(200 + bits, labels.PAGE_UNMAP)).toBe(0);
    }
  });
  it('to record an address of the kernel takes nothing from the kernel', () => {
    const machine = prepare();
    const root = pageOf(machine, SPACE);
    const [entry, table] = [511 * 2, pageOf(machine, MIDDLE)];
    machine.memory.setWord(root, entry, (table << 10) | 1);
    overwrite(machine, MIDDLE, EXTRA, -1);
    machine.capabilities.delete(machine.at(MIDDLE));
    expect(machine.memory.word(root, entry)).toBe((table << 10) | 1);
    machine.memory.setWord(root, entry, (pageOf(machine, FRAME_1G) << 10) | 3);
    machine.capabilities.setMapping(machine.at(FRAME_1G), machine.spaces.asidOf(machine.at(SPACE)), -1);
    machine.capabilities.delete(machine.at(FRAME_1G));
    expect(machine.memory.word(root, entry)).not.toBe(0);
  });
  it('to record an ASID that there is not is mapped nowhere', () => {
    const machine = prepare();
    for (const asid of [-1, 0, 4096, 2 ** 30]) {
      machine.mapPage(FRAMES, 0, SPACE);
      overwrite(machine, FRAMES, DATA, asid);
      expect(machine.invoke(FRAMES, labels.PAGE_UNMAP)).toBe(0);
      overwrite(machine, SPACE, DATA, asid);
      expect(machine.spaces.rootOf(machine.at(SPACE))).toBe(-1);
      machine.capabilities.setMapping(machine.at(SPACE), 1, 0);
    }
  });
});

describe('an entry that was overwritten', () => {
  it.each([
    ['leads out of RAM', 0x3f_ffff, 1],
    ['is writable without being readable', BASE + 4, 5],
  ])('and %s ends the way down: FailedLookup', (_name, ppn, flags) => {
    const machine = prepare();
    machine.memory.setWord(pageOf(machine, SPACE), 0, (ppn << 10) | flags);
    expect(nameOf(machine.mapPage(FRAMES, 0, SPACE))).toBe('FailedLookup');
    expect(nameOf(machine.mapTable(SPARE, 0, SPACE))).toBe('DeleteFirst');
    expect(machine.invoke(LAST, labels.PAGE_TABLE_UNMAP)).toBe(0);
    expect(machine.capabilities.typeOf(machine.at(DEVICE))).toBe(objects.UNTYPED);
  });
});
