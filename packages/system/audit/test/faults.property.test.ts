import { assemble, type Description, type Place, type System } from '@bulkhead/assembler';
import { injectBitFlip } from '@bulkhead/faults';
import { memoryOf } from '@bulkhead/inspection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../src/index.ts';
import { cellOf } from './ask.ts';
import { serve } from './running.ts';
import { SHAPES } from './systems.ts';
import { watch } from './watchdog.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const RUNS: number = 16 * EFFORT;
const PAGE_BYTES = 4096;
const HIGHEST_BIT = 30;
const BOOT_NS = 5_000_000;
const SERVE_NS = 5_000_000;

/** Memory of a component that nobody ever writes: code, and the data pages of a footprint, which are only read. */
interface Canary {
  readonly component: string;
  readonly words: Int32Array;
}
function canariesOf(system: System): Canary[] {
  const { ram } = system.board;
  return memoryOf(system).ram.flatMap(({ purpose, address, lenBytes }) => {
    if (purpose === null || (purpose.kind !== 'code' && purpose.kind !== 'data')) return [];
    const from = (address - ram.basePage * PAGE_BYTES) / 4;
    return [{ component: purpose.component!, words: ram.words.subarray(from, from + lenBytes / 4) }];
  });
}
const isTouched = ({ words }: Canary): boolean => words.some((word) => word !== 0);

/** What a fault in one component did to others: who ended, and whose memory was written that nobody writes. */
function effectsOf(system: System, canaries: readonly Canary[], failing: string): (readonly [string, Effect])[] {
  const ended = new Set(system.faults.map(({ domain }) => domain));
  const isOver = (component: string): boolean =>
    system.panic !== null || system.places.some(({ seat }) => seat.name === component && ended.has(seat.domain.name));
  const names = system.places.map(({ seat }) => seat.name);
  return [
    ...[...names, 'kernel'].filter(isOver).map((name) => [name, 'falls'] as const),
    ...canaries.filter(isTouched).map(({ component }) => [component, 'corrupted'] as const),
  ].filter(([name]) => name !== failing);
}

/** What is corrupted may fall too, some time. */
const COVERED: Readonly<Partial<Record<Effect, readonly Effect[]>>> = {
  falls: ['falls', 'corrupted'],
  corrupted: ['corrupted'],
};

/** It stores where it should not, or what it reads is not what stands there. */
const KINDS = ['stores', 'loads'] as const;

interface Fault {
  readonly description: Description;
  readonly component: string;
  readonly kind: (typeof KINDS)[number];
  readonly bit: number;
  /** From the very start, or after so many frames. */
  readonly afterFrames: number;
}
/** Whoever is busy gets most of the faults. */
const BUSY = ['nic-driver', 'net-stack', 'web-server'];
const FAULTS: fc.Arbitrary<Fault> = fc.constantFrom(...SHAPES).chain((description) =>
  fc.record({
    description: fc.constant(description),
    component: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...BUSY) },
      { weight: 1, arbitrary: fc.constantFrom(...description.components.map(({ name }) => name)) },
    ),
    kind: fc.constantFrom(...KINDS),
    bit: fc.nat(HIGHEST_BIT),
    afterFrames: fc.constantFrom(-1, 0, 1, 10),
  }),
);

/** From now on a bit is wrong in every word that a component of a user domain reads. */
function misread({ memory }: Place, bit: number): void {
  if (memory === null) return;
  const { load32 } = memory;
  memory.load32 = (...args: Parameters<typeof load32>) => load32.apply(memory, args) ^ (1 << bit);
}

/** @returns the system after the fault, and what nobody should have written. */
function broken({ description, component, kind, bit, afterFrames }: Fault): { system: System; canaries: Canary[] } {
  const system = assemble(description);
  const place = system.places.find(({ seat }) => seat.name === component)!;
  const isAtBoot = afterFrames < 0 && place.memory !== null;
  if (!isAtBoot) system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const canaries = canariesOf(system);
  watch(system, place, BOOT_NS + 2 * SERVE_NS);
  if (kind === 'loads') misread(place, bit);
  else if (isAtBoot) place.memory!.skewBytes = 2 ** bit;
  else injectBitFlip(system, { component, bit, afterFrames: Math.max(0, afterFrames) });
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  serve(system, { requests: 8, patienceNs: SERVE_NS });
  return { system, canaries };
}

describe('a broken pointer, or words that are read wrong', () => {
  it('in any component of any system does to others only what was foretold', () => {
    const ends = { stores: 0, loads: 0 };
    fc.assert(
      fc.property(FAULTS, (fault) => {
        const { system, canaries } = broken(fault);
        ends[fault.kind] += system.faults.length + (system.panic === null ? 0 : 1);
        for (const [name, effect] of effectsOf(system, canaries, fault.component)) {
          const foretold = cellOf(fault.description, fault.component, name).findings.map((finding) => finding.effect);
          expect([name, effect, foretold.some((one) => COVERED[effect]!.includes(one))]).toEqual([name, effect, true]);
        }
      }),
      { numRuns: RUNS, seed: 3 },
    );
    // A campaign in which nothing ever ends shows nothing.
    expect(Math.min(ends.stores, ends.loads)).toBeGreaterThan(0);
  });
});
