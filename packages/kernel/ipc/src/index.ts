export * as blocking from './blocked-threads.ts';
export { BlockedThreads } from './blocked-threads.ts';
export type { CapabilityPort } from './capability-port.ts';
export { Endpoints } from './endpoints.ts';
export * as fastPath from './fast-path-misses.ts';
export * as message from './message.ts';
export { Notifications } from './notifications.ts';
export * as outcomes from './outcomes.ts';
export { Replies } from './replies.ts';
export * as rights from './rights.ts';
export {
  initRing,
  RING_CORRUPTED,
  RingConsumer,
  type RingOptions,
  type RingPort,
  RingProducer,
  ringSizeBytes,
} from './ring.ts';
export { type SchedulingPort, Unscheduled } from './scheduling-port.ts';
export { SystemCalls } from './system-calls.ts';
