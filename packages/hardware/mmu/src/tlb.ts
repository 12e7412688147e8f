/**
 * Cached leaves of 4 KiB: set-associative, tagged by ASID. All entries are in one array, so that the host finds and
 * checks it once a look-up, and no entry object is ever made. A slot is the index of an entry's first number.
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

/** An entry's numbers. A page number of Sv57 has 45 bits and a physical one 44, so they are doubles. */
const VPN = 0;
const ASID = 1;
const PPN = 2;
const PERMITTED = 3;
const ENTRY = 4;

export class PageTlb {
  /** The address space of the page that the last `fill` put out. */
  evictedAsid: number = GLOBAL;
  readonly #entries: Float64Array;
  readonly #next: Uint8Array;
  readonly #ways: number;
  readonly #setMask: number;
  readonly #setLength: number;
  #freeCount: number;

  constructor(entries: number, ways: number) {
    const sets = entries / ways;
    invariant(ways >= 1 && ways <= 0xff && Number.isInteger(ways), 'a TLB has from 1 to 255 ways');
    invariant(Number.isInteger(sets) && isPowerOfTwo(sets), 'entries / ways is a power of two');
    this.#ways = ways;
    this.#setMask = sets - 1;
    this.#setLength = ways * ENTRY;
    this.#freeCount = entries;
    this.#entries = new Float64Array(entries * ENTRY);
    this.#next = new Uint8Array(sets);
    this.flushAll();
  }

  /** @returns the slot of the page's translation in this address space, or -1. */
  lookup(vpn: number, asid: number): number {
    const entries = this.#entries;
    const first = (vpn & this.#setMask) * this.#setLength;
    const end = first + this.#setLength;
    for (let slot = first; slot < end; slot += ENTRY) {
      if (entries[slot] !== vpn) continue;
      const owner = entries[slot + ASID];
      if (owner === asid || owner === GLOBAL) return slot;
    }
    return -1;
  }
  ppn(slot: number): number {
    return this.#entries[slot + PPN]!;
  }
  /** `PERMITTED` of the leaf. */
  permitted(slot: number): number {
    return this.#entries[slot + PERMITTED]! | 0;
  }
  isGlobal(slot: number): boolean {
    return this.#entries[slot + ASID] === GLOBAL;
  }

  /** @returns the page whose entry had to go, or NO_PAGE. */
  fill(vpn: number, asid: number, ppn: number, permitted: number): number {
    const entries = this.#entries;
    const slot = this.#victim(vpn & this.#setMask);
    const evicted = entries[slot]!;
    this.evictedAsid = entries[slot + ASID]!;
    if (evicted === FREE) this.#freeCount--;
    entries[slot] = vpn;
    entries[slot + ASID] = asid;
    entries[slot + PPN] = ppn;
    entries[slot + PERMITTED] = permitted;
    return evicted;
  }
  /** Empties one slot. */
  free(slot: number): void {
    if (this.#entries[slot] === FREE) return;
    this.#entries[slot] = FREE;
    this.#freeCount++;
  }

  flushAll(): void {
    for (let slot = VPN; slot < this.#entries.length; slot += ENTRY) this.#entries[slot] = FREE;
    this.#freeCount = this.#entries.length / ENTRY;
  }
  flushNonGlobal(): void {
    const entries = this.#entries;
    for (let slot = 0; slot < entries.length; slot += ENTRY) if (entries[slot + ASID] !== GLOBAL) this.free(slot);
  }
  flushAsid(asid: number): void {
    const entries = this.#entries;
    for (let slot = 0; slot < entries.length; slot += ENTRY) if (entries[slot + ASID] === asid) this.free(slot);
  }
  flushPage(vpn: number, asid: number): void {
    const entries = this.#entries;
    const first = (vpn & this.#setMask) * this.#setLength;
    for (let slot = first; slot < first + this.#setLength; slot += ENTRY)
      if (entries[slot] === vpn && entries[slot + ASID] === asid) this.free(slot);
  }
  flushPageAllAsids(vpn: number): void {
    const first = (vpn & this.#setMask) * this.#setLength;
    for (let slot = first; slot < first + this.#setLength; slot += ENTRY)
      if (this.#entries[slot] === vpn) this.free(slot);
  }

  #victim(set: number): number {
    const first = set * this.#setLength;
    if (this.#freeCount !== 0) {
      for (let slot = first; slot < first + this.#setLength; slot += ENTRY)
        if (this.#entries[slot] === FREE) return slot;
    }
    const way = this.#next[set]!;
    this.#next[set] = way + 1 === this.#ways ? 0 : way + 1;
    return first + way * ENTRY;
  }
}
