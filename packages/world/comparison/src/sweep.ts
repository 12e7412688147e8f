/** A sweep from beginning to end, for whoever has one processor to spend on it. */
import { type Profile, scaled } from '@bulkhead/costs';
import type { Sweep } from './result.ts';
import { concludeSweep, type SweepResult } from './sweep-conclusion.ts';
import { type Measured, planSweep, type SweepOptions } from './sweep-plan.ts';

export interface SweepRunOptions extends Omit<SweepOptions, 'base'> {
  readonly systems: readonly string[];
  /** Runs one system afresh under a profile. */
  readonly measure: (profile: Profile, system: string) => Measured | Promise<Measured>;
  /** Told after each run, from 0 to 1. */
  readonly progress?: (share: number) => void;
}

/** @returns what becomes of the conclusions when every assumption is varied alone, and all of them at once. */
export async function sweep({ systems, measure, progress, ...options }: SweepRunOptions): Promise<Sweep> {
  const base: Measured[] = [];
  for (const system of systems) base.push(await measure(options.profile, system));
  const plan = planSweep({ ...options, base });
  const runs = base.length + plan.jobs.length;
  progress?.(base.length / runs);
  const results: SweepResult[] = [];
  for (const { id, system, factors } of plan.jobs) {
    const { cycles } = await measure(scaled(options.profile, factors), system);
    results.push({ id, cycles });
    progress?.((base.length + results.length) / runs);
  }
  return concludeSweep(plan, results);
}
