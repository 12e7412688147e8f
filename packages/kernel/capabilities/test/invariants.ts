/**
 * What must hold after every step, whatever the operations were: read from the memory alone, by comparing ranges, with
 * none of the package's own functions for the tree.
 */
import { expect } from 'vitest';
import { objects } from '../src/index.ts';

const SIZES: ReadonlyMap<number, number> = new Map([
  [objects.TCB, 2048],
  [objects.ENDPOINT, 16],
  [objects.NOTIFICATION, 64],
  [objects.REPLY, 32],
  [objects.PAGE_TABLE, 4096],
  [objects.IO_PAGE_TABLE, 4096],
  [objects.ASID_POOL, 4096],
]);
const TCB_SLOTS = 5;
const ZOMBIE = 1 << 26;
const ORPHAN = 1 << 28;

interface Capability {
  readonly slot: number;
  readonly type: number;
  readonly start: number;
  readonly end: number;
  readonly zombie: boolean;
}
const sizeOf = (type: number, bits: number): number =>
  SIZES.get(type) ?? (type > objects.ASID_POOL ? 0 : 2 ** (type === objects.CNODE ? bits + 5 : bits));

/** Every slot of the memory that holds something. Nothing else than slots is written in these tests. */
function capabilitiesIn(words: Int32Array, base: number): Capability[] {
  const found: Capability[] = [];
  for (let slot = 8; slot < words.length; slot += 8) {
    const header = words[slot]!;
    const type = header & 0xff;
    if (type === 0) continue;
    const start = (words[slot + 1]! >>> 0) * 16 - base;
    found.push({ slot, type, start, end: start + sizeOf(type, (header >>> 8) & 63), zombie: (header & ZOMBIE) !== 0 });
  }
  return found;
}

/** Every list of slots, in order; each slot stands in one, and neighbours know each other. */
function checkLists(words: Int32Array, all: readonly Capability[]): void {
  const bySlot = new Map(all.map((each) => [each.slot, each]));
  const seen = new Set<number>();
  for (const { slot } of all) {
    if (words[slot + 4] !== 0) continue;
    for (let at = slot, before = 0; at !== 0; before = at, at = words[at + 5]!) {
      if (!bySlot.has(at) || seen.has(at) || words[at + 4] !== before) expect.fail(`list is broken at slot ${at}`);
      seen.add(at);
    }
  }
  if (seen.size !== all.length) expect.fail(`${all.length - seen.size} slots stand in no list`);
}

/** Zombies stand in rings, each with one top; orphans lie in the first slot of what they name. */
function checkRings(words: Int32Array, all: readonly Capability[]): void {
  const zombies = all.filter(({ zombie }) => zombie);
  const seen = new Set<number>();
  for (const { slot, start } of zombies) {
    if ((words[slot]! & ORPHAN) !== 0 && start !== slot * 4) expect.fail(`orphan ${slot} lies elsewhere`);
    if (seen.has(slot)) continue;
    let tops = 0;
    for (let at = slot; !seen.has(at); at = words[at + 7]!) {
      seen.add(at);
      if ((words[at]! & ZOMBIE) === 0 || words[words[at + 7]! + 6] !== at) expect.fail(`ring is broken at slot ${at}`);
      if ((words[at]! & ORPHAN) === 0) tops++;
    }
    if (tops !== 1) expect.fail(`a ring has ${tops} tops`);
  }
}

/** Every slot that holds something lies in an object that still exists, or in one of the boot's. */
function checkSlots(all: readonly Capability[], bootEnd: number): void {
  const holders = all.filter(({ type }) => type === objects.CNODE || type === objects.TCB);
  for (const { slot } of all) {
    const at = slot * 4;
    const holds = ({ type, start, end }: Capability): boolean =>
      start <= at && at < (type === objects.TCB ? start + TCB_SLOTS * 32 : end);
    if (at >= bootEnd && !holders.some(holds)) expect.fail(`slot ${slot} lies in no object`);
  }
}

/**
 * Objects are disjoint, and each lies in exactly one of the smallest untypeds around it; untypeds nest or are disjoint.
 * The boot's untyped counts as held, so that whoever deletes its capability does not break the rule.
 */
function checkMemory(words: Int32Array, all: readonly Capability[], bootEnd: number): void {
  const memory = all.filter(({ start, end }) => end > start && start >= bootEnd);
  const distinct = [...new Map(memory.map((each) => [`${each.type} ${each.start} ${each.end}`, each])).values()];
  const untypeds = distinct
    .filter(({ type }) => type === objects.UNTYPED)
    .concat({ slot: 0, type: objects.UNTYPED, start: bootEnd, end: words.length * 4, zombie: false })
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const others = distinct.filter(({ type }) => type !== objects.UNTYPED).sort((a, b) => a.start - b.start);
  for (const [i, { start, end, type }] of others.entries()) {
    const next = others[i + 1];
    if (next !== undefined && next.start < end) expect.fail(`objects of types ${type} and ${next.type} overlap`);
    const around = untypeds.filter((each) => each.start <= start && end <= each.end);
    const partly = untypeds.filter((each) => each.start < end && start < each.end);
    if (around.length === 0 || partly.length !== around.length)
      expect.fail(`an object of type ${type} is in no untyped`);
  }
  for (const [i, a] of untypeds.entries())
    for (const b of untypeds.slice(i + 1)) if (b.start < a.end && b.end > a.end) expect.fail('untypeds overlap');
}

/** @param bootEnd the byte at which the untyped memory begins; what lies below exists from the start. */
export function checkInvariants(words: Int32Array, basePage: number, bootEnd: number): void {
  const all = capabilitiesIn(words, basePage * 4096);
  checkLists(words, all);
  checkRings(words, all);
  checkSlots(all, bootEnd);
  checkMemory(words, all, bootEnd);
}
