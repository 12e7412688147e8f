/**
 * A capability space as a radix tree: nodes of 64 slots over leaves of 4 KiB. When a pointer is too large for it, a root
 * is put above the old one, which becomes its first child: no capability moves, and every pointer keeps its meaning.
 *
 *     height   1        2       3      4       5
 *     leaves   256 KiB  16 MiB  1 GiB  64 GiB  4 TiB     (radixCapacityOf says it in slots, too)
 *
 *     pointer  31 30 … 25  24 … 19  18 … 13  12 … 7  6 … 0
 *              5th   4th      3rd      2nd    1st    leaf
 *
 * A node is a CNode of radix 6, a leaf one of radix 7. Growing is one Retype and one Rotate: the new root takes the
 * place of the old one's capability, which goes to slot 0 of the new root. The root's guard are the pointer's bits above
 * the tree, all zero. So up to height 4 the manual's guarded look-up finds the same slots on the same memory; here all
 * steps are alike and no guard is looked at, which is faster.
 *
 * DEVIATION: capability pointers have 32 bits, so that of a root of height 5 only two slots can be named.
 * CHOICE: the way to a slot is made when it is asked for. What was made before a refusal stays; asking again goes on.
 */
import type { Capabilities } from './capabilities.ts';
import type { CapabilitySpace } from './capability-space.ts';
import { guardWord } from './derived.ts';
import * as errors from './errors.ts';
import * as lookup from './lookup.ts';
import * as objects from './object-types.ts';
import * as layout from './slot.ts';

const { CORRUPTED, DEPTH_MISMATCH, MISSING_CAPABILITY } = errors;
const { WORD_BITS } = lookup;
const { CNODE, NULL, power } = objects;
const { GUARD_SIZE_MASK, GUARD_SIZE_SHIFT, OBJECT, SIZE_MASK, SIZE_SHIFT, SLOT_WORDS, TYPE_MASK, ZOMBIE } = layout;

const NODE_RADIX = 6;
const LEAF_RADIX = 7;
const MAX_HEIGHT = 5;
const LEAF_BYTES = 4096;
const GRANULE_SHIFT = 2;
const SLOT_SHIFT = 3;
const NODE_INDEX_MASK = 63;
const LEAF_INDEX_MASK = 127;

const SHAPE_MASK: number = TYPE_MASK | ZOMBIE | (SIZE_MASK << SIZE_SHIFT);
const NODE_SHAPE: number = CNODE | (NODE_RADIX << SIZE_SHIFT);
const LEAF_SHAPE: number = CNODE | (LEAF_RADIX << SIZE_SHIFT);

/** @returns the bits of a pointer above a tree of a height: they must be zero. */
const guardSizeAt = (height: number): number => Math.max(0, WORD_BITS - LEAF_RADIX - NODE_RADIX * height);

/** The height of a tree whose root has a guard of so many bits; 0: such a root is not one of ours. */
const HEIGHT_AT_GUARD_SIZE: Uint8Array = new Uint8Array(WORD_BITS);
for (let height = 1; height <= MAX_HEIGHT; height++) HEIGHT_AT_GUARD_SIZE[guardSizeAt(height)] = height;

export interface RadixCapacity {
  readonly leafBytes: number;
  readonly slots: number;
  /** Slots that a pointer of 32 bits can name. */
  readonly namedSlots: number;
}
/** @returns what a tree of a height (1 … 5) holds when it is full. */
export function radixCapacityOf(height: number): RadixCapacity {
  const leaves = power(NODE_RADIX * height);
  const slots = leaves * power(LEAF_RADIX);
  return { leafBytes: leaves * LEAF_BYTES, slots, namedSlots: Math.min(slots, power(WORD_BITS)) };
}

