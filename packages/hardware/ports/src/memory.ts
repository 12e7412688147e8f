/** RAM, seen by what stands on the memory bus: whole pages from `basePage`, little-endian. */
export interface PhysicalMemoryPort {
  readonly basePage: number;
  readonly pageCount: number;
  /** All of RAM; byte 0 is the first byte of `basePage`. */
  readonly bytes: Uint8Array;
  /** The same memory as 32-bit words. */
  readonly words: Int32Array;
  holdsPage(page: number): boolean;
  /** @returns the signed 32-bit word `index` (0…1023) of a page that RAM holds. */
  word(page: number, index: number): number;
  setWord(page: number, index: number, value: number): void;
}
