declare const space: unique symbol;
/** A number that means an address in one address space, and no other. */
type AddressIn<Space extends string> = number & { readonly [space]: Space };

/** What appears on the memory bus after every translation. */
export type PhysAddr = AddressIn<'physical'>;
/** What a program issues, before the MMU. Canonical, so held signed: -1 is all ones. */
export type VirtAddr = AddressIn<'virtual'>;
/** What a device issues, before the IOMMU. */
export type IoVirtAddr = AddressIn<'io-virtual'>;

export const physAddr = (address: number): PhysAddr => address as PhysAddr;
export const virtAddr = (address: number): VirtAddr => address as VirtAddr;
export const ioVirtAddr = (address: number): IoVirtAddr => address as IoVirtAddr;

/** RISC-V base page. Privileged ISA 20211203 §4.3 "Sv32". */
export const PAGE_SIZE_BYTES = 4096;
export const PAGE_SHIFT = 12;

/** @returns the page number; negative for the upper half of a virtual address space. */
export const pageOf = (address: number): number => Math.floor(address / PAGE_SIZE_BYTES);
/** @returns the offset within the page. Safe to 2^53: no bitwise operator touches the high half. */
export const offsetOf = (address: number): number => address - pageOf(address) * PAGE_SIZE_BYTES;
/** @returns the first address of a page. */
export const addressOf = (page: number): number => page * PAGE_SIZE_BYTES;
