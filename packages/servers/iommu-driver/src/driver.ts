/**
 * The sole owner of the IOMMU. A device reaches exactly what was mapped for it, and the page of the interrupt file.
 *
 * Invariant: what an answer says is true when it is given. Every change of a table is followed by its invalidation and
 * a fence, so after `unmap` and `reclaim` no access of the device can reach the frame any more.
 */
import { kernel as abi, type ClientPort, type kernel, type Right, type ServerPort } from '@bulkhead/abi';
import {
  DEVICE_WRITE,
  type iommu,
  NO_SPACE,
  NOT_A_FRAME,
  NOT_MAPPED,
  NOT_OWNER,
  NOT_SUPERVISOR,
} from '@bulkhead/iommu-driver-api';
import type { pciBus } from '@bulkhead/pci-bus-driver-api';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Context, Window } from '@bulkhead/runtime';
import type { Commands } from './commands.ts';
import { type IommuDriverConfig, NOBODY } from './config.ts';
import type { Devices } from './devices.ts';
import type { Faults } from './faults.ts';
import { IO_PAGES, type IoSpace } from './io-space.ts';
import * as layout from './layout.ts';
import type { TablePages } from './table-pages.ts';

/** Requester IDs have 16 bits. PCIe Base 5.0 §2.2.6.2 "Transaction Descriptor - Transaction ID Field". */
const DEVICE_LIMIT = 0x10000;
const SMALL_BITS = 12;
const LARGE_BITS = 21;
const LARGE_PAGES = 512;

type KernelPort = ClientPort<typeof kernel.contractOfKernel>;

export interface IommuDriverParts {
  readonly context: Context<IommuDriverConfig>;
  readonly kernel: KernelPort;
  readonly pci: ClientPort<typeof pciBus>;
  readonly events: ServerPort<typeof iommu>;
  readonly registers: Window;
  readonly tables: TablePages;
  readonly devices: Devices;
  readonly spaces: IoSpace;
  readonly commands: Commands;
  readonly faults: Faults;
}

export class IommuDriver {
  readonly #parts: IommuDriverParts;
  readonly #config: IommuDriverConfig;
  readonly #map: number;
  readonly #unmap: number;
  readonly #invalidate: number;
  readonly #request: number;
  readonly #fault: number;
  readonly #tell: (device: number, cause: number, ioPage: number) => void;

  constructor(parts: IommuDriverParts) {
    const { config, work } = parts.context;
    this.#parts = parts;
    this.#config = config;
    this.#map = work.id('map');
    this.#unmap = work.id('unmap');
    this.#invalidate = work.id('invalidate');
    this.#request = work.id('request');
    this.#fault = work.id('fault');
    this.#tell = (device, cause, ioPage) => this.#report(device, cause, ioPage);
  }

