/**
 * The interrupts of a device. Each vector writes to an IO page of its own, a virtual interrupt file; the MSI page table
 * sends what is written there to a memory-resident interrupt file, whose notice raises the vector's identity at the real
 * one, and no other: whatever the device writes, it raises nobody else's interrupt.
 * RISC-V IOMMU 1.0 §2.3.3 "Process to translate addresses of MSIs"; RISC-V AIA 1.0, chapter 8, "MSI page tables".
 *
 * One page holds the table, and in what it leaves the first seven files; a second the rest, where there are more vectors.
 * No software reads the files: the notice tells all that there is to know.
 */
import type { ClientPort } from '@bulkhead/abi';
import type { pciBus } from '@bulkhead/pci-bus-driver-api';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Devices } from './devices.ts';
import { FIRST_FILE_IO_PAGE, type IoSpace } from './io-space.ts';
import * as layout from './layout.ts';
import type { TablePages } from './table-pages.ts';

const PAGE_SIZE_BYTES = 4096;
/** Entries of the table: as many as the mask selects. The first slot of 512 bytes holds them. */
const TABLE_ENTRIES = 16;
/** `msi_addr_mask`: these bits of a page's number are the number of its interrupt file. */
export const FILE_MASK: number = TABLE_ENTRIES - 1;
const SLOTS_A_PAGE: number = PAGE_SIZE_BYTES / reg.MRIF_SIZE_BYTES;
const FIRST_SLOT = 1;
/** CHOICE: vectors beyond these are not routed. */
export const VECTORS_MAX: number = TABLE_ENTRIES - FIRST_SLOT;

export interface MessagesOptions {
  readonly tables: TablePages;
  readonly spaces: IoSpace;
  readonly devices: Devices;
  readonly pci: ClientPort<typeof pciBus>;
  /** Physical page of the real interrupt file. */
  readonly msiPage: number;
}

export class Messages {
  readonly #tables: TablePages;
  readonly #spaces: IoSpace;
  readonly #devices: Devices;
  readonly #pci: ClientPort<typeof pciBus>;
  readonly #msiPage: number;

  constructor({ tables, spaces, devices, pci, msiPage }: MessagesOptions) {
    this.#tables = tables;
    this.#spaces = spaces;
    this.#devices = devices;
    this.#pci = pci;
    this.#msiPage = msiPage;
  }

  /**
   * Makes the interrupt files of a fresh IO space, one for each vector that the device has.
   * @returns how many, or -1 when there is no page left for them: what was made then goes with the space.
   */
  build(at: number, device: number): number {
    const use = this.#devices.pscid(at);
    const table = this.#tables.allocate(use);
    if (table < 0) return -1;
    this.#devices.setWord(at, layout.DEVICE_MESSAGES, table);
    let page = table;
    for (let vector = 0; vector < VECTORS_MAX; vector++) {
      const identity = this.#pci.messageOf(device, vector);
      if (identity < 0) return vector;
      const slot = (vector + FIRST_SLOT) % SLOTS_A_PAGE;
      if (slot === 0) page = this.#tables.allocate(use);
      if (page < 0 || !this.#mapFile(at, vector)) return -1;
      this.#enable(page, slot, identity);
      this.#setEntry(table, vector, page, slot, identity);
    }
    return VECTORS_MAX;
  }
  /** @returns the page that the first stage gives for an interrupt file: one that no memory has, beside the real file's. */
  guestPage(vector: number): number {
    return (this.#msiPage & ~FILE_MASK) + vector;
  }

  #mapFile(at: number, vector: number): boolean {
    const { root, use } = { root: this.#devices.root(at), use: this.#devices.pscid(at) };
    return this.#spaces.map(root, FIRST_FILE_IO_PAGE + vector, this.guestPage(vector), true, 0, use);
  }
  /** The file's own enable bit: the notice does not wait for it, but an IOMMU might. */
  #enable(page: number, slot: number, identity: number): void {
    const pair = (identity >>> 6) * reg.MRIF_PAIR_SIZE_BYTES;
    const word = pair + reg.MRIF_PAIR_SIZE_BYTES / 2 + ((identity >>> 5) & 1) * 4;
    this.#tables.window.store32(page * PAGE_SIZE_BYTES + slot * reg.MRIF_SIZE_BYTES + word, 1 << (identity & 31));
  }
  /** The word with the valid bit is written last. */
  #setEntry(table: number, vector: number, page: number, slot: number, identity: number): void {
    const file = this.#tables.physical(page) * SLOTS_A_PAGE + slot;
    const { window } = this.#tables;
    const at = table * PAGE_SIZE_BYTES + vector * reg.MSIPTE_SIZE_BYTES;
    const nidHigh = (identity >>> 10) << reg.MSIPTE_MRIF_3_NID.shift;
    window.store32(at + 12, (this.#msiPage >>> 22) | nidHigh);
    window.store32(at + 8, (this.#msiPage << reg.MSIPTE_MRIF_2_NPPN.shift) | (identity & reg.MSIPTE_MRIF_2_NID.mask));
    window.store32(at + 4, Math.floor(file / 2 ** (32 - reg.MSIPTE_MRIF_0_ADDRESS.shift)));
    const mode = (reg.MSIPTE_M_MRIF << reg.MSIPTE_0_M.shift) | reg.MSIPTE_0_V.mask;
    window.store32(at, (file << reg.MSIPTE_MRIF_0_ADDRESS.shift) | mode);
  }
}
