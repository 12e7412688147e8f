/**
 * Reading and writing the words of a slot. Functions here check nothing: whatever they read may have been overwritten.
 *
 * To the host's compiler a module's own constant is a literal, and an imported one a load and two checks at each use. So
 * modules on the hot paths take constants and functions from a namespace once: `const { NEXT, isSlot } = layout`.
 */
import * as objects from './object-types.ts';
import * as layout from './slot-layout.ts';

export * from './slot-layout.ts';

const { GRANULE_BITS, NULL, objectBits, power, TYPE_COUNT } = objects;
const {
  GUARD_SIZE_MASK,
  GUARD_SIZE_SHIFT,
  OBJECT,
  RIGHTS_MASK,
  RIGHTS_SHIFT,
  SIZE_MASK,
  SIZE_SHIFT,
  SLOT_WORDS,
  TYPE_MASK,
} = layout;

export const typeOf = (words: Int32Array, slot: number): number => words[slot]! & TYPE_MASK;
export const sizeOf = (words: Int32Array, slot: number): number => (words[slot]! >>> SIZE_SHIFT) & SIZE_MASK;
export const guardSizeOf = (words: Int32Array, slot: number): number =>
  (words[slot]! >>> GUARD_SIZE_SHIFT) & GUARD_SIZE_MASK;
export const rightsOf = (words: Int32Array, slot: number): number => (words[slot]! & RIGHTS_MASK) >>> RIGHTS_SHIFT;
export const hasFlag = (words: Int32Array, slot: number, flag: number): boolean => (words[slot]! & flag) !== 0;
/** The address of the object in units of 16 bytes. */
export const objectOf = (words: Int32Array, slot: number): number => words[slot + OBJECT]! >>> 0;

/** @returns whether `slot` may be a slot at all. */
export const isSlot = (words: Int32Array, slot: number): boolean =>
  slot > 0 && (slot & (SLOT_WORDS - 1)) === 0 && slot + SLOT_WORDS <= words.length;

export const isKnownType = (words: Int32Array, slot: number): boolean => (words[slot]! & TYPE_MASK) < TYPE_COUNT;
export const isEmpty = (words: Int32Array, slot: number): boolean => (words[slot]! & TYPE_MASK) === NULL;

/** @returns how many granules the object takes, or 0 when it names no memory. */
export function granulesOf(words: Int32Array, slot: number): number {
  const head = words[slot]!;
  const bits = objectBits(head & TYPE_MASK, (head >>> SIZE_SHIFT) & SIZE_MASK);
  return bits < GRANULE_BITS ? 0 : power(bits - GRANULE_BITS);
}

/** Word by word: a loop over eight words takes longer than they do. */
export function clear(words: Int32Array, slot: number): void {
  words[slot] = 0;
  words[slot + 1] = 0;
  words[slot + 2] = 0;
  words[slot + 3] = 0;
  words[slot + 4] = 0;
  words[slot + 5] = 0;
  words[slot + 6] = 0;
  words[slot + 7] = 0;
}

/** @returns a header without rights, guard and flags. */
export const header = (type: number, size: number): number => type | (size << SIZE_SHIFT);
