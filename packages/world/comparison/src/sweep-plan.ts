/**
 * Which runs a sweep needs. Plain data: jobs go to workers in any number and come back in any order.
 *
 * A run is a real one under the changed prices, never count times price: a dearer wake-up changes how much a batch
 * holds, and so what happens. What a system never charged cannot change it, so that no run is made for that.
 */
import { type Assumption, assumptionsOf, type Certainty, constantOf, type Profile, scaled } from '@bulkhead/costs';
import { invariant } from '@bulkhead/result';

/** What a run of one system said. */
export interface Measured {
  readonly system: string;
  /** Busy cycles a request. */
  readonly cycles: number;
  /** By primitive and piece of work, as the ledger counts them, a request. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface SweepOptions {
  readonly profile: Profile;
  /** Every system under `profile` itself. */
  readonly base: readonly Measured[];
  /** By how much each assumption is multiplied. @defaultValue [0.5, 2] */
  readonly factors?: readonly number[];
  /** Which prices are doubted. @defaultValue ['assumed'] */
  readonly certainties?: readonly Certainty[];
}

/** One run of one system. */
export interface SweepJob {
  /** Its place in the plan. */
  readonly id: number;
  readonly system: string;
  /** What `scaled` makes the changed profile of. */
  readonly factors: Readonly<Record<string, number>>;
}

/** Prices changed together: one assumption, or all. */
export interface PriceChange {
  /** The assumption's name, or `ALL`. */
  readonly primitive: string;
  readonly factor: number;
  readonly factors: Readonly<Record<string, number>>;
  /** One a system, in the order of the base; undefined where it charges nothing of this. */
  readonly jobIds: readonly (number | undefined)[];
}

export interface SweepPlan {
  readonly profile: Profile;
  readonly base: readonly Measured[];
  readonly factors: readonly number[];
  /** Those that some system charged. */
  readonly assumptions: readonly Assumption[];
  /** Assumption by assumption, each factor in turn; all assumptions at once come last. */
  readonly changes: readonly PriceChange[];
  readonly jobs: readonly SweepJob[];
}

/** In the place of an assumption's name: all of them. */
export const ALL = 'all';
const HALF_AND_DOUBLE: readonly number[] = [0.5, 2];

export const countIn = ({ counts }: Measured, primitive: string): number =>
  Object.hasOwn(counts, primitive) ? counts[primitive]! : 0;

/** @returns the runs beside those of the base. */
export function planSweep({ profile, base, factors = HALF_AND_DOUBLE, certainties }: SweepOptions): SweepPlan {
  check(base, factors);
  const charged = new Set(base.flatMap((run) => Object.keys(run.counts).filter((name) => countIn(run, name) > 0)));
  const assumptions = assumptionsOf(profile, [...charged].sort(), certainties);
  const jobs: SweepJob[] = [];
  const planned = (primitive: string, names: readonly string[], factor: number): PriceChange => {
    const changed = names.filter((name) => isChanged(profile, name, factor));
    const scale = Object.fromEntries(changed.map((name) => [name, factor]));
    const jobIds = base.map((run) => {
      if (!changed.some((name) => countIn(run, name) > 0)) return undefined;
      jobs.push({ id: jobs.length, system: run.system, factors: scale });
      return jobs.length - 1;
    });
    return { primitive, factor, factors: scale, jobIds };
  };
  const names = assumptions.map(({ name }) => name);
  const alone = names.flatMap((name) => factors.map((factor) => planned(name, [name], factor)));
  const together = factors.map((factor) => planned(ALL, names, factor));
  return { profile, base, factors, assumptions, changes: [...alone, ...together], jobs };
}

function check(base: readonly Measured[], factors: readonly number[]): void {
  invariant(new Set(base.map(({ system }) => system)).size === base.length, 'each system once');
  for (const { system, cycles } of base) invariant(isPositive(cycles), `${system}: ${cycles} cycles a request`);
  invariant(factors.length > 0 && factors.every(isPositive), `factors: ${factors.join(', ')}`);
}

export const isPositive = (cycles: number): boolean => cycles > 0 && Number.isFinite(cycles);

/** A price of a cycle or two may round to what it was. */
const isChanged = (profile: Profile, name: string, factor: number): boolean =>
  constantOf(scaled(profile, { [name]: factor }), name).cycles !== constantOf(profile, name).cycles;
