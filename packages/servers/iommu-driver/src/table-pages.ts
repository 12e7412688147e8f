/**
 * The frames that hold what the IOMMU reads. The driver sees them side by side through one window, the IOMMU by their
 * physical pages; both numbers of a page are here.
 */
import { type ClientPort, type kernel, right } from '@bulkhead/abi';
import type { Region, Window } from '@bulkhead/runtime';
import * as layout from './layout.ts';

const PAGE_SIZE_BYTES = 4096;

export class TablePages {
  readonly window: Window;
  readonly #heap: Window;
  readonly #region: Region;

  constructor(heap: Window, region: Region) {
    this.#heap = heap;
    this.#region = region;
    this.window = region.window;
  }

  /** Learns where the frames are. @returns false when the kernel does not say. */
  locate(kernelPort: ClientPort<typeof kernel.contractOfKernel>): boolean {
    for (let page = 0; page < layout.TABLE_PAGES; page++) {
      const physical = kernelPort.address(right(this.#region.frame + page));
      if (physical < 0) return false;
      this.#heap.store32(layout.PHYSICAL_OFFSET + page * 4, physical);
      this.#heap.store32(layout.USE_OFFSET + page * 4, page < layout.FIRST_POOL_PAGE ? layout.SHARED : 0);
    }
    this.window.fill(0, 0, layout.FIRST_POOL_PAGE * PAGE_SIZE_BYTES);
    return true;
  }
  physical(page: number): number {
    return this.#heap.load32(layout.PHYSICAL_OFFSET + page * 4);
  }
  /** @returns the page that stands at a physical one, or -1: the frames mostly lie side by side, but need not. */
  pageAt(physical: number): number {
    const guess = physical - this.physical(0);
    if (guess >= 0 && guess < layout.TABLE_PAGES && this.physical(guess) === physical) return guess;
    for (let page = 0; page < layout.TABLE_PAGES; page++) if (this.physical(page) === physical) return page;
    return -1;
  }
  /** @returns a page of zeros that now serves `use`, or -1. */
  allocate(use: number): number {
    for (let page = layout.FIRST_POOL_PAGE; page < layout.TABLE_PAGES; page++) {
      if (this.#heap.load32(layout.USE_OFFSET + page * 4) !== 0) continue;
      this.#heap.store32(layout.USE_OFFSET + page * 4, use);
      this.window.fill(page * PAGE_SIZE_BYTES, 0, PAGE_SIZE_BYTES);
      return page;
    }
    return -1;
  }
  /** Frees every page that serves `use`. */
  freeAll(use: number): void {
    for (let page = layout.FIRST_POOL_PAGE; page < layout.TABLE_PAGES; page++)
      if (this.#heap.load32(layout.USE_OFFSET + page * 4) === use) this.#heap.store32(layout.USE_OFFSET + page * 4, 0);
  }
  /** The low and the high word of an 8-byte entry of a page. */
  low(page: number, entry: number): number {
    return this.window.load32(page * PAGE_SIZE_BYTES + entry * 8);
  }
  high(page: number, entry: number): number {
    return this.window.load32(page * PAGE_SIZE_BYTES + entry * 8 + 4);
  }
  /** The valid bit, bit 0 of the low word, is written last, and taken away first. */
  setEntry(page: number, entry: number, low: number, high: number): void {
    const at = page * PAGE_SIZE_BYTES + entry * 8;
    if ((low & 1) === 0) this.window.store32(at, low);
    this.window.store32(at + 4, high);
    this.window.store32(at, low);
  }
}
