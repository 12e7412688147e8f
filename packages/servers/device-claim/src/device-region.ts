/** A shared region as the device sees it: one run of pages, in which the peer's byte offsets count. */

const PAGE_SHIFT = 12;
const PAGE_MASK = 0xfff;

export class DeviceRegion {
  #firstPage = 0;
  #sizeBytes = 0;

  /** The device reaches `sizeBytes` of the region from this page on. Before, the region holds nothing. */
  mapped(firstPage: number, sizeBytes: number): void {
    this.#firstPage = firstPage;
    this.#sizeBytes = sizeBytes;
  }
  /** @returns true when `lenBytes` at `offset` lie inside. Both come from the peer and may be any 32 bits. */
  holds(offset: number, lenBytes: number): boolean {
    return offset >= 0 && lenBytes >= 0 && offset + lenBytes <= this.#sizeBytes;
  }
  addressLow(offset: number): number {
    return ((this.#firstPage + (offset >>> PAGE_SHIFT)) << PAGE_SHIFT) | (offset & PAGE_MASK);
  }
  addressHigh(offset: number): number {
    return (this.#firstPage + (offset >>> PAGE_SHIFT)) >>> (32 - PAGE_SHIFT);
  }
}
