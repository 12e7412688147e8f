/**
 * The sole owner of configuration space. It hands a device to one component at a time: the BARs as untyped rights,
 * the interrupts as handler rights, and takes all of it back without the holder's help.
 *
 * Invariant: what it lends is derived from rights that it keeps, so revoking those empties every other hand.
 */
import { type ClientPort, kernel, right } from '@bulkhead/abi';
import { has } from '@bulkhead/bits';
import {
  EXHAUSTED,
  HELD_BY_ANOTHER,
  NO_SUCH_BAR,
  NO_SUCH_DEVICE,
  NO_SUCH_VECTOR,
  NOBODY,
  NOT_ALLOWED,
  NOT_HOLDER,
  NOT_SUPERVISOR,
} from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import { invariant } from '@bulkhead/result';
import type { Context } from '@bulkhead/runtime';
import { ALLOW_LIST_SIZE_BYTES, AllowList } from './allow-list.ts';
import type { PciBusDriverConfig } from './config.ts';
import { ConfigSpace } from './config-space.ts';
import * as record from './device-table.ts';
import { DEVICE_TABLE_SIZE_BYTES, DeviceTable } from './device-table.ts';
import { enumerate, writeBar } from './enumerate.ts';
import { INTERRUPT_TABLE_SIZE_BYTES, InterruptTable } from './interrupt-table.ts';
import { MemoryWindow } from './memory-window.ts';
import { barPages, Msix } from './msix.ts';

const INTERRUPTS_OFFSET: number = DEVICE_TABLE_SIZE_BYTES;
const ALLOWED_OFFSET: number = INTERRUPTS_OFFSET + INTERRUPT_TABLE_SIZE_BYTES;
export const HEAP_SIZE_BYTES: number = ALLOWED_OFFSET + ALLOW_LIST_SIZE_BYTES;

type Kernel = ClientPort<typeof kernel.contractOfKernel>;

export class PciBusDriver {
  readonly #context: Context<PciBusDriverConfig>;
  readonly #kernel: Kernel;
  readonly #table: DeviceTable;
  readonly #interrupts: InterruptTable;
  readonly #allowed: AllowList;
  readonly #config: ConfigSpace;
  readonly #msix: Msix;
  readonly #init: number;
  readonly #request: number;

