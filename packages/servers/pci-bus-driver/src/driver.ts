/**
 * The sole owner of configuration space. It hands a device to one component at a time: the BARs as untyped rights,
 * the interrupts as handler rights, and takes all of it back without the holder's help.
 *
 * Invariant: what it lends is derived from rights that it keeps, so revoking those empties every other hand.
 */
import { type ClientPort, type kernel, right } from '@bulkhead/abi';
import {
  EXHAUSTED,
  HELD_BY_ANOTHER,
  NO_IO_SPACE,
  NO_SUCH_BAR,
  NO_SUCH_DEVICE,
  NO_SUCH_REGISTER,
  NO_SUCH_VECTOR,
  NOBODY,
  NOT_ALLOWED,
  NOT_HOLDER,
  NOT_IOMMU_DRIVER,
  NOT_SUPERVISOR,
  STATE_BROKEN,
  STATE_GONE,
  STATE_HELD,
  STATE_NO_PLACE,
} from '@bulkhead/pci-bus-driver-api';
import * as pci from '@bulkhead/pci-datasheet';
import { invariant } from '@bulkhead/result';
import type { Context } from '@bulkhead/runtime';
import { ALLOW_LIST_SIZE_BYTES, AllowList } from './allow-list.ts';
import { BRIDGE_TABLE_SIZE_BYTES, BridgeTable } from './bridge-table.ts';
import type { PciBusDriverConfig } from './config.ts';
import { ConfigSpace } from './config-space.ts';
import * as record from './device-table.ts';
import { DEVICE_TABLE_SIZE_BYTES, DeviceTable } from './device-table.ts';
import { INTERRUPT_TABLE_SIZE_BYTES, InterruptTable } from './interrupt-table.ts';
import { Masters } from './masters.ts';
import { Msix } from './msix.ts';
import { Reset } from './reset.ts';
import { findDevices } from './start.ts';
import { Vectors } from './vectors.ts';

const INTERRUPTS_OFFSET: number = DEVICE_TABLE_SIZE_BYTES;
const ALLOWED_OFFSET: number = INTERRUPTS_OFFSET + INTERRUPT_TABLE_SIZE_BYTES;
const BRIDGES_OFFSET: number = ALLOWED_OFFSET + ALLOW_LIST_SIZE_BYTES;
export const HEAP_SIZE_BYTES: number = BRIDGES_OFFSET + BRIDGE_TABLE_SIZE_BYTES;

/** Who has one of these cannot be had. */
const OFF: number = STATE_NO_PLACE | STATE_BROKEN | STATE_GONE;

type Kernel = ClientPort<typeof kernel.contractOfKernel>;

export class PciBusDriver {
  readonly #context: Context<PciBusDriverConfig>;
  readonly #kernel: Kernel;
  readonly #table: DeviceTable;
  readonly #bridges: BridgeTable;
  readonly #allowed: AllowList;
  readonly #config: ConfigSpace;
  readonly #msix: Msix;
  readonly #vectors: Vectors;
  readonly #masters: Masters;
  readonly #reset: Reset;
  readonly #init: number;
  readonly #request: number;
  /** How many times a device came to be held. */
  #tenures = 0;

