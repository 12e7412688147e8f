/** Nothing that software writes to memory or registers makes the MMU throw, or answer what is no answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCESS_FAULT, Mmu, type MmuOptions } from '../src/index.ts';
import { BASE, createMemory } from './tables.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const PAGES = 4;

const page = fc.oneof(
  fc.integer({ min: -(2 ** 51), max: 2 ** 51 - 1 }),
  fc.integer({ min: -64, max: 2048 }),
  fc.integer({ min: 0, max: 51 }).map((bit) => 2 ** bit - 1),
  fc.integer({ min: 0, max: 51 }).map((bit) => -(2 ** bit)),
);
const root = fc.oneof(fc.integer({ min: BASE - 1, max: BASE + PAGES }), fc.integer({ min: 0, max: 2 ** 44 - 1 }));
const word = fc.oneof(
  fc.integer(),
  fc.tuple(fc.integer({ min: BASE - 1, max: BASE + PAGES }), fc.nat(0x3ff)).map(([ppn, low]) => (ppn << 10) | low | 1),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('translate'), page, fc.nat(2), fc.nat(0)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('write'), fc.nat(PAGES - 1), fc.nat(1023), word) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('space'), fc.nat(0xffff), root, fc.nat(15)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('fence'), page, fc.nat(0xffff), fc.nat(3)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('status'), fc.nat(1), fc.nat(1), fc.nat(1)) },
);
const options: fc.Arbitrary<Partial<MmuOptions>> = fc.record({
  marks: fc.constantFrom('fault' as const, 'update' as const),
  tagged: fc.boolean(),
  widestMode: fc.constantFrom(8, 9, 10),
  tlbEntries: fc.constantFrom(4, 64),
  superpageTlbEntries: fc.constantFrom(1, 16),
  isReadOnly: fc.constant((at: number) => at === BASE + 3),
});

describe('an MMU', () => {
  it('survives any satp, any content of memory and any address, and answers a page of 44 bits or a fault', () => {
    fc.assert(
      fc.property(
        options,
        fc.array(word, { minLength: 4 }),
        fc.array(step, { maxLength: 60 }),
        (given, seed, steps) => {
          const memory = createMemory(PAGES);
          for (let at = 0; at < memory.words.length; at++)
            memory.words[at] = seed[at % seed.length]! & (at & 1 ? 0xff : -1);
          const mmu = new Mmu({ memory, ...given });
          mmu.setAddressSpace(1, BASE, 8);
          for (const [what, a, b, c] of steps) {
            if (what === 'write') memory.setWord(BASE + a, b, c);
            else if (what === 'space') mmu.setAddressSpace(a, b, c);
            else if (what === 'status') setStatus(mmu, a, b, c);
            else if (what === 'fence') fence(mmu, a, b, c);
            else {
              const ppn = mmu.translate(a, b);
              expect(Number.isInteger(ppn) && ppn >= ACCESS_FAULT && ppn < 2 ** 44).toBe(true);
              if (ppn >= 0) expect([ppn, -1]).toContain(mmu.recall(a, b));
            }
          }
        },
      ),
      { numRuns: 300 * effort },
    );
  });
});

function setStatus(mmu: Mmu, user: number, sum: number, mxr: number): void {
  mmu.setUser(user === 1);
  mmu.setSum(sum === 1);
  mmu.setMxr(mxr === 1);
}
function fence(mmu: Mmu, vpn: number, asid: number, form: number): void {
  if (form === 0) mmu.flushAll();
  else if (form === 1) mmu.flushAsid(asid);
  else if (form === 2) mmu.flushPageAllAsids(vpn);
  else mmu.flushPage(vpn, asid);
}
