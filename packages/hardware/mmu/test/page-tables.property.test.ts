/** The builder against a model: a list of ranges, and what the MMU makes of the tables that it wrote. */
import { createRam } from '@bulkhead/memory';
import { InvariantError } from '@bulkhead/result';
import {
  PTE_A,
  PTE_D,
  PTE_R,
  PTE_U,
  PTE_W,
  PTE_X,
  SATP_MODE_BARE,
  SATP_MODE_SV39,
  SATP_MODE_SV48,
  SATP_MODE_SV57,
} from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOAD, Mmu, PAGE_FAULT, PageTables, STORE } from '../src/index.ts';
import { BASE } from './tables.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const RW: number = PTE_R | PTE_W | PTE_A | PTE_D;
const RO: number = PTE_R | PTE_A;

const create = (mode: number, pageCount = 24) => {
  const memory = createRam({ basePage: BASE, pageCount: pageCount + 2 });
  memory.words.fill(-1);
  const tables = new PageTables({ memory, mode, firstPage: BASE + 1, pageCount });
  const mmu = new Mmu({ memory });
  mmu.setAddressSpace(1, tables.rootPage, mode);
  return { memory, tables, mmu };
};
const SCHEMES = [
  ['Sv39', SATP_MODE_SV39, 3],
  ['Sv48', SATP_MODE_SV48, 4],
  ['Sv57', SATP_MODE_SV57, 5],
] as const;

interface Range {
  readonly vpn: number;
  readonly ppn: number;
  readonly level: number;
  flags: number;
}
const spanOf = (level: number): number => 512 ** level;
const holds = (range: Range, vpn: number): boolean => vpn >= range.vpn && vpn < range.vpn + spanOf(range.level);

/** A page in few places, so that operations meet: any half, and up to two pages from a multiple of each size. */
const place = (levels: number) =>
  fc
    .tuple(fc.array(fc.nat(1), { minLength: levels, maxLength: levels }), fc.boolean())
    .map(([digits, upper]) =>
      digits.reduce((vpn, digit, i) => vpn + digit * spanOf(i), upper ? -spanOf(levels) / 2 : 0),
    );
const operation = (levels: number) =>
  fc.record({
    do: fc.constantFrom('map', 'map', 'unmap', 'protect'),
    at: place(levels),
    level: fc.nat(levels - 1),
    frame: fc.nat(3),
    flags: fc.constantFrom(RW, RO, RW | PTE_U, PTE_X | PTE_A),
  });

describe.each(SCHEMES)('page tables of %s', (_name, mode, levels) => {
  it('map, protect and unmap leaves of all sizes as a list of ranges would', () => {
    fc.assert(
      fc.property(fc.array(operation(levels), { maxLength: 30 }), (operations) => {
        const { tables, mmu } = create(mode);
        let ranges: Range[] = [];
        for (const { do: what, at, level, frame, flags } of operations) {
          const vpn = Math.floor(at / spanOf(level)) * spanOf(level);
          const found = ranges.find((range) => holds(range, at));
          if (what === 'map') {
            const range: Range = { vpn, ppn: frame * spanOf(level), level, flags };
            const isTaken = ranges.some((other) => holds(other, vpn) || holds(range, other.vpn));
            const got = tables.map(vpn, range.ppn, level, flags);
            expect(got.ok ? 'ok' : got.error).toBe(isTaken ? 'occupied' : 'ok');
            if (got.ok) ranges.push(range);
          } else if (what === 'protect') {
            expect(tables.protect(at, flags).ok).toBe(found !== undefined);
            if (found !== undefined) found.flags = flags;
          } else {
            expect(tables.unmap(at).ok).toBe(found !== undefined);
            ranges = ranges.filter((range) => range !== found);
          }
          mmu.flushAll();
          for (const { at: probe } of operations) expectMapped(tables, mmu, ranges, probe);
        }
        for (const { vpn } of ranges) expect(tables.unmap(vpn).ok).toBe(true);
        expect(tables.freePages).toBe(23);
      }),
      { numRuns: 60 * effort },
    );
  });
  it('take one table a level, and give all back', () => {
    const { tables } = create(mode, levels);
    expect(tables.map(0, 7, 0, RW).ok).toBe(true);
    expect(tables.freePages).toBe(0);
    expect(tables.map(1, 8, 0, RW).ok).toBe(true);
    expect(tables.map(-1, 8, 0, RW)).toEqual({ ok: false, error: 'no-memory' });
    expect([tables.unmap(0), tables.unmap(1)]).toEqual([
      { ok: true, value: 0 },
      { ok: true, value: levels - 1 },
    ]);
    expect(tables.map(-1, 8, 0, RW).ok).toBe(true);
  });
  it('refuse in the order of the checks, and change nothing then', () => {
    const { memory, tables } = create(mode, 1);
    const before = memory.words.slice();
    const half = spanOf(levels) / 2;
    const refusals = [
      tables.map(half, 1, levels, PTE_W),
      tables.map(half, 1, levels - 1, PTE_W),
      tables.map(half, 1, 1, RW),
      tables.map(0, 1, 1, RW),
      tables.map(512, 2 ** 44, 0, RW),
      tables.map(0, 1, 0, RW),
      tables.protect(0, PTE_W),
      tables.protect(0, RW),
      tables.unmap(half),
    ];
    expect(refusals.map((result) => (result.ok ? 'ok' : result.error))).toEqual([
      'no-such-level',
      'no-leaf',
      'not-canonical',
      'misaligned',
      'misaligned',
      'no-memory',
      'no-leaf',
      'not-mapped',
      'not-mapped',
    ]);
    expect(memory.words).toEqual(before);
  });
  it('keep to the pages that were lent, and never follow a bent pointer out of them', () => {
    const { memory, tables } = create(mode, 8);
    tables.map(0, 7, 0, RW);
    expect([memory.word(BASE, 5), memory.word(BASE + 9, 5)]).toEqual([-1, -1]);
    memory.setWord(tables.rootPage, 0, (BASE << 10) | 1);
    expect([tables.find(0), tables.unmap(0).ok, tables.map(0, 7, 0, RW)]).toEqual([
      undefined,
      false,
      { ok: false, error: 'occupied' },
    ]);
    expect(memory.word(BASE, 5)).toBe(-1);
  });
});

function expectMapped(tables: PageTables, mmu: Mmu, ranges: readonly Range[], vpn: number): void {
  const range = ranges.find((each) => holds(each, vpn));
  const ppn = range === undefined ? PAGE_FAULT : range.ppn + vpn - range.vpn;
  expect(tables.find(vpn)).toEqual(range && { level: range.level, ppn, flags: range.flags | 1 });
  const flags = range?.flags ?? 0;
  mmu.setUser((flags & PTE_U) !== 0);
  expect(mmu.translate(vpn, LOAD)).toBe((flags & PTE_R) !== 0 ? ppn : PAGE_FAULT);
  expect(mmu.translate(vpn, STORE)).toBe((flags & PTE_W) !== 0 ? ppn : PAGE_FAULT);
}

describe('page tables', () => {
  it('need a scheme, and pages that memory holds', () => {
    const memory = createRam({ basePage: BASE, pageCount: 4 });
    expect(() => new PageTables({ memory, mode: SATP_MODE_BARE, firstPage: BASE, pageCount: 4 })).toThrow(
      InvariantError,
    );
    for (const [firstPage, pageCount] of [
      [BASE - 1, 2],
      [BASE, 5],
      [BASE, 0],
    ] as const)
      expect(() => new PageTables({ memory, mode: SATP_MODE_SV39, firstPage, pageCount })).toThrow(InvariantError);
  });
});
