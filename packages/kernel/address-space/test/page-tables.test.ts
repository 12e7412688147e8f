import { PTE_G, PTE_X } from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import {
  ACCESS_READ,
  ACCESS_USER,
  ACCESS_WRITE,
  LEVEL_GIGA,
  LEVEL_MEGA,
  LEVEL_PAGE,
  MISSING_TABLE,
  OCCUPIED,
  PageTables,
} from '../src/index.ts';
import { BASE, createMemory } from './memory.ts';
import { readPage } from './reader.ts';

const create = () => {
  const memory = createMemory(8);
  return { memory, tables: new PageTables(memory) };
};

describe('map (Privileged ISA 20211203 §4.4.1)', () => {
  it('names the level of the table that is missing, the upper one first, and makes none itself', () => {
    const { memory, tables } = create();
    expect([tables.map(BASE, 5, BASE, LEVEL_PAGE, ACCESS_READ), tables.missingLevel]).toEqual([MISSING_TABLE, 1]);
    expect(memory.words.every((word) => word === 0)).toBe(true);
    expect(tables.installTable(BASE, 5, BASE + 1, 1)).toBe(0);
    expect([tables.map(BASE, 5, BASE, LEVEL_PAGE, ACCESS_READ), tables.missingLevel]).toEqual([MISSING_TABLE, 0]);
    expect(tables.installTable(BASE, 5, BASE + 2, 0)).toBe(0);
    expect(tables.map(BASE, 5, BASE + 7, LEVEL_PAGE, ACCESS_READ)).toBe(0);
    expect(readPage(memory, BASE, 5)).toEqual({ ppn: BigInt(BASE + 7), level: 0, flags: 'VRA' });
  });
  it('keeps a page number of 44 bits whole', () => {
    const { memory, tables } = create();
    expect(tables.map(BASE, 0, 2 ** 44 - 2 ** 18, LEVEL_GIGA, ACCESS_READ)).toBe(0);
    expect(readPage(memory, BASE, 3)?.ppn).toBe(2n ** 44n - 2n ** 18n + 3n);
  });
  it('sets A in every leaf, and D in those that may be written (§4.3.1)', () => {
    const { memory, tables } = create();
    const access = [ACCESS_READ, ACCESS_WRITE, ACCESS_WRITE | ACCESS_USER, PTE_X | PTE_G];
    const flags = access.map((each, giga) => {
      expect(tables.map(BASE, giga * 2 ** 18, 0, LEVEL_GIGA, each)).toBe(0);
      return readPage(memory, BASE, giga * 2 ** 18)?.flags;
    });
    expect(flags).toEqual(['VRA', 'VRWAD', 'VRWUAD', 'VXGA']);
  });
  it('does not map over a mapping, over a table, or below a superpage', () => {
    const { memory, tables } = create();
    // The gigabyte begins where the tables stand: whoever took the leaf for a pointer would find RAM there.
    expect(tables.map(BASE, 0, BASE, LEVEL_GIGA, ACCESS_READ)).toBe(0);
    const before = memory.words.slice();
    for (const level of [LEVEL_GIGA, LEVEL_MEGA, LEVEL_PAGE])
      expect(tables.map(BASE, 5, 0, level, ACCESS_READ)).toBe(OCCUPIED);
    expect(tables.installTable(BASE, 0, BASE + 1, 1)).toBe(OCCUPIED);
    expect(memory.words).toEqual(before);
    expect(tables.installTable(BASE, 2 ** 18, BASE + 1, 1)).toBe(0);
    expect(tables.map(BASE, 2 ** 18, 2 ** 18, LEVEL_GIGA, ACCESS_READ)).toBe(OCCUPIED);
  });
  it('a pointer that leads out of RAM is not followed', () => {
    const { memory, tables } = create();
    memory.setWord(BASE, 0, ((BASE + 8) << 10) | 1);
    expect(tables.map(BASE, 0, 0, LEVEL_PAGE, ACCESS_READ)).toBe(OCCUPIED);
    memory.setWord(BASE, 0, (BASE << 10) | 1);
    memory.setWord(BASE, 1, 1); // the 33rd bit of the page number
    expect(tables.map(BASE, 0, 0, LEVEL_PAGE, ACCESS_READ)).toBe(OCCUPIED);
  });
});

describe('unmap', () => {
  it('clears both words of the entry and nothing else', () => {
    const { memory, tables } = create();
    tables.installTable(BASE, -1, BASE + 1, 1);
    const before = memory.words.slice();
    tables.map(BASE, -1, 2 ** 43, LEVEL_MEGA, ACCESS_WRITE);
    expect(memory.words).not.toEqual(before);
    expect(tables.unmap(BASE, -1, LEVEL_MEGA)).toBe(0);
    expect(memory.words).toEqual(before);
  });
});
