export {
  compareCapabilities,
  compareCommon,
  compareDevice,
  FIELDS,
  type Field,
  type FieldWrite,
  OFFERED_BY_BOTH,
} from './common-comparison.ts';
export { VIRTIO_KNOWN, type VirtioDifference } from './known-differences.ts';
export { ModelVirtio } from './model.ts';
export { QemuVirtio } from './qemu.ts';
