/**
 * RAM: one buffer from `basePage` upward, as bytes and as little-endian words.
 *
 * Both views are of the same memory; a page number is never an address, so nothing here exceeds 2^31.
 */
import { PAGE_SIZE_BYTES } from '@bulkhead/address';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';

export interface RamOptions {
  /** First physical page, e.g. 0x80000 for 0x8000_0000. */
  readonly basePage: number;
  readonly pageCount: number;
}

const PAGE_WORDS = PAGE_SIZE_BYTES / 4;
/**
 * As RAM does, it begins where a cache line of the host does, so that nothing of 32 or 64 bytes lies in one line more
 * than it would on the machine. The language knows no addresses: a large buffer is a mapping of glibc's allocator, whose
 * header of 16 bytes goes before it. Elsewhere this wastes 48 bytes.
 */
const HOST_LINE_BYTES = 64;
const HOST_HEADER_BYTES = 16;
const SKIPPED_BYTES: number = HOST_LINE_BYTES - HOST_HEADER_BYTES;

export class Ram implements PhysicalMemoryPort {
  readonly basePage: number;
  readonly pageCount: number;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;

  constructor({ basePage, pageCount }: RamOptions) {
    invariant(Number.isSafeInteger(basePage) && basePage >= 0, 'RAM begins at a page of the physical address space');
    invariant(Number.isSafeInteger(pageCount) && pageCount > 0, 'RAM has at least one page');
    const lenBytes = pageCount * PAGE_SIZE_BYTES;
    const buffer = new ArrayBuffer(SKIPPED_BYTES + lenBytes);
    this.basePage = basePage;
    this.pageCount = pageCount;
    this.bytes = new Uint8Array(buffer, SKIPPED_BYTES, lenBytes);
    this.words = new Int32Array(buffer, SKIPPED_BYTES, lenBytes / 4);
    invariant(isLittleEndian(), 'the words of RAM are little-endian, so the host must be');
  }

  /** @returns true for the pages of RAM. */
  holdsPage(page: number): boolean {
    const index = page - this.basePage;
    return index >= 0 && index < this.pageCount;
  }
  word(page: number, index: number): number {
    return this.words[(page - this.basePage) * PAGE_WORDS + index]!;
  }
  setWord(page: number, index: number, value: number): void {
    this.words[(page - this.basePage) * PAGE_WORDS + index] = value;
  }
}

/** @returns zeroed RAM. */
export const createRam = (options: RamOptions): Ram => new Ram(options);

/** RISC-V memory is little-endian (Unprivileged ISA 20191213 §1.4 "Memory"); the typed arrays follow the host. */
const isLittleEndian = (): boolean => new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
