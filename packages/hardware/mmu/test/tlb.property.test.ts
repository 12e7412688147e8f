/**
 * With the fences that the specification asks for, no TLB can be told from a walk of the tables: whatever its size,
 * whatever happened before. Without them it can, which the last test shows, so the first one is able to fail.
 */
import type { Ram } from '@bulkhead/memory';
import { PTE_G, SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mmu, type MmuOptions } from '../src/index.ts';
import { referenceWalk } from './reference.ts';
import { addressOfPage, BASE, createMemory, KINDS, numberOf, pointTo, randomOf, setPte } from './tables.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const SPACES = 3;
const STEPS = 300;
type Random = ReturnType<typeof randomOf>;

/**
 * Pages: root, middle and two low tables of each space, then a middle and a low table that all spaces share at root
 * index 511. Middle indices 0 and 1 point to the low tables, 2 and 3 are leaves of 2 MiB; root index 1 is one of 1 GiB.
 */
const rootOf = (space: number): number => BASE + space * 4;
const SHARED_MIDDLE = BASE + SPACES * 4;
const SHARED_LOW = SHARED_MIDDLE + 1;
const LEAVES = 12;

function createTables(): Ram {
  const memory = createMemory(SPACES * 4 + 2);
  for (let space = 0; space < SPACES; space++) {
    const root = rootOf(space);
    pointTo(memory, root, 0, root + 1);
    pointTo(memory, root, 511, SHARED_MIDDLE, PTE_G);
    pointTo(memory, root + 1, 0, root + 2);
    pointTo(memory, root + 1, 1, root + 3);
  }
  pointTo(memory, SHARED_MIDDLE, 0, SHARED_LOW);
  return memory;
}

/** Any valid leaf, or none: mostly permissive, so that most accesses get through. */
function setLeaf(memory: Ram, random: Random, table: number, index: number, level: number): void {
  const flags = random(4) === 0 ? random(0x100) : 0xcf | (random(2) << 4);
  const sound = random(8) === 0 ? 0 : (flags & ~PTE_G) | 3;
  setPte(memory, table, index, random(1000) * 512 ** level, sound);
}

class Machine {
  readonly memory: Ram = createTables();
  readonly mmu: Mmu;
  readonly #random: Random;
  readonly #fenced: boolean;
  /** By space: 1 while its two low tables have changed places. */
  readonly #swapped = new Uint8Array(SPACES);
  #space = 0;
  #access = { user: false, sum: false, mxr: false };

