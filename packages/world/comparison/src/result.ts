/**
 * What a comparison says, as data: the one documented object that `bulkhead compare --json` prints, that a report draws
 * and that `bulkhead diff` reads. Plain JSON: no classes, no NaN. Cycles are those of the profile's hart.
 */
import type { Certainty } from '@bulkhead/costs';
import type { LatencyHistogram, Saturation, WorkloadOptions } from '@bulkhead/load';

export const COMPARISON_FORMAT = 'bulkhead-comparison/1';

export interface Comparison {
  readonly format: typeof COMPARISON_FORMAT;
  /** The command line that gives the same again. */
  readonly command: string;
  readonly workload: WorkloadOptions;
  readonly profile: { readonly name: string; readonly title: string; readonly cyclesPerSecond: number };
  readonly seed: number;
  /** In the order in which they were named. */
  readonly systems: readonly SystemResult[];
  readonly sweep?: Sweep;
}

/** A protection domain and what stands in it. */
export interface DomainShape {
  readonly name: string;
  readonly isKernel: boolean;
  readonly components: readonly ComponentShape[];
}
export interface ComponentShape {
  readonly name: string;
  /** Whose code it is: the package's name. */
  readonly kind: string;
  readonly level: number;
}
/** A connection and the gates that carry it. */
export interface ConnectionShape {
  readonly client: string;
  readonly server: string;
  readonly contract: string;
  readonly up: string;
  /** `none` when the contract has no events. */
  readonly down: string;
}

export interface SystemResult {
  readonly system: string;
  readonly summary: string;
  readonly iommu: string;
  readonly domains: readonly DomainShape[];
  readonly connections: readonly ConnectionShape[];
  readonly requests: number;
  readonly failed: number;
  readonly requestsPerSecond: number;
  /** What the processor alone would allow: cycles a second by busy cycles a request. */
  readonly requestsPerSecondOfProcessor: number;
  /** Of the application's own bytes, both directions. */
  readonly bytesPerSecond: number;
  readonly latency: LatencyHistogram;
  readonly perRequest: PerRequest;
  /** TypeScript lines that run with the kernel's privilege. */
  readonly privilegedLines: number;
  /** Of every frame with its time, and every cell of the ledger. */
  readonly digest: string;
  /** Of the application's bytes on every connection: the same in every system. */
  readonly applicationDigest: string;
  /** Open loop, when requests arrived faster than they were answered. */
  readonly saturated?: Saturation;
}

export interface PerRequest {
  readonly cycles: number;
  readonly byCause: Readonly<Record<string, number>>;
  readonly byComponent: Readonly<Record<string, number>>;
  readonly byComponentAndCause: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How often each primitive and piece of work was charged; those that never were are left out. */
  readonly counts: Readonly<Record<string, number>>;
  readonly modeSwitches: number;
  readonly addressSpaceSwitches: number;
  readonly ipcs: number;
  readonly interrupts: number;
  readonly tlbRefills: number;
  readonly deviceAccesses: number;
  /** How often bulk data was copied, and how much of it. */
  readonly copies: number;
  readonly bytesCopied: number;
}

/** Every assumption varied alone, and what becomes of the conclusions. */
export interface Sweep {
  /** What is followed: busy cycles a request. */
  readonly factors: readonly number[];
  readonly conclusions: readonly Conclusion[];
  /** Runs beside those of the published profile. */
  readonly runs?: number;
  readonly nonlinearity?: Nonlinearity;
}
/** Where a run differed most from first-order arithmetic: what it counted before, times the change of the prices. */
export interface Nonlinearity {
  /** Share of what the arithmetic foretold; 0 when every run came out as foretold. */
  readonly deviation: number;
  readonly system: string;
  /** The assumption that was changed, or `all`. */
  readonly primitive: string;
  readonly factor: number;
}
/** "A is ahead of B": cycles a request of `behind` by those of `ahead`, above 1 as stated. */
export interface Conclusion {
  readonly ahead: string;
  readonly behind: string;
  readonly ratio: number;
  /** False when some factor turns it round. */
  readonly survives: boolean;
  /** By primitive, widest swing first; those that neither of the two ever charged are left out. */
  readonly swings: readonly Swing[];
  /** The ratio at each of `factors`, all assumptions changed at once. */
  readonly together?: readonly number[];
}
export interface Swing {
  readonly primitive: string;
  readonly label: string;
  readonly cycles: number;
  readonly certainty: Certainty;
  readonly source: string;
  /** The ratio at each of `factors`. */
  readonly ratios: readonly number[];
}
