/**
 * The last answers of the two TLBs, direct-mapped: what makes a hit a few loads on the host.
 *
 * It is no part of the simulated machine and must not show in it. Invariant: every answer here would be given by a TLB
 * too, so whoever removes or replaces an entry there drops it here, and no hit here leaves out a miss there.
 *
 * A page number is kept as its low 32 bits, signed, and the rest beside the address space: all of Sv39 has no rest.
 */
const SLOTS = 256;
/** An answer's words. One array and not four: the host checks and finds it once a look-up. */
const VPN = 0;
const SPACE = 1;
const PERMITTED = 2;
const PPN = 3;
const ENTRY_SHIFT = 2;
/** Larger page numbers are not kept: an int32 is returned without boxing. */
const PPN_LIMIT = 2 ** 31;
/** In place of an address space. An ASID has 16 bits, and no translation is -1. */
const NOWHERE = -2;
/** The rest of a page number, which has 13 bits in Sv57, stands above an ASID and a sign. */
const REST_SCALE = 2 ** 15;
/** Address spaces use the same low pages: without a shift a call from one to another would find none of its answers. */
const SPACE_SHIFT = 37;

const slotOf = (vpn: number, space: number): number => ((vpn + space * SPACE_SHIFT) & (SLOTS - 1)) << ENTRY_SHIFT;
/** (vpn - low) / 2^32, times 2^17. */
const spaceWord = (vpn: number, space: number): number => {
  const low = vpn | 0;
  return low === vpn ? space : space + (vpn - low) / REST_SCALE;
};

export class RecentAnswers {
  readonly #words: Int32Array = new Int32Array(SLOTS << ENTRY_SHIFT);

  constructor() {
    this.dropAll();
  }

  /** @param bit the index of the access in `PERMITTED`. @returns the physical page of a permitted answer, or -1. */
  lookup(vpn: number, space: number, bit: number): number {
    const words = this.#words;
    const slot = slotOf(vpn, space);
    if (words[slot] !== (vpn | 0) || words[slot + SPACE] !== spaceWord(vpn, space)) return -1;
    return ((words[slot + PERMITTED]! >>> bit) & 1) !== 0 ? words[slot + PPN]! : -1;
  }
  keep(vpn: number, space: number, ppn: number, permitted: number): void {
    const words = this.#words;
    const slot = slotOf(vpn, space);
    words[slot] = vpn;
    words[slot + SPACE] = ppn < PPN_LIMIT ? spaceWord(vpn, space) : NOWHERE;
    words[slot + PERMITTED] = permitted;
    words[slot + PPN] = ppn;
  }
  drop(vpn: number, space: number): void {
    const slot = slotOf(vpn, space);
    if (this.#words[slot] === (vpn | 0)) this.#words[slot + SPACE] = NOWHERE;
  }
  dropAll(): void {
    for (let slot = VPN; slot < SLOTS << ENTRY_SHIFT; slot += 1 << ENTRY_SHIFT) this.#words[slot + SPACE] = NOWHERE;
  }
}
