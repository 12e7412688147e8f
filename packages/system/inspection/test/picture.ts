/** What must hold of the picture of any system at any moment, whatever happened before. */

import type { System } from '@bulkhead/assembler';
import { LOAD, Mmu, PAGE_FAULT, STORE } from '@bulkhead/mmu';
import { SATP_MODE_BARE, SATP_MODE_SV39 } from '@bulkhead/riscv-datasheet';
import { expect } from 'vitest';
import { capsOf, domainsOf, machineOf, memoryOf, reachOf } from '../src/index.ts';
import { reservationsOf } from '../src/owners.ts';
import type { PageRun } from '../src/page-runs.ts';
import { runsOf, spaceRoot } from '../src/reach.ts';

const PAGE_BYTES = 4096;
const SHAREABLE: readonly string[] = ['shared-region', 'queue'];

export function expectConsistent(system: System): void {
  expectPartition(system);
  expectMappings(system);
  expectWalls(system);
  expectTree(system);
  expectSums(system);
}

/** Every byte of RAM is in one region; a frame is of its owner's reservation. */
function expectPartition(system: System): void {
  const { ram, ramBytes, bytesByUse } = memoryOf(system);
  const base = system.board.ram.basePage * PAGE_BYTES;
  let at = base;
  for (const { address, lenBytes, count, unitBytes } of ram) {
    expect(address).toBe(at);
    expect(lenBytes).toBe(count * unitBytes);
    at += lenBytes;
  }
  expect(at - base).toBe(ramBytes);
  expect(Object.values(bytesByUse).reduce((sum, bytes) => sum + bytes)).toBe(ramBytes);
  const reservations = reservationsOf(system);
  for (const { address, lenBytes, owner, use } of ram.filter(({ unitBytes }) => unitBytes > 0)) {
    const holders = reservations.filter(
      (one) => one.address < address + lenBytes && one.address + one.lenBytes > address,
    );
    if (use === 'frame') expect(holders).toHaveLength(1);
    if (holders.length > 0)
      expect(
        holders.map((one) => [one.owner, one.address <= address && address + lenBytes <= one.address + one.lenBytes]),
      ).toEqual([[owner, true]]);
  }
}
/** What capabilities record, what page tables say and what an MMU makes of them are the same. */
function expectMappings(system: System): void {
  const { capabilities } = capsOf(system);
  for (const domain of system.kernel.domains.filter(({ isKernel }) => !isKernel)) {
    const root = spaceRoot(system.kernel, domain);
    const mmu = new Mmu({ memory: system.board.ram });
    mmu.setAddressSpace(domain.asid, root, root === 0 ? SATP_MODE_BARE : SATP_MODE_SV39);
    mmu.setUser(true);
    const recorded = capabilities.flatMap(({ type, mapping, address, lenBytes }) =>
      type === 'Frame' && mapping?.domain === domain.name
        ? Array.from({ length: lenBytes / PAGE_BYTES }, (_, i) => `${mapping.page + i} ${address! / PAGE_BYTES + i}`)
        : [],
    );
    const told: string[] = [];
    const wrong: PageRun[] = [];
    for (const run of runsOf(system, domain)) {
      for (let i = 0; i < run.count; i++) {
        const [load, store] = [mmu.translate(run.page + i, LOAD), mmu.translate(run.page + i, STORE)];
        told.push(`${run.page + i} ${run.physicalPage + i}`);
        if (load !== (run.read ? run.physicalPage + i : PAGE_FAULT) || store >= 0 !== run.write) wrong.push(run);
      }
    }
    expect(wrong).toEqual([]);
    expect(told.toSorted()).toEqual(recorded.toSorted());
  }
}
/** No two domains can write a page but where they share it on purpose; no purpose is unknown. */
function expectWalls(system: System): void {
  for (const { views, purpose, use } of memoryOf(system).ram) {
    if (use !== 'frame') continue;
    expect(purpose!.kind).not.toBe('unknown');
    const writers = new Set(
      views.filter(({ kind, access }) => kind === 'domain' && access.includes('w')).map(({ name }) => name),
    );
    if (writers.size > 1) expect(SHAREABLE).toContain(purpose!.kind);
  }
}
/** Each occupied slot once, under a capability that names at least what it names. */
function expectTree(system: System): void {
  const { capabilities, derivation, spaces } = capsOf(system);
  const sorted = (slots: readonly { readonly slot: number }[]): number[] =>
    slots.map(({ slot }) => slot).toSorted((a, b) => a - b);
  expect(sorted(derivation)).toEqual(sorted(capabilities));
  const bySlot = new Map(capabilities.map((one) => [one.slot, one]));
  const depths = new Map(derivation.map(({ slot, depth }) => [slot, depth]));
  for (const { slot, parent, depth } of derivation) {
    if (parent === null) {
      expect(depth).toBe(0);
      continue;
    }
    expect(depth).toBe(depths.get(parent)! + 1);
    const [child, above] = [bySlot.get(slot)!, bySlot.get(parent)!];
    if (child.address === null) continue;
    expect(child.address).toBeGreaterThanOrEqual(above.address!);
    expect(child.address + child.lenBytes).toBeLessThanOrEqual(above.address! + above.lenBytes);
    if (child.type === above.type) expect([...child.rights].every((right) => above.rights.includes(right))).toBe(true);
  }
  for (const { holder, used } of spaces)
    expect(
      capabilities.filter((one) => one.holder === holder && !['root slot', 'interrupt table'].includes(one.space)),
    ).toHaveLength(used);
}
/** used + free = size; what is counted in one picture is listed in another. */
function expectSums(system: System): void {
  const { domains } = domainsOf(system);
  const { ram } = memoryOf(system);
  const { domains: reach, interrupts } = reachOf(system);
  for (const { name, memory, mappedPages, components } of domains) {
    const { readable, capabilities } = reach.find(({ domain }) => domain === name)!;
    expect(reach.find(({ domain }) => domain === name)!.components).toEqual(
      components.map((component) => component.name),
    );
    if (mappedPages !== null) expect(readable.reduce((sum, { count }) => sum + count, 0)).toBe(mappedPages);
    expect(capabilities.every(({ holder }) => holder === name)).toBe(true);
    if (memory === null) continue;
    expect(memory.usedBytes + memory.freeBytes).toBe(memory.sizeBytes);
    const owned = ram.filter(({ owner }) => owner === name);
    const sum = (regions: typeof owned): number => regions.reduce((total, { lenBytes }) => total + lenBytes, 0);
    expect(sum(owned)).toBe(memory.sizeBytes);
    expect(sum(owned.filter(({ use }) => use === 'free'))).toBe(memory.freeBytes);
  }
  expect(machineOf(system).interrupts).toEqual(interrupts);
}
