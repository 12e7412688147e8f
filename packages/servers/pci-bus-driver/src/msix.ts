/**
 * MSI-X vectors: which message each sends. The table is mapped by this driver alone: who could write it could send
 * any interrupt. PCIe Base 5.0 §7.7.2 "MSI-X Capability and Table Structure".
 */
import { type ClientPort, kernel, right } from '@bulkhead/abi';
import * as pci from '@bulkhead/pci-datasheet';
import type { MemoryPort } from '@bulkhead/runtime';
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
  /** Physical page that a message is written to. */
  readonly messagePage: number;
}

export class Msix {
  readonly #kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly #answer: Int32Array;
  readonly #memory: MemoryPort;
  readonly #config: ConfigSpace;
  readonly #table: DeviceTable;
  readonly #messagePage: number;

  constructor({ kernel, answer, memory, config, table, messagePage }: MsixOptions) {
    this.#kernel = kernel;
    this.#answer = answer;
    this.#memory = memory;
    this.#config = config;
    this.#table = table;
    this.#messagePage = messagePage;
  }

  /** Maps the table of every device that has one; where the kernel refuses, the device is marked UNASSIGNED. */
  mapTables(): void {
    const table = this.#table;
    for (let at = 0; at < table.end; at = table.after(at)) {
      if (table.get(at, record.MSIX) === 0 || table.get(at, record.FLAGS) !== 0) continue;
      if (!this.#mapTable(at)) table.put(at, record.FLAGS, record.UNASSIGNED);
    }
  }
  /** Maps the pages that hold the table, and no others. */
  #mapTable(at: number): boolean {
    const table = this.#table;
    const bar = table.get(at, record.MSIX_BAR);
    const offset = table.get(at, record.TABLE_OFFSET);
    const firstPage = offset >>> PAGE_SHIFT;
    const endPage = Math.ceil((offset + this.#tableSizeBytes(at)) / PAGE_SIZE_BYTES);
    if (bar >= pci.BAR_COUNT || endPage > barPages(table, at, bar)) return false;
    const untyped = right(table.bar(at, record.BAR_RIGHT, bar));
    const frames = this.#kernel.retype(untyped, kernel.FRAME, PAGE_SHIFT, endPage);
    if (frames < 0) return false;
    if (this.#kernel.map(right(frames + firstPage), endPage - firstPage, kernel.READ_WRITE) < 0) return false;
    table.put(at, record.TABLE_PAGE, this.#answer[1]!);
    table.put(at, record.TABLE_OFFSET, offset & (PAGE_SIZE_BYTES - 1));
    return true;
  }
  #tableSizeBytes(at: number): number {
    return this.#table.get(at, record.VECTOR_COUNT) * pci.MSIX_ENTRY_SIZE_BYTES;
  }

  /** From now on the vector sends `identity` to the interrupt controller. The device's memory decodes. */
  route(at: number, vector: number, identity: number): void {
    const entry = vector * pci.MSIX_ENTRY_SIZE_BYTES;
    this.#store(at, entry + pci.MSIX_ENTRY_VECTOR_CONTROL, pci.MSIX_VECTOR_CONTROL_MASK.mask);
    this.#store(at, entry + pci.MSIX_ENTRY_MESSAGE_ADDRESS, this.#messagePage << PAGE_SHIFT);
    this.#store(at, entry + pci.MSIX_ENTRY_MESSAGE_UPPER_ADDRESS, this.#messagePage >>> (32 - PAGE_SHIFT));
    this.#store(at, entry + pci.MSIX_ENTRY_MESSAGE_DATA, identity);
    this.#store(at, entry + pci.MSIX_ENTRY_VECTOR_CONTROL, 0);
    this.#control(at, pci.MSIX_CONTROL_ENABLE.mask, pci.MSIX_CONTROL_FUNCTION_MASK.mask);
  }
  /** Masks every vector and disables MSI-X. The device's memory decodes. */
  silence(at: number): void {
    if (this.#table.get(at, record.MSIX) === 0) return;
    this.#control(at, pci.MSIX_CONTROL_FUNCTION_MASK.mask, 0);
    for (let entry = 0; entry < this.#tableSizeBytes(at); entry += pci.MSIX_ENTRY_SIZE_BYTES) {
      this.#store(at, entry + pci.MSIX_ENTRY_VECTOR_CONTROL, pci.MSIX_VECTOR_CONTROL_MASK.mask);
    }
    this.#control(at, 0, pci.MSIX_CONTROL_ENABLE.mask);
  }
  #store(at: number, offset: number, value: number): void {
    const table = this.#table;
    this.#memory.store32(table.get(at, record.TABLE_PAGE), table.get(at, record.TABLE_OFFSET) + offset, value);
  }
  #control(at: number, set: number, clear: number): void {
    const device = this.#table.get(at, record.DEVICE);
    const register = this.#table.get(at, record.MSIX) + pci.MSIX_MESSAGE_CONTROL;
    this.#config.write16(device, register, (this.#config.read16(device, register) & ~clear) | set);
  }
}

/** @returns how many pages the BAR has; 0 when there is none. */
export function barPages(table: DeviceTable, at: number, index: number): number {
  const sizeBits = table.bar(at, record.BAR_SIZE_BITS, index);
  return sizeBits === 0 ? 0 : 2 ** (sizeBits - PAGE_SHIFT);
}
