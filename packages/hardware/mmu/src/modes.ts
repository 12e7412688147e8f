/**
 * The translation schemes of `satp.MODE`: Privileged ISA 20211203 §4.1.11 "Supervisor Address Translation and
 * Protection (satp) Register", Table 4.4 "Encoding of satp MODE field".
 *
 * Each scheme is Sv39 with more levels on top (§4.5.1, §4.6.1), and whoever has one has those below it.
 */
import { PAGE_SHIFT } from '@bulkhead/address';
import {
  LEVELS,
  SATP_MODE_BARE,
  SATP_MODE_SV39,
  SATP_MODE_SV48,
  SATP_MODE_SV57,
  SV48_LEVELS,
  SV48_VIRTUAL_ADDRESS_BITS,
  SV57_LEVELS,
  SV57_VIRTUAL_ADDRESS_BITS,
  VIRTUAL_ADDRESS_BITS,
  VPN_BITS,
} from '@bulkhead/riscv-datasheet';

/** @returns the levels of a scheme's tables: 0 in Bare mode, -1 when there is no such scheme for SXLEN = 64. */
export function levelsOf(mode: number): number {
  switch (mode) {
    case SATP_MODE_BARE:
      return 0;
    case SATP_MODE_SV39:
      return LEVELS;
    case SATP_MODE_SV48:
      return SV48_LEVELS;
    case SATP_MODE_SV57:
      return SV57_LEVELS;
    default:
      return -1;
  }
}

/** Bits of a canonical virtual address, by levels. */
const ADDRESS_BITS: readonly number[] = [
  0,
  0,
  0,
  VIRTUAL_ADDRESS_BITS,
  SV48_VIRTUAL_ADDRESS_BITS,
  SV57_VIRTUAL_ADDRESS_BITS,
];
/** @returns the first page number that is not canonical, by levels: signed page numbers run from its negative to it. */
export const canonicalLimitOf = (levels: number): number => 2 ** (ADDRESS_BITS[levels]! - PAGE_SHIFT - 1);

/** Pages of a leaf, by its level: 4 KiB, 2 MiB, 1 GiB, 512 GiB, 256 TiB. */
export const SPAN_PAGES: readonly number[] = Array.from({ length: SV57_LEVELS }, (_, level) => 2 ** (VPN_BITS * level));

/** @returns true when the signed page number is the page of a valid virtual address in this mode; none is in Bare mode. */
export function isCanonical(vpn: number, mode: number = SATP_MODE_SV39): boolean {
  const levels = levelsOf(mode);
  if (levels <= 0) return false;
  const limit = canonicalLimitOf(levels);
  return vpn >= -limit && vpn < limit;
}
