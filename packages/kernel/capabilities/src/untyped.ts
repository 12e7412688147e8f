/**
 * Retype: the only way in which objects come to be. Manual §2.4 "Kernel Memory Allocation" and §10.3
 * "seL4_Untyped_Retype".
 *
 * An untyped gives its memory out from a watermark upward and starts over when nothing stands under it. Objects are
 * powers of two in a region that is one, so the watermark may be aligned up without losing the fit that was tested.
 *
 * CHOICE: an object's memory is zeroed when it is made, and not when the watermark goes back. It is preempted every so
 * many units of 256 bytes (zeroing.ts); the objects and their capabilities are made at once, when all memory is zero.
 * CHOICE: a frame's size comes as the size argument: one type where the manual has one for each size.
 */
import * as tree from './derivation-tree.ts';
import type { ErrorDetails } from './errors.ts';
import * as errors from './errors.ts';
import type { Lookup } from './lookup.ts';
import * as objects from './object-types.ts';
import * as layout from './slot.ts';
import * as zeroing from './zeroing.ts';

const { hasChildren, insertAfter, isLinked } = tree;
const { CORRUPTED, DELETE_FIRST, INVALID_CAPABILITY, MISSING_CAPABILITY } = errors;
const { alignUp, startOver, Zeroing } = zeroing;
const {
  CNODE,
  carriedRights,
  FAN_OUT_LIMIT,
  FRAME,
  FRAME_1G_BITS,
  FRAME_2M_BITS,
  FRAME_4K_BITS,
  GRANULE_BITS,
  hasVariableSize,
  LAST_RETYPE,
  objectBits,
  power,
  SCHED_CONTEXT,
  SCHED_CONTEXT_MIN_BITS,
  UNTYPED,
  UNTYPED_MAX_BITS,
  UNTYPED_MIN_BITS,
} = objects;
const {
  DATA,
  DEVICE,
  EXTRA,
  FIRST_BADGED,
  granulesOf,
  HEADER,
  hasFlag,
  header,
  isEmpty,
  isSlot,
  OBJECT,
  objectOf,
  REVOCABLE,
  RIGHTS_SHIFT,
  SLOT_WORDS,
  sizeOf,
  typeOf,
  ZOMBIE,
} = layout;

const GRANULE_WORDS = 4;
const GRANULE_BYTES = 16;
/** As a number of work units. */
export const UNLIMITED = -1;

const isFrameSize = (bits: number): boolean =>
  bits === FRAME_4K_BITS || bits === FRAME_2M_BITS || bits === FRAME_1G_BITS;

function isObjectSize(type: number, sizeBits: number): boolean {
  if (type === CNODE) return sizeBits !== 0;
  if (type === UNTYPED) return sizeBits >= UNTYPED_MIN_BITS;
  if (type === SCHED_CONTEXT) return sizeBits >= SCHED_CONTEXT_MIN_BITS;
  return type !== FRAME || isFrameSize(sizeBits);
}

export class Retype {
  readonly #words: Int32Array;
  readonly #baseGranule: number;
  readonly #lookup: Lookup;
  readonly #details: ErrorDetails;
  readonly #zeroing: zeroing.Zeroing;
  #firstSlot = 0;
  #objectBits = 0;
  #watermark = 0;

  constructor(words: Int32Array, baseGranule: number, lookup: Lookup, details: ErrorDetails) {
    this.#words = words;
    this.#baseGranule = baseGranule;
    this.#lookup = lookup;
    this.#details = details;
    this.#zeroing = new Zeroing(words);
  }

  /** Words that the last retype set to zero, for whoever charges for it. */
  get zeroedWords(): number {
    return this.#zeroing.zeroedWords;
  }

  /** As `Capabilities.retype`. */
  retype(
    untyped: number,
    type: number,
    sizeBits: number,
    root: number,
    nodeIndex: number,
    nodeDepth: number,
    nodeOffset: number,
    count: number,
    units: number,
  ): number {
    const sizeError = this.#decodeSize(untyped, type, sizeBits);
    if (sizeError < 0) return sizeError;
    const slotsError = this.#decodeSlots(root, nodeIndex, nodeDepth, nodeOffset >>> 0, count);
    if (slotsError < 0) return slotsError;
    const memoryError = this.#decodeMemory(untyped, type, sizeBits, count);
    if (memoryError < 0) return memoryError;
    return this.#invoke(untyped, type, sizeBits, count, units);
  }

  #decodeSize(untyped: number, type: number, sizeBits: number): number {
    const words = this.#words;
    if (typeOf(words, untyped) !== UNTYPED || hasFlag(words, untyped, ZOMBIE)) return INVALID_CAPABILITY;
    if (!this.#isSound(untyped)) return CORRUPTED;
    if (type < UNTYPED || type > LAST_RETYPE) return this.#details.invalidArgument(0); // 3
    const tooLarge = sizeBits < 0 || sizeBits > 63 || objectBits(type, sizeBits) > UNTYPED_MAX_BITS;
    if (tooLarge) return this.#details.range(0, UNTYPED_MAX_BITS); // 4
    return isObjectSize(type, sizeBits) ? 0 : this.#details.invalidArgument(1); // 5
  }

