/**
 * Cached leaves of 2 MiB and 1 GiB, kept whole: fully associative, because pages of two sizes share no index bits.
 *
 * Invariant: a free slot's first page is FREE and its offset mask 0, so no lookup meets it; `#last` is always a slot.
 * The slot of the last hit is tried first: a kernel's own memory is a few such leaves, used in long runs.
 */
import { invariant } from '@bulkhead/result';
import { FREE, GLOBAL } from './tlb.ts';

export class SuperpageTlb {
  /** First physical page, pages below the leaf, and `PERMITTED` of the leaf, by slot. */
  readonly ppn: Float64Array;
  readonly offsetMask: Int32Array;
  readonly permitted: Int32Array;
  readonly #vpn: Int32Array;
  readonly #asid: Int32Array;
  #last = 0;
  #next = 0;

  constructor(entries: number) {
    invariant(Number.isInteger(entries) && entries >= 1, 'a superpage TLB has at least one entry');
    this.ppn = new Float64Array(entries);
    this.offsetMask = new Int32Array(entries);
    this.permitted = new Int32Array(entries);
    this.#vpn = new Int32Array(entries).fill(FREE);
    this.#asid = new Int32Array(entries);
  }

  /** @returns the slot of the superpage that holds this page in this address space, or -1. */
  lookup(vpn: number, asid: number): number {
    return this.#holds(this.#last, vpn, asid) ? this.#last : this.#search(vpn, asid);
  }

  /** @param shift the leaf holds 2^shift pages. @param ppn its first physical page. @returns true when an entry had to go. */
  fill(vpn: number, shift: number, asid: number, ppn: number, permitted: number): boolean {
    const slot = this.#victim();
    const evicts = this.#vpn[slot] !== FREE;
    const mask = (1 << shift) - 1;
    this.#vpn[slot] = vpn & ~mask;
    this.#asid[slot] = asid;
    this.offsetMask[slot] = mask;
    this.ppn[slot] = ppn;
    this.permitted[slot] = permitted;
    this.#last = slot;
    return evicts;
  }

  flushAll(): void {
    for (let slot = 0; slot < this.#vpn.length; slot++) this.#free(slot);
  }
  flushNonGlobal(): void {
    for (let slot = 0; slot < this.#vpn.length; slot++) if (this.#asid[slot] !== GLOBAL) this.#free(slot);
  }
  flushAsid(asid: number): void {
    for (let slot = 0; slot < this.#vpn.length; slot++) if (this.#asid[slot] === asid) this.#free(slot);
  }
  flushPage(vpn: number, asid: number): void {
    for (let slot = 0; slot < this.#vpn.length; slot++) {
      if (this.#covers(slot, vpn) && this.#asid[slot] === asid) this.#free(slot);
    }
  }
  flushPageAllAsids(vpn: number): void {
    for (let slot = 0; slot < this.#vpn.length; slot++) if (this.#covers(slot, vpn)) this.#free(slot);
  }

  #search(vpn: number, asid: number): number {
    const vpns = this.#vpn;
    const masks = this.offsetMask;
    for (let slot = 0; slot < vpns.length; slot++) {
      if ((vpn & ~masks[slot]!) !== vpns[slot] || !this.#holds(slot, vpn, asid)) continue;
      this.#last = slot;
      return slot;
    }
    return -1;
  }
  #covers(slot: number, vpn: number): boolean {
    return (vpn & ~this.offsetMask[slot]!) === this.#vpn[slot];
  }
  #holds(slot: number, vpn: number, asid: number): boolean {
    return this.#covers(slot, vpn) && (this.#asid[slot] === asid || this.#asid[slot] === GLOBAL);
  }
  #free(slot: number): void {
    this.#vpn[slot] = FREE;
    this.offsetMask[slot] = 0;
  }
  #victim(): number {
    const free = this.#vpn.indexOf(FREE);
    if (free >= 0) return free;
    const slot = this.#next;
    this.#next = (slot + 1) % this.#vpn.length;
    return slot;
  }
}
