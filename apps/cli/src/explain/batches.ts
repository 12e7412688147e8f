/**
 * Casts from one user domain to another, sent in batches: each as an IPC of its own, or all through a ring.
 *
 * What a batch costs is what the machine does from the producer's wake-up until it is idle again, less what it does
 * when the producer wakes up and sends nothing. It is measured in the second of two rounds of one size, so that it pays
 * for the TLB entries that such a batch costs, whenever they are found missing.
 */
import { assemble, type Moment, Recorder, type Step } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import type { Profile } from '@bulkhead/costs';
import { castBatches, MAX_BATCH } from '@bulkhead/parts';
import { invariant } from '@bulkhead/result';
import { cyclesOf, type Explanation, explanationOf } from './parts.ts';

/** Powers of two. */
export const BATCH_SIZES: readonly number[] = Array.from({ length: 9 }, (_, i) => 2 ** i);

export interface Batch {
  readonly batch: number;
  readonly syncCyclesPerMessage: number;
  readonly asyncCyclesPerMessage: number;
}

/** What a batch of each size costs, by way: whole cycles, straight from the machine. */
export function measureBatches(profile: Profile, sizes: readonly number[] = BATCH_SIZES): Batch[] {
  const [sync, async] = [false, true].map((asynchronous) => castSteps(profile, asynchronous, sizes).map(cyclesOf));
  return sizes.map((batch, i) => ({
    batch,
    syncCyclesPerMessage: sync![i]! / batch,
    asyncCyclesPerMessage: async![i]! / batch,
  }));
}

/** One message through a ring, with the signal that it needs and the signalled one's way back to sleep. */
export const explainMessage = (profile: Profile): Explanation =>
  explanationOf(profile, 'async', castSteps(profile, true, [1])[0]!);

/** @returns the smallest batch from which on the ring stays the cheaper way, or null. */
export function crossoverOf(batches: readonly Batch[]): number | null {
  const isCheaper = ({ syncCyclesPerMessage, asyncCyclesPerMessage }: Batch): boolean =>
    asyncCyclesPerMessage < syncCyclesPerMessage;
  const lastDearer = batches.findLastIndex((batch) => !isCheaper(batch));
  return batches[lastDearer + 1]?.batch ?? null;
}

/** Of a batch of each size: what it makes the machine do. */
export function castSteps(profile: Profile, asynchronous: boolean, sizes: readonly number[]): Step[][] {
  const batches = [0, ...sizes];
  invariant(Math.max(...batches) <= MAX_BATCH, 'a batch fits the ring');
  const recorder = new Recorder();
  recorder.on = true;
  /** By round: how many moments there were when its script began. */
  const begins: number[] = [];
  const system = assemble(
    castBatches({
      asynchronous,
      // The last round wakes nobody again, so it is like no other.
      rounds: 2 * batches.length + 1,
      produce: (round, send) => {
        begins.push(recorder.count);
        for (let i = 0; i < (batches[round >> 1] ?? 0); i++) invariant(send(i) === 0, 'a batch fits the ring');
      },
    }),
    { profile, trace: recorder.sink },
  );
  system.runUntil(NEVER);
  const moments = recorder.moments(profile, system.ledger.components, system.ledger.primitives);
  const rounds = batches.map((_, i) => roundAround(moments, begins[2 * i + 1]!));
  const [empty, ...full] = rounds as [Round, ...Round[]];
  return full.map(({ before, after }) => [
    ...without(before, empty.before),
    ...without(after.toReversed(), empty.after.toReversed()).toReversed(),
  ]);
}

/** From idle to idle; the script begins in between. */
interface Round {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

function roundAround(moments: readonly Moment[], begin: number): Round {
  const isIdle = (moment: Moment): boolean => moment.kind === 'charge' && moment.step.cause === 'idle';
  const from = moments.findLastIndex((moment, i) => i < begin && isIdle(moment)) + 1;
  const to = moments.findIndex((moment, i) => i >= begin && isIdle(moment));
  const steps = moments.map((moment) => (moment.kind === 'charge' ? moment.step : null));
  const between = (first: number, end: number): Step[] => steps.slice(first, end).filter((step) => step !== null);
  return { before: between(from, begin), after: between(begin, to < 0 ? moments.length : to) };
}

/** @returns the steps that are left when each of `others` was taken out once, in order. */
function without(steps: readonly Step[], others: readonly Step[]): Step[] {
  let taken = 0;
  const rest = steps.filter((step) => {
    const other = others[taken];
    const isSame =
      other !== undefined &&
      step.component === other.component &&
      step.primitive === other.primitive &&
      step.cycles === other.cycles;
    if (isSame) taken++;
    return !isSame;
  });
  invariant(taken === others.length, 'a batch does what an empty one does, and more');
  return rest;
}