  /** Finds the first slot. 6 the node's path, 7 its type, 8 offset, 9 and 10 count, 11 empty slots. */
  #decodeSlots(root: number, nodeIndex: number, nodeDepth: number, nodeOffset: number, count: number): number {
    const words = this.#words;
    const node = nodeDepth === 0 ? root : this.#lookup.slot(root, nodeIndex, nodeDepth, false);
    if (node < 0) return node;
    if (typeOf(words, node) !== CNODE || hasFlag(words, node, ZOMBIE)) return this.#noNode(nodeDepth);
    const size = power(sizeOf(words, node));
    if (nodeOffset > size - 1) return this.#details.range(0, size - 1);
    if (count < 1 || count > FAN_OUT_LIMIT) return this.#details.range(1, FAN_OUT_LIMIT);
    if (count > size - nodeOffset) return this.#details.range(1, size - nodeOffset);
    this.#firstSlot = (objectOf(words, node) - this.#baseGranule) * GRANULE_WORDS + nodeOffset * SLOT_WORDS;
    for (let i = 0; i < count; i++) {
      const slot = this.#firstSlot + i * SLOT_WORDS;
      if (!isSlot(words, slot)) return CORRUPTED;
      if (!isEmpty(words, slot)) return DELETE_FIRST;
    }
    return 0;
  }
  #noNode(nodeDepth: number): number {
    this.#details.wasSource = false;
    return this.#details.lookup(MISSING_CAPABILITY, nodeDepth, 0, 0);
  }

  /** 12 memory, 13 device. */
  #decodeMemory(untyped: number, type: number, sizeBits: number, count: number): number {
    const words = this.#words;
    const used = this.watermark(untyped);
    const bits = objectBits(type, sizeBits) - GRANULE_BITS;
    const free = granulesOf(words, untyped) - used;
    if (free < count * power(bits)) return this.#details.memory(Math.max(free, 0) * GRANULE_BYTES);
    if (hasFlag(words, untyped, DEVICE) && type !== FRAME && type !== UNTYPED) return this.#details.invalidArgument(1);
    this.#watermark = used;
    this.#objectBits = bits;
    return 0;
  }

  /**
   * @returns granules from the start of an untyped that are given out: none, when nothing stands under it. 2^32 of them
   * look like none in a word, but with something under it there are some.
   */
  watermark(untyped: number): number {
    if (!hasChildren(this.#words, untyped)) return 0;
    return this.#words[untyped + DATA]! >>> 0 || granulesOf(this.#words, untyped);
  }

  #invoke(untyped: number, type: number, sizeBits: number, count: number, units: number): number {
    const words = this.#words;
    if (this.#watermark === 0) startOver(words, untyped);
    const device = words[untyped]! & DEVICE;
    const isLeftAsItIs = device !== 0 || type === UNTYPED;
    const preempted = this.#zero(untyped, isLeftAsItIs ? 0 : count, units);
    if (preempted !== 0) return preempted;
    const granules = power(this.#objectBits);
    const start = alignUp(this.#watermark, this.#objectBits);
    words[untyped + DATA] = (start + granules * count) | 0;
    const parameter = hasVariableSize(type) ? sizeBits : 0;
    const bits = header(type, parameter) | (carriedRights(type) << RIGHTS_SHIFT) | device;
    const first = objectOf(words, untyped) + start;
    for (let i = 0; i < count; i++)
      this.#write(untyped, this.#firstSlot + i * SLOT_WORDS, bits, (first + i * granules) | 0);
    return 0;
  }
  #zero(untyped: number, count: number, units: number): number {
    const word = (objectOf(this.#words, untyped) - this.#baseGranule) * GRANULE_WORDS;
    const length = count * power(this.#objectBits);
    return this.#zeroing.zero(untyped, word, this.#watermark, this.#objectBits, length, units);
  }
  #write(untyped: number, slot: number, bits: number, object: number): void {
    const words = this.#words;
    words[slot + HEADER] = bits | REVOCABLE | FIRST_BADGED;
    words[slot + OBJECT] = object;
    words[slot + DATA] = 0;
    words[slot + EXTRA] = 0;
    insertAfter(words, untyped, slot);
  }

  /** Makes one object of all of an untyped's memory, which has no children; the destination is empty. @returns 0 or CORRUPTED */
  makeWhole(untyped: number, type: number, destination: number): number {
    if (!this.#isSound(untyped)) return CORRUPTED;
    this.#firstSlot = destination;
    this.#objectBits = sizeOf(this.#words, untyped) - GRANULE_BITS;
    this.#watermark = 0;
    return this.#invoke(untyped, type, 0, 1, UNLIMITED);
  }

  /** @returns whether the untyped's memory is lent memory, or says that it is a device's, and its links hold. */
  #isSound(untyped: number): boolean {
    const words = this.#words;
    if (!isLinked(words, untyped)) return false;
    if (hasFlag(words, untyped, DEVICE)) return true;
    const start = objectOf(words, untyped) - this.#baseGranule;
    return start >= 0 && (start + granulesOf(words, untyped)) * GRANULE_WORDS <= words.length;
  }
}
