/**
 * What the initial thread is told. seL4 reference manual 13.0.0 §9.2 "BootInfo Frame"; the offsets are
 * those of libsel4's bootinfo_types.h with MCS, in words of 64 bits.
 *
 *   word  0 …  3  length of more information, node, nodes, IO page table levels
 *   word  4       address of the IPC buffer
 *   word  5 … 16  slots, first and one behind the last: empty, shared frames, image frames, image page tables,
 *                 IO spaces, more information
 *   word 17, 18   log2 of the slots of the initial CNode, domain
 *   word 19 … 22  slots: scheduling control of each core, untypeds
 *   word 23 …     untypeds: address; then in one word the size in bits (7:0) and whether it is a device's (15:8)
 */
export const MAX_UNTYPEDS = 230;

export interface SlotRegion {
  readonly start: number;
  readonly end: number;
}
export interface UntypedDescription {
  /** Physical, in bytes. */
  readonly address: number;
  readonly sizeBits: number;
  readonly isDevice: boolean;
}
export interface BootInfo {
  /** The number of the initial thread. */
  readonly thread: number;
  /** The slot of the initial CNode's capability, and the first slot in it: indices in the lent memory. */
  readonly cnodeSlot: number;
  readonly firstSlot: number;
  readonly cnodeRadix: number;
  /** In the thread's address space. */
  readonly bufferAddress: number;
  /** In the lent memory. */
  readonly bufferWord: number;
  readonly empty: SlotRegion;
  readonly imageFrames: SlotRegion;
  readonly schedControl: SlotRegion;
  /** In the order of `untypedList`. */
  readonly untyped: SlotRegion;
  readonly untypedList: readonly UntypedDescription[];
  readonly domain: number;
}

const HIGH = 0x1_0000_0000;
const DEVICE_SHIFT = 8;
const NODE_COUNT = 1;
const NOTHING: SlotRegion = { start: 0, end: 0 };

/** Lays the boot info out in its frame. @param at index of the frame's first word */
export function writeBootInfo(words: Int32Array, at: number, info: BootInfo): void {
  const { empty, imageFrames, schedControl, untyped, untypedList } = info;
  const regions = [empty, NOTHING, imageFrames, NOTHING, NOTHING, NOTHING];
  const list = [0, 0, NODE_COUNT, 0, info.bufferAddress];
  for (const { start, end } of regions) list.push(start, end);
  list.push(info.cnodeRadix, info.domain, schedControl.start, schedControl.end, untyped.start, untyped.end);
  for (const { address, sizeBits, isDevice } of untypedList)
    list.push(address, sizeBits | (isDevice ? 1 << DEVICE_SHIFT : 0));
  list.forEach((value, i) => {
    words[at + 2 * i] = value | 0;
    words[at + 2 * i + 1] = Math.floor(value / HIGH);
  });
}
