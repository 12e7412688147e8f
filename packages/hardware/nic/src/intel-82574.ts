/**
 * The Intel 82574L: how its parts hang together, its resets, link and loopback. Intel 82574 GbE Controller Family
 * Datasheet, revision 3.4 (June 2014).
 *
 * What a reset keeps (§4.6 "Initialization", and the 8254x manual §14.3): CTRL.RST keeps configuration space, the PHY,
 * the EEPROM and the division of the packet buffer; CTRL.PHY_RST resets the PHY alone; CTRL_EXT.EE_RST loads the EEPROM
 * again; a function level reset resets all but the EEPROM. CHOICE: the tables of filters, which have no initial value,
 * are cleared.
 */
import { get, has } from '@bulkhead/bits';
import type { Clock } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { PciFunction } from '@bulkhead/pci';
import type { RegisterDevice, WirePort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { createFunction } from './bus-interface.ts';
import { type DeviceParts, type NicStatistics, Timing, type TimingOptions } from './device.ts';
import { Egress } from './egress.ts';
import { FlowControl } from './flow-control.ts';
import { Interrupts } from './interrupts.ts';
import { Nvm } from './nvm.ts';
import { Phy } from './phy.ts';
import { Receiver } from './receive.ts';
import { RegisterAccess } from './register-access.ts';
import { RegisterFile } from './register-file.ts';
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

export class Intel82574 {
  readonly function: PciFunction;
  /** Totals since construction, for the machine's own accounts. */
  readonly statistics: Readonly<NicStatistics>;
  wire: WirePort;
  readonly #clock: Clock;
  readonly #registers: RegisterFile = new RegisterFile();
  readonly #interrupts: Interrupts;
  readonly #phy: Phy = new Phy();
  readonly #nvm: Nvm;
  readonly #egress: Egress;
  readonly #flow: FlowControl;
  readonly #transmit: readonly TransmitQueue[];
  readonly #receiver: Receiver;
  readonly #access: RegisterDevice;

  constructor({ clock, wire = NO_WIRE, macAddress, options = {} }: Intel82574Options) {
    invariant(macAddress.length === 6, 'an Ethernet address has six bytes');
    this.wire = wire;
    this.#clock = clock;
    this.#nvm = new Nvm(macAddress);
    this.function = this.#createFunction(macAddress);
    this.#interrupts = new Interrupts(clock, this.#registers, this.function);
    this.statistics = { framesReceived: 0, framesTransmitted: 0, framesMissed: 0, dmaFaults: 0 };
    const parts = this.#createParts(clock, new Timing(clock, options));
    this.#egress = new Egress(parts);
    this.#transmit = [0, 1].map((queue) => new TransmitQueue(parts, queue, this.#egress));
    this.#flow = new FlowControl(parts, this.#egress, () => {
      for (const queue of this.#transmit) queue.resume();
    });
    this.#receiver = new Receiver(parts, this.#flow);
    this.#interrupts.delayed.onEnd = () => {
      for (const queue of this.#transmit) queue.flush();
    };
    this.#access = this.#createAccess();
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

  /** Software reset, what CTRL.RST does: everything but configuration space, PHY, EEPROM and PBA. */
  reset(): void {
    this.#registers.resetBySoftware();
    this.#interrupts.reset();
    this.#receiver.reset();
    for (const queue of this.#transmit) queue.reset();
    this.#egress.reset();
    this.#flow.reset();
    this.#loadEeprom();
  }

  #resetFunction(): void {
    this.#phy.reset();
    this.#registers.reset();
    this.reset();
  }

  #createFunction(macAddress: Uint8Array): PciFunction {
    const registers: RegisterDevice = {
      read: (offset, widthBytes) => this.#access.read(offset, widthBytes),
      write: (offset, widthBytes, value) => this.#access.write(offset, widthBytes, value),
    };
    return createFunction({
      registers,
      macAddress,
      onReset: () => this.#resetFunction(),
      onBusMasterEnable: () => this.#pokeAll(),
    });
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

  #createAccess(): RegisterDevice {
    return new RegisterAccess({
      registers: this.#registers,
      interrupts: this.#interrupts,
      function: this.function,
      phy: this.#phy,
      nvm: this.#nvm,
      flow: this.#flow,
      receiver: this.#receiver,
      transmit: this.#transmit,
      isLinkUp: () => this.#isLinkUp(),
      isPaused: () => this.#clock.now < this.#egress.pausedUntil,
      control: (value) => this.#control(value),
      reload: () => this.#loadEeprom(),
    });
  }

  /** §6.1: the address comes from the EEPROM into the first receive address. */
  #loadEeprom(): void {
    const { words } = this.#nvm;
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

  #control(value: number): void {
    const before = this.#isLinkUp();
    if (has(value, reg.CTRL_RST)) {
      this.reset();
      return;
    }
    this.#registers.write(reg.CTRL, value);
    if (has(value, reg.CTRL_PHY_RST)) {
      this.#phy.reset();
      this.#registers.set(reg.STATUS, reg.STATUS_PHYRA.mask);
    }
    this.#linkMayHaveChanged(before);
    this.#pokeAll();
  }

  /** RCTL.LBM and the PHY's loopback: what is sent is received, and does not reach the wire. */
  #send(frame: Uint8Array, lenBytes: number): void {
    const mode = get(this.#registers.get(reg.RCTL), reg.RCTL_LBM);
    const isLoop = mode === reg.RCTL_LBM_MAC || mode === reg.RCTL_LBM_PHY || this.#phy.isLoopback;
    if (isLoop) this.#receiver.arrive(frame, lenBytes);
    else this.wire.transmit(frame, lenBytes);
  }
}

export const createIntel82574 = (options: Intel82574Options): Intel82574 => new Intel82574(options);
