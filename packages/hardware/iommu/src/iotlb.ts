/**
 * The cache of first-stage leaves. RISC-V IOMMU 1.0 §2.4 "Caching in-memory data structures", §3.1.1 "IOMMU Page-Table
 * cache invalidation commands". An entry stays until a command removes it or another takes its place: whoever changes a
 * page table and sends no command is served the old page.
 *
 * Two direct-mapped halves, for 4 KiB and for 2 MiB; a leaf of 1 GiB is held as the pieces of 2 MiB that were used, and
 * remembers its level, for an address inside the leaf invalidates all of them.
 *
 * CHOICE: entries with G are held under the PSCID that brought them in, and survive commands with PSCV as they must.
 * CHOICE: an entry that denies an access counts as a miss; the tables in memory say the last word.
 */
import { VPN_BITS } from '@bulkhead/riscv-datasheet';

const HALF_ENTRIES = 256;
const FREE = -1;

export class Iotlb {
  readonly #vpn: Int32Array = new Int32Array(2 * HALF_ENTRIES).fill(FREE);
  readonly #pscid: Int32Array = new Int32Array(2 * HALF_ENTRIES);
  readonly #page: Float64Array = new Float64Array(2 * HALF_ENTRIES);
  readonly #permissions: Uint8Array = new Uint8Array(2 * HALF_ENTRIES);
  readonly #level: Uint8Array = new Uint8Array(2 * HALF_ENTRIES);
  readonly #global: Uint8Array = new Uint8Array(2 * HALF_ENTRIES);

  /** @returns the physical page, or -1 when no entry allows the access. */
  lookup(pscid: number, vpn: number, access: number): number {
    const small = indexOf(pscid, vpn, 0);
    if (this.#vpn[small] === vpn && this.#allows(small, pscid, access)) return this.#page[small]!;
    const large = indexOf(pscid, vpn, 1);
    if (this.#vpn[large] === vpn >>> VPN_BITS && this.#allows(large, pscid, access))
      return this.#page[large]! + (vpn & 0x1ff);
    return -1;
  }
  /** Holds the leaf at `level` that made `vpn` into `page`. */
  fill(pscid: number, vpn: number, page: number, permissions: number, level: number, global: boolean): void {
    const half = level === 0 ? 0 : 1;
    const index = indexOf(pscid, vpn, half);
    this.#vpn[index] = vpn >>> (half * VPN_BITS);
    this.#pscid[index] = pscid;
    this.#page[index] = half === 0 ? page : page - (vpn & 0x1ff);
    this.#permissions[index] = permissions;
    this.#level[index] = level;
    this.#global[index] = global ? 1 : 0;
  }
  /** IOTINVAL.VMA with GV = 0. @param vpn -1 for AV = 0. @param pscid -1 for PSCV = 0. */
  invalidate(vpn: number, pscid: number): void {
    for (let index = 0; index < 2 * HALF_ENTRIES; index++) {
      if (pscid >= 0 && (this.#pscid[index] !== pscid || this.#global[index] === 1)) continue;
      if (vpn < 0 || this.#covers(index, vpn)) this.#vpn[index] = FREE;
    }
  }

  #allows(index: number, pscid: number, access: number): boolean {
    return this.#pscid[index] === pscid && (this.#permissions[index]! & access) === access;
  }
  /** Whether the leaf behind the entry maps `vpn`, by any of its pieces. */
  #covers(index: number, vpn: number): boolean {
    if (this.#vpn[index] === FREE) return false;
    const half = index < HALF_ENTRIES ? 0 : 1;
    const beyond = (this.#level[index]! - half) * VPN_BITS;
    return this.#vpn[index]! >>> beyond === vpn >>> (half * VPN_BITS + beyond);
  }
}

const indexOf = (pscid: number, vpn: number, half: number): number =>
  half * HALF_ENTRIES + (((vpn >>> (half * VPN_BITS)) ^ (pscid * 37)) & (HALF_ENTRIES - 1));
