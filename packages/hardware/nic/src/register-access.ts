/**
 * What reads and writes of registers set going. Intel 82574 Datasheet revision 3.4 §10.2 "Register Descriptions".
 *
 * CHOICE: registers are 32 bits wide; a narrower read returns its lanes, a misaligned one those of the register that it
 * begins in, and a narrower or misaligned write is ignored. UNIMPLEMENTED: wake-up, manageability, time stamps, LEDs, and
 * the 82542's register addresses; what they hold has no effect.
 */
import { has, set } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { PciFunction } from '@bulkhead/pci';
import type { RegisterDevice, WidthBytes } from '@bulkhead/ports';
import type { FlowControl } from './flow-control.ts';
import type { Interrupts } from './interrupts.ts';
import type { Nvm } from './nvm.ts';
import type { Phy } from './phy.ts';
import type { Receiver } from './receive.ts';
import type { RegisterFile } from './register-file.ts';
import { readStatistic } from './statistics.ts';
import type { TransmitQueue } from './transmit.ts';

const ALL_ONES: readonly number[] = [0, 0xff, 0xffff, 0, 0xffffffff];

export interface RegisterAccessParts {
  readonly registers: RegisterFile;
  readonly interrupts: Interrupts;
  readonly function: PciFunction;
  readonly phy: Phy;
  readonly nvm: Nvm;
  readonly flow: FlowControl;
  readonly receiver: Receiver;
  readonly transmit: readonly TransmitQueue[];
  readonly isLinkUp: () => boolean;
  readonly isPaused: () => boolean;
  /** CTRL was written. */
  readonly control: (value: number) => void;
  /** The EEPROM is to be loaded again. */
  readonly reload: () => void;
}

export class RegisterAccess implements RegisterDevice {
  readonly #parts: RegisterAccessParts;
  readonly #registers: RegisterFile;

  constructor(parts: RegisterAccessParts) {
    this.#parts = parts;
    this.#registers = parts.registers;
  }

  read(offset: number, widthBytes: WidthBytes): number {
    return ((this.#read(offset & ~3) >>> ((offset & 3) * 8)) & ALL_ONES[widthBytes]!) >>> 0;
  }
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    if (widthBytes === 4 && (offset & 3) === 0) this.#write(offset, value | 0);
  }

  #read(offset: number): number {
    if (offset >= reg.STATISTICS_START && offset < reg.STATISTICS_END) return readStatistic(this.#registers, offset);
    switch (offset) {
      case reg.CTRL_DUP:
        return this.#registers.get(reg.CTRL);
      case reg.STATUS:
        return this.#status();
      case reg.ICR:
        return this.#parts.interrupts.readCauses();
      case reg.IMS:
        return this.#parts.interrupts.mask;
      case reg.SWSM:
        return this.#takeSemaphore();
      default:
        return this.#registers.get(offset);
    }
  }

  #write(offset: number, value: number): void {
    const { interrupts } = this.#parts;
    switch (offset) {
      case reg.CTRL:
      case reg.CTRL_DUP:
        this.#parts.control(value);
        return;
      case reg.STATUS:
        this.#registers.set(reg.STATUS, this.#registers.get(reg.STATUS) & (value | ~reg.STATUS_PHYRA.mask));
        return;
      case reg.ICR:
        interrupts.clearCauses(value);
        return;
      case reg.ICS:
        interrupts.raise(value);
        return;
      case reg.IMS:
        interrupts.unmask(value);
        return;
      case reg.IMC:
        interrupts.maskOff(value);
        return;
      case reg.PBACLR:
        for (let vector = 0; vector < reg.MSIX_VECTOR_COUNT; vector++) {
          if ((value & (1 << vector)) !== 0) this.#parts.function.clearPending(vector);
        }
        return;
      default:
        if (!this.#writeOutside(offset, value)) this.#writeQueue(offset, value);
    }
  }

  /** EEPROM, PHY and packet buffer. @returns false when the register is another's. */
  #writeOutside(offset: number, value: number): boolean {
    const { nvm, phy, interrupts, reload } = this.#parts;
    const registers = this.#registers;
    switch (offset) {
      case reg.CTRL_EXT:
        registers.write(offset, value);
        if (has(value, reg.CTRL_EXT_EE_RST)) reload();
        return true;
      case reg.EECD:
        registers.set(reg.EECD, nvm.drive(registers.get(reg.EECD), value));
        return true;
      case reg.EERD:
        if (has(value, reg.EERD_START)) registers.set(reg.EERD, nvm.read(value));
        return true;
      case reg.EEWR:
        if (has(value, reg.EEWR_START)) registers.set(reg.EEWR, nvm.write(value));
        return true;
      case reg.MDIC:
        registers.set(reg.MDIC, phy.command(value));
        if (has(value, reg.MDIC_INTERRUPT_ENABLE)) interrupts.raise(reg.ICR_MDAC.mask);
        return true;
      case reg.PBA:
        this.#allocateBuffer(value & reg.PBA_RXA.mask);
        return true;
      default:
        return false;
    }
  }

  /** What a write of the data path's registers sets going. */
  #writeQueue(offset: number, value: number): void {
    const { transmit, receiver, flow, interrupts } = this.#parts;
    this.#registers.write(offset, value);
    switch (offset) {
      case reg.TDT:
      case reg.TARC:
        transmit[0]!.poke();
        return;
      case reg.TDT + reg.QUEUE_STRIDE_BYTES:
      case reg.TARC + reg.QUEUE_STRIDE_BYTES:
        transmit[1]!.poke();
        return;
      case reg.TCTL:
        for (const queue of transmit) {
          if (has(value, reg.TCTL_EN)) queue.poke();
          else queue.disable();
        }
        if (has(value, reg.TCTL_SWXOFF)) flow.sendXoff();
        return;
      case reg.RDT:
      case reg.RDT + reg.QUEUE_STRIDE_BYTES:
      case reg.RCTL:
        receiver.poke();
        return;
      case reg.RDTR:
      case reg.TIDV:
        interrupts.delayed.written(offset, value);
        return;
      default:
    }
  }

  /** §10.2.2 "Packet Buffer Allocation - PBA": transmission gets what reception leaves. */
  #allocateBuffer(receiveKib: number): void {
    const kept = Math.min(receiveKib, reg.PACKET_BUFFER_KIB);
    this.#registers.set(reg.PBA, kept | ((reg.PACKET_BUFFER_KIB - kept) << reg.PBA_TXA.shift));
  }

  #status(): number {
    const link = set(reg.STATUS_INITIAL, reg.STATUS_LU, this.#parts.isLinkUp() ? 1 : 0);
    const isDisabled = has(this.#registers.get(reg.CTRL), reg.CTRL_GIO_MASTER_DISABLE);
    const mastering = set(link, reg.STATUS_GIO_MASTER_ENABLE, isDisabled ? 0 : 1);
    return set(mastering, reg.STATUS_TXOFF, this.#parts.isPaused() ? 1 : 0) | this.#registers.get(reg.STATUS);
  }

  /** §10.2.2 "Software Semaphore - SWSM": whoever reads SMBI as 0 holds it. */
  #takeSemaphore(): number {
    const value = this.#registers.get(reg.SWSM);
    this.#registers.set(reg.SWSM, value | reg.SWSM_SMBI.mask);
    return value;
  }
}
