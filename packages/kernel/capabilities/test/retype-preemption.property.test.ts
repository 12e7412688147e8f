import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errors, Invocations, labels, objects } from '../src/index.ts';
import { type Fixture, firstDifference, fixture, make, ROOT } from './fixture.ts';
import { checkInvariants } from './invariants.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { CNODE, ENDPOINT, FRAME, NULL, SCHED_CONTEXT, TCB, UNTYPED, ALL_RIGHTS } = objects;
const BASE_PAGE = 0x80000;
const BOOT_END = 16 * 4096;
const SLOTS = 16;
const UNIT_WORDS = 64;
/** What a program leaves in a frame; no word of it looks like a capability. */
const DIRT = 0x5a5a5a00;
/** Type, size in bits, words of one object. */
const KINDS = [
  [ENDPOINT, 0, 4],
  [SCHED_CONTEXT, 9, 128],
  [CNODE, 5, 256],
  [TCB, 0, 512],
  [FRAME, 12, 1024],
  [CNODE, 8, 2048],
  [UNTYPED, 13, 0],
  [UNTYPED, 14, 0],
] as const;

interface Request {
  readonly untyped: number;
  readonly kind: number;
  readonly index: number;
  readonly count: number;
  readonly units: number;
}
const retype = ({ capabilities }: Fixture, { untyped, kind, index, count, units }: Request): number => {
  const [type, sizeBits] = KINDS[kind]!;
  return capabilities.retype(untyped, type, sizeBits, ROOT, 0, 0, index, count, units);
};
const isZero = (words: Int32Array, start: number, count: number): boolean =>
  words.subarray(start, start + count).every((word) => word === 0);

/** A preempted retype writes three words of its untyped's slot, and zeroes. Nothing else. */
function expectHidden({ words }: Fixture, before: Int32Array, untyped: number): void {
  for (let word = 0; word < words.length; word++) {
    if (words[word] === before[word] || (word >= BOOT_END / 4 && words[word] === 0)) continue;
    if (word !== untyped && word !== untyped + 2 && word !== untyped + 3) expect.fail(`word ${word} was written`);
  }
  expect(words[untyped]! & ~(31 << 14)).toBe(before[untyped]! & ~(31 << 14));
}