  /** Empty queues, empty caches, then the mode. RISC-V IOMMU 1.0 §6 "Software guidelines", initialization. */
  start(): void {
    const { commands, faults, registers, tables } = this.#parts;
    registers.store32(reg.DDTP, reg.DDTP_MODE_OFF);
    commands.start();
    faults.start(this.#config.msiPage, this.#config.faultIdentity);
    commands.invalidateAll();
    commands.fence();
    const directory = tables.physical(layout.DIRECTORY_PAGE);
    registers.store32(reg.DDTP + 4, directory >>> 22);
    registers.store32(reg.DDTP, (directory << 10) | modeOf(this.#config.mode));
  }

  /**
   * The kernel is asked where the frame is, how large, and what the right allows, and the right is dropped: this driver
   * keeps none of anybody's frames, and believes nothing that it was told about them.
   */
  map(from: number, device: number, frame: Right, access: number): number {
    const { kernel, context } = this.#parts;
    const refusal = this.#refusal(from, device);
    const physical = refusal < 0 ? refusal : kernel.address(frame);
    const sizeBits = context.answer[1]!;
    const mayWrite = context.answer[2] === abi.READ_WRITE;
    kernel.delete(frame);
    if (refusal < 0) return refusal;
    const writable = (access & DEVICE_WRITE) !== 0;
    if (physical < 0 || !isFrame(physical, sizeBits) || (writable && !mayWrite)) return NOT_A_FRAME;
    switch (this.#config.mode) {
      case 'bare':
        this.#spend(this.#request);
        return physical;
      case 'off':
        return NO_SPACE;
      case 'translating':
        this.#spend(this.#map);
        return this.#mapFor(from, device, physical, writable, sizeBits);
    }
  }
  unmap(from: number, device: number, ioPage: number): number {
    const refusal = this.#refusal(from, device);
    if (refusal < 0) return refusal;
    this.#spend(this.#unmap);
    if (this.#config.mode === 'bare') return 0;
    const { commands, devices, spaces } = this.#parts;
    const at = devices.find(device);
    if (at < 0 || ioPage < 0 || ioPage >= IO_PAGES || ioPage === this.#config.msiPage) return NOT_MAPPED;
    const level = spaces.unmap(devices.root(at), ioPage);
    if (level < 0) return NOT_MAPPED;
    if (level === 0 && ioPage < devices.word(at, layout.DEVICE_HINT)) devices.setWord(at, layout.DEVICE_HINT, ioPage);
    devices.setWord(at, layout.DEVICE_MAPPINGS, devices.word(at, layout.DEVICE_MAPPINGS) - 1);
    commands.invalidatePage(devices.pscid(at), ioPage);
    this.#fence();
    return 0;
  }
  reclaim(from: number, device: number): number {
    this.#spend(this.#request);
    if (from !== this.#config.supervisor) return NOT_SUPERVISOR;
    const at = device < 0 || device >= DEVICE_LIMIT ? -1 : this.#parts.devices.find(device);
    return at < 0 ? 0 : this.#clear(at, device);
  }
  /** The fault queue's interrupt. */
  drainFaults(): void {
    this.#parts.faults.drain(this.#tell);
  }

  /** In the order of the contract's refusals. */
  #refusal(from: number, device: number): number {
    if (device < 0 || device >= DEVICE_LIMIT) return NOT_OWNER;
    return this.#config.checkOwner && this.#parts.pci.ownerOf(device) !== from ? NOT_OWNER : 0;
  }
  #mapFor(from: number, device: number, physical: number, writable: boolean, sizeBits: number): number {
    const { commands, devices, spaces } = this.#parts;
    const at = this.#spaceOf(from, device);
    if (at < 0) return NO_SPACE;
    const root = devices.root(at);
    const use = devices.pscid(at);
    const level = sizeBits === LARGE_BITS ? 1 : 0;
    const hint = devices.word(at, layout.DEVICE_HINT);
    const ioPage = level === 1 ? spaces.findLarge(root, use) : spaces.findSmall(root, hint, use);
    if (ioPage < 0 || !spaces.map(root, ioPage, physical, writable, level, use)) return NO_SPACE;
    if (level === 0) devices.setWord(at, layout.DEVICE_HINT, ioPage + 1);
    devices.setWord(at, layout.DEVICE_MAPPINGS, devices.word(at, layout.DEVICE_MAPPINGS) + 1);
    commands.invalidatePage(use, ioPage);
    this.#fence();
    return ioPage;
  }
  /**
   * @returns the device's record, made with the page of its interrupts when it has none; or -1. What a former holder
   * left mapped goes before the new one has its first page.
   */
  #spaceOf(from: number, device: number): number {
    const { commands, devices, spaces } = this.#parts;
    const known = devices.find(device);
    if (known >= 0 && (!this.#config.checkOwner || devices.word(known, layout.DEVICE_HOLDER) === from)) return known;
    if (known >= 0) this.#clear(known, device);
    const at = devices.add(device, from, spaces.firstHint);
    if (at < 0) return at;
    const { msiPage } = this.#config;
    if (!spaces.map(devices.root(at), msiPage, msiPage, true, 0, devices.pscid(at))) {
      devices.remove(at);
      return -1;
    }
    devices.publish(at);
    commands.invalidateDevice(device);
    return at;
  }
  /** First the context goes, then, when no cache holds anything, the tables. @returns how many mappings there were. */
  #clear(at: number, device: number): number {
    const { commands, devices } = this.#parts;
    const count = devices.word(at, layout.DEVICE_MAPPINGS);
    devices.withdraw(at);
    commands.invalidateDevice(device);
    commands.invalidateSpace(devices.pscid(at));
    this.#fence();
    devices.remove(at);
    return count;
  }
  #report(device: number, cause: number, ioPage: number): void {
    this.#spend(this.#fault);
    if (this.#config.supervisor !== NOBODY) this.#parts.events.faulted(this.#config.supervisor, device, cause, ioPage);
  }
  #fence(): void {
    this.#spend(this.#invalidate);
    this.#parts.commands.fence();
  }
  #spend(id: number): void {
    this.#parts.context.work.spend(id);
  }
}

/** CHOICE: the size is the caller's word; only its alignment can be checked here. See README. */
const isFrame = (physical: number, sizeBits: number): boolean =>
  sizeBits === SMALL_BITS || (sizeBits === LARGE_BITS && physical % LARGE_PAGES === 0);

const modeOf = (mode: IommuDriverConfig['mode']): number => {
  switch (mode) {
    case 'bare':
      return reg.DDTP_MODE_BARE;
    case 'translating':
      return reg.DDTP_MODE_2LVL;
    case 'off':
      return reg.DDTP_MODE_OFF;
  }
};
