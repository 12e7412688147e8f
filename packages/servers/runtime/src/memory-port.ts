/**
 * A component's address space. Addresses are a page number and an offset; the offset may be any signed 32-bit number
 * and carries into the page, unchecked: whether an access is allowed is for the MMU behind the port to say. An access
 * that it refuses does not return: it ends the component (throws `Ended`).
 *
 * Words are little-endian and may be unaligned within a page; a word must not straddle two pages except through the
 * bulk operations, which work page by page. Loads of 8 and 16 bits are unsigned, of 32 signed.
 */
export interface MemoryPort {
  load8(page: number, offset: number): number;
  load16(page: number, offset: number): number;
  load32(page: number, offset: number): number;
  store8(page: number, offset: number, value: number): void;
  store16(page: number, offset: number, value: number): void;
  store32(page: number, offset: number, value: number): void;
  /** Copies within the address space; charged by the cache line. The two ranges must not overlap. */
  copy(toPage: number, toOffset: number, fromPage: number, fromOffset: number, lenBytes: number): void;
  /** Sets bytes; charged as a copy. */
  fill(page: number, offset: number, byte: number, lenBytes: number): void;
  /**
   * The Internet checksum's sum of big-endian 16-bit words (RFC 1071 §1), added to `sum` and folded to 16 bits; an odd
   * last byte counts as the high byte of a word. Charged by the cache line.
   */
  sum16(page: number, offset: number, lenBytes: number, sum: number): number;
  /** To and from constants of the program, such as its strings. Charged as a copy. */
  loadBytes(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): void;
  storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void;
}
