import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { PTE_X } from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCESS_READ, ACCESS_USER, ACCESS_WRITE, MISSING_TABLE, PageTables } from '../src/index.ts';
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
const map = fc.record({ op: fc.constant('map' as const), vpn, level, ppn: fc.nat(), access: fc.nat(4) });
const install = fc.record({ op: fc.constant('install' as const), vpn, level: fc.nat(1) });
const unmap = fc.record({ op: fc.constant('unmap' as const), vpn, level });
const step = fc.oneof(
  { weight: 5, arbitrary: map },
  { weight: 1, arbitrary: install },
  { weight: 2, arbitrary: unmap },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Tables and model side by side; both must answer alike, and every answer is remembered. */
class Pair {
  readonly memory: PhysicalMemoryPort = createMemory(POOL_PAGES);
  readonly #tables = new PageTables(this.memory);
  readonly #model = new Model();
  readonly #met: Set<string>;
  #nextTable: number = BASE + 1;

  constructor(met: Set<string>) {
    this.#met = met;
  }
  run(step: Step): void {
    if (step.op === 'map') this.#map(step);
    else if (step.op === 'install') this.#install(step.vpn, step.level);
    else this.#same(step, this.#tables.unmap(BASE, step.vpn, step.level), this.#model.unmap(step.vpn, step.level));
  }
  translate(page: number): ReturnType<typeof readPage> {
    return this.#model.translate(page);
  }
  /** Brings the tables that are missing, as a kernel does. */
  #map(step: Step & { op: 'map' }): void {
    const span = 512 ** step.level;
    const ppn = Math.floor((step.ppn * 2 ** 13) / span) * span; // up to 44 bits, aligned
    const [access, flags] = ACCESSES[step.access]!;
    for (;;) {
      const is = this.#tables.map(BASE, step.vpn, ppn, step.level, access);
      this.#same(step, is, this.#model.map(step.vpn, ppn, step.level, flags));
      if (is !== MISSING_TABLE) return;
      expect(this.#tables.missingLevel).toBe(this.#model.missingLevel);
      this.#install(step.vpn, this.#tables.missingLevel);
    }
  }
  #install(page: number, at: number): void {
    expect(this.#nextTable, 'the pool is large enough for every table').toBeLessThan(BASE + POOL_PAGES);
    const is = this.#tables.installTable(BASE, page, this.#nextTable, at);
    this.#same({ op: 'install', level: at }, is, this.#model.install(page, at));
    if (is === 0) this.#nextTable++;
  }
  #same(step: { readonly op: string; readonly level: number }, is: number, should: number): void {
    expect(is).toBe(should);
    this.#met.add(`${step.op} ${step.level}: ${is}`);
  }
}

describe('Sv39 page tables (Privileged ISA 20211203 §4.4.1)', () => {
  it('hold what was asked and answer as a map of leaves and tables would, read by the book', () => {
    const met = new Set<string>();
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), (steps) => {
      const pair = new Pair(met);
      for (const each of steps) pair.run(each);
      for (const page of VPNS) expect(readPage(pair.memory, BASE, page), `page ${page}`).toEqual(pair.translate(page));
    });
    fc.assert(property, { numRuns: 150 * EFFORT });
    const outcomes = [0, 1, 2].flatMap((at) => [`map ${at}: 0`, `map ${at}: -2`, `unmap ${at}: 0`, `unmap ${at}: -3`]);
    const tables = [0, 1].flatMap((at) => [`map ${at}: -1`, `install ${at}: 0`, `install ${at}: -2`]);
    for (const outcome of [...outcomes, ...tables, 'install 0: -1']) expect(met).toContain(outcome);
  });

  it('whatever a stray store leaves in a table, nothing is thrown and nothing outside RAM is followed', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const garbage = fc.array(fc.tuple(fc.nat(3 * 1024 - 1), word), { maxLength: 2000, size: 'max' });
    const property = fc.property(garbage, fc.array(fc.tuple(vpn, level), { minLength: 20 }), (stores, places) => {
      const memory = createMemory(3);
      const tables = new PageTables(memory);
      for (const [at, value] of stores) memory.words[at] = value;
      // Every second entry is a pointer that leads on, so that a walk gets far.
      for (let at = 0; at < memory.words.length; at += 4) {
        memory.words[at] = ((BASE + ((at >> 2) % 3)) << 10) | 1;
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
