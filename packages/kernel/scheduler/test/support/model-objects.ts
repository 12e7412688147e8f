/** What the model's scheduler is about, as plain objects that name each other. */
import type { ModelParameters, ModelRefill } from './model-refills.ts';

export interface ModelContext extends ModelParameters {
  readonly id: number;
  sporadic: boolean;
  consumed: number;
  refills: ModelRefill[];
  holder: ModelThread | null;
  /** The oldest call first. */
  stack: ModelReply[];
}
export interface ModelReply {
  readonly id: number;
  caller: ModelThread | null;
}
export interface ModelThread {
  readonly id: number;
  state: 'inactive' | 'runnable' | 'blocked' | 'blocked-on-reply';
  priority: number;
  domain: number;
  context: ModelContext | null;
  handler: boolean;
  yieldedTo: ModelContext | null;
  report: number;
}

export const freshThread = (id: number): ModelThread => ({
  id,
  state: 'inactive',
  priority: 0,
  domain: 0,
  context: null,
  handler: false,
  yieldedTo: null,
  report: -1,
});
export const freshContext = (id: number): ModelContext => ({
  id,
  budget: 0,
  period: 0,
  max: 0,
  sporadic: false,
  consumed: 0,
  refills: [],
  holder: null,
  stack: [],
});
