/**
 * What a page-table entry says, for both stages. Privileged ISA 20211203 §4.3.2 "Virtual Address Translation Process",
 * §4.4.1 "Addressing and Memory Protection", §8.5 "Two-Stage Address Translation"; chapter 5 "Svnapot", chapter 6
 * "Svpbmt". The numbered comments are the steps of §4.3.2.
 *
 * CHOICE: a pointer with A, D or U set is a page fault.
 */
import * as riscv from '@bulkhead/riscv-datasheet';
import { DMA_EXECUTE, DMA_READ, DMA_WRITE } from './request.ts';

/** In place of a page. */
export const PAGE_FAULT = -1;
export const ACCESS_FAULT = -2;
/** A first stage could not reach its own table through the second. */
export const GUEST_PAGE_FAULT = -3;

/** A leaf allows DMA_READ, DMA_WRITE and DMA_EXECUTE, and this: requests without supervisor privilege. */
export const USER = 8;

/** Pages that an entry covers, by its level. */
export const SPAN: readonly number[] = [1, 2 ** 9, 2 ** 18, 2 ** 27, 2 ** 36];

/** Of this module, which makes them constants of its code: what is imported is looked up at every use. */
const { PTE_A, PTE_D, PTE_R, PTE_U, PTE_V, PTE_W, PTE_X } = riscv;
const READ: number = DMA_READ;
const WRITE: number = DMA_WRITE;
const EXECUTE: number = DMA_EXECUTE;
const USER_PERMISSION: number = USER;
const SPANS: readonly number[] = SPAN;

/** High word. */
const N: number = 0x80000000 | 0; // 63, Svnapot
const PBMT = 0x60000000; // 62:61, Svpbmt
const PBMT_SHIFT = 29;
const RESERVED = 0x1fc00000; // 60:54

/** Svnapot, table 5.1: the only contiguous region is 16 pages, and `ppn[3:0]` says so. */
const NAPOT_PATTERN = 0x8;
const NAPOT_LOG2 = 4;

const INDEX_BITS = 9;
const INDEX_MASK = 0x1ff;

/** @returns the place of `page` in its table of that level. Numbers keep 32 bits of shifts, and so three levels. */
export const indexOf = (page: number, level: number): number =>
  (level < 3 ? page >>> (level * INDEX_BITS) : page / SPANS[level]!) & INDEX_MASK;

export const isLeaf = (lo: number): boolean => (lo & (PTE_R | PTE_X)) !== 0;
/** A PPN has 44 bits: never with shifts alone. */
export const pageOf = (lo: number, hi: number): number => (hi & 0x3fffff) * 0x400000 + (lo >>> 10);

/** Step 3, with what the extensions demand of pointers and leaves. */
export function isInvalid(lo: number, hi: number, level: number, hasMemoryTypes: boolean): boolean {
  if ((lo & PTE_V) === 0 || (lo & (PTE_R | PTE_W)) === PTE_W || (hi & RESERVED) !== 0) return true;
  if (!isLeaf(lo)) return (hi & (N | PBMT)) !== 0 || (lo & (PTE_U | PTE_A | PTE_D)) !== 0;
  if ((hi & PBMT) !== 0 && (!hasMemoryTypes || (hi & PBMT) === PBMT)) return true;
  return (hi & N) !== 0 && (level !== 0 || ((lo >>> 10) & 0xf) !== NAPOT_PATTERN);
}
/** Steps 5 and 6. @param required permissions, of which none may be missing. @param denied of which none may be there. */
export function isRefused(lo: number, hi: number, level: number, required: number, denied: number): boolean {
  const permissions = permissionsOf(lo);
  if ((permissions & required) !== required || (permissions & denied) !== 0) return true;
  return level !== 0 && pageOf(lo, hi) % SPANS[level]! !== 0; // a misaligned superpage
}
/** Step 7. @returns the bits of the leaf that must be 1 and are not: A, or D for what writes to a writable page. */
export function missingMarks(lo: number, access: number): number {
  const dirty = (access & WRITE) !== 0 && (lo & PTE_W) !== 0 ? PTE_D : 0;
  return (PTE_A | dirty) & ~lo;
}
/** Step 8. @returns the page that the leaf makes of `page`. */
export function translated(lo: number, hi: number, level: number, page: number): number {
  if (hi < 0) return pageOf(lo, hi) - NAPOT_PATTERN + (page % 16);
  return level === 0 ? pageOf(lo, hi) : pageOf(lo, hi) + (page % SPANS[level]!);
}

/** @returns the logarithm of the number of pages that the leaf maps. */
export const log2PagesOf = (hi: number, level: number): number => (hi < 0 ? NAPOT_LOG2 : level * INDEX_BITS);
/** @returns `PBMT`: 0 for the page's own attributes, 1 non-cacheable, 2 I/O. */
export const memoryTypeOf = (hi: number): number => (hi & PBMT) >>> PBMT_SHIFT;

/** @returns what the leaf allows. */
export function permissionsOf(lo: number): number {
  let permissions = (lo & PTE_R) === 0 ? 0 : READ;
  if ((lo & PTE_W) !== 0) permissions |= WRITE;
  if ((lo & PTE_X) !== 0) permissions |= EXECUTE;
  return (lo & PTE_U) === 0 ? permissions : permissions | USER_PERMISSION;
}
/** @returns what may be cached of a leaf: without D, the next write must see it again. */
export const lastingPermissionsOf = (lo: number): number =>
  (lo & PTE_D) === 0 ? permissionsOf(lo) & ~WRITE : permissionsOf(lo);
