/**
 * The Intel 82574L: its registers' side effects, and how its parts hang together. Intel 82574 GbE Controller Family
 * Datasheet, revision 3.4 (June 2014).
 *
 * DEVIATION: the PCI Express capability offers function level reset, so that a function can be taken from a driver.
 * CHOICE: registers are 32 bits wide; a narrower read returns its lanes, a narrower write is ignored.
 * CHOICE: EEPROM and PHY accesses are complete at once. UNIMPLEMENTED: bit-banged EEPROM access through EECD, EEWR,
 * flash, wake-up, manageability, time stamps, LEDs, and the 82542's register addresses; what they hold has no effect.
 */
import { has, set } from '@bulkhead/bits';
import type { Clock } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { PciFunction } from '@bulkhead/pci';
import type { RegisterDevice, WidthBytes, WirePort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { type DeviceParts, type NicStatistics, Timing, type TimingOptions } from './device.ts';
import { Interrupts } from './interrupts.ts';
import { createNvm } from './nvm.ts';
import { Phy } from './phy.ts';
import { Receiver } from './receive.ts';
import { RegisterFile } from './register-file.ts';
import { readStatistic } from './statistics.ts';
import { TransmitQueue } from './transmit.ts';

export interface Intel82574Options {
  readonly clock: Clock;
  /** Where frames leave; may be set later. */
  readonly wire?: WirePort;
  /** Six bytes. */
  readonly macAddress: Uint8Array;
  readonly options?: TimingOptions;
}

const NO_WIRE: WirePort = { transmit: () => {} };
const ALL_ONES: readonly number[] = [0, 0xff, 0xffff, 0, 0xffffffff];
/** §9: where the capabilities stand. */
const CAPABILITY_OFFSETS = {
  powerManagement: reg.CAPABILITY_POWER_MANAGEMENT_OFFSET,
  express: reg.CAPABILITY_PCI_EXPRESS_OFFSET,
  msix: reg.CAPABILITY_MSIX_OFFSET,
};
const MSIX = {
  vectors: reg.MSIX_VECTOR_COUNT,
  tableBar: reg.BAR_MSIX,
  tableOffset: reg.MSIX_TABLE_OFFSET,
  pbaOffset: reg.MSIX_PBA_OFFSET,
};

export class Intel82574 {
  readonly function: PciFunction;
  /** Totals since construction, for the machine's own accounts. */
  readonly statistics: Readonly<NicStatistics>;
  wire: WirePort;
  readonly #registers: RegisterFile = new RegisterFile();
  readonly #interrupts: Interrupts;
  readonly #phy: Phy = new Phy();
  readonly #nvm: Uint16Array;
  readonly #transmit: readonly [TransmitQueue, TransmitQueue];
  readonly #receiver: Receiver;
  readonly #wireFreeAt: Float64Array = new Float64Array(1);

  constructor({ clock, wire = NO_WIRE, macAddress, options = {} }: Intel82574Options) {
    invariant(macAddress.length === 6, 'an Ethernet address has six bytes');
    this.wire = wire;
    this.#nvm = createNvm(macAddress);
    this.function = this.#createFunction();
    this.#interrupts = new Interrupts(clock, this.#registers, this.function);
    this.statistics = { framesReceived: 0, framesTransmitted: 0, framesMissed: 0, dmaFaults: 0 };
    const parts = this.#createParts(clock, new Timing(clock, options));
    this.#transmit = [new TransmitQueue(parts, 0, this.#wireFreeAt), new TransmitQueue(parts, 1, this.#wireFreeAt)];
    this.#receiver = new Receiver(parts);
    this.reset();
  }

  /** DMA transfers that were refused or faulted. */
  get dmaFaultCount(): number {
    return this.statistics.dmaFaults;
  }
  /** Messages that were refused or faulted. */
  get messageFaultCount(): number {
    return this.#interrupts.faultCount;
  }

  /** A frame arrives from the link. */
  receive(frame: Uint8Array, lenBytes: number): void {
    if (this.#isLinkUp()) this.#receiver.arrive(frame, lenBytes);
  }

  /** The cable is plugged in or pulled out. */
  setLink(up: boolean): void {
    const before = this.#isLinkUp();
    this.#phy.linkUp = up;
    this.#linkMayHaveChanged(before);
  }

  /** Software reset, §4.6 "Initialization": everything but configuration space and PHY. What CTRL.RST does. */
  reset(): void {
    this.#registers.reset();
    this.#interrupts.reset();
    this.#receiver.reset();
    for (const queue of this.#transmit) queue.reset();
    this.#wireFreeAt[0] = 0;
    this.#loadAddress();
  }

  #createFunction(): PciFunction {
    const idle: RegisterDevice = { read: () => 0, write: () => {} };
    const flash: RegisterDevice = { read: (_offset, widthBytes) => ALL_ONES[widthBytes]!, write: () => {} };
    const memory: RegisterDevice = {
      read: (offset, widthBytes) => this.#readLanes(offset, widthBytes),
      write: (offset, widthBytes, value) => {
        if (widthBytes === 4) this.#write(offset & ~3, value | 0);
      },
    };
    return new PciFunction({
      vendorId: reg.VENDOR_ID,
      deviceId: reg.DEVICE_ID,
      classCode: reg.CLASS_CODE,
      revision: reg.REVISION_ID,
      subsystem: { vendorId: reg.VENDOR_ID, id: 0 },
      bars: [
        { index: reg.BAR_MEMORY, kind: 'mem32', sizeBytes: reg.BAR_MEMORY_SIZE_BYTES, device: memory },
        { index: reg.BAR_FLASH, kind: 'mem32', sizeBytes: reg.BAR_FLASH_SIZE_BYTES, device: flash },
        { index: reg.BAR_IO, kind: 'io', sizeBytes: reg.BAR_IO_SIZE_BYTES, device: this.#createIoDevice(memory) },
        { index: reg.BAR_MSIX, kind: 'mem32', sizeBytes: reg.BAR_MSIX_SIZE_BYTES, device: idle },
      ],
      msix: MSIX,
      capabilityOffsets: CAPABILITY_OFFSETS,
      onReset: () => this.#resetFunction(),
      onBusMasterEnable: () => this.#pokeAll(),
    });
  }

  /** §10.1 "I/O-Mapped Access to Internal Registers": an address and a data register. */
  #createIoDevice(memory: RegisterDevice): RegisterDevice {
    let address = 0;
    const isInside = (): boolean => address < reg.BAR_MEMORY_SIZE_BYTES;
    return {
      read: (offset, widthBytes) => {
        if (offset === reg.IOADDR) return (address & ALL_ONES[widthBytes]!) >>> 0;
        return offset === reg.IODATA && isInside() ? memory.read(address & ~3, widthBytes) : 0;
      },
      write: (offset, widthBytes, value) => {
        if (offset === reg.IOADDR && widthBytes === 4) address = value;
        else if (offset === reg.IODATA && isInside()) memory.write(address & ~3, widthBytes, value);
      },
    };
  }

  #createParts(clock: Clock, timing: Timing): DeviceParts {
    return {
      clock,
      registers: this.#registers,
      interrupts: this.#interrupts,
      timing,
      statistics: this.statistics,
      dma: this.function.dma,
      mayMaster: () => this.#mayMaster(),
      isLinkUp: () => this.#isLinkUp(),
      usesMsix: () => this.function.msixEnabled,
      send: (frame, lenBytes) => this.#send(frame, lenBytes),
    };
  }

  #resetFunction(): void {
    this.#phy.reset();
    this.reset();
  }

  /** §6.1: the address comes from the EEPROM into the first receive address. */
  #loadAddress(): void {
    const words = this.#nvm;
    this.#registers.set(reg.RAL, words[0]! | (words[1]! << 16));
    this.#registers.set(reg.RAH, words[2]! | reg.RAH_AV.mask);
  }

  #mayMaster(): boolean {
    return this.function.busMasterEnabled && !has(this.#registers.get(reg.CTRL), reg.CTRL_GIO_MASTER_DISABLE);
  }
  #isLinkUp(): boolean {
    return this.#phy.linkUp && has(this.#registers.get(reg.CTRL), reg.CTRL_SLU);
  }
  #linkMayHaveChanged(before: boolean): void {
    if (this.#isLinkUp() === before) return;
    this.#interrupts.raise(reg.ICR_LSC.mask);
    this.#pokeAll();
  }
  #pokeAll(): void {
    this.#receiver.poke();
    for (const queue of this.#transmit) queue.poke();
  }

  /** RCTL.LBM: what is sent is received, and does not reach the wire. */
  #send(frame: Uint8Array, lenBytes: number): void {
    const isLoop = (this.#registers.get(reg.RCTL) & reg.RCTL_LBM.mask) === reg.RCTL_LBM_MAC << reg.RCTL_LBM.shift;
    if (isLoop) this.#receiver.arrive(frame, lenBytes);
    else this.wire.transmit(frame, lenBytes);
  }

  #readLanes(offset: number, widthBytes: WidthBytes): number {
    return ((this.#read(offset & ~3) >>> ((offset & 3) * 8)) & ALL_ONES[widthBytes]!) >>> 0;
  }

  #read(offset: number): number {
    if (offset >= reg.STATISTICS_START && offset < reg.STATISTICS_END) return readStatistic(this.#registers, offset);
    switch (offset) {
      case reg.CTRL_DUP:
        return this.#registers.get(reg.CTRL);
      case reg.STATUS:
        return this.#status();
      case reg.ICR:
        return this.#interrupts.readCauses();
      case reg.IMS:
        return this.#interrupts.mask;
      case reg.SWSM:
        return this.#takeSemaphore();
      default:
        return this.#registers.get(offset);
    }
  }

  #write(offset: number, value: number): void {
    switch (offset) {
      case reg.CTRL:
      case reg.CTRL_DUP:
        this.#writeControl(value);
        return;
      case reg.CTRL_EXT:
        this.#registers.write(offset, value);
        if (has(value, reg.CTRL_EXT_EE_RST)) this.#loadAddress();
        return;
      case reg.EERD:
        this.#readNvm(value);
        return;
      case reg.MDIC:
        this.#registers.set(reg.MDIC, this.#phy.command(value));
        if (has(value, reg.MDIC_INTERRUPT_ENABLE)) this.#interrupts.raise(reg.ICR_MDAC.mask);
        return;
      case reg.ICR:
        this.#interrupts.clearCauses(value);
        return;
      case reg.ICS:
        this.#interrupts.raise(value);
        return;
      case reg.IMS:
        this.#interrupts.unmask(value);
        return;
      case reg.IMC:
        this.#interrupts.maskOff(value);
        return;
      case reg.PBA:
        this.#allocateBuffer(value & reg.PBA_RXA.mask);
        return;
      case reg.PBACLR:
        for (let vector = 0; vector < reg.MSIX_VECTOR_COUNT; vector++) {
          if ((value & (1 << vector)) !== 0) this.function.clearPending(vector);
        }
        return;
      default:
        this.#registers.write(offset, value);
        this.#doorbell(offset);
    }
  }

  /** §10.2.2 "Packet Buffer Allocation - PBA": transmission gets what reception leaves. */
  #allocateBuffer(receiveKib: number): void {
    const kept = Math.min(receiveKib, reg.PACKET_BUFFER_KIB);
    this.#registers.set(reg.PBA, kept | ((reg.PACKET_BUFFER_KIB - kept) << reg.PBA_TXA.shift));
  }

  /** What a write of a queue's registers sets going. */
  #doorbell(offset: number): void {
    switch (offset) {
      case reg.TDT:
      case reg.TARC:
        this.#transmit[0].poke();
        return;
      case reg.TDT + reg.QUEUE_STRIDE_BYTES:
      case reg.TARC + reg.QUEUE_STRIDE_BYTES:
        this.#transmit[1].poke();
        return;
      case reg.TCTL:
        for (const queue of this.#transmit) {
          if (has(this.#registers.get(reg.TCTL), reg.TCTL_EN)) queue.poke();
          else queue.disable();
        }
        return;
      case reg.RDT:
      case reg.RDT + reg.QUEUE_STRIDE_BYTES:
      case reg.RCTL:
        this.#receiver.poke();
        return;
      default:
    }
  }

  #writeControl(value: number): void {
    const before = this.#isLinkUp();
    if (has(value, reg.CTRL_RST)) {
      this.reset();
      return;
    }
    this.#registers.write(reg.CTRL, value);
    if (has(value, reg.CTRL_PHY_RST)) this.#phy.reset();
    this.#linkMayHaveChanged(before);
    this.#pokeAll();
  }

  #status(): number {
    const link = set(reg.STATUS_INITIAL, reg.STATUS_LU, this.#isLinkUp() ? 1 : 0);
    const isDisabled = has(this.#registers.get(reg.CTRL), reg.CTRL_GIO_MASTER_DISABLE);
    return set(link, reg.STATUS_GIO_MASTER_ENABLE, isDisabled ? 0 : 1);
  }

  /** §10.2.2 "Software Semaphore - SWSM": whoever reads SMBI as 0 holds it. */
  #takeSemaphore(): number {
    const value = this.#registers.get(reg.SWSM);
    this.#registers.set(reg.SWSM, value | reg.SWSM_SMBI.mask);
    return value;
  }

  #readNvm(command: number): void {
    if (!has(command, reg.EERD_START)) return;
    const address = (command & reg.EERD_ADDR.mask) >>> reg.EERD_ADDR.shift;
    const data = address < this.#nvm.length ? this.#nvm[address]! : 0xffff; // beyond the EEPROM: erased
    this.#registers.set(reg.EERD, (data << 16) | (command & reg.EERD_ADDR.mask) | reg.EERD_DONE.mask);
  }
}

export const createIntel82574 = (options: Intel82574Options): Intel82574 => new Intel82574(options);
