/**
 * A PCI-to-PCI bridge, or a port of PCI Express that looks like one: a function with a type 1 header, and a bus behind
 * it. PCIe Base 5.0 §7.5.1.3 "Type 1 Configuration Space Header", §7.3.3 "Configuration Request Routing Rules".
 *
 * CHOICE: every window is closed after a reset, as those of QEMU's root port are. CHOICE: VGA, ISA and master abort mode bits of Bridge Control read 0. CHOICE: requests from below go upstream whatever
 * their address, so that an IOMMU judges them all, and they keep the requester ID of whoever issued them. CHOICE: below D0
 * the bridge forwards no configuration request and no memory request either way; interrupt wires it always forwards.
 */
import * as pci from '@bulkhead/pci-datasheet';
import type { RegisterDevice } from '@bulkhead/ports';
import { allOnes } from './address-window.ts';
import { type BusHead, PciBus } from './bus.ts';
import type { AddressBridge } from './claims.ts';
import { type ConfigurationSpace, readWrite } from './configuration-space.ts';
import { configurationRequest, ERROR_CORRECTABLE, memoryRequest, type Request } from './error-reporting.ts';
import { PciFunction, type PciFunctionOptions } from './function.ts';
import { type HeaderType, STATUS_CLEAR } from './header.ts';
import type { Span } from './route-table.ts';

export interface WindowOptions {
  /** Addresses of the window of I/O space; `none` for a bridge without one. @defaultValue '16-bit' */
  readonly io?: 'none' | '16-bit' | '32-bit';
  /** Addresses of the window of prefetchable memory. @defaultValue '64-bit' */
  readonly prefetchable?: 'none' | '32-bit' | '64-bit';
}
export interface BridgeOptions {
  readonly function: Omit<PciFunctionOptions, 'onReset'>;
  readonly windows?: WindowOptions;
  /** The secondary side is a link with one device. @defaultValue false */
  readonly isLink?: boolean;
  /** The bridge itself was reset. */
  readonly onReset?: () => void;
  /** Software wrote configuration space, or it was reset. */
  readonly onSettle?: () => void;
  /** A function below sends a power management event. @defaultValue it goes further up */
  readonly onPme?: (requesterId: number) => void;
  /** A function below sends an error message that the bridge forwards. @defaultValue it goes further up */
  readonly onError?: (requesterId: number, severity: number) => void;
}

const HIGH = 0x1_0000_0000;
const TYPE_1_BARS = 2;
const BRIDGE_CONTROL_READ_WRITE =
  pci.BRIDGE_CONTROL_PARITY_ERROR_RESPONSE.mask |
  pci.BRIDGE_CONTROL_SERR_ENABLE.mask |
  pci.BRIDGE_CONTROL_SECONDARY_BUS_RESET.mask;

export class PciBridge implements AddressBridge {
  readonly function: PciFunction;
  /** The secondary bus. */
  readonly bus: PciBus;
  readonly #isLink: boolean;
  readonly #onSettle: () => void;
  #forwardedAbove = true;
  #inReset = false;
  #hasIo = true;
  #hasPrefetchable = true;

