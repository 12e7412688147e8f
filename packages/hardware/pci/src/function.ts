/**
 * One PCI Express function. PCIe Base 5.0 §7.5.1 "PCI-Compatible Configuration Registers".
 *
 * A device builds one, gives it what stands behind its BARs, and reaches memory and interrupts only through it.
 * CHOICE: a function level reset (§6.6.2) is complete when the write that asks for it returns.
 */
import * as pci from '@bulkhead/pci-datasheet';
import type { DmaPort, WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { type BarOptions, BaseAddress, type Claim, ExpansionRom, type ExpansionRomOptions } from './base-address.ts';
import { CapabilityList, type CapabilityOptions, ExtendedCapabilityList } from './capability-list.ts';
import { ConfigurationSpace, READ_ONLY } from './configuration-space.ts';
import { CustomCapabilities } from './custom-capabilities.ts';
import { addAdvancedErrors, ErrorReporting, type Request } from './error-reporting.ts';
import { Express, type ExpressOptions } from './express.ts';
import { defineHeader, type HeaderType, type Identity, TYPE_0 } from './header.ts';
import { InterruptPin } from './interrupt-pin.ts';
import { BusMaster, SIGNAL_DISABLED, type UpstreamPorts } from './master.ts';
import { Msi, type MsiOptions } from './msi.ts';
import { addMsix, type MsixOptions, MsixTable } from './msix.ts';
import { POWER_SOFT_RESET, PowerManagement, type PowerManagementOptions } from './power-management.ts';

export interface PciFunctionOptions extends Identity {
  readonly bars: readonly BarOptions[];
  readonly expansionRom?: ExpansionRomOptions;
  readonly powerManagement?: PowerManagementOptions;
  /** `null` for a function of conventional PCI, which has no such capability. */
  readonly express?: ExpressOptions | null;
  readonly msi?: MsiOptions;
  readonly msix?: MsixOptions;
  /** Others, such as vendor-specific ones; in the list behind those above. */
  readonly capabilities?: readonly CapabilityOptions[];
  /** Advanced error reporting. §7.8.4. @defaultValue false */
  readonly advancedErrors?: boolean;
  /** 64 bits in two halves. §7.9.3. */
  readonly serialNumber?: { readonly high: number; readonly low: number };
  /** Others, in the list behind those above. */
  readonly extendedCapabilities?: readonly CapabilityOptions[];
  /** Where a capability stands when the device's document fixes it. */
  readonly capabilityOffsets?: {
    readonly powerManagement?: number;
    readonly msi?: number;
    readonly express?: number;
    readonly msix?: number;
    readonly advancedErrors?: number;
    readonly serialNumber?: number;
  };
  /** The function was reset: the device returns to its initial state. */
  readonly onReset: () => void;
  /** Bus mastering was switched on: work that waits for memory may go on. */
  readonly onBusMasterEnable?: () => void;
}

/** Where a function is plugged in, as its bus tells it. */
export interface Place {
  /** Device and function number, the low byte of the requester ID. */
  readonly number: number;
  /** True below a port of PCI Express, false on the root bus and behind a conventional bridge. */
  readonly belowPort: boolean;
  decodeChanged(): void;
  /** The function's wire, 0 for INTA to 3 for INTD, changes. */
  setWire(wire: number, asserted: boolean): void;
  /** @returns ports for a requester ID, or null where the machine connects each function by itself. */
  upstream(requesterId: number): UpstreamPorts | null;
  sendPme(requesterId: number): void;
  /** An error message: ERROR_CORRECTABLE, ERROR_NON_FATAL or ERROR_FATAL. */
  sendError(requesterId: number, severity: number): void;
}

export class PciFunction {
  readonly bars: readonly BaseAddress[];
  /** All that answers in memory and I/O space: the BARs, then the expansion ROM. */
  readonly claims: readonly Claim[];
  readonly #space: ConfigurationSpace = new ConfigurationSpace();
  readonly #header: HeaderType;
  readonly #master: BusMaster = new BusMaster(() => this.#setStatus(pci.STATUS_RECEIVED_MASTER_ABORT.mask));
  readonly #power: PowerManagement;
  readonly #express: Express | null;
  readonly #msi: Msi | null;
  readonly #msix: MsixTable | null;
  readonly #msixAt: number;
  readonly #custom: CustomCapabilities;
  readonly #errors: ErrorReporting | null;
  #advancedErrorsAt = 0;
  readonly #pin: InterruptPin;
  readonly #onReset: () => void;
  readonly #onBusMasterEnable: () => void;
  #place: Place | null = null;
  #requesterId = -1;

  constructor(options: PciFunctionOptions, header: HeaderType = TYPE_0) {
    const { bars, msi, msix, capabilityOffsets: at = {}, expansionRom } = options;
    const space = this.#space;
    this.#onReset = options.onReset;
    this.#onBusMasterEnable = options.onBusMasterEnable ?? (() => {});
    this.#header = header;
    defineHeader(space, header, options);
    this.#pin = new InterruptPin(space, options.interruptPin ?? 0);
    const list = new CapabilityList(space);
    this.#power = new PowerManagement(space, list, options.powerManagement ?? {}, at.powerManagement);
    this.#msi = msi === undefined ? null : new Msi(space, list, msi, this.#master, at.msi);
    const { express = {} } = options;
    this.#express = express === null ? null : new Express(space, list, express, at.express);
    this.#msixAt = msix === undefined ? 0 : addMsix(space, list, msix, at.msix);
    this.#msix = msix === undefined ? null : createMsix(msix, bars, this.#master);
    this.#custom = new CustomCapabilities(list, options.capabilities ?? []);
    this.#extend(options);
    this.#errors = express === null ? null : new ErrorReporting(space, this.expressAt, this.#advancedErrorsAt);
    this.bars = bars.map((bar) => new BaseAddress(space, this.#served(bar, msix), header.barCount));
    const rom = expansionRom && new ExpansionRom(space, header.expansionRomAt, expansionRom);
    this.claims = rom === undefined ? this.bars : [...this.bars, rom];
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
  get msiEnabled(): boolean {
    return this.#msi?.enabled ?? false;
  }
  get msixEnabled(): boolean {
    return this.#msix?.enabled ?? false;
  }
  /** True in D0: below it the function answers configuration requests alone. */
  get isPowered(): boolean {
    return this.#power.isD0;
  }

  /** Gives the function its way upstream. Until then its requests are refused. */
  connect(ports: UpstreamPorts): void {
    this.#master.connect(ports);
  }

  /** Signals an MSI-X vector. @returns 0 when it was sent or is remembered as pending, or a negative number. */
  signal(vector: number): number {
    return this.#msix?.signal(vector) ?? SIGNAL_DISABLED;
  }
  clearPending(vector: number): void {
    this.#msix?.clearPending(vector);
  }
  /** Signals an MSI vector, unless MSI-X is enabled too. @returns as `signal` does. */
  signalMsi(vector: number): number {
    return this.#msi === null || this.msixEnabled ? SIGNAL_DISABLED : this.#msi.signal(vector);
  }
  clearMsiPending(vector: number): void {
    this.#msi?.clearPending(vector);
  }
  /**
   * The level that the device gives its INTx wire. It reaches the bus while neither MSI nor MSI-X is enabled, Interrupt
   * Disable is clear, and the function is in D0. A reset deasserts it.
   */
  setInterrupt(asserted: boolean): void {
    this.#pin.set(asserted);
  }
  /** Asks for attention from a power state that supports it. §7.5.2.2. */
  raisePme(): void {
    if (this.#power.raisePme()) this.#place?.sendPme(this.#requesterId);
  }

  /** Called by whoever could not hand it a request that the link brought. §2.3.1 "Request Handling Rules". */
  receiveUnsupported(request: Request): void {
    const severity = this.#errors?.unsupported(request) ?? -1;
    if (severity >= 0) this.#place?.sendError(this.#requesterId, severity);
  }

  /** Resets configuration space but for its sticky bits, interrupts and then the device. The requester ID stays. */
  reset(): void {
    this.#space.reset();
    this.#power.reset();
    this.#msi?.reset();
    this.#msix?.reset();
    this.#pin.reset();
    this.#master.enabled = false;
    this.#onReset();
    this.#settle();
  }

  readConfig(offset: number, widthBytes: WidthBytes): number {
    this.#custom.reading(offset, widthBytes);
    return this.#space.read(offset, widthBytes);
  }

  /** Reads, and tells nobody. */
  peekConfig(offset: number, widthBytes: WidthBytes): number {
    return this.#space.read(offset, widthBytes);
  }

  writeConfig(offset: number, widthBytes: WidthBytes, value: number): void {
    if (this.#express?.asksForReset(offset, widthBytes, value)) {
      this.reset();
      return;
    }
    this.#space.write(offset, widthBytes, value);
    if (this.#power.settle() === POWER_SOFT_RESET) {
      this.reset();
      return;
    }
    this.#settle();
    this.#custom.written(offset, widthBytes);
  }

  /** The device itself changes a register of configuration space, whatever software may do to it. */
  setConfig(offset: number, widthBytes: WidthBytes, value: number): void {
    this.#space.force(offset, widthBytes, value);
  }

  /** @returns true while accesses to memory (or I/O) space reach the function's BARs. */
  decodes(isIo: boolean): boolean {
    const enable = isIo ? pci.COMMAND_IO_SPACE_ENABLE : pci.COMMAND_MEMORY_SPACE_ENABLE;
    return this.#power.isD0 && (this.#space.read(pci.COMMAND, 2) & enable.mask) !== 0;
  }

  /** Called by the bus. */
  place(place: Place): void {
    invariant(this.#place === null, 'a function is attached once');
    this.#place = place;
    this.#express?.place(place.belowPort);
    this.#pin.connect((wire, asserted) => place.setWire(wire, asserted));
    this.captureBus(0);
  }
  /** Called by the bus: a Type 0 configuration write tells the function its bus number. §2.2.6.2, §2.2.9. */
  captureBus(bus: number): void {
    const place = this.#place!;
    const requesterId = (bus << pci.REQUESTER_ID_BUS.shift) | place.number;
    if (requesterId === this.#requesterId) return;
    this.#requesterId = requesterId;
    const ports = place.upstream(requesterId);
    if (ports !== null) this.#master.connect(ports);
  }
  /** Called by the bus: whether every bridge above forwards requests upstream. */
  setForwarded(forwarded: boolean): void {
    const rises = forwarded && !this.#master.forwarded && this.#master.enabled;
    this.#master.forwarded = forwarded;
    if (rises) this.#masterRises();
  }
  /** Called by the bus when a second function joins the device. §7.5.1.1.9 "Header Type Register". */
  markMultiFunction(): void {
    this.#space.define(pci.HEADER_TYPE, 1, this.#header.layout | pci.HEADER_TYPE_MULTI_FUNCTION.mask, READ_ONLY);
  }

  /** Where it is plugged in, for a bridge to pass on what comes from below; null while it is attached to no bus. */
  get attachment(): Place | null {
    return this.#place;
  }
  /** Where the PCI Express capability stands; 0 without one. */
  get expressAt(): number {
    return this.#express?.at ?? 0;
  }

  /** Where advanced error reporting stands; 0 without it. */
  get advancedErrorsAt(): number {
    return this.#advancedErrorsAt;
  }

  #setStatus(bits: number): void {
    this.#space.change(pci.STATUS, 2, bits, 0);
  }

  /** Takes over what configuration space says now. */
  #settle(): void {
    const command = this.#space.read(pci.COMMAND, 2);
    const mayMaster = (command & pci.COMMAND_BUS_MASTER_ENABLE.mask) !== 0 && this.#power.isD0;
    const rises = mayMaster && !this.#master.enabled;
    this.#master.enabled = mayMaster;
    this.#msi?.settle();
    this.#settleMsix();
    this.#pin.settle(this.msiEnabled || this.msixEnabled, this.#power.isD0);
    this.#header.settle();
    this.#place?.decodeChanged();
    if (rises) this.#masterRises();
  }
  #settleMsix(): void {
    if (this.#msix === null) return;
    const control = this.#space.read(this.#msixAt + pci.MSIX_MESSAGE_CONTROL, 2);
    const masked = (control & pci.MSIX_CONTROL_FUNCTION_MASK.mask) !== 0;
    this.#msix.control((control & pci.MSIX_CONTROL_ENABLE.mask) !== 0, masked);
  }
  #masterRises(): void {
    this.#msi?.sendPending();
    this.#msix?.sendPending();
    this.#onBusMasterEnable();
  }

  #extend(options: PciFunctionOptions): void {
    const { advancedErrors = false, serialNumber, extendedCapabilities = [], capabilityOffsets: at = {} } = options;
    const list = new ExtendedCapabilityList(this.#space);
    const isPort = this.#express?.isPort ?? false;
    if (advancedErrors) this.#advancedErrorsAt = addAdvancedErrors(this.#space, list, isPort, at.advancedErrors);
    if (serialNumber !== undefined) addSerialNumber(this.#space, list, serialNumber, at.serialNumber);
    this.#custom.extend(list, extendedCapabilities);
  }
  #served(bar: BarOptions, msix: MsixOptions | undefined): BarOptions {
    return this.#msix !== null && bar.index === msix?.tableBar ? { ...bar, device: this.#msix } : bar;
  }
}

function createMsix(msix: MsixOptions, bars: readonly BarOptions[], master: BusMaster): MsixTable {
  const bar = bars.find(({ index }) => index === msix.tableBar);
  invariant(bar !== undefined, 'the MSI-X table stands in a BAR of the function');
  return new MsixTable(msix, bar.device, master);
}

/** §7.9.3 "Device Serial Number Extended Capability". */
function addSerialNumber(
  space: ConfigurationSpace,
  list: ExtendedCapabilityList,
  { high, low }: { readonly high: number; readonly low: number },
  at?: number,
): void {
  const id = pci.EXTENDED_CAPABILITY_DEVICE_SERIAL_NUMBER;
  const start = list.add(id, pci.SERIAL_NUMBER_VERSION, pci.SERIAL_NUMBER_SIZE_BYTES, at);
  space.define(start + pci.SERIAL_NUMBER_LOW, 4, low, READ_ONLY);
  space.define(start + pci.SERIAL_NUMBER_HIGH, 4, high, READ_ONLY);
}
