/** One HTTP request from the wire to the application and back, charge by charge. */
import {
  assemble,
  type Description,
  type Metrics,
  type Moment,
  metricsBetween,
  Recorder,
  type Snapshot,
  type System,
  snapshot,
} from '@bulkhead/assembler';
import type { Profile } from '@bulkhead/costs';
import { invariant } from '@bulkhead/result';
import { type Counts, countsOf } from './counts.ts';
import { HttpClient } from './http-client.ts';
import { cyclesOf } from './parts.ts';
import { type Section, type StepLine, sectionsOf } from './sections.ts';

export interface PacketOptions {
  readonly profile: Profile;
  readonly path: string;
  /** @defaultValue 1 */
  readonly seed?: number;
}

/** What can be compared between systems. */
export interface PacketTotals {
  readonly system: string;
  readonly summary: string;
  readonly profile: string;
  readonly profileTitle: string;
  readonly path: string;
  readonly steps: number;
  /** From the arrival of the request's first frame until the machine has nothing left to do for it. */
  readonly elapsedCycles: number;
  /** Of these, the machine waited: for the wire, and for interrupts that the device holds back. */
  readonly waitingCycles: number;
  readonly busyCycles: number;
  readonly byCause: Readonly<Record<string, number>>;
  readonly byComponent: Readonly<Record<string, number>>;
  readonly counts: Counts;
  /** The hart's own counters between the same two moments. */
  readonly hart: { readonly traps: number; readonly satpWrites: number };
}
export interface PacketExplanation extends PacketTotals {
  readonly operation: 'packet';
  readonly sections: readonly Section[];
}

/** Time for the components to start and the link to come up. */
const BOOT_NS = 20_000_000;
const WARM_UP_REQUESTS = 16;

/**
 * Sends requests on one connection, each when all is quiet after the one before, and tells the last.
 * @throws Failure when it is not answered with 200.
 */
export function explainPacket(description: Description, options: PacketOptions): PacketExplanation {
  const { profile, path } = options;
  const { system, moments, from, to } = record(description, options);
  const end = moments.findLastIndex(isWork);
  const last = moments[end];
  invariant(last?.kind === 'charge', 'a request makes work');
  const happened = moments.filter((moment, i) => i <= end || moment.kind !== 'charge');
  const sections = sectionsOf(description, happened, from.atCycles);
  const lines = sections.flatMap((section) => section.lines);
  const steps = lines.filter((line) => line.kind === 'step');
  const waitingCycles = cyclesOf(lines.filter((line) => line.kind === 'wait'));
  const elapsedCycles = last.atCycles + last.step.cycles - from.atCycles;
  const metrics = metricsBetween(system, from, to);
  check(steps, waitingCycles, elapsedCycles, metrics);
  return {
    operation: 'packet',
    system: description.name,
    summary: description.summary,
    profile: profile.name,
    profileTitle: profile.title,
    path,
    steps: steps.length,
    elapsedCycles,
    waitingCycles,
    busyCycles: elapsedCycles - waitingCycles,
    byCause: sumBy(steps, ({ cause }) => cause),
    byComponent: sumBy(steps, ({ component }) => component),
    counts: countsOf(lines, metrics),
    hart: { traps: metrics.traps, satpWrites: metrics.addressSpaceSwitches },
    sections,
  };
}

interface Recorded {
  readonly system: System;
  readonly moments: readonly Moment[];
  readonly from: Snapshot;
  readonly to: Snapshot;
}

/** Begins when the request's first frame has come to the device, before the device does anything with it. */
function record(description: Description, { profile, path, seed = 1 }: PacketOptions): Recorded {
  const recorder = new Recorder();
  let isMeasured = false;
  let from: Snapshot | null = null;
  const system = assemble(description, {
    profile,
    seed,
    trace: recorder.sink,
    observer: recorder.observer,
    tap: (end, ...frame) => {
      if (isMeasured && end === WORLD && !recorder.on) {
        recorder.on = true;
        from = snapshot(system);
      }
      recorder.tap(end, ...frame);
    },
  });
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const client = new HttpClient(system, path, seed);
  client.connect();
  for (let i = 0; i < WARM_UP_REQUESTS; i++) client.request();
  isMeasured = true;
  client.request();
  invariant(from !== null, 'the request has come');
  const { components, primitives } = system.ledger;
  return { system, moments: recorder.moments(profile, components, primitives), from, to: snapshot(system) };
}

/** Frames come from one of two ends of the wire. */
const WORLD = 1;

const isWork = (moment: Moment): boolean =>
  moment.kind === 'charge' && moment.step.cause !== 'idle' && moment.step.count > 0;

/** Nothing is left out and nothing is told twice: by the clock, and by the ledger. */
function check(steps: readonly StepLine[], waitingCycles: number, elapsedCycles: number, metrics: Metrics): void {
  const busy = cyclesOf(steps);
  invariant(busy + waitingCycles === elapsedCycles, 'the steps and the waiting add up to the time that passed');
  invariant(busy === metrics.busyCycles, "the steps are the ledger's difference");
}

function sumBy(steps: readonly StepLine[], key: (step: StepLine) => string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const step of steps) sums[key(step)] = (sums[key(step)] ?? 0) + step.cycles;
  return sums;
}