  constructor(context: Context<PciBusDriverConfig>, kernelPort: Kernel) {
    const { answer, config, heap, memory, work } = context;
    this.#context = context;
    this.#kernel = kernelPort;
    this.#init = work.id('init');
    this.#request = work.id('request');
    this.#table = new DeviceTable(heap.at(0, DEVICE_TABLE_SIZE_BYTES));
    const identityCount = config.lastIdentity - config.firstIdentity + 1;
    const interrupts = new InterruptTable(heap.at(INTERRUPTS_OFFSET, INTERRUPT_TABLE_SIZE_BYTES), identityCount);
    this.#allowed = new AllowList(heap.at(ALLOWED_OFFSET, ALLOW_LIST_SIZE_BYTES));
    this.#bridges = new BridgeTable(heap.at(BRIDGES_OFFSET, BRIDGE_TABLE_SIZE_BYTES));
    this.#config = new ConfigSpace(memory);
    this.#msix = new Msix({ kernel: kernelPort, answer, memory, config: this.#config, table: this.#table });
    this.#vectors = new Vectors({
      kernel: kernelPort,
      control: () => context.right('irq-control'),
      config: this.#config,
      table: this.#table,
      interrupts,
      msix: this.#msix,
      firstIdentity: config.firstIdentity,
      messagePage: config.msiPage,
    });
    this.#masters = new Masters(this.#config, this.#table, this.#bridges);
    this.#reset = new Reset(this.#config, this.#table, this.#bridges);
  }

  /** Maps configuration space, finds the devices and gives every BAR its place. @throws when it may not. */
  start(): void {
    const { config, work } = this.#context;
    for (const { component, vendorDevice } of config.allowed) {
      if (!this.#allowed.add(component, vendorDevice))
        throw new Error('pci-bus-driver: the list of allowed is too long');
    }
    findDevices({
      context: this.#context,
      kernel: this.#kernel,
      config: this.#config,
      devices: this.#table,
      bridges: this.#bridges,
      found: () => work.spend(this.#init),
    });
    this.#msix.mapTables();
  }

  /** Who takes devices from others, and decides when their mappings go, is handed none: it would find those mappings. */
  allow(from: number, component: number, vendorDevice: number): number {
    if (!this.#isSupervisor(from)) return NOT_SUPERVISOR;
    if (component === from) return NOT_ALLOWED;
    return this.#allowed.add(component, vendorDevice) ? 0 : EXHAUSTED;
  }

  /** A device that the caller may not have does not exist for it. */
  find(from: number, vendorDevice: number, nth: number): number {
    this.#context.work.spend(this.#request);
    if (!this.#allowed.has(from, vendorDevice)) return NO_SUCH_DEVICE;
    return this.#nthWith(record.VENDOR_DEVICE, vendorDevice | 0, nth);
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
    if (!this.#isThere(at)) return NO_SUCH_DEVICE;
    if ((table.state(at) & OFF) !== 0) return EXHAUSTED;
    table.put(at, record.HOLDER, from);
    table.put(at, record.TENURE, ++this.#tenures);
    this.#masters.decode(at, true);
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
    const pages = table.bar(at, record.BAR_PAGES, index);
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
    const handler = this.#vectors.give(at, vector);
    if (handler < 0) return handler;
    this.#context.answer[1] = handler;
    return 0;
  }

  startDevice(from: number, device: number): number {
    const at = this.#heldBy(from, device);
    if (at < 0) return at;
    const hasSpace = (this.#table.get(at, record.FLAGS) & record.HAS_SPACE) !== 0;
    if (this.#context.config.needsIoSpace && !hasSpace) return NO_IO_SPACE;
    this.#masters.start(at);
    return 0;
  }

  release(from: number, device: number): number {
    const at = this.#heldBy(from, device);
    if (at < 0) return at;
    this.#takeBack(at);
    return 0;
  }

  reclaim(from: number, component: number): number {
    if (!this.#isSupervisor(from)) return NOT_SUPERVISOR;
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
    if (at < 0) return NO_SUCH_DEVICE;
    this.#context.answer[1] = this.#table.get(at, record.TENURE);
    return this.#table.get(at, record.HOLDER);
  }

  heldBy(from: number, component: number, nth: number): number {
    if (!this.#isSupervisor(from)) return NOT_SUPERVISOR;
    return component === NOBODY ? NO_SUCH_DEVICE : this.#nthWith(record.HOLDER, component | 0, nth);
  }

  inventory(from: number, nth: number): number {
    if (!this.#isSupervisor(from)) return NOT_SUPERVISOR;
    const { answer } = this.#context;
    const table = this.#table;
    const at = table.at(nth);
    if (at >= 0) {
      answer[1] = table.get(at, record.VENDOR_DEVICE);
      answer[2] = table.state(at) | (table.get(at, record.HOLDER) === NOBODY ? 0 : STATE_HELD);
      return table.get(at, record.DEVICE);
    }
    answer[1] = table.lost + this.#bridges.lost;
    answer[2] = 0;
    return nth < 0 ? NO_SUCH_DEVICE : this.#bridges.describe(nth - table.count, answer);
  }

  raisedBy(from: number, identity: number): number {
    return this.#isSupervisor(from) ? this.#vectors.deviceOf(identity) : NOT_SUPERVISOR;
  }

  config(from: number, device: number, offset: number): number {
    const at = this.#heldBy(from, device);
    if (at < 0) return at;
    if (offset < 0 || offset >= pci.CONFIGURATION_SPACE_SIZE_BYTES || offset % 4 !== 0) return NO_SUCH_REGISTER;
    this.#context.answer[1] = this.#config.read32(device, offset);
    return 0;
  }

  messageOf(from: number, device: number, vector: number): number {
    const at = this.#forIommuDriver(from, device);
    return at < 0 ? at : this.#vectors.identityOf(at, vector);
  }

  redirect(from: number, device: number, page: number, count: number): number {
    const at = this.#forIommuDriver(from, device);
    if (at < 0) return at;
    if (page < 0 || count < 0 || count > pci.MSIX_MAX_VECTORS) return NO_SUCH_VECTOR;
    this.#vectors.redirect(at, page, count);
    this.#table.put(at, record.FLAGS, this.#table.get(at, record.FLAGS) | record.HAS_SPACE);
    return 0;
  }

  #isSupervisor(from: number): boolean {
    this.#context.work.spend(this.#request);
    return from === this.#context.config.supervisor;
  }
  /** @returns the device's record, or why the caller may not ask about it. */
  #forIommuDriver(from: number, device: number): number {
    const { config, work } = this.#context;
    work.spend(this.#request);
    if (from === NOBODY || from !== config.iommuDriver) return NOT_IOMMU_DRIVER;
    const at = this.#table.find(device);
    return at < 0 ? NO_SUCH_DEVICE : at;
  }
  /** @returns the device's record, or why the caller may not ask about it. */
  #heldBy(from: number, device: number): number {
    this.#context.work.spend(this.#request);
    const at = this.#table.find(device);
    if (at < 0) return NO_SUCH_DEVICE;
    return this.#table.get(at, record.HOLDER) === from ? at : NOT_HOLDER;
  }
  #nthWith(field: number, value: number, nth: number): number {
    const table = this.#table;
    let left = nth;
    for (let at = 0; at < table.end; at = table.after(at)) {
      if (table.get(at, field) === value && left-- === 0) return table.get(at, record.DEVICE);
    }
    return NO_SUCH_DEVICE;
  }
  /** A device that does not answer any more is gone for good: whatever comes back in its place is none that we know. */
  #isThere(at: number): boolean {
    const table = this.#table;
    const answers = this.#config.read32(table.get(at, record.DEVICE), pci.VENDOR_ID);
    if (answers !== table.get(at, record.VENDOR_DEVICE)) table.mark(at, STATE_GONE);
    return (table.state(at) & STATE_GONE) === 0;
  }

  /**
   * In this order nothing of the device reaches anybody afterwards, and nobody reaches it:
   *
   * 1. It masters the bus no more, which stops memory accesses and messages alike; what it had sent has arrived.
   * 2. Its vectors are masked.
   * 3. Its registers are taken from the holder, who could undo what comes next.
   * 4. It is reset; then it decodes nothing.
   * 5. The handlers of its interrupts go: what had arrived tells nobody.
   * 6. It is nobody's.
   */
  #takeBack(at: number): void {
    this.#masters.stop(at);
    this.#vectors.silence(at);
    for (let index = 0; index < pci.BAR_COUNT; index++) this.#takeBackBar(at, index);
    this.#reset.run(at);
    this.#masters.decode(at, false);
    this.#vectors.takeBack(at);
    this.#table.put(at, record.FLAGS, this.#table.get(at, record.FLAGS) & ~record.HAS_SPACE);
    this.#table.put(at, record.TENURE, 0);
    this.#table.put(at, record.HOLDER, NOBODY);
  }

  #takeBackBar(at: number, index: number): void {
    const table = this.#table;
    const flags = table.get(at, record.FLAGS);
    if ((flags & (1 << index)) === 0) return;
    const revoked = this.#kernel.revoke(right(table.bar(at, record.BAR_RIGHT, index)));
    invariant(revoked >= 0, 'the kernel revokes what this driver itself holds');
    table.put(at, record.FLAGS, flags & ~(1 << index));
  }
}
