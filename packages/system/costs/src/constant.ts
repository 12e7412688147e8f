/** What is known about one price: its cycles, and how far to trust them. */

/**
 * - `calibrated`: a published figure for this very thing on this kind of machine.
 * - `derived`: computed from published figures by the formula that the source states.
 * - `assumed`: ours. Sweep it from half to double and see which conclusions stay.
 */
export type Certainty = 'calibrated' | 'derived' | 'assumed';

/** How the figure came to us: `none` when nothing was published that we know of. */
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

/** As a profile states it: core cycles are never scaled, nanoseconds are, by the profile's clock. */
export type StatedConstant =
  | Constant
  | {
      readonly ns: number;
      readonly source: string;
      readonly certainty: Certainty;
      readonly evidence: Evidence;
    };

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
export const assumedNs = (ns: number, source: string, evidence: Evidence = 'none'): StatedConstant => ({
  ns,
  source,
  certainty: 'assumed',
  evidence,
});

/** The one place where time becomes cycles. @returns whole cycles that cover the stated nanoseconds. */
export function inCycles(stated: StatedConstant, cyclesPerSecond: number): Constant {
  if (!('ns' in stated)) return stated;
  const { ns, source, certainty, evidence } = stated;
  const cycles = Math.ceil((ns * cyclesPerSecond) / 1e9);
  const clock = `${cyclesPerSecond / 1e9} GHz`;
  return { cycles, source: `${ns} ns at ${clock}: ${source}`, certainty, evidence };
}
