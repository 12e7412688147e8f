/** Reading capabilities: what a slot says, the mapping that it records, and its place in the derivation list. */
import { hasChildren, isFinal, isParent } from './derivation-tree.ts';
import { GRANULE_BITS } from './object-types.ts';
import * as layout from './slot.ts';

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
    return layout.typeOf(this.words, slot);
  }
  /** An untyped's, a frame's or a scheduling context's size in bits, a CNode's radix. */
  sizeOf(slot: number): number {
    return layout.sizeOf(this.words, slot);
  }
  rightsOf(slot: number): number {
    return layout.rightsOf(this.words, slot);
  }
  guardSizeOf(slot: number): number {
    return layout.guardSizeOf(this.words, slot);
  }
  /** Address / 16; an interrupt's, a device's, a domain's or a core's number. */
  objectOf(slot: number): number {
    return layout.objectOf(this.words, slot);
  }
  pageOf(slot: number): number {
    return pageOfGranule(layout.objectOf(this.words, slot));
  }
  /** The index of the object's first word in the lent memory; without meaning for a device's memory. */
  wordOf(slot: number): number {
    return this.wordOfGranule(layout.objectOf(this.words, slot));
  }
  wordOfGranule(granule: number): number {
    return (granule - this.#baseGranule) * GRANULE_WORDS;
  }
  /** An endpoint's or a notification's badge, signed; a CNode's guard. */
  badgeOf(slot: number): number {
    return this.words[slot + layout.DATA]!;
  }
  isDevice(slot: number): boolean {
    return layout.hasFlag(this.words, slot, layout.DEVICE);
  }
  /** Whether the capability is being destroyed; invoking it is INVALID_CAPABILITY. */
  isZombie(slot: number): boolean {
    return layout.hasFlag(this.words, slot, layout.ZOMBIE);
  }

  /* The mapping that a frame's or page table's capability records; a copy of a frame has none. */

  isMapped(slot: number): boolean {
    return layout.hasFlag(this.words, slot, layout.MAPPED);
  }
  /** Whether the mapping is in an IO space: then `mappedAsidOf` is what `setIoMapping` was given. */
  isIoMapped(slot: number): boolean {
    return layout.hasFlag(this.words, slot, layout.IO_MAPPED);
  }
  mappedAsidOf(slot: number): number {
    return this.words[slot + layout.DATA]!;
  }
  mappedVpnOf(slot: number): number {
    return this.words[slot + layout.EXTRA]!;
  }
  setMapping(slot: number, asid: number, vpn: number): void {
    this.words[slot + layout.HEADER]! |= layout.MAPPED;
    this.words[slot + layout.DATA] = asid;
    this.words[slot + layout.EXTRA] = vpn;
  }
  setIoMapping(slot: number, ioSpace: number, page: number): void {
    this.setMapping(slot, ioSpace, page);
    this.words[slot + layout.HEADER]! |= layout.IO_MAPPED;
  }
  clearMapping(slot: number): void {
    this.words[slot + layout.HEADER]! &= ~(layout.MAPPED | layout.IO_MAPPED);
    this.words[slot + layout.DATA] = 0;
    this.words[slot + layout.EXTRA] = 0;
  }

  /* The derivation list, for whoever looks at it: a tree in prefix order. A slot 0 is the end. */

  previousOf(slot: number): number {
    return this.words[slot + layout.PREVIOUS]!;
  }
  nextOf(slot: number): number {
    return this.words[slot + layout.NEXT]!;
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
    return layout.isSlot(this.words, later) && isParent(this.words, slot, later);
  }
}
