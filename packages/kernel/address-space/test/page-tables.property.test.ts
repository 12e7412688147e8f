import { PTE_X } from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCESS_READ, ACCESS_USER, ACCESS_WRITE, PageTables } from '../src/index.ts';
import { BASE, createMemory } from './memory.ts';
import { Model } from './model.ts';
import { readPage } from './reader.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const POOL_PAGES = 40;
/** Page numbers whose parts meet: neighbours at every level, the first and last of both halves. */
const VPNS: readonly number[] = [0, 1, 511, 512, 513, 2 ** 18 - 1, 2 ** 18, 2 ** 26 - 1, -1, -512, -513, -(2 ** 26)];
const ACCESSES: readonly (readonly [number, string])[] = [
  [ACCESS_READ, 'VRA'],
  [ACCESS_WRITE, 'VRWAD'],
  [ACCESS_READ | ACCESS_USER, 'VRUA'],
  [ACCESS_WRITE | ACCESS_USER, 'VRWUAD'],
  [PTE_X, 'VXA'],
];

const level = fc.nat(2);
const vpn = fc.constantFrom(...VPNS);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('map' as const), vpn, level, ppn: fc.nat(), access: fc.nat(4) }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('install' as const), vpn, level: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('unmap' as const), vpn, level }) },
);

describe('Sv39 page tables (Privileged ISA 20211203 §4.4.1)', () => {
  it('hold what was asked and answer as a map of leaves and tables would, read by the book', () => {
    const met = new Set<string>();
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const memory = createMemory(POOL_PAGES);
      const tables = new PageTables(memory);
      const model = new Model();
      let nextTable = BASE + 1;
      for (const each of steps) {
        let [is, should] = [0, 0];
        if (each.op === 'map') {
          const span = 512 ** each.level;
          const ppn = Math.floor((each.ppn * 2 ** 13) / span) * span; // up to 44 bits, aligned
          const [access, flags] = ACCESSES[each.access]!;
          is = tables.map(BASE, each.vpn, ppn, each.level, access);
          should = model.map(each.vpn, ppn, each.level, flags);
        } else if (each.op === 'install') {
          if (nextTable === BASE + POOL_PAGES) continue;
          is = tables.installTable(BASE, each.vpn, nextTable, each.level);
          should = model.install(each.vpn, each.level);
          if (is === 0) nextTable++;
        } else {
          is = tables.unmap(BASE, each.vpn, each.level);
          should = model.unmap(each.vpn, each.level);
        }
        expect(is).toBe(should);
        if (is === -1) expect(tables.missingLevel).toBe(model.missingLevel);
        met.add(`${each.op} ${each.level} ${is}`);
      }
      for (const page of VPNS) expect(readPage(memory, BASE, page), `page ${page}`).toEqual(model.translate(page));
    });
    fc.assert(property, { numRuns: 150 * EFFORT });
    for (const name of [
      'map 0 0',
      'map 1 0',
      'map 2 0',
      'map 0 -1',
      'map 1 -2',
      'unmap 0 0',
      'unmap 1 -3',
      'install 0 0',
    ])
      expect(met, name).toContain(name);
  });

  it('whatever a stray store leaves in a table, nothing is thrown and nothing outside RAM is followed', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const garbage = fc.array(fc.tuple(fc.nat(3 * 1024 - 1), word), { maxLength: 2000 });
    const property = fc.property(garbage, fc.array(fc.tuple(vpn, level), { minLength: 20 }), (stores, places) => {
      const memory = createMemory(3);
      const tables = new PageTables(memory);
      for (const [at, value] of stores) memory.words[at] = value;
      // Half of the entries are pointers that lead on, so that a walk gets far.
      for (let at = 0; at < memory.words.length; at += 4) {
        memory.words[at] = ((BASE + (at & 2)) << 10) | 1;
        memory.words[at + 1] = 0;
      }
      for (const [page, at] of places) {
        expect([0, -1, -2]).toContain(tables.map(BASE, page, BASE, at, ACCESS_READ));
        expect([0, -3]).toContain(tables.unmap(BASE, page, at));
      }
    });
    fc.assert(property, { numRuns: 60 * EFFORT });
  });
});
