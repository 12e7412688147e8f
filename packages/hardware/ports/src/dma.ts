/**
 * How a device reaches memory. Addresses are what the device issues (before the IOMMU), as page number and
 * offset, so that no address above 2^31 is boxed on the way. A transfer may cross pages; each page is
 * translated by itself, and the transfer ends at the first fault.
 */
export interface DmaPort {
  /** The device reads `lenBytes` from memory into `into[at…]`. @returns 0, or a negative fault. */
  read(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): number;
  /** The device writes `lenBytes` from `from[at…]` to memory. @returns 0, or a negative fault. */
  write(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): number;
}

/** How a device sends a message-signalled interrupt: a 32-bit write that goes where its DMA goes. */
export interface MessagePort {
  /** @returns 0, or a negative fault. */
  send(page: number, offset: number, data: number): number;
}
