export type { NicStatistics, TimingOptions } from './device.ts';
export { createIntel82574, Intel82574, type Intel82574Options } from './intel-82574.ts';
