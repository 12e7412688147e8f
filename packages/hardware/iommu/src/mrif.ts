/**
 * Memory-resident interrupt files: what becomes of an access to a page whose MSI page-table entry is in MRIF mode.
 * RISC-V AIA 1.0, chapter 8, "MSI PTE, MRIF mode" and "Recording of incoming MSIs to memory-resident interrupt files".
 *
 * CHOICE: an aligned read of 32 bits gives 0. CHOICE: everything else but an aligned write of 32 bits is aborted, with
 * a record of "Transaction type disallowed" (cause 260), so that a device that does it is seen.
 */
import { swap32 } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { MsiTable } from './msi-table.ts';
import type { SystemStore } from './system-store.ts';

/** Below this stand `seteipnum_le` and `seteipnum_be`; writes above are accepted and discarded. */
const MESSAGE_REGISTERS_END = 8;
const BIG_ENDIAN = 4;
const WORDS_A_PAIR: number = reg.MRIF_PAIR_SIZE_BYTES / 4;

export class Mrif {
  readonly #memory: PhysicalMemoryPort;
  readonly #store: SystemStore;
  readonly #messages: MsiTable;

  constructor(memory: PhysicalMemoryPort, store: SystemStore, messages: MsiTable) {
    this.#memory = memory;
    this.#store = store;
    this.#messages = messages;
  }
  /** Where the last notice was sent. */
  get noticePage(): number {
    return this.#messages.noticePage;
  }
  /**
   * An aligned write of 32 bits to the page that was just answered TO_MRIF.
   * @returns 0, or minus the cause of a fault that is still to be reported.
   */
  write(offset: number, data: number): number {
    const identity = (offset & BIG_ENDIAN) === 0 ? data : swap32(data);
    if (offset >= MESSAGE_REGISTERS_END || identity >>> 0 >= reg.MRIF_IDENTITIES) return 0;
    const { filePage, fileOffset, noticePage, noticeIdentity } = this.#messages;
    if (!this.#memory.holdsPage(filePage)) return -reg.CAUSE_MRIF_ACCESS_FAULT;
    const word = fileOffset / 4 + (identity >>> 6) * WORDS_A_PAIR + ((identity >>> 5) & 1);
    this.#memory.setWord(filePage, word, this.#memory.word(filePage, word) | (1 << (identity & 31)));
    const sent = this.#store.store32(noticePage, 0, noticeIdentity);
    return sent < 0 ? -reg.CAUSE_MSI_WRITE_ACCESS_FAULT : 0;
  }
}
