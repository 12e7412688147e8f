export * as blocking from './blocked-threads.ts';
export { BlockedThreads } from './blocked-threads.ts';
export { CALL, Endpoints, GRANT, GRANT_REPLY } from './endpoints.ts';
export * as message from './message.ts';
export { Notifications } from './notifications.ts';
export { Replies } from './replies.ts';
export {
  initRing,
  RING_CORRUPTED,
  RingConsumer,
  type RingOptions,
  type RingPort,
  RingProducer,
  ringSizeBytes,
} from './ring.ts';
