/** What packet split adds to a receive comparison: descriptors of two entries with four buffers. */
import * as reg from '@bulkhead/intel-82574-datasheet';

/** PSRCTL: the size of buffer 0 in units of 128 bytes, of the others in units of 1 KiB. */
export type SplitSizes = readonly [number, number, number, number];

/** Of 16 bytes each, as head and tail count. */
export const SPLIT_ENTRIES: number = reg.RDESC_SPLIT_SIZE_BYTES / reg.RDESC_SIZE_BYTES;

export const psrctlOf = ([a, b, c, d]: SplitSizes): number =>
  a | (b << reg.PSRCTL_BSIZE1.shift) | (c << reg.PSRCTL_BSIZE2.shift) | (d << reg.PSRCTL_BSIZE3.shift);
