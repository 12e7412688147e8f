/**
 * Gives every memory BAR its place in the window, and makes the right to exactly that place.
 *
 * The kernel carves an untyped from its start, each object at the next multiple of its own size, and does not say
 * where. Our addresses must be the ones that it takes: so we count as it does. Largest first leaves no hole.
 */
import { type ClientPort, kernel, type Right } from '@bulkhead/abi';
import { alignUp } from '@bulkhead/bits';
import { BAR_COUNT, BAR0 } from '@bulkhead/pci-datasheet';
import type { ConfigSpace } from './config-space.ts';
import type { DeviceTable } from './device-table.ts';
import * as record from './device-table.ts';
import { isWide, writeBar } from './enumerate.ts';

const PAGE_SHIFT = 12;
const SIZE_BITS_MAX = 31;
/** A 32-bit BAR holds no address from 4 GiB on. */
const PAGES_BELOW_4_GIB = 0x10_0000;

export interface MemoryWindowOptions {
  readonly kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly untyped: Right;
  readonly firstPage: number;
  readonly pageCount: number;
}

export class MemoryWindow {
  readonly #kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly #untyped: Right;
  readonly #endPage: number;
  #nextPage: number;

  constructor({ kernel, untyped, firstPage, pageCount }: MemoryWindowOptions) {
    this.#kernel = kernel;
    this.#untyped = untyped;
    this.#nextPage = firstPage;
    this.#endPage = firstPage + pageCount;
  }

  /** Every BAR of the table; a device that one of its BARs found no place for is marked UNASSIGNED. */
  assign(config: ConfigSpace, table: DeviceTable): void {
    for (let at = 0; at < table.end; at = table.after(at)) this.#markOversized(table, at);
    for (let sizeBits = SIZE_BITS_MAX; sizeBits >= PAGE_SHIFT; sizeBits--) {
      for (let at = 0; at < table.end; at = table.after(at)) this.#assignOfSize(config, table, at, sizeBits);
    }
  }
  #markOversized(table: DeviceTable, at: number): void {
    for (let index = 0; index < BAR_COUNT; index++) {
      if (table.bar(at, record.BAR_SIZE_BITS, index) > SIZE_BITS_MAX) table.put(at, record.FLAGS, record.UNASSIGNED);
    }
  }
  #assignOfSize(config: ConfigSpace, table: DeviceTable, at: number, sizeBits: number): void {
    for (let index = 0; index < BAR_COUNT; index++) {
      if (table.bar(at, record.BAR_SIZE_BITS, index) !== sizeBits) continue;
      if (!this.#assignBar(config, table, at, index)) table.put(at, record.FLAGS, record.UNASSIGNED);
    }
  }
  #assignBar(config: ConfigSpace, table: DeviceTable, at: number, index: number): boolean {
    const device = table.get(at, record.DEVICE);
    const register = BAR0 + index * 4;
    const sizePages = 2 ** (table.bar(at, record.BAR_SIZE_BITS, index) - PAGE_SHIFT);
    const page = alignUp(this.#nextPage, sizePages);
    if (page + sizePages > this.#endPage) return false;
    if (page + sizePages > PAGES_BELOW_4_GIB && !isWide(config, device, register)) return false;
    const right = this.#kernel.retype(this.#untyped, kernel.UNTYPED, table.bar(at, record.BAR_SIZE_BITS, index), 1);
    if (right < 0) return false;
    this.#nextPage = page + sizePages;
    table.putBar(at, record.BAR_PAGE, index, page);
    table.putBar(at, record.BAR_RIGHT, index, right);
    writeBar(config, device, register, page);
    return true;
  }
}
