import { describe, expect, it } from 'vitest';
import { ACCESS_READ, KERNEL_PAGE, kernelPage, LEVEL_GIGA, mapKernel, OCCUPIED, PageTables } from '../src/index.ts';
import { BASE, createMemory } from './memory.ts';
import { readPage } from './reader.ts';

const GIGA_PAGES = 2 ** 18;

describe('the kernel’s half of an address space', () => {
  it('is the upper half of Sv39, from its first page (Privileged ISA 20211203 §4.4.1)', () => {
    expect(BigInt.asUintN(64, BigInt(KERNEL_PAGE) * 4096n)).toBe(0xffff_ffc0_0000_0000n);
  });
  it('shows every physical page of what was mapped at one distance, to the supervisor only, and global', () => {
    const memory = createMemory(1);
    expect(mapKernel(new PageTables(memory), BASE, 4)).toBe(0);
    for (const ppn of [0, 1, 511, GIGA_PAGES - 1, GIGA_PAGES, 0x80000, 4 * GIGA_PAGES - 1]) {
      expect(readPage(memory, BASE, kernelPage(ppn))).toEqual({ ppn: BigInt(ppn), level: 2, flags: 'VRWXGAD' });
    }
    expect(readPage(memory, BASE, kernelPage(4 * GIGA_PAGES))).toBeNull();
    expect(readPage(memory, BASE, kernelPage(-1))).toBeNull();
    expect(readPage(memory, BASE, 0)).toBeNull();
  });
  it('is refused where something stands already', () => {
    const tables = new PageTables(createMemory(1));
    tables.map(BASE, kernelPage(GIGA_PAGES), 0, LEVEL_GIGA, ACCESS_READ);
    expect(mapKernel(tables, BASE, 2)).toBe(OCCUPIED);
  });
  it('is shared as a whole, and the user’s half is not', () => {
    const memory = createMemory(2);
    const tables = new PageTables(memory);
    mapKernel(tables, BASE, 256);
    tables.map(BASE, 0, 0, LEVEL_GIGA, ACCESS_READ);
    tables.map(BASE + 1, GIGA_PAGES, 0, LEVEL_GIGA, ACCESS_READ);
    tables.shareUpperHalf(BASE, BASE + 1);
    for (const giga of [0, 1, 255])
      expect(readPage(memory, BASE + 1, kernelPage(giga * GIGA_PAGES))?.ppn).toBe(BigInt(giga * GIGA_PAGES));
    expect(readPage(memory, BASE + 1, 0)).toBeNull();
    expect(readPage(memory, BASE + 1, GIGA_PAGES)?.flags).toBe('VRA');
  });
});