describe('preemption of retype (seL4 reference manual §2.4 "Kernel Memory Allocation")', () => {
  it('takes the calls that its units say, and nothing shows before the last', () => {
    const f = fixture(BASE_PAGE);
    const { capabilities: c } = f;
    const request = { untyped: f.untyped, kind: 4, index: 10, count: 3, units: 5 };
    f.words.fill(DIRT, BOOT_END / 4);
    const before = f.words.slice();
    const calls = Math.ceil((3 * 1024) / UNIT_WORDS / 5);
    for (let call = 1; call < calls; call++) {
      expect(retype(f, request)).toBe(errors.PREEMPTED);
      expect(c.zeroedWords).toBe(5 * UNIT_WORDS);
      expectHidden(f, before, f.untyped);
      expect(c.freeBytesOf(f.untyped)).toBe(65536);
    }
    expect(retype(f, request)).toBe(0);
    expect(c.zeroedWords).toBe(3 * 1024 - (calls - 1) * 5 * UNIT_WORDS);
    expect(isZero(f.words, BOOT_END / 4, 3 * 1024)).toBe(true);
    expect(f.words[BOOT_END / 4 + 3 * 1024]).toBe(DIRT);
    expect([10, 11, 12].map((index) => c.typeOf(f.at(index)))).toEqual([FRAME, FRAME, FRAME]);
  });

  it('checks everything again in each call', () => {
    const f = fixture(BASE_PAGE);
    const request = { untyped: f.untyped, kind: 4, index: 10, count: 1, units: 1 };
    expect(retype(f, request)).toBe(errors.PREEMPTED);
    f.capabilities.copy(f.at(10), f.device, ALL_RIGHTS);
    const before = f.words.slice();
    expect(retype(f, request)).toBe(errors.DELETE_FIRST);
    expect(firstDifference(f.words, before)).toBe(-1);
    f.capabilities.delete(f.at(10));
    f.capabilities.delete(f.untyped);
    expect(retype(f, request)).toBe(errors.INVALID_CAPABILITY);
  });

  it('what is not zeroed is not preempted: untypeds, and device memory', () => {
    const f = fixture(BASE_PAGE);
    expect(f.capabilities.retype(f.untyped, UNTYPED, 15, ROOT, 0, 0, 10, 1, 0)).toBe(0);
    expect(f.capabilities.retype(f.device, FRAME, 21, ROOT, 0, 0, 11, 1, 0)).toBe(0);
    expect(f.capabilities.retype(f.untyped, ENDPOINT, 0, ROOT, 0, 0, 12, 1, 0)).toBe(errors.PREEMPTED);
  });

  it('what was zeroed for one object serves a smaller one that comes between', () => {
    const f = fixture(BASE_PAGE);
    const large = { untyped: f.untyped, kind: 4, index: 10, count: 2, units: 20 };
    f.words.fill(DIRT, BOOT_END / 4);
    expect(retype(f, large)).toBe(errors.PREEMPTED);
    expect(make(f, f.untyped, TCB, 0, 14)).toBe(0);
    expect(f.capabilities.zeroedWords).toBe(0);
    expect(isZero(f.words, BOOT_END / 4, 512)).toBe(true);
    // The TCB took from the first frame's place, so the frames begin one further; a quarter of that one is done.
    expect(retype(f, { ...large, units: -1 })).toBe(0);
    expect(f.capabilities.zeroedWords).toBe(2 * 1024 - 256);
  });

  it('as an invocation: the same message goes on', () => {
    const f = fixture(BASE_PAGE);
    const invocations = new Invocations({ capabilities: f.capabilities, unitsBeforePreemption: 8 });
    const invoke = (): number => {
      invocations.message.set([FRAME, 12, 0, 0, 10, 2]);
      invocations.length = 6;
      invocations.extras[0] = ROOT;
      invocations.extraCount = 1;
      return invocations.invoke(f.untyped, labels.UNTYPED_RETYPE);
    };
    const { PREEMPTED } = errors;
    expect([invoke(), invoke(), invoke(), invoke(), invoke()]).toEqual([
      PREEMPTED,
      PREEMPTED,
      PREEMPTED,
      0,
      errors.DELETE_FIRST,
    ]);
  });

  const any = fc.noBias(fc.nat(9999));
  const OPERATIONS = ['retype', 'retype', 'retype', 'resume', 'resume', 'delete', 'revoke', 'copy', 'move'] as const;
  const commands = fc.array(fc.tuple(fc.constantFrom(...OPERATIONS), any, any, any), {
    minLength: 20,
    maxLength: 80,
    size: 'max',
  });

  it('whatever comes between its calls, what is made is zero, and what is refused or preempted does not show', () => {
    const seen = { preempted: 0, resumed: 0, reused: 0 };
    const property = fc.property(commands, (sequence) => {
      const f = fixture(BASE_PAGE);
      const { capabilities: c, words } = f;
      f.words.fill(DIRT, BOOT_END / 4);
      const slots = Array.from({ length: SLOTS }, (_, i) => f.at(4 + i));
      const pending: Request[] = [];
      const attempt = (request: Request, isResumed: boolean): void => {
        const before = words.slice();
        const free = c.freeBytesOf(request.untyped);
        const answer = retype(f, request);
        const [, , size] = KINDS[request.kind]!;
        if (answer === errors.PREEMPTED) {
          seen.preempted++;
          expectHidden(f, before, request.untyped);
          expect(c.zeroedWords).toBe(request.units * UNIT_WORDS);
          expect(c.freeBytesOf(request.untyped)).toBe(free);
          pending.push(request);
        } else if (answer < 0) expect(firstDifference(words, before)).toBe(-1);
        else if (isResumed) seen.resumed++;
        for (let i = 0; answer === 0 && i < request.count; i++) {
          const word = c.wordOf(f.at(request.index + i));
          if (!isZero(words, word, size)) expect.fail('an object holds what was there before');
          if (size * request.count > c.zeroedWords) seen.reused++;
        }
      };
      for (const [operation, a, b, d] of sequence) {
        const occupied = slots.filter((slot) => c.typeOf(slot) !== NULL);
        const from = occupied[a % Math.max(occupied.length, 1)] ?? f.untyped;
        const untypeds = [f.untyped, f.untyped, ...occupied.filter((slot) => c.typeOf(slot) === UNTYPED)];
        const untyped = untypeds[b % untypeds.length]!;
        if (operation === 'retype') {
          const index = 4 + (b % (SLOTS - 3));
          attempt({ untyped, kind: a % KINDS.length, index, count: 1 + (d % 3), units: 1 + (a % 6) }, false);
        } else if (operation === 'resume' && pending.length > 0) {
          attempt(pending.splice(a % pending.length, 1)[0]!, true);
        } else if (operation === 'delete') c.delete(from);
        else if (operation === 'revoke' && d % 2 === 0) c.revoke(untyped);
        else if (operation === 'copy') c.copy(slots[b % SLOTS]!, d % 2 === 0 ? untyped : from, ALL_RIGHTS);
        else if (operation === 'move') c.move(slots[b % SLOTS]!, from);
        // Whoever holds a frame writes to it.
        for (const slot of slots) if (c.typeOf(slot) === FRAME) words.fill(DIRT, c.wordOf(slot), c.wordOf(slot) + 1024);
        checkInvariants(words, BASE_PAGE, BOOT_END);
      }
    });
    fc.assert(property, { numRuns: 200 * EFFORT, seed: 256 });
    expect(seen.preempted).toBeGreaterThan(300);
    expect(seen.resumed).toBeGreaterThan(20);
    expect(seen.reused).toBeGreaterThan(20);
  });
});
