/**
 * Delete and revoke. Manual §2.4.1 "Reusing Memory", §3.1.5 "Capability Derivation Tree".
 *
 * The last capability to an object that holds slots becomes a zombie in place: its slots are emptied from the last to
 * the first, and then it goes itself. What is found inside may be the last capability to another such object; that one
 * joins the ring of zombies to be finished (zombies.ts). Nothing of the progress is outside the lent memory, so a
 * deletion may stop after any step, and whoever deletes the same slot, or revokes what it came from, goes on. (An untyped
 * may lie in a CNode that was made of it, and go with that: what is left of the CNode then waits in its own slot.)
 *
 * Every loop is bounded by the number of slots that the lent memory could hold.
 *
 * DEVIATION: a CNode that only the deleted one reached is deleted with it; in the manual's kernel it stays as
 * unreachable memory until its untyped is revoked. That is so here only if a deletion is preempted and never resumed.
 */
import * as tree from './derivation-tree.ts';
import * as errors from './errors.ts';
import * as objects from './object-types.ts';
import * as layout from './slot.ts';
import * as zombies from './zombies.ts';

const { exchange, fetchAhead, isFinal, isLinked, isParent, remove, SLOTS_AHEAD } = tree;
const { CORRUPTED, PREEMPTED } = errors;
const { CNODE, power, TCB } = objects;
const { DATA, isEmpty, isKnownType, isSlot, NEXT, objectOf, PREVIOUS, RING_NEXT, SLOT_WORDS, sizeOf, typeOf } = layout;
const { bury, isOrphan, isSoundZombie, isZombie, join, part } = zombies;

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
const ENTERED = 2;
/** As a number of work units. */
const UNLIMITED = -1;

export class Deletion {
  readonly #words: Int32Array;
  readonly #baseGranule: number;
  readonly #tcbSlotCount: number;
  readonly #finalise: Finalise;
  readonly #slotLimit: number;
  /** Work units left: slots looked at. It counts down to 0, which below 0 it never reaches. */
  #units = UNLIMITED;
  /** The zombie at which the ring began: while a cycle is cut, it moves. */
  #top = 0;
  /** What was fetched ahead, for nobody: what is never used, the host's compiler does not read. */
  #fetched = 0;
  /** Capabilities deleted since the caller last set this to 0, for whoever charges for them. */
  deletedCount = 0;

  constructor(words: Int32Array, baseGranule: number, tcbSlotCount: number, finalise: Finalise) {
    this.#words = words;
    this.#baseGranule = baseGranule;
    this.#tcbSlotCount = tcbSlotCount;
    this.#finalise = finalise;
    this.#slotLimit = Math.floor(words.length / SLOT_WORDS);
  }

  /** Empties a slot; nothing happens when it is empty. @returns 0, PREEMPTED or CORRUPTED. */
  delete(slot: number, units: number): number {
    const outer = this.#units;
    this.#units = units;
    const answer = this.#delete(slot);
    this.#units = outer;
    return answer;
  }

  /** Deletes all that was derived from a capability, wherever it is. @returns 0, PREEMPTED or CORRUPTED. */
  revoke(slot: number, units: number): number {
    this.#units = units;
    const answer = this.#revoke(slot);
    this.#units = UNLIMITED;
    return answer;
  }
  #revoke(slot: number): number {
    const words = this.#words;
    let unfetched = 0;
    for (let left = this.#slotLimit; left > 0; left--) {
      const next = words[slot + NEXT]!;
      if (next === 0 || isEmpty(words, slot)) return 0;
      if (!isSlot(words, next) || words[next + PREVIOUS] !== slot) return CORRUPTED;
      if (unfetched === 0) {
        this.#fetched ^= fetchAhead(words, next);
        unfetched = SLOTS_AHEAD;
      }
      unfetched--;
      if (!isParent(words, slot, next)) return 0;
      if (this.#units === 0) return PREEMPTED;
      const answer = this.#delete(next);
      if (answer !== GONE) return answer;
    }
    return CORRUPTED;
  }