  constructor(options: BridgeOptions) {
    const { function: own, windows = {}, isLink = false, onReset, onSettle } = options;
    this.#isLink = isLink;
    this.#onSettle = onSettle ?? (() => {});
    this.function = new PciFunction({ ...own, onReset: onReset ?? (() => {}) }, this.#header(windows));
    this.bus = new PciBus(this.#head(options), false);
  }

  get secondary(): number {
    return this.#read8(pci.SECONDARY_BUS_NUMBER);
  }

  forwardsTo(bus: number): boolean {
    if (!this.function.isPowered || this.#inReset) return false;
    return bus >= this.secondary && bus <= this.#read8(pci.SUBORDINATE_BUS_NUMBER);
  }

  setForwarded(forwarded: boolean): void {
    this.#forwardedAbove = forwarded;
    this.#forward();
  }

  unclaimed(isIo: boolean): RegisterDevice {
    return {
      read: (address, widthBytes) => {
        this.#abort(memoryRequest(address, isIo, false));
        return allOnes(widthBytes);
      },
      write: (address) => this.#abort(memoryRequest(address, isIo, true)),
    };
  }

  /** §7.5.1.3.6, §7.5.1.3.8, §7.5.1.3.9: a window whose base is above its limit is closed. */
  windows(isIo: boolean): readonly Span[] {
    return (isIo ? [this.#ioWindow()] : [this.#memoryWindow(), this.#prefetchableWindow()]).filter(
      ({ start, end }) => start < end,
    );
  }

  #ioWindow(): Span {
    const part = (base: number, upper: number): number =>
      this.#read16(upper) * 0x1_0000 + ((this.#read8(base) & pci.BRIDGE_IO_BASE.mask) << 8);
    const start = part(pci.IO_BASE, pci.IO_BASE_UPPER);
    const end = part(pci.IO_LIMIT, pci.IO_LIMIT_UPPER) + pci.IO_WINDOW_GRANULE_BYTES;
    return this.#hasIo ? { start, end } : CLOSED;
  }
  #memoryWindow(): Span {
    const end = this.#megabytes(pci.MEMORY_LIMIT) + pci.MEMORY_WINDOW_GRANULE_BYTES;
    return { start: this.#megabytes(pci.MEMORY_BASE), end };
  }
  #prefetchableWindow(): Span {
    if (!this.#hasPrefetchable) return CLOSED;
    const upper = (at: number): number => this.function.readConfig(at, 4) * HIGH;
    const start = this.#megabytes(pci.PREFETCHABLE_MEMORY_BASE) + upper(pci.PREFETCHABLE_BASE_UPPER);
    const last = this.#megabytes(pci.PREFETCHABLE_MEMORY_LIMIT) + upper(pci.PREFETCHABLE_LIMIT_UPPER);
    return { start, end: last + pci.MEMORY_WINDOW_GRANULE_BYTES };
  }
  #megabytes(at: number): number {
    return (this.#read16(at) & pci.BRIDGE_MEMORY_BASE.mask) * 0x1_0000;
  }

  #header(windows: WindowOptions): HeaderType {
    return {
      layout: pci.HEADER_TYPE_1,
      barCount: TYPE_1_BARS,
      expansionRomAt: pci.BRIDGE_EXPANSION_ROM_BASE_ADDRESS,
      define: (space) => this.#define(space, windows),
      settle: () => this.#settle(),
    };
  }
  #define(space: ConfigurationSpace, { io = '16-bit', prefetchable = '64-bit' }: WindowOptions): void {
    this.#hasIo = io !== 'none';
    this.#hasPrefetchable = prefetchable !== 'none';
    for (const at of [pci.PRIMARY_BUS_NUMBER, pci.SECONDARY_BUS_NUMBER, pci.SUBORDINATE_BUS_NUMBER])
      space.define(at, 1, 0, readWrite(0xff));
    space.define(pci.SECONDARY_STATUS, 2, 0, { readWrite: 0, writeOneToClear: STATUS_CLEAR });
    space.define(pci.BRIDGE_CONTROL, 2, 0, readWrite(BRIDGE_CONTROL_READ_WRITE));
    const { mask } = pci.BRIDGE_MEMORY_BASE;
    space.define(pci.MEMORY_BASE, 2, mask, readWrite(mask));
    space.define(pci.MEMORY_LIMIT, 2, 0, readWrite(mask));
    if (this.#hasPrefetchable) definePrefetchable(space, prefetchable === '64-bit');
    if (this.#hasIo) defineIo(space, io === '32-bit');
  }

  #head({ onPme, onError }: Pick<BridgeOptions, 'onPme' | 'onError'>): BusHead {
    const { function: own } = this;
    return {
      isLink: this.#isLink,
      decodeChanged: () => own.attachment?.decodeChanged(),
      setWire: (wire, asserted) => own.attachment?.setWire(wire, asserted),
      upstream: (requesterId) => own.attachment?.upstream(requesterId) ?? null,
      sendPme: (requesterId) => (onPme === undefined ? own.attachment?.sendPme(requesterId) : onPme(requesterId)),
      sendError: (requesterId, severity) => this.#passError(requesterId, severity, onError),
      abortConfig: (requesterId, register, isWrite) =>
        this.#abort(configurationRequest(requesterId, register, isWrite)),
    };
  }

  /** Takes over what the header says now. */
  #settle(): void {
    const control = this.#read16(pci.BRIDGE_CONTROL);
    const inReset = (control & pci.BRIDGE_CONTROL_SECONDARY_BUS_RESET.mask) !== 0;
    const rises = inReset && !this.#inReset;
    this.#inReset = inReset;
    if (rises) this.bus.reset(); // §7.5.1.3.13
    this.#forward();
    this.#onSettle();
  }
  #forward(): void {
    this.bus.setForwarded(this.#forwardedAbove && this.function.busMasterEnabled && !this.#inReset);
  }

  /**
   * A request on the secondary side was not taken. §7.5.1.3.7: the completion that says so is a received master abort. On
   * a link a posted request has no completion (§2.3.1), and the device at its end notes what it could not take; on a
   * conventional bus the bridge itself waits in vain.
   */
  #abort(request: Request): void {
    if (!this.#isLink || !request.isPosted) this.#noteSecondary(pci.STATUS_RECEIVED_MASTER_ABORT.mask);
    if (this.#isLink && !this.#inReset) this.bus.receiveUnsupported(request);
  }
  /** §6.2.8.1: SERR# Enable of Bridge Control lets errors through that are not correctable. */
  #passError(requesterId: number, severity: number, onError: BridgeOptions['onError']): void {
    if (severity !== ERROR_CORRECTABLE) {
      this.#noteSecondary(pci.SECONDARY_STATUS_RECEIVED_SYSTEM_ERROR.mask);
      if ((this.#read16(pci.BRIDGE_CONTROL) & pci.BRIDGE_CONTROL_SERR_ENABLE.mask) === 0) return;
    }
    if (onError === undefined) this.function.attachment?.sendError(requesterId, severity);
    else onError(requesterId, severity);
  }
  #noteSecondary(bits: number): void {
    this.function.setConfig(pci.SECONDARY_STATUS, 2, this.#read16(pci.SECONDARY_STATUS) | bits);
  }

  #read8(at: number): number {
    return this.function.readConfig(at, 1);
  }
  #read16(at: number): number {
    return this.function.readConfig(at, 2);
  }
}

const CLOSED: Span = { start: 0, end: 0 };

function definePrefetchable(space: ConfigurationSpace, isWide: boolean): void {
  const addressing = isWide ? pci.BRIDGE_PREFETCHABLE_ADDRESSING_64 : pci.BRIDGE_PREFETCHABLE_ADDRESSING_32;
  const { mask } = pci.BRIDGE_MEMORY_BASE;
  space.define(pci.PREFETCHABLE_MEMORY_BASE, 2, mask | addressing, readWrite(mask));
  space.define(pci.PREFETCHABLE_MEMORY_LIMIT, 2, addressing, readWrite(mask));
  if (!isWide) return;
  for (const at of [pci.PREFETCHABLE_BASE_UPPER, pci.PREFETCHABLE_LIMIT_UPPER]) space.define(at, 4, 0, readWrite(-1));
}
function defineIo(space: ConfigurationSpace, isWide: boolean): void {
  const addressing = isWide ? pci.BRIDGE_IO_ADDRESSING_32 : pci.BRIDGE_IO_ADDRESSING_16;
  const { mask } = pci.BRIDGE_IO_BASE;
  space.define(pci.IO_BASE, 1, mask | addressing, readWrite(mask));
  space.define(pci.IO_LIMIT, 1, addressing, readWrite(mask));
  if (!isWide) return;
  for (const at of [pci.IO_BASE_UPPER, pci.IO_LIMIT_UPPER]) space.define(at, 2, 0, readWrite(0xffff));
}
