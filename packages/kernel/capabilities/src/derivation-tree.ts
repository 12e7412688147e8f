/**
 * The derivation tree, kept as one doubly linked list in prefix order: no depth is stored, a parent is recognised by
 * comparing two capabilities. Insertion and removal take constant time.
 *
 * CHOICE: capabilities that exist at boot start lists of their own; nothing ever joins two lists.
 */
import * as objects from './object-types.ts';
import * as layout from './slot.ts';

const {
  ASID_CONTROL,
  ASID_POOL,
  CNODE,
  DOMAIN,
  ENDPOINT,
  FRAME,
  IO_PAGE_TABLE,
  IO_SPACE,
  IO_SPACE_CONTROL,
  IRQ_CONTROL,
  IRQ_HANDLER,
  NOTIFICATION,
  PAGE_TABLE,
  REPLY,
  SCHED_CONTEXT,
  SCHED_CONTROL,
  TCB,
  UNTYPED,
} = objects;
const {
  AHEAD,
  clear,
  DATA,
  DISTANCE,
  FIRST_BADGED,
  granulesOf,
  HEADER,
  hasFlag,
  isSlot,
  NEXT,
  OBJECT,
  objectOf,
  PREVIOUS,
  REVOCABLE,
  RING_NEXT,
  RING_PREVIOUS,
  SIZE_MASK,
  SIZE_SHIFT,
  SLOT_WORDS,
  TYPE_MASK,
  typeOf,
  ZOMBIE,
} = layout;

const LAST_WORD: number = SLOT_WORDS - 1;
const KIND_MASK: number = TYPE_MASK | (SIZE_MASK << SIZE_SHIFT);

/** @returns whether `b`'s memory lies inside `a`'s. What names no memory lies nowhere. */
function contains(words: Int32Array, a: number, b: number): boolean {
  const granules = granulesOf(words, b);
  const startA = objectOf(words, a);
  const startB = objectOf(words, b);
  return granules !== 0 && startA <= startB && startB + granules <= startA + granulesOf(words, a);
}

/**
 * By type, the part of the headers that must be equal in two capabilities to one object. 0: the type has a rule of its
 * own (`isPart`), or is none.
 */
const COMPARED: Int32Array = new Int32Array(TYPE_MASK + 1);
for (const type of [TCB, ENDPOINT, NOTIFICATION, REPLY, PAGE_TABLE, IO_PAGE_TABLE, ASID_POOL])
  COMPARED[type] = TYPE_MASK;
for (const type of [IRQ_HANDLER, IO_SPACE, ASID_CONTROL, SCHED_CONTROL, DOMAIN]) COMPARED[type] = TYPE_MASK;
for (const type of [CNODE, SCHED_CONTEXT]) COMPARED[type] = KIND_MASK;

/** @returns whether `b` names `a`'s resource or a part of it. */
function sameRegion(words: Int32Array, a: number, b: number): boolean {
  const headerOfA = words[a]!;
  const compared = COMPARED[headerOfA & TYPE_MASK]!;
  if (compared === 0) return isPart(words, a, b);
  return ((headerOfA ^ words[b]!) & compared) === 0 && words[a + OBJECT] === words[b + OBJECT];
}
function isPart(words: Int32Array, a: number, b: number): boolean {
  const type = typeOf(words, b);
  switch (typeOf(words, a)) {
    case UNTYPED:
      return contains(words, a, b);
    case FRAME:
      return type === FRAME && contains(words, a, b);
    case IRQ_CONTROL:
      return type === IRQ_CONTROL || type === IRQ_HANDLER;
    case IO_SPACE_CONTROL:
      return type === IO_SPACE_CONTROL || type === IO_SPACE;
    default:
      return false;
  }
}

/** @returns whether both name exactly one object. Two untypeds never do: nothing is destroyed with the last of them. */
function sameObject(words: Int32Array, a: number, b: number): boolean {
  const headerOfA = words[a]!;
  if (((headerOfA ^ words[b]!) & KIND_MASK) !== 0 || words[a + OBJECT] !== words[b + OBJECT]) return false;
  return (headerOfA & TYPE_MASK) !== UNTYPED;
}

const isBadgeable = (type: number): boolean => type === ENDPOINT || type === NOTIFICATION;

/** @returns whether `b`, which stands somewhere after `a`, was derived from it. */
export function isParent(words: Int32Array, a: number, b: number): boolean {
  if (!hasFlag(words, a, REVOCABLE) || !sameRegion(words, a, b)) return false;
  if (!isBadgeable(typeOf(words, a))) return true;
  const badge = words[a + DATA]!;
  return badge === 0 || (badge === words[b + DATA] && !hasFlag(words, b, FIRST_BADGED));
}

/** @returns whether a capability made from `source` with this badge is an original: it can revoke copies of itself. */
export function becomesOriginal(words: Int32Array, source: number, type: number, badge: number): boolean {
  if (isBadgeable(type)) return badge !== words[source + DATA];
  if (type === IRQ_HANDLER) return typeOf(words, source) === IRQ_CONTROL;
  return type === UNTYPED;
}

/** @returns whether anything stands under this capability. */
export function hasChildren(words: Int32Array, slot: number): boolean {
  const next = words[slot + NEXT]!;
  return next !== 0 && isSlot(words, next) && isParent(words, slot, next);
}

/** @returns whether no other capability names the object. Only neighbours can. */
export function isFinal(words: Int32Array, slot: number): boolean {
  const previous = words[slot + PREVIOUS]!;
  const next = words[slot + NEXT]!;
  if (previous !== 0 && sameObject(words, previous, slot)) return false;
  return next === 0 || !sameObject(words, slot, next);
}

