/**
 * The last answers of the two TLBs, direct-mapped: what makes a hit a few loads on the host.
 *
 * It is no part of the simulated machine and must not show in it. Invariant: every answer here would be given by a TLB
 * too, so whoever removes or replaces an entry there drops it here, and no hit here leaves out a miss there.
 */
import { FREE } from './tlb.ts';

const SLOTS = 256;
const SLOT_MASK = SLOTS - 1;
/** Larger page numbers are not kept: an int32 is returned without boxing. */
const PPN_LIMIT = 2 ** 31;

export class RecentAnswers {
  readonly ppn: Int32Array = new Int32Array(SLOTS);
  readonly #vpn: Int32Array = new Int32Array(SLOTS).fill(FREE);
  readonly #space: Int32Array = new Int32Array(SLOTS);
  readonly #permitted: Int32Array = new Int32Array(SLOTS);

  /** @param bit the index of the access in `PERMITTED`. @returns the slot of a permitted answer, or -1. */
  lookup(vpn: number, space: number, bit: number): number {
    const slot = vpn & SLOT_MASK;
    if (this.#vpn[slot] !== vpn || this.#space[slot] !== space) return -1;
    return ((this.#permitted[slot]! >>> bit) & 1) !== 0 ? slot : -1;
  }
  keep(vpn: number, space: number, ppn: number, permitted: number): void {
    const slot = vpn & SLOT_MASK;
    this.#vpn[slot] = ppn < PPN_LIMIT ? vpn : FREE;
    this.#space[slot] = space;
    this.#permitted[slot] = permitted;
    this.ppn[slot] = ppn;
  }
  drop(vpn: number): void {
    const slot = vpn & SLOT_MASK;
    if (this.#vpn[slot] === vpn) this.#vpn[slot] = FREE;
  }
  dropAll(): void {
    this.#vpn.fill(FREE);
  }
}
