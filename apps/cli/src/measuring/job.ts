/** What a worker is asked to measure, and what it answers: plain data, for it crosses threads. */
import type { SystemResult } from '@bulkhead/comparison';
import type { Profile } from '@bulkhead/costs';
import type { WorkloadOptions } from '@bulkhead/load';
import type { Nic } from '@bulkhead/parts';

export interface MeasureJob {
  /** A name from apps/, or a path. */
  readonly system: string;
  /** In place of the card that it has. */
  readonly nic?: Nic;
  readonly workload: WorkloadOptions;
  readonly profile: Profile;
  readonly seed: number;
  /** Where the run's trace goes. */
  readonly trace?: string;
}

/** Errors lose their class on the way: so they go as what they are. */
export type MeasureAnswer =
  | { readonly kind: 'measured'; readonly result: SystemResult }
  | { readonly kind: 'mistake' | 'failure'; readonly message: string };
