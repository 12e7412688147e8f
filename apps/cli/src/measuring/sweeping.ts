/** A sweep over the workers: every assumption of the profile halved and doubled, each system run anew each time. */
import { concludeSweep, planSweep, type Sweep, type SystemResult } from '@bulkhead/comparison';
import { scaled } from '@bulkhead/costs';
import type { MeasureJob } from './job.ts';
import type { MeasuringPool } from './pool.ts';

/** @param results of the same jobs under the profile itself, in the same order. */
export async function sweepOver(
  pool: MeasuringPool,
  jobs: readonly MeasureJob[],
  results: readonly SystemResult[],
  report: (share: number) => void,
): Promise<Sweep> {
  const { profile } = jobs[0]!;
  const base = results.map(({ system, perRequest }) => ({
    system,
    cycles: perRequest.cycles,
    counts: perRequest.counts,
  }));
  const plan = planSweep({ profile, base });
  const jobOf = (system: string): MeasureJob => jobs[results.findIndex((result) => result.system === system)]!;
  let done = 0;
  const answers = await Promise.all(
    plan.jobs.map(async ({ id, system, factors }) => {
      const { perRequest } = await pool.measure({ ...jobOf(system), profile: scaled(profile, factors) });
      report(++done / plan.jobs.length);
      return { id, cycles: perRequest.cycles };
    }),
  );
  return concludeSweep(plan, answers);
}
