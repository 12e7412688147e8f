/** The consumer's side of the fault queue. RISC-V IOMMU 1.0 §3.2 "Fault/Event-Queue (FQ)". */
import { get } from '@bulkhead/bits';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Window } from '@bulkhead/runtime';
import * as layout from './layout.ts';
import type { TablePages } from './table-pages.ts';

const PAGE_SIZE_BYTES = 4096;
const ENTRIES: number = PAGE_SIZE_BYTES / reg.FAULT_RECORD_SIZE_BYTES;
const ENABLED: number = reg.FQCSR_FQEN.mask | reg.FQCSR_FIE.mask;
const ERRORS: number = reg.FQCSR_FQOF.mask | reg.FQCSR_FQMF.mask;

/** Who hears of faults. */
export interface FaultSink {
  /** The page in two: bits 31:0, and 51:32. */
  faulted(device: number, cause: number, ioPage: number, ioPageHigh: number): void;
  /** The queue ran over: there were faults that nobody will hear of. */
  overflowed(): void;
}

export class Faults {
  readonly #heap: Window;
  readonly #tables: TablePages;
  readonly #registers: Window;

  constructor(heap: Window, tables: TablePages, registers: Window) {
    this.#heap = heap;
    this.#tables = tables;
    this.#registers = registers;
  }

  /** Switches the queue on; its interrupt goes by vector 0 to the interrupt file at `msiPage`, as `identity`. */
  start(msiPage: number, identity: number): void {
    const registers = this.#registers;
    this.#heap.store32(layout.FAULT_HEAD, 0);
    registers.store32(reg.FQCSR, 0);
    const page = this.#tables.physical(layout.FAULT_PAGE);
    registers.store32(reg.FQB + 4, page >>> 22);
    registers.store32(reg.FQB, (page << 10) | (31 - Math.clz32(ENTRIES) - 1));
    registers.store32(reg.ICVEC, 0);
    registers.store32(reg.MSI_CFG_TBL + reg.MSI_ADDR, msiPage << 12);
    registers.store32(reg.MSI_CFG_TBL + reg.MSI_ADDR + 4, msiPage >>> 20);
    registers.store32(reg.MSI_CFG_TBL + reg.MSI_DATA, identity);
    registers.store32(reg.MSI_CFG_TBL + reg.MSI_VEC_CTL, 0);
    registers.store32(reg.FQCSR, ENABLED);
  }
  /**
   * Tells `sink` of every record, once where the same one follows itself.
   *
   * The errors are cleared first, then the pending bit, then the tail is read: a record or an overflow that comes later
   * sends another interrupt. No more than a full queue is taken at once, so that a device that faults without end cannot
   * keep this driver.
   */
  drain(sink: FaultSink): void {
    const registers = this.#registers;
    const errors = registers.load32(reg.FQCSR) & ERRORS;
    registers.store32(reg.FQCSR, ENABLED | errors);
    if (errors !== 0) sink.overflowed();
    registers.store32(reg.IPSR, reg.IPSR_FIP.mask);
    const tail = registers.load32(reg.FQT) & (ENTRIES - 1);
    let head = this.#heap.load32(layout.FAULT_HEAD);
    let before = -1;
    while (head !== tail) {
      if (before < 0 || !this.#isSame(before, head)) this.#tell(head, sink);
      before = head;
      head = (head + 1) & (ENTRIES - 1);
    }
    this.#heap.store32(layout.FAULT_HEAD, head);
    registers.store32(reg.FQH, head);
  }

  #tell(index: number, sink: FaultSink): void {
    const word1 = this.#word(index, 4);
    if (get(word1, reg.FAULT_1_TTYP) === reg.TTYP_NONE) return; // the IOMMU's own, of no device
    const low = this.#word(index, reg.FAULT_IOTVAL);
    const high = this.#word(index, reg.FAULT_IOTVAL + 4);
    const ioPage = (high << 20) | (low >>> 12);
    const cause = get(this.#word(index, 0), reg.FAULT_0_CAUSE);
    sink.faulted(get(word1, reg.FAULT_1_DID), cause, ioPage, high >>> 12);
  }
  #isSame(a: number, b: number): boolean {
    for (const at of [0, 4, reg.FAULT_IOTVAL, reg.FAULT_IOTVAL + 4])
      if (this.#word(a, at) !== this.#word(b, at)) return false;
    return true;
  }
  #word(index: number, offset: number): number {
    const at = layout.FAULT_PAGE * PAGE_SIZE_BYTES + index * reg.FAULT_RECORD_SIZE_BYTES + offset;
    return this.#tables.window.load32(at);
  }
}
