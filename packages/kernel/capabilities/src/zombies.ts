/**
 * What becomes of an object that holds slots when its last capability goes: the capability turns into a zombie, which
 * remembers how many of the slots are still to be emptied. All zombies that one deletion has to finish form a ring. In
 * each ring one is the top, which stays where the user deleted it, and the others are orphans: found inside, each moved
 * into the first slot of its own object, where it keeps nothing alive but itself.
 *
 * So the progress of a deletion is all in memory, it is resumed in constant time, and no zombie lies in memory that
 * could be used for something else before it is gone.
 */
import * as tree from './derivation-tree.ts';
import * as layout from './slot.ts';

const { isLinked } = tree;
const { DATA, HEADER, hasFlag, isSlot, ORPHAN, RING_NEXT, RING_PREVIOUS, ZOMBIE } = layout;

export const isZombie = (words: Int32Array, slot: number): boolean => hasFlag(words, slot, ZOMBIE);
export const isOrphan = (words: Int32Array, slot: number): boolean => hasFlag(words, slot, ORPHAN);

/** Makes a zombie, alone in its ring. @param count slots still to be emptied */
export function bury(words: Int32Array, slot: number, count: number): void {
  words[slot + HEADER]! |= ZOMBIE;
  words[slot + DATA] = count;
  words[slot + RING_PREVIOUS] = slot;
  words[slot + RING_NEXT] = slot;
}

/** @returns whether both lists around a zombie hold: what must be so before they are followed to write. */
export function isSoundZombie(words: Int32Array, slot: number): boolean {
  const previous = words[slot + RING_PREVIOUS]!;
  const next = words[slot + RING_NEXT]!;
  if (!isSlot(words, previous) || !isSlot(words, next)) return false;
  if (!isZombie(words, slot) || !isZombie(words, previous) || !isZombie(words, next)) return false;
  return words[previous + RING_NEXT] === slot && words[next + RING_PREVIOUS] === slot && isLinked(words, slot);
}

/** Takes a zombie out of its ring; it is then alone, and a top. */
export function part(words: Int32Array, slot: number): void {
  const previous = words[slot + RING_PREVIOUS]!;
  const next = words[slot + RING_NEXT]!;
  words[previous + RING_NEXT] = next;
  words[next + RING_PREVIOUS] = previous;
  words[slot + RING_PREVIOUS] = slot;
  words[slot + RING_NEXT] = slot;
  words[slot + HEADER]! &= ~ORPHAN;
}

/** Joins the ring of a top, which becomes an orphan, to another ring. In one ring this would cut it in two. */
export function join(words: Int32Array, ring: number, top: number): void {
  const afterRing = words[ring + RING_NEXT]!;
  const beforeTop = words[top + RING_PREVIOUS]!;
  words[ring + RING_NEXT] = top;
  words[top + RING_PREVIOUS] = ring;
  words[beforeTop + RING_NEXT] = afterRing;
  words[afterRing + RING_PREVIOUS] = beforeTop;
  words[top + HEADER]! |= ORPHAN;
}
