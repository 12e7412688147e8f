/**
 * MSI-X vectors: which message each sends. The table is mapped by this driver alone: who could write it could send
 * any interrupt. PCIe Base 5.0 §7.7.2 "MSI-X Capability and Table Structure".
 */
import { type ClientPort, kernel, right } from '@bulkhead/abi';
import { STATE_NO_PLACE } from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import type { MemoryPort } from '@bulkhead/runtime';
import { Carver } from './carver.ts';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';

const PAGE_SHIFT = 12;
const PAGE_SIZE_BYTES = 4096;

export interface MsixOptions {
  readonly kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly answer: Int32Array;
  readonly memory: MemoryPort;
  readonly config: ConfigSpace;
  readonly table: DeviceTable;
}

export class Msix {
  readonly #kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly #answer: Int32Array;
  readonly #memory: MemoryPort;
  readonly #config: ConfigSpace;
  readonly #table: DeviceTable;

  constructor({ kernel, answer, memory, config, table }: MsixOptions) {
    this.#kernel = kernel;
    this.#answer = answer;
    this.#memory = memory;
    this.#config = config;
    this.#table = table;
  }

  /** Maps the table of every device that has one; where the kernel refuses, the device stays off. */
  mapTables(): void {
    const table = this.#table;
    for (let at = 0; at < table.end; at = table.after(at)) {
      if (table.get(at, record.MSIX) === 0 || table.state(at) !== 0) continue;
      if (!this.#mapTable(at)) table.mark(at, STATE_NO_PLACE);
    }
  }
  /** Maps the pages that hold the table, and no others. */
  #mapTable(at: number): boolean {
    const table = this.#table;
    const bar = table.get(at, record.MSIX_BAR);
    const offset = table.get(at, record.TABLE_OFFSET) >>> 0;
    const firstPage = offset >>> PAGE_SHIFT;
    const endPage = Math.ceil((offset + this.#tableSizeBytes(at)) / PAGE_SIZE_BYTES);
    const untyped = right(table.bar(at, record.BAR_RIGHT, bar));
    if (firstPage > 0 && !new Carver(this.#kernel, untyped, 0).fillTo(firstPage)) return false;
    const frames = this.#kernel.retype(untyped, kernel.FRAME, PAGE_SHIFT, endPage - firstPage);
    if (frames < 0) return false;
    if (this.#kernel.map(right(frames), endPage - firstPage, kernel.READ_WRITE) < 0) return false;
    table.put(at, record.TABLE_PAGE, this.#answer[1]!);
    table.put(at, record.TABLE_OFFSET, offset & (PAGE_SIZE_BYTES - 1));
    return true;
  }
  #tableSizeBytes(at: number): number {
    return this.#table.get(at, record.VECTOR_COUNT) * pci.MSIX_ENTRY_SIZE_BYTES;
  }

  /** From now on the vector sends `identity` to the page. The device's memory decodes. */
  route(at: number, vector: number, page: number, identity: number): void {
    const entry = vector * pci.MSIX_ENTRY_SIZE_BYTES;
    this.mask(at, vector);
    this.#store(at, entry + pci.MSIX_ENTRY_MESSAGE_ADDRESS, page << PAGE_SHIFT);
    this.#store(at, entry + pci.MSIX_ENTRY_MESSAGE_UPPER_ADDRESS, page >>> (32 - PAGE_SHIFT));
    this.#store(at, entry + pci.MSIX_ENTRY_MESSAGE_DATA, identity);
    this.#store(at, entry + pci.MSIX_ENTRY_VECTOR_CONTROL, 0);
    this.#control(at, pci.MSIX_CONTROL_ENABLE.mask);
  }
  mask(at: number, vector: number): void {
    const control = vector * pci.MSIX_ENTRY_SIZE_BYTES + pci.MSIX_ENTRY_VECTOR_CONTROL;
    this.#store(at, control, pci.MSIX_VECTOR_CONTROL_MASK.mask);
  }
  /** Masks every vector and disables MSI-X. The device's memory decodes. */
  silence(at: number): void {
    this.#control(at, pci.MSIX_CONTROL_FUNCTION_MASK.mask);
    for (let vector = 0; vector < this.#table.get(at, record.VECTOR_COUNT); vector++) this.mask(at, vector);
  }
  #store(at: number, offset: number, value: number): void {
    const table = this.#table;
    this.#memory.store32(table.get(at, record.TABLE_PAGE), table.get(at, record.TABLE_OFFSET) + offset, value);
  }
  /** Every other bit of the register is read-only. §7.7.2.2 "Message Control Register for MSI-X". */
  #control(at: number, value: number): void {
    const capability = this.#table.get(at, record.MSIX);
    this.#config.write16(this.#table.get(at, record.DEVICE), capability + pci.MSIX_MESSAGE_CONTROL, value);
  }
}
