import { createRam } from '@bulkhead/memory';
import { FETCH, LOAD, Mmu, STORE } from '@bulkhead/mmu';
import { SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mappingOf, type PageRun } from '../src/page-runs.ts';

const EFFORT: number = Number(process.env['BULKHEAD_EFFORT'] ?? 1);
const BASE_PAGE = 0x80000;
/** Eight pages: whatever is written there may be a table, and what points elsewhere may be a leaf. */
const PAGES = 8;

/** Low bytes of entries, with those that mean something more often than chance would have them. */
const flags = fc.oneof(
  fc.constantFrom(0x01, 0xd7, 0x57, 0xcf, 0x53, 0x5b, 0x13, 0xc7),
  fc.integer({ min: 0, max: 0xff }),
);
const entry = fc.record({
  table: fc.integer({ min: 0, max: PAGES - 1 }),
  index: fc.oneof(fc.constantFrom(0, 1, 2, 255, 256, 510, 511), fc.integer({ min: 0, max: 511 })),
  ppn: fc.oneof(
    fc.integer({ min: BASE_PAGE, max: BASE_PAGE + PAGES }),
    fc.constantFrom(0, 0x200, 0x40000, 0x40001),
    fc.integer({ min: 0, max: 0xfffff }),
  ),
  high: fc.constantFrom(0, 0, 0, 0, 1, -1),
  flags,
});
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

function ramWith(entries: readonly Entry[]) {
  const ram = createRam({ basePage: BASE_PAGE, pageCount: PAGES });
  for (const { table, index, ppn, high, flags: low } of entries) {
    ram.setWord(BASE_PAGE + table, index * 2, (ppn << 10) | low);
    ram.setWord(BASE_PAGE + table, index * 2 + 1, high === 0 ? 0 : high);
  }
  return ram;
}
const runAt = (runs: readonly PageRun[], page: number): PageRun | undefined =>
  runs.find((run) => page >= run.page && page < run.page + run.count);

describe('the runs of an Sv39 table', () => {
  it('say of every page what the MMU says: the same physical page, to whom and for what', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 40 }),
        fc.array(fc.integer({ min: -(2 ** 26), max: 2 ** 26 - 1 })),
        (entries, pages) => {
          const ram = ramWith(entries);
          const { runs } = mappingOf(ram, BASE_PAGE);
          const mmu = new Mmu({ memory: ram });
          mmu.setAddressSpace(1, BASE_PAGE, SATP_MODE_SV39);
          const edges = runs.flatMap(({ page, count }) => [page - 1, page, page + count - 1, page + count]);
          for (const page of [...pages, ...edges.filter((edge) => edge >= -(2 ** 26) && edge < 2 ** 26)]) {
            const run = runAt(runs, page);
            const physical = run === undefined ? -1 : run.physicalPage + page - run.page;
            for (const user of [true, false]) {
              mmu.setUser(user);
              for (const [access, allowed] of [
                [LOAD, run?.read],
                [STORE, run?.write],
                [FETCH, run?.execute],
              ] as const) {
                const expected = allowed === true && run?.user === user ? physical : -1;
                expect(Math.max(-1, mmu.translate(page, access)), `page ${page} access ${access} user ${user}`).toBe(
                  expected,
                );
              }
            }
          }
        },
      ),
      { numRuns: 150 * EFFORT },
    );
  });
  it('are in rising order of unsigned pages, do not overlap, and no two could be one', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const { runs } = mappingOf(ramWith(entries), BASE_PAGE);
        const unsigned = runs.map((run) => ({ ...run, page: run.page < 0 ? run.page + 2 ** 27 : run.page }));
        unsigned.slice(1).forEach((run, i) => {
          const before = unsigned[i]!;
          expect(run.page).toBeGreaterThanOrEqual(before.page + before.count);
          const continues =
            run.page === before.page + before.count && run.physicalPage === before.physicalPage + before.count;
          const alike = ['read', 'write', 'execute', 'user'].every(
            (key) => run[key as 'read'] === before[key as 'read'],
          );
          // The halves are two ranges of signed pages; a leaf whose D bit alone differs may read the same.
          if (continues && alike && run.page !== 2 ** 26) expect(run.write).toBe(false);
        });
      }),
      { numRuns: 100 * EFFORT },
    );
  });
  it('of a table that is not in RAM are none', () => {
    expect(mappingOf(createRam({ basePage: BASE_PAGE, pageCount: 1 }), 5)).toEqual({ runs: [], tablePages: [] });
  });
});
