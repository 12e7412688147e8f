export {
  compareCapabilities,
  compareCommon,
  compareDevice,
  FIELDS,
  type Field,
  type FieldWrite,
  OFFERED_BY_BOTH,
} from './common-comparison.ts';
export { type Chain, Guest, type Part } from './guest.ts';
export { VIRTIO_KNOWN, type VirtioDifference } from './known-differences.ts';
export { ENDS, MISTAKE_DIFFERENCES } from './mistake-differences.ts';
export { MISTAKES, outcomeOf } from './mistakes.ts';
export { ModelVirtio } from './model.ts';
export { QemuVirtio } from './qemu.ts';
export { type Aspect, compareQueues, type QueueScript, type QueueSetup, type QueueStep } from './queue-comparison.ts';
