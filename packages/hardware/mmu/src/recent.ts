/**
 * The last answers of the two TLBs, direct-mapped: what makes a hit a few loads on the host.
 *
 * It is no part of the simulated machine and must not show in it. Invariant: every answer here would be given by a TLB
 * too, so whoever removes or replaces an entry there drops it here, and no hit here leaves out a miss there.
 */
import { FREE } from './tlb.ts';

const SLOTS = 256;
/** An answer's words. One array and not four: the host checks and finds it once a look-up. */
const VPN = 0;
const SPACE = 1;
const PERMITTED = 2;
const PPN = 3;
const ENTRY_WORDS = 4;
const SLOT_MASK: number = (SLOTS - 1) * ENTRY_WORDS;
/** Larger page numbers are not kept: an int32 is returned without boxing. */
const PPN_LIMIT = 2 ** 31;
/** Address spaces use the same low pages: without a shift a call from one to another would find none of its answers. */
const SPACE_SHIFT = 37;

const slotOf = (vpn: number, space: number): number => ((vpn + space * SPACE_SHIFT) * ENTRY_WORDS) & SLOT_MASK;

export class RecentAnswers {
  readonly #words: Int32Array = new Int32Array(SLOTS * ENTRY_WORDS);

  constructor() {
    this.dropAll();
  }

  /** @param bit the index of the access in `PERMITTED`. @returns the physical page of a permitted answer, or -1. */
  lookup(vpn: number, space: number, bit: number): number {
    const words = this.#words;
    const slot = slotOf(vpn, space);
    if (words[slot] !== vpn || words[slot + SPACE] !== space) return -1;
    return ((words[slot + PERMITTED]! >>> bit) & 1) !== 0 ? words[slot + PPN]! : -1;
  }
  keep(vpn: number, space: number, ppn: number, permitted: number): void {
    const words = this.#words;
    const slot = slotOf(vpn, space);
    words[slot] = ppn < PPN_LIMIT ? vpn : FREE;
    words[slot + SPACE] = space;
    words[slot + PERMITTED] = permitted;
    words[slot + PPN] = ppn;
  }
  drop(vpn: number, space: number): void {
    const slot = slotOf(vpn, space);
    if (this.#words[slot] === vpn) this.#words[slot] = FREE;
  }
  dropAll(): void {
    for (let slot = VPN; slot < SLOTS * ENTRY_WORDS; slot += ENTRY_WORDS) this.#words[slot] = FREE;
  }
}
