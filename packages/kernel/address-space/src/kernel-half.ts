/**
 * The kernel's half of every address space: all of physical memory, RAM and devices, at one distance.
 *
 *     0xffff_ffc0_0000_0000 + physical address, in leaves of 1 GiB, supervisor only, global
 *
 * It is there in every address space, so that a trap needs no switch. CHOICE: it is writable and reaches everything:
 * what shares the kernel's domain shares this, and that is the point of comparing.
 */
import { PTE_R, PTE_W, PTE_X } from '@bulkhead/riscv-datasheet';
import { GLOBAL, LEVEL_GIGA, type PageTables } from './page-tables.ts';

/** Page number of 0xffff_ffc0_0000_0000: -2^38 / 4096. */
export const KERNEL_PAGE: number = -(2 ** 26);

const GIGA_PAGES = 1 << 18;

/** @returns the virtual page at which the kernel sees physical page `ppn`. */
export const kernelPage = (ppn: number): number => KERNEL_PAGE + ppn;

/** Maps the first `gigabytes` of physical memory into the upper half. @returns 0, or the first refusal. */
export function mapKernel(tables: PageTables, rootPage: number, gigabytes: number): number {
  for (let giga = 0; giga < gigabytes; giga++) {
    const ppn = giga * GIGA_PAGES;
    const refused = tables.map(rootPage, kernelPage(ppn), ppn, LEVEL_GIGA, PTE_R | PTE_W | PTE_X | GLOBAL);
    if (refused < 0) return refused;
  }
  return 0;
}
