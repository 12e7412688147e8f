/** Memory that a process holds is its own: it can make of it what it reserved, and nobody else's matters. */
import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemCalls } from '../../src/index.ts';
import { Cast, MEMORY, PUPIL, SELF } from './cast.ts';
import { Census } from './census.ts';
import { brokenInvariants } from './invariants.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const seed = 20260109;
const BITS = 12;
const KINDS: readonly (readonly [type: number, size: number, bits: number])[] = [
  [objects.ENDPOINT, 0, 4],
  [objects.REPLY, 0, 5],
  [objects.NOTIFICATION, 0, 6],
  [objects.CNODE, 2, 7],
  [objects.SCHED_CONTEXT, 8, 8],
  [objects.UNTYPED, 9, 9],
  [objects.TCB, 0, 11],
];

/** Three processes. None has a capability to another's, but for what they send by. */
function cast(): Cast {
  const made = new Cast({ untypedBits: BITS });
  const { kernel } = made.w;
  for (const t of made.threads.slice(1)) {
    const node = kernel.capabilities.wordOf(kernel.tcbs.wordOf(t));
    kernel.capabilities.delete(node + PUPIL * 8);
  }
  made.w.rest();
  return made;
}
/** Lets others pass until it is this one's turn. @returns whether it came. */
function turnOf(c: Cast, t: number): boolean {
  for (let i = 0; i < 8 && c.current !== t; i++) c.pass();
  return c.current === t;
}
function retype(c: Cast, type: number, size: number, slot: number, count = 1): { error: number; left: number } {
  const t = c.current;
  c.perform({
    number: systemCalls.CALL,
    pointer: MEMORY,
    label: slotLabels.UNTYPED_RETYPE,
    words: [type, size, 0, 0, slot, count],
    extras: [SELF],
  });
  const { threads } = c.w.kernel;
  return { error: message.labelOf(threads.tag[t]!), left: threads.registers[t * 8]! };
}
const drop = (c: Cast, slot: number): void =>
  c.perform({ number: systemCalls.CALL, pointer: SELF, label: slotLabels.CNODE_DELETE, words: [slot, 32] });
/** What a process has: its slots, and every word of its memory. */
function belongings(c: Cast, t: number): string {
  const { kernel, words } = c.w;
  const node = kernel.capabilities.wordOf(kernel.tcbs.wordOf(t));
  const memory = kernel.capabilities.wordOf(node + MEMORY * 8);
  const slots = Array.from({ length: 32 }, (_, i) => words.subarray(node + i * 8, node + i * 8 + 4).join(' '));
  return `${slots.join()} ${words.subarray(memory, memory + 2 ** (BITS - 2)).join(' ')} ${kernel.threads.state[t]}`;
}

const reservation = fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 12 }).map((wishes) => {
  const sorted = [...wishes].sort((a, b) => b[2] - a[2]);
  let sum = 0;
  return sorted.filter(([, , bits]) => {
    if (sum + 2 ** bits > 2 ** BITS) return false;
    sum += 2 ** bits;
    return true;
  });
});
const deed = fc.tuple(fc.constantFrom(2, 3), fc.nat(99), fc.nat(99), fc.nat(99));

/** One of the others does something: makes, deletes, revokes, until all that it has is used up. */
function actOf(c: Cast, [who, what, kind, slot]: readonly [number, number, number, number]): number {
  const t = c.threads[who]!;
  if (!turnOf(c, t)) return -1;
  const at = 12 + (slot % 18);
  if (what % 8 === 0) drop(c, at);
  else if (what % 16 === 1)
    c.perform({ number: systemCalls.CALL, pointer: SELF, label: slotLabels.CNODE_REVOKE, words: [MEMORY, 32] });
  else if (what % 16 === 2)
    c.perform({ number: systemCalls.NB_SEND, pointer: 4 + (kind % 3), words: [kind], extras: [MEMORY] });
  else {
    const [type, size] = KINDS[kind % KINDS.length]!;
    return retype(c, type, size, at).error;
  }
  return -1;
}

describe('memory', () => {
  it('a process can always make what it reserved, whatever others do, between any two of its own', () => {
    let exhausted = 0;
    fc.assert(
      fc.property(reservation, fc.array(deed, { minLength: 40, maxLength: 80, size: 'max' }), (wishes, deeds) => {
        const c = cast();
        const rest = [...deeds];
        for (const [i, [type, size]] of wishes.entries()) {
          for (const each of rest.splice(0, Math.ceil(rest.length / (wishes.length - i))))
            if (actOf(c, each) === -errors.NOT_ENOUGH_MEMORY) exhausted++;
          expect(turnOf(c, c.threads[1]!)).toBe(true);
          expect(retype(c, type, size, 12 + i)).toMatchObject({ error: 0 });
        }
        expect(brokenInvariants(c.w, new Census(c.w))).toEqual([]);
      }),
      { numRuns: 12 * effort, seed },
    );
    expect(exhausted).toBeGreaterThan(20);
  });
  it('who exhausts its own is told how much is left, and harms nobody: they keep all, and go on', () => {
    let told = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...KINDS), { minLength: 25, maxLength: 40, size: 'max' }), (wishes) => {
        const c = cast();
        const [, greedy, ...others] = c.threads as [number, number, ...number[]];
        const before = others.map((t) => belongings(c, t));
        let used = 0;
        let slot = 12;
        for (const [type, size, bits] of wishes) {
          expect(turnOf(c, greedy)).toBe(true);
          const { error, left } = retype(c, type, size, slot);
          const fits = 2 ** BITS - used >= 2 ** bits;
          expect(error).toBe(fits ? 0 : -errors.NOT_ENOUGH_MEMORY);
          if (fits) {
            used = Math.ceil(used / 2 ** bits) * 2 ** bits + 2 ** bits;
            slot++;
            if (slot === 31) break;
          } else {
            expect(left).toBe(2 ** BITS - used);
            told++;
          }
          expect(others.map((t) => belongings(c, t))).toEqual(before);
        }
        for (const t of others) {
          expect(turnOf(c, t)).toBe(true);
          expect(retype(c, objects.UNTYPED, BITS - 1, 12, 2).error).toBe(0);
          expect(turnOf(c, t)).toBe(true);
          expect(retype(c, objects.ENDPOINT, 0, 14)).toEqual({ error: -errors.NOT_ENOUGH_MEMORY, left: 0 });
        }
        expect(brokenInvariants(c.w, new Census(c.w))).toEqual([]);
      }),
      { numRuns: 10 * effort, seed },
    );
    expect(told).toBeGreaterThan(20);
  });
});
