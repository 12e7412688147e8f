export { type AssembleOptions, assemble } from './assemble.ts';
export { checkDescription } from './check.ts';
export type { Connection, DownGate, UpGate } from './connection.ts';
export {
  type ConnectionText,
  type Description,
  type Facts,
  KERNEL_DOMAIN,
  type MachineFacts,
  type ProgramDescription,
  type ProgramRights,
  parseConnection,
  type Resource,
  system,
} from './description.ts';
export { DescriptionError } from './description-error.ts';
export { type Moment, Recorder, type Step } from './explain.ts';
export { factsOf } from './facts.ts';
export { type Message, type MessageSink, TO_KERNEL } from './messages.ts';
export { type Metrics, metricsBetween, type Snapshot, snapshot } from './metrics.ts';
export type { Place } from './place.ts';
export { type RunResult, System } from './system.ts';