/** @returns whether the neighbours know the slot: what must hold before its links are followed to write. */
export function isLinked(words: Int32Array, slot: number): boolean {
  const previous = words[slot + PREVIOUS]!;
  const next = words[slot + NEXT]!;
  if (previous !== 0 && (!isSlot(words, previous) || words[previous + NEXT] !== slot)) return false;
  return next === 0 || (isSlot(words, next) && words[next + PREVIOUS] === slot);
}

/** Puts `slot` directly after `source`. What stands further on it learns from `next`. */
export function insertAfter(words: Int32Array, source: number, slot: number): void {
  const next = words[source + NEXT]!;
  words[slot + PREVIOUS] = source;
  words[slot + NEXT] = next;
  words[source + NEXT] = slot;
  if (next === 0) return;
  words[next + PREVIOUS] = slot;
  nameAhead(words, slot, next);
}

/** How far ahead a slot names one, and how many of these are read at once: as many as a host can wait for together. */
export const SLOTS_AHEAD = 24;

/**
 * Names the slot that is SLOTS_AHEAD behind this one in the list, or the last: where the next one names the slot that
 * is as far behind it, that slot's predecessor. (Jump pointers: Roth and Sohi, "Effective Jump-Pointer Prefetching for
 * Linked Data Structures", ISCA 1999.) Nobody keeps these names when slots in between come and go.
 */
function nameAhead(words: Int32Array, slot: number, next: number): void {
  const distance = words[next + DISTANCE]!;
  const ahead = words[next + AHEAD]!;
  if (distance >= 0 && distance < SLOTS_AHEAD) {
    words[slot + DISTANCE] = distance + 1;
    words[slot + AHEAD] = distance === 0 ? next : ahead;
  } else {
    words[slot + DISTANCE] = SLOTS_AHEAD;
    words[slot + AHEAD] = isInside(words, ahead) ? words[ahead + PREVIOUS]! : 0;
  }
}

/**
 * Reads the slots that the next SLOTS_AHEAD slots of a list name, so that the host fetches them side by side and not one
 * after the other: a list that is scattered over more memory than a cache is otherwise followed at one cache miss a
 * step. The names are hints; slots that have moved since only make it slower.
 * @returns a number without meaning, which the caller must keep somewhere: what nobody uses is not read.
 */
export function fetchAhead(words: Int32Array, slot: number): number {
  let fetched = 0;
  let at = slot;
  for (let left = SLOTS_AHEAD; left > 0 && isInside(words, at); left--) {
    fetched ^= fetch(words, words[at + AHEAD]!);
    at = words[at + NEXT]!;
  }
  return fetched;
}
const isInside = (words: Int32Array, slot: number): boolean => slot > 0 && slot + LAST_WORD < words.length;
/** Both ends: lent memory need not begin where a line of the host's cache does. */
const fetch = (words: Int32Array, slot: number): number =>
  isInside(words, slot) ? words[slot]! ^ words[slot + LAST_WORD]! : 0;

/** Empties a slot. The capability behind it inherits the mark that it begins a group of one badge. */
export function remove(words: Int32Array, slot: number): void {
  const previous = words[slot + PREVIOUS]!;
  const next = words[slot + NEXT]!;
  if (previous !== 0) words[previous + NEXT] = next;
  if (next !== 0) {
    words[next + PREVIOUS] = previous;
    words[next + HEADER]! |= words[slot + HEADER]! & FIRST_BADGED;
  }
  clear(words, slot);
}

/** Moves a capability to an empty slot; its place in the tree stays. */
export function relocate(words: Int32Array, from: number, to: number): void {
  for (let word = 0; word < SLOT_WORDS; word++) words[to + word] = words[from + word]!;
  const previous = words[to + PREVIOUS]!;
  const next = words[to + NEXT]!;
  if (previous !== 0) words[previous + NEXT] = to;
  if (next !== 0) words[next + PREVIOUS] = to;
  clear(words, from);
}

/** Exchanges what two slots hold, either of which may be empty. Places in the tree, and among zombies, stay. */
export function exchange(words: Int32Array, a: number, b: number): void {
  for (let word = 0; word < SLOT_WORDS; word++) {
    const kept = words[a + word]!;
    words[a + word] = words[b + word]!;
    words[b + word] = kept;
  }
  redirectAll(words, a, b, PREVIOUS, NEXT);
  attach(words, a, PREVIOUS, NEXT);
  attach(words, b, PREVIOUS, NEXT);
  redirectAll(words, a, b, RING_PREVIOUS, RING_NEXT);
  if (hasFlag(words, a, ZOMBIE)) attach(words, a, RING_PREVIOUS, RING_NEXT);
  if (hasFlag(words, b, ZOMBIE)) attach(words, b, RING_PREVIOUS, RING_NEXT);
}
/** Mends what two exchanged slots say of each other: they may be neighbours, or a ring of their own. */
function redirectAll(words: Int32Array, a: number, b: number, previousWord: number, nextWord: number): void {
  redirect(words, a + previousWord, a, b);
  redirect(words, a + nextWord, a, b);
  redirect(words, b + previousWord, a, b);
  redirect(words, b + nextWord, a, b);
}
function redirect(words: Int32Array, word: number, a: number, b: number): void {
  const link = words[word]!;
  if (link === a) words[word] = b;
  else if (link === b) words[word] = a;
}
function attach(words: Int32Array, slot: number, previousWord: number, nextWord: number): void {
  const previous = words[slot + previousWord]!;
  const next = words[slot + nextWord]!;
  if (previous !== 0) words[previous + nextWord] = slot;
  if (next !== 0) words[next + previousWord] = slot;
}
