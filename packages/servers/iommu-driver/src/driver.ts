/**
 * The sole owner of the IOMMU. A device reaches exactly what was mapped for it, and its own interrupts.
 *
 * Invariant: what an answer of `map` and `reclaim` says is true when it is given, and of `unmap` where invalidation is
 * strict: the change of a table is followed by its invalidation and a fence. Where it is deferred, `Waiting` lists what a
 * device may still reach.
 */
import { kernel as abi, type ClientPort, type kernel, type Right } from '@bulkhead/abi';
import { DEVICE_WRITE, NO_SPACE, NOT_A_FRAME, NOT_MAPPED, NOT_OWNER, NOT_SUPERVISOR } from '@bulkhead/iommu-driver-api';
import type { pciBus } from '@bulkhead/pci-bus-driver-api';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Context, Window } from '@bulkhead/runtime';
import type { Commands } from './commands.ts';
import { type IommuDriverConfig, NOBODY } from './config.ts';
import type { Devices } from './devices.ts';
import type { Faults } from './faults.ts';
import { FIRST_FILE_IO_PAGE, IO_PAGES, type IoSpace } from './io-space.ts';
import * as layout from './layout.ts';
import { FILE_MASK, type Messages } from './messages.ts';
import type { Reporter } from './reporter.ts';
import type { TablePages } from './table-pages.ts';
import type { Waiting } from './waiting.ts';

/** Requester IDs have 16 bits. PCIe Base 5.0 §2.2.6.2 "Transaction Descriptor - Transaction ID Field". */
const DEVICE_LIMIT = 0x10000;
const SMALL_BITS = 12;
const LARGE_BITS = 21;
const LARGE_PAGES = 512;
/** The kernel's notifications. */
export const FAULT_TOKEN = 0;
export const ALARM_TOKEN = 1;

type KernelPort = ClientPort<typeof kernel.contractOfKernel>;

export interface IommuDriverParts {
  readonly context: Context<IommuDriverConfig>;
  readonly kernel: KernelPort;
  readonly pci: ClientPort<typeof pciBus>;
  readonly registers: Window;
  readonly tables: TablePages;
  readonly devices: Devices;
  readonly spaces: IoSpace;
  readonly messages: Messages;
  readonly commands: Commands;
  readonly faults: Faults;
  readonly reporter: Reporter;
  readonly waiting: Waiting;
}

export class IommuDriver {
  readonly #parts: IommuDriverParts;
  readonly #config: IommuDriverConfig;
  readonly #map: number;
  readonly #unmap: number;
  readonly #invalidate: number;
  readonly #request: number;
  readonly #release: (at: number, ioPage: number) => void;
  /** In which tenure the caller that was last found to be the owner holds its device. */
  #tenure = 0;

  constructor(parts: IommuDriverParts) {
    const { config, work } = parts.context;
    this.#parts = parts;
    this.#config = config;
    this.#map = work.id('map');
    this.#unmap = work.id('unmap');
    this.#invalidate = work.id('invalidate');
    this.#request = work.id('request');
    this.#release = (at, ioPage) => this.#mayGiveAgain(at, ioPage);
  }

