export { type ComparisonDiff, diffComparisons, isEmptyDiff, type SystemDiff } from './diff.ts';
export type { NamedChange } from './diff-contributions.ts';
export {
  APPLICATION_OF,
  domainsOf,
  type MeasureSystemOptions,
  measureSystem,
  shapedFor,
  type Watcher,
} from './measure-system.ts';
export {
  COMPARISON_FORMAT,
  type Comparison,
  type ComponentShape,
  type Conclusion,
  type ConnectionShape,
  type DomainShape,
  type Nonlinearity,
  type PerRequest,
  type Sweep,
  type Swing,
  type SystemResult,
} from './result.ts';
export { sweep } from './sweep.ts';
export { concludeSweep, type SweepResult } from './sweep-conclusion.ts';
export { type Measured, planSweep, type SweepJob, type SweepPlan } from './sweep-plan.ts';
export { tornadoText } from './sweep-tornado.ts';