  constructor(random: Random, fenced: boolean, options: Partial<MmuOptions>) {
    this.mmu = new Mmu({ memory: this.memory, ...options });
    this.#random = random;
    this.#fenced = fenced;
    this.mmu.setAddressSpace(1, rootOf(0), SATP_MODE_SV39);
  }
  step(): void {
    const kind = this.#random(10);
    if (kind === 0) this.#enter(this.#random(SPACES));
    else if (kind === 1) this.#setContext();
    else if (kind < 4) this.#changeOwnLeaf();
    else if (kind === 4) this.#changeSharedLeaf();
    else if (kind === 5 && this.#random(3) === 0) this.#swapTables();
  }
  /** @returns what the MMU says and what a walk would. */
  access(): readonly [number, number] {
    const random = this.#random;
    const places = [random(LEAVES), 512 + random(LEAVES), 1024 + random(1024), 2 ** 18 + random(2 ** 18)];
    const vpn = random(4) === 0 ? -(2 ** 18) + random(LEAVES) : places[random(4)]!;
    const kind = KINDS[random(3)]!;
    const expected = referenceWalk(this.memory, rootOf(this.#space), addressOfPage(vpn), { kind, ...this.#access });
    return [this.mmu.translate(vpn, KINDS.indexOf(kind)), numberOf(expected)];
  }

  #enter(space: number): void {
    this.#space = space;
    this.mmu.setAddressSpace(space + 1, rootOf(space), SATP_MODE_SV39);
  }
  #setContext(): void {
    const flip = (): boolean => this.#random(2) === 0;
    this.#access = { user: flip(), sum: flip(), mxr: flip() };
    this.mmu.setUser(this.#access.user);
    this.mmu.setSum(this.#access.sum);
    this.mmu.setMxr(this.#access.mxr);
  }
  /** A leaf of one space, of any level: any of the four fences is enough. */
  #changeOwnLeaf(): void {
    const random = this.#random;
    const space = random(SPACES);
    const root = rootOf(space);
    const level = random(3);
    const slot = random(level === 0 ? LEAVES : 2);
    const low = random(2);
    const [table, index, vpn] = [
      [root + 2 + low, slot, 512 * (low ^ this.#swapped[space]!) + slot],
      [root + 1, 2 + slot, 1024 + slot * 512 + random(512)],
      [root, 1, 2 ** 18 + random(2 ** 18)],
    ][level]!;
    setLeaf(this.memory, random, table!, index!, level);
    if (this.#fenced) this.#fence(vpn!, space + 1);
  }
  #fence(vpn: number, asid: number): void {
    switch (this.#random(4)) {
      case 0:
        this.mmu.flushPage(vpn, asid);
        break;
      case 1:
        this.mmu.flushPageAllAsids(vpn);
        break;
      case 2:
        this.mmu.flushAsid(asid);
        break;
      default:
        this.mmu.flushAll();
    }
  }
  /** A global leaf: only a fence with rs2 = x0 reaches it. */
  #changeSharedLeaf(): void {
    const index = this.#random(LEAVES);
    setLeaf(this.memory, this.#random, SHARED_LOW, index, 0);
    if (!this.#fenced) return;
    if (this.#random(4) === 0) this.mmu.flushAll();
    else this.mmu.flushPageAllAsids(-(2 ** 18) + index);
  }
  /** A pointer changes: §4.2.1 asks for rs1 = x0. */
  #swapTables(): void {
    const space = this.#random(SPACES);
    const root = rootOf(space);
    const swapped = this.#swapped[space]! ^ 1;
    this.#swapped[space] = swapped;
    pointTo(this.memory, root + 1, 0, root + 2 + swapped);
    pointTo(this.memory, root + 1, 1, root + 3 - swapped);
    if (this.#fenced) this.mmu.flushAsid(space + 1);
  }
}

const differences = (seed: number, fenced: boolean, options: Partial<MmuOptions>): number => {
  const machine = new Machine(randomOf(seed), fenced, options);
  let count = 0;
  for (let i = 0; i < STEPS; i++) {
    machine.step();
    for (let j = 0; j < 3; j++) {
      const [got, expected] = machine.access();
      if (got !== expected) count++;
    }
  }
  return count;
};

const sizes = fc.constantFrom<Partial<MmuOptions>>(
  {},
  { tlbEntries: 1, tlbWays: 1, superpageTlbEntries: 1 },
  { tlbEntries: 2, tlbWays: 2, superpageTlbEntries: 2 },
  { tlbEntries: 16, tlbWays: 1 },
  { tlbEntries: 24, tlbWays: 12 },
  { tlbEntries: 1024, tlbWays: 8, superpageTlbEntries: 64 },
);

describe('sfence.vma (Privileged ISA 20211203 §4.2.1)', () => {
  it('makes a TLB of any size agree with the tables, after every change that is fenced as the clause asks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), sizes, (seed, options) => differences(seed, true, options) === 0),
      { numRuns: 60 * effort },
    );
  });
  it('does so on a machine without ASIDs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), sizes, (seed, options) => {
        return differences(seed, true, { ...options, tagged: false }) === 0;
      }),
      { numRuns: 20 * effort },
    );
  });
  it('is what made them agree: without fences they differ', () => {
    expect(differences(1, false, {})).toBeGreaterThan(10);
  });
});
