/** What a system did between two moments, read off its ledger and its mechanisms. */
import { CAUSES } from '@bulkhead/ledger';
import { COPY_BYTES, COPY_COUNT } from './hart-memory.ts';
import type { System } from './system.ts';

/** A moment of a run. */
export interface Snapshot {
  readonly atCycles: number;
  readonly cycles: Float64Array;
  readonly counts: Float64Array;
  readonly traps: number;
  readonly switches: number;
  readonly walks: number;
  readonly deviceAccesses: number;
  readonly copies: number;
  readonly bytesCopied: number;
}

export const snapshot = (system: System): Snapshot => ({
  atCycles: system.clock.now,
  cycles: system.ledger.cycles(),
  counts: system.ledger.counts.slice(),
  traps: system.board.hart.trapCount,
  switches: system.board.hart.satpWriteCount,
  walks: system.board.mmu.missCount,
  deviceAccesses: system.board.bus.accessCount,
  copies: system.copies[COPY_COUNT]!,
  bytesCopied: system.copies[COPY_BYTES]!,
});

export interface Metrics {
  readonly elapsedCycles: number;
  /** Idle time not counted. */
  readonly busyCycles: number;
  /** Cycles by component (in the ledger's order, the kernel last), then by cause. */
  readonly byComponent: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly byCause: Readonly<Record<string, number>>;
  /** How often each primitive and piece of work was charged. */
  readonly counts: Readonly<Record<string, number>>;
  readonly traps: number;
  readonly addressSpaceSwitches: number;
  /** Messages through endpoints: calls, casts and fetches; a call and its reply are one. */
  readonly ipcs: number;
  readonly interrupts: number;
  readonly tlbRefills: number;
  readonly deviceAccesses: number;
  /** Copies of any length, between any two places; filling is not copying. */
  readonly copies: number;
  readonly bytesCopied: number;
}

/** @returns what happened between two moments of one system. */
export function metricsBetween(system: System, from: Snapshot, to: Snapshot): Metrics {
  const { components, primitives } = system.ledger;
  const byComponent: Record<string, Record<string, number>> = {};
  const byCause: Record<string, number> = Object.fromEntries(CAUSES.map((cause) => [cause, 0]));
  components.forEach((component, c) => {
    const row: Record<string, number> = Object.fromEntries(CAUSES.map((cause) => [cause, 0]));
    primitives.forEach(({ cause }, p) => {
      const cell = c * primitives.length + p;
      const cycles = to.cycles[cell]! - from.cycles[cell]!;
      row[cause] = row[cause]! + cycles;
      byCause[cause] = byCause[cause]! + cycles;
    });
    byComponent[component] = row;
  });
  const counts: Record<string, number> = {};
  primitives.forEach(({ name }, p) => {
    const cells = components.map((_, c) => c * primitives.length + p);
    counts[name] = cells.reduce((sum, cell) => sum + to.counts[cell]! - from.counts[cell]!, 0);
  });
  const count = (name: string): number => counts[name] ?? 0;
  const elapsedCycles = to.atCycles - from.atCycles;
  return {
    elapsedCycles,
    busyCycles: elapsedCycles - byCause['idle']!,
    byComponent,
    byCause,
    counts,
    traps: to.traps - from.traps,
    addressSpaceSwitches: to.switches - from.switches,
    ipcs: (count('ipc-path') + count('ipc-slow-path')) / 2,
    interrupts: count('interrupt-entry'),
    tlbRefills: to.walks - from.walks,
    deviceAccesses: to.deviceAccesses - from.deviceAccesses,
    copies: to.copies - from.copies,
    bytesCopied: to.bytesCopied - from.bytesCopied,
  };
}
