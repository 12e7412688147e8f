/**
 * Makes rights to chosen places of an untyped.
 *
 * The kernel carves from the start, each object at the next multiple of its own size, and does not say where. So we count
 * as it does, and where a gap is wanted, carve what fills it.
 */
import { type ClientPort, kernel, type Right } from '@bulkhead/abi';
import { log2 } from '@bulkhead/bits';

const PAGE_SHIFT = 12;
/** The largest filler, in pages: 1 GiB. */
const FILLER_MAX_PAGES = 2 ** 18;

type Kernel = ClientPort<typeof kernel.contractOfKernel>;

export class Carver {
  readonly #kernel: Kernel;
  readonly #untyped: Right;
  #nextPage: number;

  /** @param firstPage where the untyped starts, or what was carved already ends. */
  constructor(kernelPort: Kernel, untyped: Right, firstPage: number) {
    this.#kernel = kernelPort;
    this.#untyped = untyped;
    this.#nextPage = firstPage;
  }
  /** The places come in rising order. @returns an untyped right to exactly these pages, a power of two; or -1. */
  carve(page: number, sizePages: number): number {
    if (!this.fillTo(page)) return -1;
    const right = this.#retype(sizePages);
    if (right >= 0) this.#nextPage = page + sizePages;
    return right;
  }
  /** Nothing below the page is carved any more. @returns false when the kernel refuses. */
  fillTo(page: number): boolean {
    while (this.#nextPage < page) {
      const sizePages = fillerOf(this.#nextPage, page);
      if (this.#retype(sizePages) < 0) return false;
      this.#nextPage += sizePages;
    }
    return this.#nextPage === page;
  }
  #retype(sizePages: number): number {
    return this.#kernel.retype(this.#untyped, kernel.UNTYPED, log2(sizePages) + PAGE_SHIFT, 1);
  }
}

/** The largest power of two that starts aligned at `from` and does not pass `to`. */
function fillerOf(from: number, to: number): number {
  let size = 1;
  while (size < FILLER_MAX_PAGES && from % (size * 2) === 0 && from + size * 2 <= to) size *= 2;
  return size;
}
