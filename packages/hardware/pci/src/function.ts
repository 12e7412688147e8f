/**
 * One PCI Express function with a type 0 header. PCIe Base 5.0 §7.5.1 "PCI-Compatible Configuration Registers".
 *
 * A device builds one, gives it what stands behind its BARs, and reaches memory and interrupts only through it.
 * CHOICE: a function level reset (§6.6.2) is complete when the write that asks for it returns.
 * UNIMPLEMENTED: INTx (the interrupt pin reads 0), MSI, expansion ROM, extended capabilities.
 */
import * as pci from '@bulkhead/pci-datasheet';
import type { DmaPort, WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { type BarOptions, BaseAddress } from './base-address.ts';
import { CapabilityList, type MsixOptions } from './capability-list.ts';
import { ConfigurationSpace, READ_ONLY, readWrite } from './configuration-space.ts';
import { BusMaster, type UpstreamPorts } from './master.ts';
import { MsixTable, SIGNAL_DISABLED } from './msix.ts';

export interface PciFunctionOptions {
  readonly vendorId: number;
  readonly deviceId: number;
  /** Base class, sub-class and programming interface, 24 bits. */
  readonly classCode: number;
  readonly revision: number;
  readonly subsystem: { readonly vendorId: number; readonly id: number };
  readonly bars: readonly BarOptions[];
  readonly msix?: MsixOptions;
  /** Where a capability stands when the device's document fixes it. */
  readonly capabilityOffsets?: {
    readonly powerManagement?: number;
    readonly express?: number;
    readonly msix?: number;
  };
  /** The function was reset: the device returns to its initial state. */
  readonly onReset: () => void;
  /** Bus mastering was switched on: work that waits for memory may go on. */
  readonly onBusMasterEnable?: () => void;
}

/** Every bit of COMMAND that a PCI Express endpoint lets software write. */
const COMMAND_READ_WRITE =
  pci.COMMAND_IO_SPACE_ENABLE.mask |
  pci.COMMAND_MEMORY_SPACE_ENABLE.mask |
  pci.COMMAND_BUS_MASTER_ENABLE.mask |
  pci.COMMAND_PARITY_ERROR_RESPONSE.mask |
  pci.COMMAND_SERR_ENABLE.mask |
  pci.COMMAND_INTERRUPT_DISABLE.mask;
const STATUS_CLEAR = 0xf900; // bits 15:11 and 8

export class PciFunction {
  readonly bars: readonly BaseAddress[];
  readonly #space: ConfigurationSpace = new ConfigurationSpace();
  readonly #master: BusMaster = new BusMaster();
  readonly #msix: MsixTable | null;
  readonly #powerManagementAt: number;
  readonly #expressAt: number;
  readonly #msixAt: number;
  readonly #onReset: () => void;
  readonly #onBusMasterEnable: () => void;
  #decodeChanged: () => void = () => {};
  #requesterId = -1;

  constructor(options: PciFunctionOptions) {
    const { bars, msix, capabilityOffsets = {} } = options;
    this.#onReset = options.onReset;
    this.#onBusMasterEnable = options.onBusMasterEnable ?? (() => {});
    this.#defineHeader(options);
    const capabilities = new CapabilityList(this.#space);
    this.#powerManagementAt = capabilities.addPowerManagement(capabilityOffsets.powerManagement);
    this.#expressAt = capabilities.addExpress(capabilityOffsets.express);
    this.#msixAt = msix === undefined ? 0 : capabilities.addMsix(msix, capabilityOffsets.msix);
    this.#msix = msix === undefined ? null : this.#createMsix(msix, bars);
    this.bars = bars.map((bar) => new BaseAddress(this.#space, this.#served(bar, msix)));
  }

  /** Memory, as the device reaches it: gated by Bus Master Enable. */
  get dma(): DmaPort {
    return this.#master;
  }
  /** Bus, device and function as its requests carry them; -1 while it is attached to no bus. */
  get requesterId(): number {
    return this.#requesterId;
  }
  get busMasterEnabled(): boolean {
    return this.#master.enabled;
  }
  get msixEnabled(): boolean {
    return this.#msix?.enabled ?? false;
  }

  /** Gives the function its way upstream. Until then its requests are refused. */
  connect(ports: UpstreamPorts): void {
    this.#master.connect(ports);
  }

  /**
   * Signals an MSI-X vector: a message, or the pending bit when it is masked.
   * @returns 0, or a negative number when it was neither sent nor remembered.
   */
  signal(vector: number): number {
    return this.#msix?.signal(vector) ?? SIGNAL_DISABLED;
  }
  clearPending(vector: number): void {
    this.#msix?.clearPending(vector);
  }

  /** Resets configuration space, MSI-X and then the device. The requester ID stays. */
  reset(): void {
    this.#space.reset();
    this.#msix?.reset();
    this.#master.enabled = false;
    this.#onReset();
    this.#decodeChanged();
  }

  readConfig(offset: number, widthBytes: WidthBytes): number {
    return this.#space.read(offset, widthBytes);
  }

  writeConfig(offset: number, widthBytes: WidthBytes, value: number): void {
    if (this.#asksForReset(offset, widthBytes, value)) {
      this.reset();
      return;
    }
    const powerState = this.#powerState;
    this.#space.write(offset, widthBytes, value);
    if (!D0_OR_D3.has(this.#powerState)) this.#restorePowerState(powerState);
    this.#applyControl();
  }

  /** @returns true while accesses to memory (or I/O) space reach the function's BARs. */
  decodes(isIo: boolean): boolean {
    const enable = isIo ? pci.COMMAND_IO_SPACE_ENABLE : pci.COMMAND_MEMORY_SPACE_ENABLE;
    return this.#powerState === pci.PMCSR_POWER_STATE_D0 && (this.#space.read(pci.COMMAND, 2) & enable.mask) !== 0;
  }

  /** Called by the bus: the function's place on it, and whom to tell that its decoding changed. */
  place(requesterId: number, decodeChanged: () => void): void {
    invariant(this.#requesterId < 0, 'a function is attached once');
    this.#requesterId = requesterId;
    this.#decodeChanged = decodeChanged;
  }
  /** Called by the bus when a second function joins the device. §7.5.1.1.9 "Header Type Register". */
  markMultiFunction(): void {
    this.#space.define(pci.HEADER_TYPE, 1, pci.HEADER_TYPE_0 | pci.HEADER_TYPE_MULTI_FUNCTION.mask, READ_ONLY);
  }

  get #powerState(): number {
    return this.#space.read(this.#powerManagementAt + pci.PMCSR, 1) & pci.PMCSR_POWER_STATE.mask;
  }

  #restorePowerState(state: number): void {
    this.#space.force(this.#powerManagementAt + pci.PMCSR, 1, state | pci.PMCSR_NO_SOFT_RESET.mask);
  }

  #asksForReset(offset: number, widthBytes: WidthBytes, value: number): boolean {
    const distance = this.#expressAt + pci.DEVICE_CONTROL + 1 - offset;
    if (distance < 0 || distance >= widthBytes) return false;
    return ((value >>> (distance * 8)) & 0x80) !== 0;
  }

  #applyControl(): void {
    const command = this.#space.read(pci.COMMAND, 2);
    const mayMaster = (command & pci.COMMAND_BUS_MASTER_ENABLE.mask) !== 0 && this.#powerState === 0;
    const rises = mayMaster && !this.#master.enabled;
    this.#master.enabled = mayMaster;
    if (this.#msix !== null) {
      const control = this.#space.read(this.#msixAt + pci.MSIX_MESSAGE_CONTROL, 2);
      const masked = (control & pci.MSIX_CONTROL_FUNCTION_MASK.mask) !== 0;
      this.#msix.control((control & pci.MSIX_CONTROL_ENABLE.mask) !== 0, masked);
    }
    this.#decodeChanged();
    if (rises) this.#onBusMasterEnable();
  }

  #defineHeader({ vendorId, deviceId, classCode, revision, subsystem }: PciFunctionOptions): void {
    const space = this.#space;
    space.define(pci.VENDOR_ID, 2, vendorId, READ_ONLY);
    space.define(pci.DEVICE_ID, 2, deviceId, READ_ONLY);
    space.define(pci.COMMAND, 2, 0, readWrite(COMMAND_READ_WRITE));
    const status = { readWrite: 0, writeOneToClear: STATUS_CLEAR };
    space.define(pci.STATUS, 2, pci.STATUS_CAPABILITIES_LIST.mask, status);
    space.define(pci.REVISION_ID, 4, (classCode << 8) | revision, READ_ONLY);
    space.define(pci.CACHE_LINE_SIZE, 1, 0, readWrite(0xff));
    space.define(pci.SUBSYSTEM_VENDOR_ID, 2, subsystem.vendorId, READ_ONLY);
    space.define(pci.SUBSYSTEM_ID, 2, subsystem.id, READ_ONLY);
    space.define(pci.INTERRUPT_LINE, 1, 0, readWrite(0xff));
  }

  #createMsix(msix: MsixOptions, bars: readonly BarOptions[]): MsixTable {
    const bar = bars.find(({ index }) => index === msix.tableBar);
    invariant(bar !== undefined, 'the MSI-X table stands in a BAR of the function');
    return new MsixTable(msix, bar.device, this.#master);
  }
  #served(bar: BarOptions, msix: MsixOptions | undefined): BarOptions {
    return this.#msix !== null && bar.index === msix?.tableBar ? { ...bar, device: this.#msix } : bar;
  }
}

/** The power states that exist; a write of another is ignored (§7.5.2.2). */
const D0_OR_D3: ReadonlySet<number> = new Set([pci.PMCSR_POWER_STATE_D0, pci.PMCSR_POWER_STATE_D3_HOT]);