  constructor(context: Context<PciBusDriverConfig>, kernelPort: Kernel) {
    const { answer, config, heap, memory, work } = context;
    this.#context = context;
    this.#kernel = kernelPort;
    this.#init = work.id('init');
    this.#request = work.id('request');
    this.#table = new DeviceTable(heap.at(0, DEVICE_TABLE_SIZE_BYTES));
    const identityCount = config.lastIdentity - config.firstIdentity + 1;
    this.#interrupts = new InterruptTable(heap.at(INTERRUPTS_OFFSET, INTERRUPT_TABLE_SIZE_BYTES), identityCount);
    this.#allowed = new AllowList(heap.at(ALLOWED_OFFSET, ALLOW_LIST_SIZE_BYTES));
    this.#config = new ConfigSpace(memory);
    this.#msix = new Msix({
      kernel: kernelPort,
      answer,
      memory,
      config: this.#config,
      table: this.#table,
      messagePage: config.msiPage,
    });
  }

  /** Maps configuration space, finds the devices and gives every BAR its place. @throws when it may not. */
  start(): void {
    const { answer, config, work } = this.#context;
    for (const { component, vendorDevice } of config.allowed) {
      if (!this.#allowed.add(component, vendorDevice))
        throw new Error('pci-bus-driver: the list of allowed is too long');
    }
    if (this.#kernel.map(this.#context.right('config'), 1, kernel.READ_WRITE) < 0) {
      throw new Error('pci-bus-driver: the kernel refuses to map configuration space');
    }
    this.#config.mapped(answer[1]!);
    enumerate(this.#config, this.#table, () => work.spend(this.#init));
    new MemoryWindow({
      kernel: this.#kernel,
      untyped: this.#context.right('memory-window'),
      firstPage: config.windowPage,
      pageCount: config.windowPages,
    }).assign(this.#config, this.#table);
    this.#msix.mapTables();
  }

  /** Who takes devices from others, and decides when their mappings go, is handed none: it would find those mappings. */
  allow(from: number, component: number, vendorDevice: number): number {
    this.#context.work.spend(this.#request);
    if (from !== this.#context.config.supervisor) return NOT_SUPERVISOR;
    if (component === from) return NOT_ALLOWED;
    return this.#allowed.add(component, vendorDevice) ? 0 : EXHAUSTED;
  }

  /** A device that the caller may not have does not exist for it. */
  find(from: number, vendorDevice: number, nth: number): number {
    this.#context.work.spend(this.#request);
    if (!this.#allowed.has(from, vendorDevice)) return NO_SUCH_DEVICE;
    const table = this.#table;
    let left = nth;
    for (let at = 0; at < table.end; at = table.after(at)) {
      if (table.get(at, record.VENDOR_DEVICE) !== (vendorDevice | 0)) continue;
      if (left-- === 0) return table.get(at, record.DEVICE);
    }
    return NO_SUCH_DEVICE;
  }

  /** For a device that the caller holds already, nothing changes. */
  claim(from: number, device: number): number {
    this.#context.work.spend(this.#request);
    const table = this.#table;
    const at = table.find(device);
    if (at < 0) return NO_SUCH_DEVICE;
    if (!this.#allowed.has(from, table.get(at, record.VENDOR_DEVICE))) return NOT_ALLOWED;
    const holder = table.get(at, record.HOLDER);
    if (holder === from) return 0;
    if (holder !== NOBODY) return HELD_BY_ANOTHER;
    if ((table.get(at, record.FLAGS) & record.UNASSIGNED) !== 0) return EXHAUSTED;
    table.put(at, record.HOLDER, from);
    this.#config.command(device, pci.COMMAND_MEMORY_SPACE_ENABLE.mask, pci.COMMAND_BUS_MASTER_ENABLE.mask);
    return 0;
  }

  /**
   * CHOICE: the BAR that holds the MSI-X table is nobody's, even where registers of the device share it: whoever
   * writes the table can send any interrupt. Asked twice, the right given first is revoked.
   */
  bar(from: number, device: number, index: number): number {
    const at = this.#heldBy(from, device);
    if (at < 0) return at;
    const table = this.#table;
    if (index < 0 || index >= pci.BAR_COUNT || index === table.get(at, record.MSIX_BAR)) return NO_SUCH_BAR;
    const pages = barPages(table, at, index);
    if (pages === 0) return NO_SUCH_BAR;
    this.#takeBackBar(at, index);
    table.put(at, record.FLAGS, table.get(at, record.FLAGS) | (1 << index));
    this.#context.answer[1] = table.bar(at, record.BAR_RIGHT, index);
    return pages;
  }

  /** Asked twice for one vector, the right given first is revoked; the identity stays. */
  interrupt(from: number, device: number, vector: number): number {
    const at = this.#heldBy(from, device);
    if (at < 0) return at;
    if (vector < 0 || vector >= this.#table.get(at, record.VECTOR_COUNT)) return NO_SUCH_VECTOR;
    const index = this.#identityIndex(device, vector);
    if (index < 0) return EXHAUSTED;
    this.#msix.route(at, vector, this.#context.config.firstIdentity + index);
    this.#context.answer[1] = this.#interrupts.right(index);
    return 0;
  }

  startDevice(from: number, device: number): number {
    const at = this.#heldBy(from, device);
    if (at < 0) return at;
    this.#config.command(device, pci.COMMAND_BUS_MASTER_ENABLE.mask, 0);
    return 0;
  }

  release(from: number, device: number): number {
    const at = this.#heldBy(from, device);
    if (at < 0) return at;
    this.#takeBack(at);
    return 0;
  }

  reclaim(from: number, component: number): number {
    this.#context.work.spend(this.#request);
    if (from !== this.#context.config.supervisor) return NOT_SUPERVISOR;
    const table = this.#table;
    let count = 0;
    for (let at = 0; at < table.end; at = table.after(at)) {
      if (component === NOBODY || table.get(at, record.HOLDER) !== component) continue;
      this.#takeBack(at);
      count++;
    }
    return count;
  }

  ownerOf(device: number): number {
    this.#context.work.spend(this.#request);
    const at = this.#table.find(device);
    return at < 0 ? NO_SUCH_DEVICE : this.#table.get(at, record.HOLDER);
  }

  /** @returns the device's record, or why the caller may not ask about it. */
  #heldBy(from: number, device: number): number {
    this.#context.work.spend(this.#request);
    const at = this.#table.find(device);
    if (at < 0) return NO_SUCH_DEVICE;
    return this.#table.get(at, record.HOLDER) === from ? at : NOT_HOLDER;
  }

  #identityIndex(device: number, vector: number): number {
    const known = this.#interrupts.find(device, vector);
    if (known >= 0) {
      this.#revoke(this.#interrupts.right(known));
      return known;
    }
    const free = this.#interrupts.free();
    if (free < 0) return -1;
    const { config } = this.#context;
    const issued = this.#kernel.issueInterrupt(this.#context.right('irq-control'), config.firstIdentity + free);
    if (issued < 0) return -1;
    this.#interrupts.take(free, device, vector, issued);
    return free;
  }

  /**
   * Nothing of the device reaches anybody before its rights are taken: first DMA and messages stop (one bit gates
   * both), then it is reset, then its registers vanish, then the holder's rights.
   */
  #takeBack(at: number): void {
    const device = this.#table.get(at, record.DEVICE);
    this.#config.command(device, 0, pci.COMMAND_BUS_MASTER_ENABLE.mask);
    this.#msix.silence(at);
    this.#reset(at);
    this.#config.command(device, pci.COMMAND_INTERRUPT_DISABLE.mask, pci.COMMAND_MEMORY_SPACE_ENABLE.mask);
    for (let index = 0; index < pci.BAR_COUNT; index++) this.#takeBackBar(at, index);
    for (let index = 0; index < this.#interrupts.capacity; index++) {
      if (this.#interrupts.owner(index) === device) this.#revoke(this.#interrupts.right(index));
    }
    this.#table.put(at, record.HOLDER, NOBODY);
  }

  /**
   * PCIe Base 5.0 §6.6.2 "Function Level Reset (FLR)", where the function has it; the BARs are lost and written anew.
   * DEVIATION: software must leave the function alone for 100 ms. A handler cannot wait, and a device of this machine
   * is reset at once.
   */
  #reset(at: number): void {
    const table = this.#table;
    const device = table.get(at, record.DEVICE);
    const express = table.get(at, record.EXPRESS);
    if (express === 0) return;
    const capabilities = this.#config.read32(device, express + pci.DEVICE_CAPABILITIES);
    if (!has(capabilities, pci.DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET)) return;
    const control = this.#config.read16(device, express + pci.DEVICE_CONTROL);
    const initiate = pci.DEVICE_CONTROL_INITIATE_FUNCTION_LEVEL_RESET.mask;
    this.#config.write16(device, express + pci.DEVICE_CONTROL, control | initiate);
    for (let index = 0; index < pci.BAR_COUNT; index++) {
      if (barPages(table, at, index) === 0) continue;
      writeBar(this.#config, device, pci.BAR0 + index * 4, table.bar(at, record.BAR_PAGE, index));
    }
  }

  #takeBackBar(at: number, index: number): void {
    const table = this.#table;
    const flags = table.get(at, record.FLAGS);
    if ((flags & (1 << index)) === 0) return;
    this.#revoke(table.bar(at, record.BAR_RIGHT, index));
    table.put(at, record.FLAGS, flags & ~(1 << index));
  }

  #revoke(index: number): void {
    invariant(this.#kernel.revoke(right(index)) >= 0, 'the kernel revokes what this driver itself holds');
  }
}
