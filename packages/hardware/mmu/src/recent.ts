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
/** One word more counts the answers, beside them and without a check: the host has the array at hand. */
const COUNT: number = SLOTS << ENTRY_SHIFT;
/** Larger page numbers are not kept: an int32 is returned without boxing. */
const PPN_LIMIT = 2 ** 31;
/** In place of an address space. An ASID has 16 bits, and no translation is -1. */
const NOWHERE = -2;
/** The rest of a page number, which has 13 bits in Sv57, stands above an ASID and a sign. */
const REST_SCALE = 2 ** 15;
/** Address spaces use the same low pages: without a shift a call from one to another would find none of its answers. */
const SPACE_SHIFT = 37;

const slotOf = (vpn: number, space: number): number => ((vpn + space * SPACE_SHIFT) & (SLOTS - 1)) << ENTRY_SHIFT;
const isNarrow = (vpn: number): boolean => (vpn | 0) === vpn;
/** (vpn - low) / 2^32, times 2^17. */
const wideSpace = (vpn: number, space: number): number => space + (vpn - (vpn | 0)) / REST_SCALE;

export class RecentAnswers {
  readonly #words: Int32Array = new Int32Array(COUNT + 1);
  /** Answers given before the count was last set to 0. */
  #countBefore = 0;

  constructor() {
    this.dropAll();
  }

  /**
   * Of a page number that an int32 holds; none other is ever found here.
   * @param bit the index of the access in `PERMITTED`. @returns the physical page of a permitted answer, or -1.
   */
  lookup(vpn: number, space: number, bit: number): number {
    const words = this.#words;
    const slot = slotOf(vpn, space);
    if (words[slot] !== vpn || words[slot + SPACE] !== space) return -1;
    if (((words[slot + PERMITTED]! >>> bit) & 1) === 0) return -1;
    words[COUNT] = words[COUNT]! + 1;
    return words[slot + PPN]!;
  }
  /** Of any other page number. Apart, so that the host knows the numbers above for small ones. */
  lookupWide(vpn: number, space: number, bit: number): number {
    const low = vpn | 0;
    const slot = slotOf(low, space);
    if (this.#words[slot] !== low || this.#words[slot + SPACE] !== wideSpace(vpn, space)) return -1;
    if (((this.#words[slot + PERMITTED]! >>> bit) & 1) === 0) return -1;
    this.#words[COUNT] = this.#words[COUNT]! + 1;
    return this.#words[slot + PPN]!;
  }
  /** Answers given since construction. */
  get count(): number {
    this.#countBefore += this.#words[COUNT]! >>> 0;
    this.#words[COUNT] = 0;
    return this.#countBefore;
  }
  keep(vpn: number, space: number, ppn: number, permitted: number): void {
    const words = this.#words;
    const slot = slotOf(vpn, space);
    words[slot] = vpn;
    words[slot + SPACE] = ppn >= PPN_LIMIT ? NOWHERE : isNarrow(vpn) ? space : wideSpace(vpn, space);
    words[slot + PERMITTED] = permitted;
    words[slot + PPN] = ppn;
    if (words[COUNT]! < 0) this.#countBefore = this.count; // half of what the word holds: it never runs over
  }
  drop(vpn: number, space: number): void {
    const slot = slotOf(vpn, space);
    if (this.#words[slot] === (vpn | 0)) this.#words[slot + SPACE] = NOWHERE;
  }
  dropAll(): void {
    for (let slot = VPN; slot < COUNT; slot += 1 << ENTRY_SHIFT) this.#words[slot + SPACE] = NOWHERE;
  }
}
