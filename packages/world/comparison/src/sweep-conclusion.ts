/** What the runs of a sweep say: who is ahead, by how much, and which assumption could turn it round. */
import { type Assumption, constantOf, scaled } from '@bulkhead/costs';
import { invariant } from '@bulkhead/result';
import type { Conclusion, Nonlinearity, Sweep, Swing } from './result.ts';
import { ALL, countIn, isPositive, type Measured, type PriceChange, type SweepPlan } from './sweep-plan.ts';

/** What a job said: busy cycles a request. */
export interface SweepResult {
  readonly id: number;
  readonly cycles: number;
}

/** @param results one a job, in any order. */
export function concludeSweep(plan: SweepPlan, results: readonly SweepResult[]): Sweep {
  const cyclesById = inOrder(plan, results);
  const ranking = plan.base.map((_, system) => system).sort((a, b) => plan.base[a]!.cycles - plan.base[b]!.cycles);
  const conclusions = ranking
    .slice(1)
    .map((behind, rank) => new Pair(plan, cyclesById, ranking[rank]!, behind).conclude());
  const nonlinearity = largestDeviation(plan, cyclesById);
  const common = { factors: plan.factors, conclusions, runs: plan.jobs.length };
  return nonlinearity === undefined ? common : { ...common, nonlinearity };
}

function inOrder({ jobs }: SweepPlan, results: readonly SweepResult[]): Float64Array {
  const cyclesById = new Float64Array(jobs.length);
  for (const { id, cycles } of results) {
    invariant(id >= 0 && id < jobs.length && cyclesById[id] === 0, `job ${id} is none of the plan, or answered twice`);
    invariant(isPositive(cycles), `${jobs[id]!.system}: ${cycles} cycles a request`);
    cyclesById[id] = cycles;
  }
  const missing = cyclesById.indexOf(0);
  invariant(missing < 0, `job ${missing} is not answered`);
  return cyclesById;
}

/** @returns cycles a request of a system under a change: those of the base where the change does not touch it. */
function cyclesUnder(plan: SweepPlan, cyclesById: Float64Array, change: PriceChange, system: number): number {
  const id = change.jobIds[system];
  return id === undefined ? plan.base[system]!.cycles : cyclesById[id]!;
}

/** Two neighbours of the ranking, by their places in the base. */
class Pair {
  readonly #plan: SweepPlan;
  readonly #cyclesById: Float64Array;
  readonly #ahead: number;
  readonly #behind: number;

  constructor(plan: SweepPlan, cyclesById: Float64Array, ahead: number, behind: number) {
    this.#plan = plan;
    this.#cyclesById = cyclesById;
    this.#ahead = ahead;
    this.#behind = behind;
  }

  conclude(): Conclusion {
    const { assumptions } = this.#plan;
    const [ahead, behind] = [this.#measured(this.#ahead), this.#measured(this.#behind)];
    const ratio = behind.cycles / ahead.cycles;
    const charged = ({ name }: Assumption): boolean => countIn(ahead, name) > 0 || countIn(behind, name) > 0;
    const swings = assumptions.filter(charged).map((assumption) => this.#swing(assumption));
    const together = this.#ratios(ALL);
    const ratios = [...swings.flatMap((swing) => swing.ratios), ...together];
    swings.sort((a, b) => widthOf(b, ratio) - widthOf(a, ratio) || compare(a.primitive, b.primitive));
    const survives = ratios.every((changed) => holds(ratio, changed));
    return { ahead: ahead.system, behind: behind.system, ratio, survives, swings, together };
  }

  #measured(system: number): Measured {
    return this.#plan.base[system]!;
  }

  #swing({ name, label, constant: { cycles, certainty, source } }: Assumption): Swing {
    return { primitive: name, label, cycles, certainty, source, ratios: this.#ratios(name) };
  }

  #ratios(primitive: string): number[] {
    return this.#plan.changes.filter((change) => change.primitive === primitive).map((change) => this.#ratio(change));
  }
  #ratio(change: PriceChange): number {
    const cycles = (system: number): number => cyclesUnder(this.#plan, this.#cyclesById, change, system);
    return cycles(this.#behind) / cycles(this.#ahead);
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Who is ahead stays ahead. Two that are level claim nothing but that: any difference ends it. */
export const holds = (ratio: number, changed: number): boolean => (ratio === 1 ? changed === 1 : changed > 1);

const widthOf = ({ ratios }: Swing, ratio: number): number => Math.max(ratio, ...ratios) - Math.min(ratio, ...ratios);

/** The check by first-order arithmetic. It tells how much the changed prices changed what happened. */
function largestDeviation(plan: SweepPlan, cyclesById: Float64Array): Nonlinearity | undefined {
  let largest: Nonlinearity | undefined;
  for (const change of plan.changes) {
    const prices = priceChanges(plan, change);
    change.jobIds.forEach((id, at) => {
      if (id === undefined) return;
      const run = plan.base[at]!;
      const foretold = prices.reduce((sum, [name, more]) => sum + countIn(run, name) * more, run.cycles);
      const deviation = Math.abs(cyclesById[id]! - foretold) / foretold;
      if (largest !== undefined && deviation <= largest.deviation) return;
      largest = { deviation, system: run.system, primitive: change.primitive, factor: change.factor };
    });
  }
  return largest;
}

/** @returns by how many cycles each changed price differs. */
function priceChanges({ profile }: SweepPlan, { factors }: PriceChange): [name: string, cycles: number][] {
  const other = scaled(profile, factors);
  return Object.keys(factors).map((name) => [name, constantOf(other, name).cycles - constantOf(profile, name).cycles]);
}
