/** What is known about one price: its cycles, and how far to trust them. */

/**
 * - `calibrated`: a published figure for this very thing on this kind of machine.
 * - `derived`: computed from published figures by the formula that the source states; the simplest formula is "as on
 *   that other machine".
 * - `assumed`: ours. Sweep it from half to double and see which conclusions stay.
 */
export type Certainty = 'calibrated' | 'derived' | 'assumed';

/**
 * How the figure came to us: read in the paper or its data; in somebody's account of it, or in one that does not say;
 * from memory, unverified; `none` when nothing was published that we know of.
 */
export type Evidence = 'read' | 'second-hand' | 'from-memory' | 'none';

export interface Constant {
  /** Core cycles, whole. */
  readonly cycles: number;
  /** What one of it is. */
  readonly unit?: string;
  readonly source: string;
  readonly certainty: Certainty;
  readonly evidence: Evidence;
}

/** A price in time, which the clock of a profile makes cycles. */
export interface TimedConstant {
  readonly ns: number;
  readonly source: string;
  readonly certainty: Certainty;
  readonly evidence: Evidence;
}

/** As a profile states it: core cycles are never scaled, nanoseconds are, by the profile's clock. */
export type StatedConstant = Constant | TimedConstant;

export const calibrated = (cycles: number, source: string, evidence: Evidence): Constant => ({
  cycles,
  source,
  certainty: 'calibrated',
  evidence,
});
export const derived = (cycles: number, source: string, evidence: Evidence): Constant => ({
  cycles,
  source,
  certainty: 'derived',
  evidence,
});
export const assumed = (cycles: number, source: string, evidence: Evidence = 'none'): Constant => ({
  cycles,
  source,
  certainty: 'assumed',
  evidence,
});
export const assumedNs = (ns: number, source: string, evidence: Evidence = 'none'): TimedConstant => ({
  ns,
  source,
  certainty: 'assumed',
  evidence,
});

/** @returns the figure of another machine, in want of one for this: one that was calibrated there is derived here. */
export function asOn<C extends StatedConstant>(machine: string, constant: C): C {
  const certainty = constant.certainty === 'calibrated' ? 'derived' : constant.certainty;
  return { ...constant, source: `as on ${machine}: ${constant.source}`, certainty };
}

/** @returns whole cycles that cover `ns`. */
export const cyclesOfNs = (ns: number, cyclesPerSecond: number): number => Math.ceil((ns * cyclesPerSecond) / 1e9);

/** The one place where a price in time becomes a price in cycles. */
export function inCycles(stated: StatedConstant, cyclesPerSecond: number): Constant {
  if (!('ns' in stated)) return stated;
  const { ns, source, certainty, evidence } = stated;
  const clock = `${cyclesPerSecond / 1e9} GHz`;
  return {
    cycles: cyclesOfNs(ns, cyclesPerSecond),
    source: `${ns} ns at ${clock}: ${source}`,
    certainty,
    evidence,
  };
}

/** @returns the same at `factor` times its cycles, whole. */
export const timesFactor = (constant: Constant, factor: number): Constant => ({
  ...constant,
  cycles: Math.round(constant.cycles * factor),
  source: `${factor} × ${constant.cycles}: ${constant.source}`,
});
