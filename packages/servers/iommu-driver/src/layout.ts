/**
 * Where the driver's records stand in its heap, as byte offsets, and which of its table pages serves what.
 * All of it is zero at the start; a record whose first word is 0 is free.
 */

import { DEFER_PAGES_MAX } from './config.ts';

/** Pages of the region `tables`: four with a fixed use, the rest for directories and page tables. */
export const TABLE_PAGES = 48;
export const DIRECTORY_PAGE = 0;
export const COMMAND_PAGE = 1;
export const FAULT_PAGE = 2;
export const FENCE_PAGE = 3;
export const FIRST_POOL_PAGE = 4;

/** Physical page of each table page. */
export const PHYSICAL_OFFSET = 0;
/** What each table page serves: 0 nothing, SHARED, or the record of a device. */
export const USE_OFFSET: number = PHYSICAL_OFFSET + TABLE_PAGES * 4;
export const SHARED = 0xffff;

/** A device that has an IO space, or that faulted without one. */
export const DEVICES_OFFSET: number = USE_OFFSET + TABLE_PAGES * 4;
export const DEVICE_COUNT = 16;
export const DEVICE_SIZE_BYTES = 32;
/**
 * Words of a device's record: its requester ID plus 1, its root table (0 for none), its mappings, where the next small one
 * may be, the component that maps for it and the tenure in which it does, how often the device faulted in it, and its MSI
 * page table (0 for none).
 */
export const DEVICE_ID = 0;
export const DEVICE_ROOT = 4;
export const DEVICE_MAPPINGS = 8;
export const DEVICE_HINT = 12;
export const DEVICE_HOLDER = 16;
export const DEVICE_TENURE = 20;
export const DEVICE_FAULTS = 24;
export const DEVICE_MESSAGES = 28;
/** In place of a root table: page 0 is the directory. */
export const NO_ROOT = 0;

/** Command queue: where the next command goes. Fence: the number of the last one. Faults: where the next record is. */
export const COMMAND_TAIL: number = DEVICES_OFFSET + DEVICE_COUNT * DEVICE_SIZE_BYTES;
export const FENCE_NUMBER: number = COMMAND_TAIL + 4;
export const FAULT_HEAD: number = COMMAND_TAIL + 8;

/** Pages whose invalidation waits: how many, since when (microseconds), and of each its device's record and its IO page. */
export const WAITING_COUNT: number = COMMAND_TAIL + 12;
export const WAITING_SINCE_US: number = COMMAND_TAIL + 16;
export const WAITING_OFFSET: number = COMMAND_TAIL + 20;
export const WAITING_SIZE_BYTES = 8;

/** What was counted since the driver started: see `counters.ts`. */
export const COUNTERS_OFFSET: number = WAITING_OFFSET + DEFER_PAGES_MAX * WAITING_SIZE_BYTES;
export const COUNTERS_SIZE_BYTES = 32;
export const HEAP_SIZE_BYTES: number = COUNTERS_OFFSET + COUNTERS_SIZE_BYTES;
