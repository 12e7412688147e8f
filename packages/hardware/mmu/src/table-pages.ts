/**
 * Pages that were lent for page tables: taken zeroed, given back, and linked through themselves while they are free.
 *
 * Invariant: the first word of a free page is the index of the next free one, plus 1; 0 ends the list.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';

const PAGE_WORDS = 1024;

export class TablePages {
  freeCount: number;
  readonly #memory: PhysicalMemoryPort;
  readonly #firstPage: number;
  readonly #pageCount: number;
  /** Index plus 1, or 0. */
  #head = 1;

  constructor(memory: PhysicalMemoryPort, firstPage: number, pageCount: number) {
    const isHeld = memory.holdsPage(firstPage) && memory.holdsPage(firstPage + pageCount - 1);
    invariant(
      Number.isInteger(pageCount) && pageCount >= 1 && isHeld,
      'memory holds the pages that are lent for tables',
    );
    this.#memory = memory;
    this.#firstPage = firstPage;
    this.#pageCount = pageCount;
    this.freeCount = pageCount;
    for (let index = 0; index < pageCount; index++)
      memory.setWord(firstPage + index, 0, index + 1 < pageCount ? index + 2 : 0);
  }

  /** @returns a zeroed page. The caller has seen that one is free. */
  take(): number {
    const page = this.#firstPage + this.#head - 1;
    invariant(this.holds(page), 'a page for tables is free');
    this.#head = this.#memory.word(page, 0);
    this.freeCount--;
    for (let word = 0; word < PAGE_WORDS; word++) this.#memory.setWord(page, word, 0);
    return page;
  }
  giveBack(page: number): void {
    this.#memory.setWord(page, 0, this.#head);
    this.#head = page - this.#firstPage + 1;
    this.freeCount++;
  }
  /** @returns true for the pages that were lent. */
  holds(page: number): boolean {
    const index = page - this.#firstPage;
    return index >= 0 && index < this.#pageCount;
  }
}