export interface RadixSpaceOptions {
  readonly capabilities: Capabilities;
  /** Slot that holds the capability to the root; empty for a space to come. It survives growth. */
  readonly anchor: number;
  /** An empty slot of a CNode, in which a new root is made before it takes its place: that CNode's capability, and the index. */
  readonly spareNode: number;
  readonly spareIndex: number;
}

export class RadixSpace implements CapabilitySpace {
  readonly #capabilities: Capabilities;
  readonly #words: Int32Array;
  readonly #lastSlot: number;
  readonly #baseGranule: number;
  readonly #anchor: number;
  readonly #spareNode: number;
  readonly #spareIndex: number;
  #bitsLeft = 0;

  constructor({ capabilities, anchor, spareNode, spareIndex }: RadixSpaceOptions) {
    this.#capabilities = capabilities;
    this.#words = capabilities.words;
    this.#lastSlot = capabilities.words.length - SLOT_WORDS;
    this.#baseGranule = -capabilities.wordOfGranule(0) / (1 << GRANULE_SHIFT);
    this.#anchor = anchor;
    this.#spareNode = spareNode;
    this.#spareIndex = spareIndex;
  }

  /** 1 … 5, or 0 while there is no root. It is kept as the size of the root's guard. */
  get height(): number {
    if ((this.#words[this.#anchor]! & SHAPE_MASK) !== NODE_SHAPE) return 0;
    const guardSize = (this.#words[this.#anchor]! >>> GUARD_SIZE_SHIFT) & GUARD_SIZE_MASK;
    return HEIGHT_AT_GUARD_SIZE[guardSize]!;
  }

  lookup(pointer: number): number {
    const words = this.#words;
    const height = this.height;
    let shift = height * NODE_RADIX + LEAF_RADIX;
    if (height === 0 || (shift < WORD_BITS && pointer >>> shift !== 0)) return this.#asGuarded(pointer);
    let slot = this.#anchor;
    for (shift -= NODE_RADIX; shift >= LEAF_RADIX; shift -= NODE_RADIX) {
      slot = this.#slotIn(slot, (pointer >>> shift) & NODE_INDEX_MASK);
      if (slot <= 0 || slot > this.#lastSlot) return CORRUPTED;
      const shape = shift === LEAF_RADIX ? LEAF_SHAPE : NODE_SHAPE;
      if ((words[slot]! & SHAPE_MASK) !== shape) return this.#asGuarded(pointer);
    }
    slot = this.#slotIn(slot, pointer & LEAF_INDEX_MASK);
    if (slot <= 0 || slot > this.#lastSlot || (slot & (SLOT_WORDS - 1)) !== 0) return CORRUPTED;
    return (words[slot]! & TYPE_MASK) === NULL ? this.#asGuarded(pointer) : slot;
  }
  lookupSlot(pointer: number, depth: number, isSource: boolean): number {
    const capabilities = this.#capabilities;
    if (this.height !== MAX_HEIGHT) return capabilities.lookupSlot(this.#anchor, pointer, depth, isSource);
    capabilities.details.wasSource = isSource;
    if (depth < 1 || depth > WORD_BITS) return capabilities.details.range(1, WORD_BITS);
    const slot = this.#resolve(pointer, depth);
    return slot > 0 && this.#bitsLeft !== 0 ? capabilities.details.lookup(DEPTH_MISMATCH, this.#bitsLeft, 0, 0) : slot;
  }
  stepsTo(pointer: number): number {
    const slot = this.#resolve(pointer, WORD_BITS);
    if (this.height !== MAX_HEIGHT) return this.#capabilities.steps;
    return slot === this.#topSlot(pointer, WORD_BITS) ? 1 : 1 + this.#capabilities.steps;
  }

  /**
   * Makes the way to a pointer's slot: roots, nodes, the leaf. @param untyped what they are made from
   * @returns the slot, empty or not, or an error as of retype and rotate.
   */
  reserve(pointer: number, untyped: number): number {
    for (let height = this.height; height === 0 || !this.#covers(height, pointer); height = this.height) {
      const refused = this.#grow(height, untyped);
      if (refused < 0) return refused;
    }
    let slot = this.#anchor;
    for (let shift = this.height * NODE_RADIX + LEAF_RADIX - NODE_RADIX; shift >= LEAF_RADIX; shift -= NODE_RADIX) {
      const index = shift > WORD_BITS - NODE_RADIX ? pointer >>> shift : (pointer >>> shift) & NODE_INDEX_MASK;
      const refused = this.#lead(slot, index, shift === LEAF_RADIX ? LEAF_RADIX : NODE_RADIX, untyped);
      if (refused < 0) return refused;
      slot = this.#slotIn(slot, index);
    }
    return this.#slotIn(slot, pointer & LEAF_INDEX_MASK);
  }
  #covers(height: number, pointer: number): boolean {
    const bits = height * NODE_RADIX + LEAF_RADIX;
    return bits >= WORD_BITS || pointer >>> bits === 0;
  }
  /** Makes the CNode that a node's slot leads to, if there is none. */
  #lead(holder: number, index: number, radix: number, untyped: number): number {
    const slot = this.#slotIn(holder, index);
    if (slot <= 0 || slot > this.#lastSlot || (slot & (SLOT_WORDS - 1)) !== 0) return CORRUPTED;
    if ((this.#words[slot]! & SHAPE_MASK) === (CNODE | (radix << SIZE_SHIFT))) return 0;
    return this.#capabilities.retype(untyped, CNODE, radix, holder, 0, 0, index, 1);
  }
  /** Puts a root above the present one. */
  #grow(height: number, untyped: number): number {
    const capabilities = this.#capabilities;
    const refused = capabilities.retype(untyped, CNODE, NODE_RADIX, this.#spareNode, 0, 0, this.#spareIndex, 1);
    if (refused < 0) return refused;
    const root = this.#slotIn(this.#spareNode, this.#spareIndex);
    const guard = guardWord(0, guardSizeAt(height + 1));
    if (height === 0) return capabilities.mutate(this.#anchor, root, guard);
    return capabilities.rotate(this.#slotIn(root, 0), this.#anchor, root, guardWord(0, 0), guard);
  }

  /** What is no slot of a leaf, empty ones included, is answered as the manual's look-up would. */
  #asGuarded(pointer: number): number {
    const slot = this.#resolve(pointer, WORD_BITS);
    return slot > 0 && this.#capabilities.typeOf(slot) === NULL
      ? this.#capabilities.details.lookup(MISSING_CAPABILITY, this.#bitsLeft, 0, 0)
      : slot;
  }
  /** The manual's look-up. At height 5 the root takes the one bit that is left for it. */
  #resolve(pointer: number, depth: number): number {
    const capabilities = this.#capabilities;
    if (this.height !== MAX_HEIGHT) {
      const found = capabilities.resolve(this.#anchor, pointer, depth);
      this.#bitsLeft = capabilities.bitsLeft;
      return found;
    }
    const slot = this.#topSlot(pointer, depth);
    if (slot <= 0 || slot > this.#lastSlot || (slot & (SLOT_WORDS - 1)) !== 0) return CORRUPTED;
    this.#bitsLeft = depth - 1;
    if (depth === 1 || capabilities.typeOf(slot) !== CNODE || capabilities.isZombie(slot)) return slot;
    const found = capabilities.resolve(slot, pointer, depth - 1);
    this.#bitsLeft = capabilities.bitsLeft;
    return found;
  }
  #topSlot(pointer: number, depth: number): number {
    return this.#slotIn(this.#anchor, (pointer >>> (depth - 1)) & 1);
  }
  /** @returns the slot of an index in the CNode that the capability in `holder` names. */
  #slotIn(holder: number, index: number): number {
    return ((this.#words[holder + OBJECT]! - this.#baseGranule) << GRANULE_SHIFT) + (index << SLOT_SHIFT);
  }
}
