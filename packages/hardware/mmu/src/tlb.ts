/**
 * Cached leaves of 4 KiB: set-associative, tagged by ASID, columns instead of entries so that a hit allocates nothing.
 *
 * Invariant: a free slot's page is NO_PAGE, which no lookup asks for. A global entry's address space is ANY_SPACE and it
 * answers in all of them (Privileged ISA 20211203 §4.3.1).
 * CHOICE: within a set, a free slot is filled first, and then the ways in turn.
 */
import { isPowerOfTwo } from '@bulkhead/bits';
import { invariant } from '@bulkhead/result';

/** No page number. */
export const NO_PAGE: number = Number.POSITIVE_INFINITY;
/** In place of an ASID: in every address space. */
export const ANY_SPACE = -1;
// What a module exports or imports costs the host a look-up at each use.
const FREE: number = NO_PAGE;
const GLOBAL = -1;

export class PageTlb {
  /** What an entry translates to, and `PERMITTED` of its leaf; indexed by the slot that `lookup` finds. */
  readonly ppn: Float64Array;
  readonly permitted: Int32Array;
  /** The address space of the page that the last `fill` put out. */
  evictedAsid: number = GLOBAL;
  /** A page number of Sv57 has 45 bits. */
  readonly #vpn: Float64Array;
  readonly #asid: Int32Array;
  readonly #next: Uint8Array;
  readonly #ways: number;
  readonly #setMask: number;
  #freeCount: number;

  constructor(entries: number, ways: number) {
    const sets = entries / ways;
    invariant(ways >= 1 && ways <= 0xff && Number.isInteger(ways), 'a TLB has from 1 to 255 ways');
    invariant(Number.isInteger(sets) && isPowerOfTwo(sets), 'entries / ways is a power of two');
    this.#ways = ways;
    this.#setMask = sets - 1;
    this.#freeCount = entries;
    this.ppn = new Float64Array(entries);
    this.permitted = new Int32Array(entries);
    this.#vpn = new Float64Array(entries).fill(FREE);
    this.#asid = new Int32Array(entries);
    this.#next = new Uint8Array(sets);
  }

  /** @returns the slot of the page's translation in this address space, or -1. */
  lookup(vpn: number, asid: number): number {
    const vpns = this.#vpn;
    const first = (vpn & this.#setMask) * this.#ways;
    const end = first + this.#ways;
    for (let slot = first; slot < end; slot++) {
      if (vpns[slot] === vpn && (this.#asid[slot] === asid || this.#asid[slot] === GLOBAL)) return slot;
    }
    return -1;
  }
  isGlobal(slot: number): boolean {
    return this.#asid[slot] === GLOBAL;
  }

  /** @returns the page whose entry had to go, or NO_PAGE. */
  fill(vpn: number, asid: number, ppn: number, permitted: number): number {
    const slot = this.#victim(vpn & this.#setMask);
    const evicted = this.#vpn[slot]!;
    if (evicted === FREE) this.#freeCount--;
    this.evictedAsid = this.#asid[slot]!;
    this.#vpn[slot] = vpn;
    this.#asid[slot] = asid;
    this.ppn[slot] = ppn;
    this.permitted[slot] = permitted;
    return evicted;
  }
  /** Empties one slot. */
  free(slot: number): void {
    if (this.#vpn[slot] === FREE) return;
    this.#vpn[slot] = FREE;
    this.#freeCount++;
  }

  flushAll(): void {
    this.#vpn.fill(FREE);
    this.#freeCount = this.#vpn.length;
  }
  flushNonGlobal(): void {
    for (let slot = 0; slot < this.#vpn.length; slot++) if (this.#asid[slot] !== GLOBAL) this.free(slot);
  }
  flushAsid(asid: number): void {
    for (let slot = 0; slot < this.#vpn.length; slot++) if (this.#asid[slot] === asid) this.free(slot);
  }
  flushPage(vpn: number, asid: number): void {
    const first = (vpn & this.#setMask) * this.#ways;
    for (let slot = first; slot < first + this.#ways; slot++) {
      if (this.#vpn[slot] === vpn && this.#asid[slot] === asid) this.free(slot);
    }
  }
  flushPageAllAsids(vpn: number): void {
    const first = (vpn & this.#setMask) * this.#ways;
    for (let slot = first; slot < first + this.#ways; slot++) if (this.#vpn[slot] === vpn) this.free(slot);
  }

  #victim(set: number): number {
    const first = set * this.#ways;
    if (this.#freeCount !== 0) {
      for (let slot = first; slot < first + this.#ways; slot++) if (this.#vpn[slot] === FREE) return slot;
    }
    const way = this.#next[set]!;
    this.#next[set] = way + 1 === this.#ways ? 0 : way + 1;
    return first + way;
  }
}