  #delete(slot: number): number {
    const words = this.#words;
    if (isEmpty(words, slot)) return GONE;
    if (!isZombie(words, slot)) {
      this.#units--;
      const begun = this.#begin(slot);
      return begun === ENTERED ? this.#finish(slot) : begun;
    }
    if (!isSoundZombie(words, slot)) return CORRUPTED;
    if (isOrphan(words, slot)) part(words, slot);
    return this.#finish(slot);
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
    bury(words, slot, count);
    return ENTERED;
  }

  /** Finishes a ring: the top's slots, then each orphan's, each orphan, and the top last, so that it can be resumed. */
  #finish(top: number): number {
    const words = this.#words;
    const outer = this.#top;
    this.#top = top;
    let answer = ENTERED;
    for (let left = this.#slotLimit * 4; answer === ENTERED; left--) {
      const member = words[this.#top + DATA] === 0 ? words[this.#top + RING_NEXT]! : this.#top;
      if (left === 0 || !isSlot(words, member) || !isSoundZombie(words, member)) answer = CORRUPTED;
      else if (words[member + DATA] === 0) answer = this.#finishMember(member);
      else if (this.#units === 0) answer = PREEMPTED;
      else answer = this.#step(member);
    }
    this.#top = outer;
    return answer;
  }
  #finishMember(member: number): number {
    const isLast = member === this.#top;
    part(this.#words, member);
    const emptied = this.#empty(member);
    return isLast || emptied < 0 ? emptied : ENTERED;
  }

  /**
   * Looks at the last slots that a zombie still has, each one unit of work, until one is not empty. Empty ones call
   * nobody, so the zombie stays as sound as it was found.
   */
  #step(zombie: number): number {
    const words = this.#words;
    let count = words[zombie + DATA]!;
    if (!this.#holdsSlots(zombie, count)) return CORRUPTED;
    let inner = this.#firstSlot(zombie) + count * SLOT_WORDS;
    for (; count > 0 && this.#units !== 0; count--) {
      inner -= SLOT_WORDS;
      this.#units--;
      if (!isEmpty(words, inner) && inner !== zombie) return this.#stepInto(zombie, count, inner);
    }
    words[zombie + DATA] = count;
    return ENTERED;
  }
  #stepInto(zombie: number, count: number, inner: number): number {
    this.#words[zombie + DATA] = count;
    if (isZombie(this.#words, inner)) return this.#evict(inner, zombie);
    const begun = this.#begin(inner);
    if (begun !== GONE) return begun;
    this.#words[zombie + DATA] = count - 1;
    return ENTERED;
  }

  /**
   * Moves a zombie out of another's slot into the first of its own, whose capability takes its place. It may be the top
   * itself, when CNodes contain each other, or the top of a deletion that was preempted, which then ends with this one.
   */
  #evict(inner: number, finder: number): number {
    const words = this.#words;
    const own = this.#firstSlot(inner);
    if (own === inner || !isSlot(words, own) || !isSoundZombie(words, inner) || !isLinked(words, own)) return CORRUPTED;
    if (isZombie(words, own) && !isSoundZombie(words, own)) return CORRUPTED;
    if (isOrphan(words, inner)) return CORRUPTED;
    const wasTop = inner === this.#top;
    exchange(words, inner, own);
    if (wasTop) this.#top = own;
    else {
      if (own === this.#top) this.#top = inner;
      join(words, finder === own ? inner : finder, own);
    }
    return ENTERED;
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
  /** Counts are compared as they are: memory may hold any. */
  #holdsSlots(holder: number, count: number): boolean {
    const first = this.#firstSlot(holder);
    return count > 0 && isSlot(this.#words, first) && first + count * SLOT_WORDS <= this.#words.length;
  }
}
