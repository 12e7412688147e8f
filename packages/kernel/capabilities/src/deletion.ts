/**
 * Delete and revoke. Manual §2.4.1 "Reusing Memory", §3.1.3 "Capability Derivation Tree".
 *
 * The last capability to an object that holds slots becomes a zombie in place: its slots are deleted from the last to
 * the first, and then it goes itself. What is found inside may be the last capability to another such object, so the
 * way back is written into the zombies and not onto the host's stack. A CNode that holds its own only capability meets
 * a zombie there, passes over it, and ends.
 *
 * Every loop is bounded by the number of slots that the lent memory could hold.
 *
 * DEVIATION: a CNode that only the deleted one reached is deleted with it; in the manual's kernel it stays as
 * unreachable memory until its untyped is revoked.
 * UNIMPLEMENTED: preemption. The progress is all in memory (count and way back), so that it can be restarted.
 */
import { isFinal, isLinked, isParent, remove } from './derivation-tree.ts';
import { CORRUPTED } from './errors.ts';
import { CNODE, power, TCB } from './object-types.ts';
import {
  DATA,
  ENCLOSING,
  HEADER,
  hasFlag,
  isEmpty,
  isKnownType,
  isSlot,
  NEXT,
  objectOf,
  PREVIOUS,
  SLOT_WORDS,
  sizeOf,
  typeOf,
  ZOMBIE,
} from './slot.ts';

/**
 * Undoes what a capability did, before its slot is emptied: unmaps the frame, wakes the endpoint's threads, and so on.
 * It may read the slot and delete other slots; it must not revoke, and must not delete `slot`.
 * @param object address / 16, or the interrupt.
 * @param final no other capability names the object: it is being destroyed.
 */
export type Finalise = (type: number, object: number, slot: number, final: boolean) => void;

const GRANULE_WORDS = 4;
/** A slot was emptied. */
const GONE = 0;
/** A slot holds slots, which go first. */
const ENTERED = 1;

export class Deletion {
  readonly #words: Int32Array;
  readonly #baseGranule: number;
  readonly #tcbSlotCount: number;
  readonly #finalise: Finalise;
  readonly #slotLimit: number;
  /** Capabilities deleted since the caller last set this to 0, for whoever charges for them. */
  deletedCount = 0;

  constructor(words: Int32Array, baseGranule: number, tcbSlotCount: number, finalise: Finalise) {
    this.#words = words;
    this.#baseGranule = baseGranule;
    this.#tcbSlotCount = tcbSlotCount;
    this.#finalise = finalise;
    this.#slotLimit = Math.floor(words.length / SLOT_WORDS);
  }

  /** Empties a slot; nothing happens when it is empty. @returns 0 or CORRUPTED. */
  delete(slot: number): number {
    if (isEmpty(this.#words, slot) || hasFlag(this.#words, slot, ZOMBIE)) return 0;
    const begun = this.#begin(slot);
    return begun === ENTERED ? this.#deleteInside(slot) : begun;
  }

  /** Deletes all that was derived from a capability, wherever it is. @returns 0 or CORRUPTED. */
  revoke(slot: number): number {
    const words = this.#words;
    for (let left = this.#slotLimit; left > 0; left--) {
      const next = words[slot + NEXT]!;
      if (next === 0 || isEmpty(words, slot)) return 0;
      if (!isSlot(words, next) || words[next + PREVIOUS] !== slot) return CORRUPTED;
      if (!isParent(words, slot, next)) return 0;
      const error = this.delete(next);
      if (error < 0) return error;
    }
    return CORRUPTED;
  }

  /** Finalises a capability, and empties its slot if nothing is inside. */
  #begin(slot: number): number {
    const words = this.#words;
    if (!isKnownType(words, slot) || !isLinked(words, slot)) return CORRUPTED;
    const final = isFinal(words, slot);
    const count = final ? this.#slotCount(slot) : 0;
    if (count !== 0 && !this.#holdsSlots(slot, count)) return CORRUPTED;
    this.deletedCount++;
    this.#finalise(typeOf(words, slot), objectOf(words, slot), slot, final);
    if (count === 0) return this.#empty(slot);
    words[slot + HEADER]! |= ZOMBIE;
    words[slot + DATA] = count;
    words[slot + ENCLOSING] = 0;
    return ENTERED;
  }

  #deleteInside(top: number): number {
    const words = this.#words;
    let zombie = top;
    for (let left = this.#slotLimit * 2; left > 0; left--) {
      const count = words[zombie + DATA]!;
      if (count === 0) {
        const enclosing = words[zombie + ENCLOSING]!;
        const error = this.#empty(zombie);
        if (error < 0 || zombie === top) return error;
        zombie = enclosing;
        continue;
      }
      words[zombie + DATA] = count - 1;
      const inner = this.#firstSlot(zombie) + (count - 1) * SLOT_WORDS;
      if (isEmpty(words, inner) || hasFlag(words, inner, ZOMBIE)) continue;
      const begun = this.#begin(inner);
      if (begun < 0) return begun;
      if (begun === ENTERED) {
        words[inner + ENCLOSING] = zombie;
        zombie = inner;
      }
    }
    return CORRUPTED;
  }

  #empty(slot: number): number {
    if (!isLinked(this.#words, slot)) return CORRUPTED;
    remove(this.#words, slot);
    return GONE;
  }
  #slotCount(slot: number): number {
    const type = typeOf(this.#words, slot);
    if (type === CNODE) return power(sizeOf(this.#words, slot));
    return type === TCB ? this.#tcbSlotCount : 0;
  }
  #firstSlot(holder: number): number {
    return (objectOf(this.#words, holder) - this.#baseGranule) * GRANULE_WORDS;
  }
  #holdsSlots(holder: number, count: number): boolean {
    const first = this.#firstSlot(holder);
    return isSlot(this.#words, first) && first + count * SLOT_WORDS <= this.#words.length;
  }
}
