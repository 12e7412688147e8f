import { objects } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import { bootSlots, KernelCore } from '../src/index.ts';
import { memoryOf, World } from './support.ts';

describe('boot (seL4 reference manual 13.0.0 §9)', () => {
  it('the initial capabilities are where the manual has them', () => {
    const w = new World();
    const type = (index: number) => w.kernel.capabilities.typeOf(w.slot(index));
    expect(type(bootSlots.NULL)).toBe(objects.NULL);
    expect([1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 16].map(type)).toEqual([
      objects.TCB,
      objects.CNODE,
      objects.PAGE_TABLE,
      objects.IRQ_CONTROL,
      objects.ASID_CONTROL,
      objects.ASID_POOL,
      objects.IO_SPACE_CONTROL,
      objects.FRAME,
      objects.FRAME,
      objects.DOMAIN,
      objects.SCHED_CONTEXT,
      objects.SCHED_CONTROL,
    ]);
    expect([7, 12, 13, 15].map(type)).toEqual([0, 0, 0, 0]);
  });
  it('every page but the reserved is in exactly one object or untyped', () => {
    const w = new World({ pages: 100, boot: { reservedPages: 3, imagePages: 2 } });
    const { capabilities, memory } = w.kernel;
    const covered = new Uint8Array(memory.words.length / 4);
    for (let index = 1; index < w.info.empty.start; index++) {
      const slot = w.slot(index);
      const type = capabilities.typeOf(slot);
      const bits = objects.objectBits(type, capabilities.sizeOf(slot));
      if (type === objects.NULL || bits < 0 || capabilities.isDevice(slot)) continue;
      const first = capabilities.wordOf(slot) / 4;
      for (let i = 0; i < 2 ** (bits - 4); i++) covered[first + i]!++;
    }
    expect([...covered.subarray(0, 3 * 256)].every((count) => count === 0)).toBe(true);
    expect([...covered.subarray(3 * 256)].every((count) => count === 1)).toBe(true);
  });
  it('the boot info frame says the same as the answer', () => {
    const w = new World({ boot: { devices: [{ page: 0x10000, sizeBits: 14 }], imagePages: 3 } });
    const at = w.kernel.capabilities.wordOf(w.slot(bootSlots.BOOT_INFO_FRAME));
    const word = (index: number) => w.words[at + 2 * index]! + w.words[at + 2 * index + 1]! * 2 ** 32;
    const { empty, imageFrames, untyped, untypedList, bufferAddress } = w.info;
    expect([word(2), word(4), word(5), word(6)]).toEqual([1, bufferAddress, empty.start, empty.end]);
    expect([word(9), word(10), word(17), word(21), word(22)]).toEqual([
      imageFrames.start,
      imageFrames.end,
      8,
      untyped.start,
      untyped.end,
    ]);
    untypedList.forEach(({ address, sizeBits, isDevice }, i) => {
      expect(word(23 + 2 * i) >>> 0).toBe(address >>> 0);
      expect(word(24 + 2 * i)).toBe(sizeBits + (isDevice ? 256 : 0));
    });
    expect(untypedList[0]).toEqual({ address: 0x1000_0000, sizeBits: 14, isDevice: true });
  });
  it('the initial thread runs, with all slots behind the last capability empty', () => {
    const w = new World();
    expect(w.kernel.current).toBe(w.info.thread);
    for (let index = w.info.empty.start; index < w.info.empty.end; index++)
      expect(w.kernel.capabilities.typeOf(w.slot(index))).toBe(objects.NULL);
  });
  it('a thread is numbered by the place of its TCB', () => {
    const w = new World();
    const first = w.make(objects.TCB);
    const second = w.make(objects.TCB);
    expect(w.thread(second) - w.thread(first)).toBe(1);
    expect(w.kernel.threads.threadCount).toBe((128 * 4096) / 2048);
  });
  it('a kernel of 128 MiB is made without delay', () => {
    const kernel = new KernelCore({ memory: memoryOf(32768) });
    expect(kernel.threads.threadCount).toBe(65536);
    expect(kernel.boot().cnodeRadix).toBe(12);
  });
});
