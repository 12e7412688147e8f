export { ALL_FEATURES } from './features.ts';
export type { NicStatistics } from './parts.ts';
export type { TimingOptions } from './timing.ts';
export { createVirtioNet, VirtioNet, type VirtioNetOptions } from './virtio-net.ts';
