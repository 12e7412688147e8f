import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DMA_READ, DMA_WRITE } from '../src/index.ts';
import { A, Bench, D, DIRECTORY, EFFORT, FREE, LEAF, R, RAM_BASE, ROOT, U, V, W } from './bench.ts';
import { referenceTranslate } from './reference.ts';

const TABLES = [ROOT, ROOT + 1, ROOT + 2, ROOT + 3];
const INDICES = [0, 1, 2, 255, 511];
const pick = fc.constantFrom;

/** Mostly what a walk can go on with, sometimes anything. */
const pteLow = fc.oneof(
  { weight: 4, arbitrary: pick(...TABLES).map((page) => (page << 10) | V) },
  { weight: 4, arbitrary: pick(FREE, FREE + 0x200 * 3, 0x80000, 0x40000).map((page) => (page << 10) | LEAF) },
  { weight: 2, arbitrary: pick(V | R | U | A, V | R | W | U | A, V | W | U, LEAF & ~U, LEAF | 8, V | 8 | U | A | D) },
  { weight: 1, arbitrary: fc.integer() },
);
const pteHigh = fc.oneof({ weight: 9, arbitrary: pick(0, 1, 0x3fffff) }, { weight: 1, arbitrary: fc.integer() });
const entries = fc.array(fc.record({ table: pick(...TABLES), index: pick(...INDICES), lo: pteLow, hi: pteHigh }), {
  minLength: 6,
  maxLength: 24,
});
const tc = fc.oneof({ weight: 8, arbitrary: pick(1, 1, 1, 0x11, 0x21, 0x221, 0x40000001) }, fc.integer());
const context = fc.record({
  tc,
  tcHigh: pick(0, 0, 0, 0, 0, 0, 1),
  iohgatpHigh: pick(0, 0, 0, 0, 0, 0x1000, 0x80000000),
  ta: pick(0x1000, 0x2000, 0x2000, 0x2000, 0x2001),
  fscLow: pick(...TABLES, 0),
  fscHigh: pick(0x80000000, 0x80000000, 0x80000000, 0x80000000, 0, 0x90000000, 0x80001000, 0x80000001),
});
const vpn = fc
  .tuple(pick(...INDICES), pick(...INDICES), pick(...INDICES))
  .map(([two, one, zero]) => (two * 512 + one) * 512 + zero);
const ioPage = fc.oneof(
  { weight: 8, arbitrary: vpn.map((page) => (page >= 2 ** 26 ? page + (2 ** 52 - 2 ** 27) : page)) },
  { weight: 1, arbitrary: fc.maxSafeInteger().map((page) => Math.abs(page) % 2 ** 52) },
);
const device = pick(0, 1, 0x18, 0x7f, 0x80, 0x818, 0x10018, 0xffffff);

describe('Process to translate an IOVA (RISC-V IOMMU 1.0 §2.3, Privileged ISA 20211203 §4.3.2)', () => {
  it('agrees with a bigint reference on random directories, contexts and page tables, cached or not', () => {
    const seen = new Set<number>();
    const property = fc.property(
      fc.record({
        mode: pick(0, 1, 2, 2, 2, 3, 4),
        lost: pick(0, 0, 0, 0, 0, 0, 0, 0x4000),
        context,
        entries,
        ioPage,
        device,
        write: fc.boolean(),
      }),
      fc.array(fc.record({ lo: pteLow, hi: pick(0, 0, 0, 0x400000) }), { minLength: 3, maxLength: 3 }),
      (run, directories) => {
        const bench = new Bench();
        const words = [run.context.tc, run.context.tcHigh, 0, run.context.iohgatpHigh, run.context.ta, 0];
        [...words, run.context.fscLow, run.context.fscHigh].forEach((word, i) => {
          for (const page of [DIRECTORY, RAM_BASE + 1]) bench.ram.setWord(page, (run.device & 0x7f) * 8 + i, word);
        });
        if (run.mode > 2) {
          const middle = (run.device >>> 7) & 0x1ff;
          const top = run.mode === 4 ? run.device >>> 16 : middle;
          bench.entry(RAM_BASE + 4, top, run.mode === 4 ? RAM_BASE + 5 : RAM_BASE + 1, V);
          bench.entry(RAM_BASE + 5, middle, RAM_BASE + 1, V);
          if ((run.device & 1) === 1) bench.ram.setWord(RAM_BASE + 5, middle * 2, directories[0]!.lo);
          if ((run.device & 1) === 1) bench.ram.setWord(RAM_BASE + 4, top * 2 + 1, directories[1]!.hi);
        }
        for (const { table, index, lo, hi } of run.entries) {
          if (table === RAM_BASE + 4 || table === RAM_BASE + 5) if (run.mode > 2) continue;
          bench.ram.setWord(table, index * 2, lo);
          bench.ram.setWord(table, index * 2 + 1, hi);
        }
        const root = (run.mode > 2 ? RAM_BASE + 4 : DIRECTORY) + run.lost;
        bench.mode(run.mode, root);
        const ddtp = (BigInt(root) << 10n) | BigInt(run.mode);
        const expected = referenceTranslate(bench.ram, ddtp, run.device, run.ioPage, run.write);
        const access = run.write ? DMA_WRITE : DMA_READ;
        seen.add(Math.min(expected, 0));
        expect(bench.iommu.translate(run.device, run.ioPage, access)).toBe(expected);
        expect(bench.iommu.translate(run.device, run.ioPage, access)).toBe(expected);
      },
    );
    fc.assert(property, { numRuns: 1500 * EFFORT });
    for (const outcome of [0, -5, -7, -13, -15, -256, -257, -258, -259, -260]) expect([...seen]).toContain(outcome);
  });
});
