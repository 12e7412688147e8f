/** Reading capabilities: what a slot says, the mapping that it records, and its place in the derivation list. */
import * as tree from './derivation-tree.ts';
import { GRANULE_BITS } from './object-types.ts';
import * as layout from './slot.ts';

const {
  DATA,
  DEVICE,
  EXTRA,
  guardSizeOf,
  hasFlag,
  HEADER,
  IO_MAPPED,
  isSlot,
  MAPPED,
  NEXT,
  objectOf,
  PREVIOUS,
  rightsOf,
  sizeOf,
  typeOf,
  ZOMBIE,
} = layout;
const { hasChildren, isFinal, isParent } = tree;
const PAGE_GRANULES = 256;
const GRANULE_WORDS = 4;

/** @returns the name of the object at a page and a byte offset, a multiple of 16. */
export const granuleOf = (page: number, offset: number): number => page * PAGE_GRANULES + (offset >>> GRANULE_BITS);
/** @returns the page on which an object starts. */
export const pageOfGranule = (granule: number): number => Math.floor(granule / PAGE_GRANULES);

export class SlotView {
  /** The memory in which objects and slots lie. */
  readonly words: Int32Array;
  readonly #baseGranule: number;

  constructor(words: Int32Array, basePage: number) {
    this.words = words;
    this.#baseGranule = basePage * PAGE_GRANULES;
  }

  typeOf(slot: number): number {
    return typeOf(this.words, slot);
  }
  /** An untyped's, a frame's or a scheduling context's size in bits, a CNode's radix. */
  sizeOf(slot: number): number {
    return sizeOf(this.words, slot);
  }
  rightsOf(slot: number): number {
    return rightsOf(this.words, slot);
  }
  guardSizeOf(slot: number): number {
    return guardSizeOf(this.words, slot);
  }
  /** Address / 16; an interrupt's, a device's, a domain's or a core's number. */
  objectOf(slot: number): number {
    return objectOf(this.words, slot);
  }
  pageOf(slot: number): number {
    return pageOfGranule(objectOf(this.words, slot));
  }
  /** The index of the object's first word in the lent memory; without meaning for a device's memory. */
  wordOf(slot: number): number {
    return this.wordOfGranule(objectOf(this.words, slot));
  }
  wordOfGranule(granule: number): number {
    return (granule - this.#baseGranule) * GRANULE_WORDS;
  }
  /** An endpoint's or a notification's badge, signed; a CNode's guard. */
  badgeOf(slot: number): number {
    return this.words[slot + DATA]!;
  }
  isDevice(slot: number): boolean {
    return hasFlag(this.words, slot, DEVICE);
  }
  /** Whether the capability is being destroyed; invoking it is INVALID_CAPABILITY. */
  isZombie(slot: number): boolean {
    return hasFlag(this.words, slot, ZOMBIE);
  }

  /* The mapping that a frame's or page table's capability records; a copy of a frame has none. */

  isMapped(slot: number): boolean {
    return hasFlag(this.words, slot, MAPPED);
  }
  /** Whether the mapping is in an IO space: then `mappedAsidOf` is what `setIoMapping` was given. */
  isIoMapped(slot: number): boolean {
    return hasFlag(this.words, slot, IO_MAPPED);
  }
  mappedAsidOf(slot: number): number {
    return this.words[slot + DATA]!;
  }
  mappedVpnOf(slot: number): number {
    return this.words[slot + EXTRA]!;
  }
  setMapping(slot: number, asid: number, vpn: number): void {
    this.words[slot + HEADER]! |= MAPPED;
    this.words[slot + DATA] = asid;
    this.words[slot + EXTRA] = vpn;
  }
  setIoMapping(slot: number, ioSpace: number, page: number): void {
    this.setMapping(slot, ioSpace, page);
    this.words[slot + HEADER]! |= IO_MAPPED;
  }
  clearMapping(slot: number): void {
    this.words[slot + HEADER]! &= ~(MAPPED | IO_MAPPED);
    this.words[slot + DATA] = 0;
    this.words[slot + EXTRA] = 0;
  }

  /* The derivation list, for whoever looks at it: a tree in prefix order. A slot 0 is the end. */

  previousOf(slot: number): number {
    return this.words[slot + PREVIOUS]!;
  }
  nextOf(slot: number): number {
    return this.words[slot + NEXT]!;
  }
  /** @returns whether no other capability names the object: deleting this one destroys it. */
  isFinal(slot: number): boolean {
    return isFinal(this.words, slot);
  }
  hasChildren(slot: number): boolean {
    return hasChildren(this.words, slot);
  }
  /** @returns whether `later`, which stands behind `slot` with nothing but its like between, was derived from it. */
  isDerived(slot: number, later: number): boolean {
    return isSlot(this.words, later) && isParent(this.words, slot, later);
  }
}