  /**
   * Empty queues, empty caches, then the mode. RISC-V IOMMU 1.0 §6 "Software guidelines", initialization.
   * @throws when the IOMMU cannot do what the configuration asks for.
   */
  start(): void {
    const { commands, faults, registers, tables } = this.#parts;
    registers.store32(reg.DDTP, reg.DDTP_MODE_OFF);
    if (this.#config.mode === 'translating') this.#chooseFormat();
    commands.start();
    faults.start(this.#config.msiPage, this.#config.faultIdentity);
    commands.invalidateAll();
    commands.fence();
    const directory = tables.physical(layout.DIRECTORY_PAGE);
    registers.store32(reg.DDTP + 4, directory >>> 22);
    registers.store32(reg.DDTP, (directory << 10) | modeOf(this.#config.mode));
  }
  /** §2.1.2: an IOMMU that can translate messages has contexts of 64 bytes, whether or not it is to translate them. */
  #chooseFormat(): void {
    const { devices, messages, registers } = this.#parts;
    const capabilities = registers.load32(reg.CAPABILITIES);
    if ((capabilities & reg.CAPABILITIES_MSI_FLAT.mask) !== 0)
      devices.useExtendedFormat(FILE_MASK, messages.guestPage(0));
    if (this.#config.msiTranslation && (capabilities & reg.CAPABILITIES_MSI_MRIF.mask) === 0)
      throw new Error('iommu-driver: the IOMMU has no memory-resident interrupt files: switch msiTranslation off');
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
    const at = this.#parts.devices.find(device);
    if (at < 0 || !this.#isOf(at, from) || ioPage < 0 || ioPage >= IO_PAGES) return NOT_MAPPED;
    return this.#isInterrupts(ioPage) ? NOT_MAPPED : this.#unmapIn(at, ioPage);
  }
  reclaim(from: number, device: number): number {
    this.#spend(this.#request);
    if (from !== this.#config.supervisor) return NOT_SUPERVISOR;
    const at = device < 0 || device >= DEVICE_LIMIT ? -1 : this.#parts.devices.find(device);
    return at < 0 ? 0 : this.#clear(at);
  }
  reclaimFrom(from: number, component: number): number {
    this.#spend(this.#request);
    if (from !== this.#config.supervisor) return NOT_SUPERVISOR;
    const { devices } = this.#parts;
    let count = 0;
    for (let at = devices.findHeldBy(component); at >= 0; at = devices.nextHeldBy(component, at))
      count += this.#clear(at);
    return count;
  }
  notified(token: number): void {
    if (token === FAULT_TOKEN) this.#parts.faults.drain(this.#parts.reporter);
    else if (token === ALARM_TOKEN && this.#parts.waiting.count > 0) this.#fence();
  }

  /** In the order of the contract's refusals. */
  #refusal(from: number, device: number): number {
    if (device < 0 || device >= DEVICE_LIMIT) return NOT_OWNER;
    if (!this.#config.checkOwner) return 0;
    if (this.#parts.pci.ownerOf(device) !== from) return NOT_OWNER;
    this.#tenure = this.#parts.context.answer[1]!;
    return 0;
  }
  #mapFor(from: number, device: number, physical: number, writable: boolean, sizeBits: number): number {
    const at = this.#spaceOf(from, device);
    if (at < 0) return NO_SPACE;
    const { commands, devices, spaces } = this.#parts;
    const level = sizeBits === LARGE_BITS ? 1 : 0;
    const use = devices.pscid(at);
    const ioPage = this.#findPage(at, level);
    if (ioPage < 0 || !spaces.map(devices.root(at), ioPage, physical, writable, level, use)) return NO_SPACE;
    if (level === 0) devices.setWord(at, layout.DEVICE_HINT, ioPage + 1);
    devices.setWord(at, layout.DEVICE_MAPPINGS, devices.word(at, layout.DEVICE_MAPPINGS) + 1);
    commands.invalidatePage(use, ioPage);
    this.#fence();
    return ioPage;
  }
  /** Pages that wait for their invalidation are given again when there are no others. */
  #findPage(at: number, level: number): number {
    const { devices, spaces, waiting } = this.#parts;
    const find = (): number =>
      level === 1
        ? spaces.findLarge(devices.root(at), devices.pscid(at))
        : spaces.findSmall(devices.root(at), devices.word(at, layout.DEVICE_HINT), devices.pscid(at));
    const ioPage = find();
    if (ioPage >= 0 || waiting.count === 0) return ioPage;
    this.#fence();
    return find();
  }
  #unmapIn(at: number, ioPage: number): number {
    const { commands, context, devices, kernel, spaces, waiting } = this.#parts;
    const { deferPages, deferUs, invalidation } = this.#config;
    const deferred = invalidation === 'deferred';
    const level = spaces.unmap(devices.root(at), ioPage, deferred);
    if (level < 0) return NOT_MAPPED;
    devices.setWord(at, layout.DEVICE_MAPPINGS, devices.word(at, layout.DEVICE_MAPPINGS) - 1);
    commands.invalidatePage(devices.pscid(at), ioPage);
    if (!deferred) {
      this.#lowerHint(at, ioPage, level);
      this.#fence();
      return 0;
    }
    waiting.add(at, ioPage, context.nowUs());
    if (waiting.count >= deferPages) this.#fence();
    else if (waiting.count === 1 && kernel.setAlarm(ALARM_TOKEN, deferUs) < 0) this.#fence();
    return 0;
  }
  #mayGiveAgain(at: number, ioPage: number): void {
    const { devices, spaces } = this.#parts;
    this.#lowerHint(at, ioPage, spaces.release(devices.root(at), ioPage));
  }
  #lowerHint(at: number, ioPage: number, level: number): void {
    const { devices } = this.#parts;
    if (level === 0 && ioPage < devices.word(at, layout.DEVICE_HINT)) devices.setWord(at, layout.DEVICE_HINT, ioPage);
  }

  /** Whether a space is the caller's, who owns the device now: a former holder's is not, nor that of its own former tenure. */
  #isOf(at: number, from: number): boolean {
    const { devices } = this.#parts;
    if (devices.root(at) === layout.NO_ROOT) return false;
    if (!this.#config.checkOwner) return devices.word(at, layout.DEVICE_HOLDER) !== NOBODY;
    return devices.word(at, layout.DEVICE_HOLDER) === from && devices.word(at, layout.DEVICE_TENURE) === this.#tenure;
  }
  /** @returns the device's record, made when it has none; or -1. What a former holder left mapped goes before. */
  #spaceOf(from: number, device: number): number {
    const { devices, spaces } = this.#parts;
    const known = devices.find(device);
    if (known >= 0 && this.#isOf(known, from)) return known;
    if (known >= 0) this.#clear(known);
    const at = devices.add(device, from, this.#tenure, spaces.firstHint);
    return at < 0 || this.#open(at, device) ? at : -1;
  }
  /**
   * The device's interrupts come first, then its context, and then the PCI-bus driver is told that there is a fresh IO
   * space, and where the vectors write to. @returns false when the space is gone again: there was no room.
   */
  #open(at: number, device: number): boolean {
    const { commands, devices, pci } = this.#parts;
    const count = this.#makeInterrupts(at, device);
    if (count < 0) {
      devices.remove(at);
      return false;
    }
    devices.publish(at);
    commands.invalidateDevice(device);
    if (pci.redirect(device, FIRST_FILE_IO_PAGE, count) >= 0) return true;
    this.#clear(at);
    return false;
  }
  /** @returns how many vectors have an interrupt file of their own, or -1. */
  #makeInterrupts(at: number, device: number): number {
    const { devices, messages, spaces } = this.#parts;
    const { msiPage, msiTranslation } = this.#config;
    if (msiTranslation) return messages.build(at, device);
    return spaces.map(devices.root(at), msiPage, msiPage, true, 0, devices.pscid(at)) ? 0 : -1;
  }
  #isInterrupts(ioPage: number): boolean {
    if (this.#config.msiTranslation) return ioPage >= FIRST_FILE_IO_PAGE && ioPage <= FIRST_FILE_IO_PAGE + FILE_MASK;
    return ioPage === this.#config.msiPage;
  }
  /** First the context goes, then, when no cache holds anything, the tables. @returns how many mappings there were. */
  #clear(at: number): number {
    const { commands, devices } = this.#parts;
    const count = devices.word(at, layout.DEVICE_MAPPINGS);
    devices.withdraw(at);
    commands.invalidateDevice(devices.device(at));
    commands.invalidateSpace(devices.pscid(at));
    if (devices.word(at, layout.DEVICE_MESSAGES) !== 0) commands.invalidateMessages();
    this.#fence();
    devices.remove(at);
    return count;
  }
  /** Every command that was given is done when this returns; what waited for its invalidation waits no more. */
  #fence(): void {
    this.#spend(this.#invalidate);
    this.#parts.commands.fence();
    this.#parts.waiting.drain(this.#parts.context.nowUs(), this.#release);
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
