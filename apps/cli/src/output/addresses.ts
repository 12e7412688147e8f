/** Addresses and sizes for people. */
import { whole } from './table.ts';

const PAGE_BYTES = 4096;
const KIB = 1024;
const MIB: number = KIB * KIB;

/** CHOICE: as many digits as the board's highest physical address has, which are 8. */
export const physical = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`;
/** All 64 bits. @param page signed: negative in the upper half */
export const virtual = (page: number): string =>
  `0x${BigInt.asUintN(64, BigInt(page) * BigInt(PAGE_BYTES))
    .toString(16)
    .padStart(16, '0')}`;
/** From the first byte to the last. */
export const physicalRange = (address: number, lenBytes: number): string =>
  `${physical(address)}…${physical(address + lenBytes - 1)}`;

/** 4 KiB, 2 MiB, 48 B: in the largest unit in which it is whole. */
export function bytes(count: number): string {
  if (count >= MIB && count % MIB === 0) return `${whole(count / MIB)} MiB`;
  return count >= KIB && count % KIB === 0 ? `${whole(count / KIB)} KiB` : `${whole(count)} B`;
}
/** `128 × 4 KiB`, or the size alone. */
export const times = (count: number, unitBytes: number): string =>
  count === 1 ? bytes(unitBytes) : `${whole(count)} × ${bytes(unitBytes)}`;
export const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
/** `3`, or `3…9`. */
export const span = (first: number, last: number): string => (first === last ? `${first}` : `${first}…${last}`);
