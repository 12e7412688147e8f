/**
 * Guarded look-up of capability pointers. Manual §3.3 "CSpace Addressing".
 *
 * DEVIATION: capability pointers have 32 bits, so depths run from 1 to 32 where the 64-bit manual has 1 to 64.
 */

import type { ErrorDetails } from './errors.ts';
import * as errors from './errors.ts';
import * as objects from './object-types.ts';
import * as layout from './slot.ts';

const { CORRUPTED, DEPTH_MISMATCH, FAILED_LOOKUP, GUARD_MISMATCH, INVALID_ROOT, MISSING_CAPABILITY } = errors;
const { CNODE, NULL } = objects;
const { DATA, GUARD_SIZE_MASK, GUARD_SIZE_SHIFT, OBJECT, SIZE_MASK, SIZE_SHIFT, SLOT_WORDS, TYPE_MASK, ZOMBIE } =
  layout;

/** The compiler's literal (slot.ts); exported as WORD_BITS. */
const BITS = 32;
export const WORD_BITS: number = BITS;
/** A CNode that is being destroyed is none: nothing can be reached through it, or put into it, any more. */
const LIVE_MASK: number = TYPE_MASK | ZOMBIE;

export class Lookup {
  readonly #words: Int32Array;
  readonly #baseGranule: number;
  readonly #lastSlot: number;
  readonly #details: ErrorDetails;
  /** Bits that the last successful look-up did not use. */
  bitsLeft = 0;
  /** CNodes that the last look-up passed, when it ended in a slot. */
  steps = 0;

  constructor(words: Int32Array, baseGranule: number, details: ErrorDetails) {
    this.#words = words;
    this.#baseGranule = baseGranule;
    this.#lastSlot = words.length - SLOT_WORDS;
    this.#details = details;
    this.bitsLeft = 0;
    this.steps = 0;
  }

  /**
   * Follows the low `depth` bits of a capability pointer, and stops early at what is no CNode. The slot may be empty.
   * Each turn uses at least one bit, so that no memory, whatever it holds, makes this run for ever.
   * @param depth 1 … 32
   * @returns the slot, FAILED_LOOKUP or CORRUPTED.
   */
  resolve(root: number, pointer: number, depth: number): number {
    const words = this.#words;
    let header = words[root]!;
    if ((header & LIVE_MASK) !== CNODE) return this.#details.lookup(INVALID_ROOT, 0, 0, 0);
    let slot = root;
    let left = depth;
    let address = pointer << (BITS - depth);
    for (let steps = 1; ; steps++) {
      const guardSize = (header >>> GUARD_SIZE_SHIFT) & GUARD_SIZE_MASK;
      const radix = (header >>> SIZE_SHIFT) & SIZE_MASK;
      if (guardSize !== 0) {
        const guard = words[slot + DATA]!;
        if (guardSize > left || address >>> (BITS - guardSize) !== guard >>> 0)
          return this.#details.lookup(GUARD_MISMATCH, left, guardSize, guard);
        address <<= guardSize;
      }
      const levelBits = guardSize + radix;
      if (radix === 0 || levelBits > BITS) return CORRUPTED;
      if (levelBits > left) return this.#details.lookup(DEPTH_MISMATCH, left, levelBits, 0);
      slot = ((words[slot + OBJECT]! - this.#baseGranule) << 2) + ((address >>> (BITS - radix)) << 3);
      if (slot <= 0 || slot > this.#lastSlot || (slot & (SLOT_WORDS - 1)) !== 0) return CORRUPTED;
      left -= levelBits;
      header = words[slot]!;
      if (left === 0 || (header & LIVE_MASK) !== CNODE) {
        this.bitsLeft = left;
        this.steps = steps;
        return slot;
      }
      address <<= radix;
    }
  }

  /** For an invocation: 32 bits, of which those behind the capability are ignored. An empty slot is a failure. */
  capability(root: number, pointer: number): number {
    const words = this.#words;
    const header = words[root]!;
    const radix = (header >>> SIZE_SHIFT) & SIZE_MASK;
    const levelBits = radix + ((header >>> GUARD_SIZE_SHIFT) & GUARD_SIZE_MASK);
    // One CNode that takes all bits, as most spaces have: what follows is one turn of `resolve`, with its checks.
    if ((header & LIVE_MASK) === CNODE && levelBits === BITS && pointer >>> radix === words[root + DATA]! >>> 0) {
      const first = (words[root + OBJECT]! - this.#baseGranule) << 2;
      const slot = first + ((pointer & ((2 << (radix - 1)) - 1)) << 3);
      if (
        slot > 0 &&
        slot <= this.#lastSlot &&
        (slot & (SLOT_WORDS - 1)) === 0 &&
        (words[slot]! & TYPE_MASK) !== NULL
      ) {
        this.bitsLeft = 0;
        this.steps = 1;
        return slot;
      }
    }
    return this.#anyCapability(root, pointer);
  }
  #anyCapability(root: number, pointer: number): number {
    const slot = this.resolve(root, pointer, BITS);
    if (slot > 0 && (this.#words[slot]! & TYPE_MASK) === NULL)
      return this.#details.lookup(MISSING_CAPABILITY, this.bitsLeft, 0, 0);
    return slot;
  }

  /**
   * For an operation on slots: the pointer must be used up exactly.
   * Checks, in order: root (FAILED_LOOKUP), depth (RANGE_ERROR), path (FAILED_LOOKUP).
   */
  slot(root: number, index: number, depth: number, isSource: boolean): number {
    const details = this.#details;
    details.wasSource = isSource;
    if ((this.#words[root]! & LIVE_MASK) !== CNODE) return details.lookup(INVALID_ROOT, 0, 0, 0);
    if (depth < 1 || depth > BITS) return details.range(1, BITS);
    const slot = this.resolve(root, index, depth);
    if (slot > 0 && this.bitsLeft !== 0) return details.lookup(DEPTH_MISMATCH, this.bitsLeft, 0, 0);
    return slot;
  }

  /** The source's slot is empty. @returns FAILED_LOOKUP */
  missingSource(depth: number): number {
    this.#details.wasSource = true;
    this.#details.lookup(MISSING_CAPABILITY, depth, 0, 0);
    return FAILED_LOOKUP;
  }
  /** The pivot's slot is empty. @returns FAILED_LOOKUP */
  missingPivot(depth: number): number {
    this.#details.wasSource = false;
    return this.#details.lookup(MISSING_CAPABILITY, depth, 0, 0);
  }
}
