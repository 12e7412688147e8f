/**
 * Cached leaves of 2 MiB and more, kept whole: fully associative, because pages of two sizes share no index bits.
 *
 * Invariant: a free slot begins at NO_PAGE, so no lookup meets it; slots from `#used` on are free; `#last` is always a slot.
 * The slot of the last hit is tried first: a kernel's own memory is a few such leaves, used in long runs. All leaves
 * since the last flush lie between `#lowest` and `#highest`, so that most pages of 4 KiB are not looked for.
 */
import { invariant } from '@bulkhead/result';
import { ANY_SPACE, NO_PAGE } from './tlb.ts';

// What a module imports costs the host a look-up at each use.
const FREE = NO_PAGE;
const GLOBAL = ANY_SPACE;

export class SuperpageTlb {
  /** First page, first physical page, and `PERMITTED` of the leaf, by slot. */
  readonly first: Float64Array;
  readonly ppn: Float64Array;
  readonly permitted: Int32Array;
  /** The first page after the leaf. */
  readonly #end: Float64Array;
  readonly #asid: Int32Array;
  #used = 0;
  #lowest: number = FREE;
  #highest: number = -FREE;
  #last = 0;
  #next = 0;

  constructor(entries: number) {
    invariant(Number.isInteger(entries) && entries >= 1, 'a superpage TLB has at least one entry');
    this.first = new Float64Array(entries).fill(FREE);
    this.ppn = new Float64Array(entries);
    this.permitted = new Int32Array(entries);
    this.#end = new Float64Array(entries);
    this.#asid = new Int32Array(entries);
  }

  /** @returns the slot of the superpage that holds this page in this address space, or -1. */
  lookup(vpn: number, asid: number): number {
    if (vpn < this.#lowest || vpn >= this.#highest) return -1;
    if (this.#holds(this.#last, vpn, asid)) return this.#last;
    for (let slot = 0; slot < this.#used; slot++) {
      if (!this.#holds(slot, vpn, asid)) continue;
      this.#last = slot;
      return slot;
    }
    return -1;
  }

  /** @param vpn the leaf's first page, @param ppn and its first physical page. @returns true when an entry had to go. */
  fill(vpn: number, spanPages: number, asid: number, ppn: number, permitted: number): boolean {
    const slot = this.#victim();
    const evicts = this.first[slot] !== FREE;
    this.first[slot] = vpn;
    this.#end[slot] = vpn + spanPages;
    this.#asid[slot] = asid;
    this.ppn[slot] = ppn;
    this.permitted[slot] = permitted;
    this.#last = slot;
    if (vpn < this.#lowest) this.#lowest = vpn;
    if (vpn + spanPages > this.#highest) this.#highest = vpn + spanPages;
    if (slot >= this.#used) this.#used = slot + 1;
    return evicts;
  }
  /** Empties one slot. */
  free(slot: number): void {
    this.first[slot] = FREE;
  }

  flushAll(): void {
    this.first.fill(FREE);
    this.#used = 0;
    this.#lowest = FREE;
    this.#highest = -FREE;
  }
  flushNonGlobal(): void {
    for (let slot = 0; slot < this.#used; slot++) if (this.#asid[slot] !== GLOBAL) this.free(slot);
  }
  flushAsid(asid: number): void {
    for (let slot = 0; slot < this.#used; slot++) if (this.#asid[slot] === asid) this.free(slot);
  }
  flushPage(vpn: number, asid: number): void {
    for (let slot = 0; slot < this.#used; slot++) {
      if (this.#covers(slot, vpn) && this.#asid[slot] === asid) this.free(slot);
    }
  }
  flushPageAllAsids(vpn: number): void {
    for (let slot = 0; slot < this.#used; slot++) if (this.#covers(slot, vpn)) this.free(slot);
  }

  #covers(slot: number, vpn: number): boolean {
    return vpn >= this.first[slot]! && vpn < this.#end[slot]!;
  }
  #holds(slot: number, vpn: number, asid: number): boolean {
    return this.#covers(slot, vpn) && (this.#asid[slot] === asid || this.#asid[slot] === GLOBAL);
  }
  #victim(): number {
    const free = this.first.indexOf(FREE);
    if (free >= 0) return free;
    const slot = this.#next;
    this.#next = (slot + 1) % this.first.length;
    return slot;
  }
}
