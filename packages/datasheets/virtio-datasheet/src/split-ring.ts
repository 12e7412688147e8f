/** Split virtqueues in memory. Virtio 1.2 §2.7 "Split Virtqueues". Byte offsets; numbers are little-endian. */

/** The largest queue size; a size is a power of two. */
export const QUEUE_SIZE_MAX = 32768;

/** §2.7.5 "The Virtqueue Descriptor Table". */
export const DESC_ADDR = 0; // 64 bits
export const DESC_LEN = 8; // 32 bits
export const DESC_FLAGS = 12; // 16 bits
export const DESC_NEXT = 14; // 16 bits
export const DESC_SIZE_BYTES = 16;
export const DESC_ALIGNMENT_BYTES = 16;
export const DESC_F_NEXT = 1;
export const DESC_F_WRITE = 2;
export const DESC_F_INDIRECT = 4;

/** §2.7.6 "The Virtqueue Available Ring". The used_event stands behind the ring. */
export const AVAIL_FLAGS = 0; // 16 bits
export const AVAIL_IDX = 2; // 16 bits
export const AVAIL_RING = 4; // 16 bits an entry
export const AVAIL_ENTRY_SIZE_BYTES = 2;
export const AVAIL_ALIGNMENT_BYTES = 2;
export const AVAIL_F_NO_INTERRUPT = 1;
export const usedEventOffset = (queueSize: number): number => AVAIL_RING + queueSize * AVAIL_ENTRY_SIZE_BYTES;

/** §2.7.8 "The Virtqueue Used Ring". The avail_event stands behind the ring. */
export const USED_FLAGS = 0; // 16 bits
export const USED_IDX = 2; // 16 bits
export const USED_RING = 4;
export const USED_ELEM_ID = 0; // 32 bits
export const USED_ELEM_LEN = 4; // 32 bits
export const USED_ELEM_SIZE_BYTES = 8;
export const USED_ALIGNMENT_BYTES = 4;
export const USED_F_NO_NOTIFY = 1;
export const availEventOffset = (queueSize: number): number => USED_RING + queueSize * USED_ELEM_SIZE_BYTES;

/**
 * §2.7.7 "Used Buffer Notification Suppression", §2.7.10 "Available Buffer Notification Suppression": whether the index
 * passed `event` on its way from `before` to `after`. All are 16 bits and wrap.
 */
export const needsEvent = (event: number, after: number, before: number): boolean =>
  ((after - event - 1) & 0xffff) < ((after - before) & 0xffff);
