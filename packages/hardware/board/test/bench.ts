/** A board, and software that knows its datasheets: everything is read and written over the bus. 1 cycle = 1 ns. */
import { Clock } from '@bulkhead/clock';
import * as nic from '@bulkhead/intel-82574-datasheet';
import * as pci from '@bulkhead/pci-datasheet';
import * as iommu from '@bulkhead/riscv-iommu-datasheet';
import { type Board, createBoard, ECAM_PAGE, IMSIC_PAGE, IOMMU_PAGE, PCI_WINDOW_PAGE, RAM_PAGE } from '../src/index.ts';

export const NIC_FUNCTION: number = 1 << pci.ECAM_DEVICE_SHIFT;
export const REGISTERS: number = PCI_WINDOW_PAGE * 4096;
export const MSIX_TABLE: number = REGISTERS + 0x10_0000;
/** RAM, from its start: rings, buffers, the IOMMU's tables. */
export const TX_RING: number = RAM_PAGE;
export const RX_RING: number = RAM_PAGE + 1;
export const TX_BUFFER: number = RAM_PAGE + 2;
export const RX_BUFFER: number = RAM_PAGE + 3;
export const DIRECTORY: number = RAM_PAGE + 16;

type Width = 1 | 2 | 4;

export interface Arrival {
  readonly at: number;
  readonly frame: Uint8Array;
}

export class Bench {
  readonly clock: Clock = new Clock(1e9);
  readonly board: Board = createBoard({ clock: this.clock, memoryMiB: 1 });
  /** Frames that the machine has sent. */
  readonly arrivals: Arrival[] = [];

  constructor() {
    this.board.link.b.connect((frame, lenBytes) => {
      this.arrivals.push({ at: this.clock.now, frame: frame.slice(0, lenBytes) });
    });
  }
  load(address: number, widthBytes: Width = 4): number {
    return this.board.bus.load(Math.floor(address / 4096), address % 4096, widthBytes);
  }
  store(address: number, value: number, widthBytes: Width = 4): number {
    return this.board.bus.store(Math.floor(address / 4096), address % 4096, widthBytes, value);
  }
  /** Configuration space of the NIC. */
  readConfig(offset: number, widthBytes: Width = 4): number {
    return this.load(ECAM_PAGE * 4096 + NIC_FUNCTION + offset, widthBytes);
  }
  writeConfig(offset: number, value: number, widthBytes: Width = 4): void {
    this.store(ECAM_PAGE * 4096 + NIC_FUNCTION + offset, value, widthBytes);
  }
  /** A register of the NIC, once its BAR is assigned. */
  readNic(offset: number): number {
    return this.load(REGISTERS + offset);
  }
  writeNic(offset: number, value: number): void {
    this.store(REGISTERS + offset, value >>> 0);
  }
  /** Writes 32-bit words from a page on. */
  words(page: number, words: readonly number[]): void {
    words.forEach((word, i) => {
      this.store(page * 4096 + i * 4, word >>> 0);
    });
  }

  /** What firmware does with a function: addresses, memory space, bus mastering. */
  assign(): void {
    this.writeConfig(pci.BAR0, REGISTERS);
    this.writeConfig(pci.BAR3, MSIX_TABLE);
    this.writeConfig(pci.COMMAND, pci.COMMAND_MEMORY_SPACE_ENABLE.mask | pci.COMMAND_BUS_MASTER_ENABLE.mask, 2);
    this.writeNic(nic.CTRL, this.readNic(nic.CTRL) | nic.CTRL_SLU.mask);
  }
  /** Sends MSI-X vector 0 to the hart's interrupt file as `identity`. */
  routeMsi(identity: number): void {
    this.writeConfig(nic.CAPABILITY_MSIX_OFFSET + pci.MSIX_MESSAGE_CONTROL, pci.MSIX_CONTROL_ENABLE.mask, 2);
    this.store(MSIX_TABLE + pci.MSIX_ENTRY_MESSAGE_ADDRESS, IMSIC_PAGE * 4096);
    this.store(MSIX_TABLE + pci.MSIX_ENTRY_MESSAGE_UPPER_ADDRESS, 0);
    this.store(MSIX_TABLE + pci.MSIX_ENTRY_MESSAGE_DATA, identity);
    this.store(MSIX_TABLE + pci.MSIX_ENTRY_VECTOR_CONTROL, 0);
    this.writeNic(nic.IVAR, nic.IVAR_TXQ0_VALID.mask | nic.IVAR_RXQ0_VALID.mask);
  }
  setIommu(mode: number, rootPage = 0): void {
    this.store(IOMMU_PAGE * 4096 + iommu.DDTP + 4, Math.floor(rootPage / 2 ** 22));
    this.store(IOMMU_PAGE * 4096 + iommu.DDTP, ((rootPage << 10) | mode) >>> 0);
  }

  /** Gives the NIC one frame to send. The pages of ring and buffer are those that the device shall ask for. */
  transmit(frame: Uint8Array, ringPage = TX_RING, bufferPage = TX_BUFFER): void {
    frame.forEach((byte, i) => {
      this.store(TX_BUFFER * 4096 + i, byte, 1);
    });
    const command = nic.TDESC_CMD_EOP.mask | nic.TDESC_CMD_IFCS.mask | nic.TDESC_CMD_RS.mask;
    this.words(TX_RING, [(bufferPage * 4096) >>> 0, 0, frame.length | command, 0]);
    this.writeNic(nic.TDBAL, ringPage * 4096);
    this.writeNic(nic.TDLEN, 8 * nic.TDESC_SIZE_BYTES);
    this.writeNic(nic.TCTL, nic.TCTL_EN.mask);
    this.writeNic(nic.TDT, 1);
  }
  /** Gives the NIC one buffer to receive into. */
  supply(): void {
    this.words(RX_RING, [(RX_BUFFER * 4096) >>> 0, 0, 0, 0]);
    this.writeNic(nic.RDBAL, RX_RING * 4096);
    this.writeNic(nic.RDLEN, 8 * nic.RDESC_SIZE_BYTES);
    this.writeNic(nic.RCTL, nic.RCTL_EN.mask | nic.RCTL_SECRC.mask | nic.RCTL_BAM.mask);
    this.writeNic(nic.RDT, 1);
  }
  bytes(page: number, lenBytes: number): Uint8Array {
    return Uint8Array.from({ length: lenBytes }, (_, i) => this.load(page * 4096 + i, 1));
  }
  /** Lets time pass, event by event. */
  run(ns = 1_000_000): void {
    const end = this.clock.now + ns;
    while (this.clock.due <= end) {
      this.clock.advance(Math.max(0, this.clock.due - this.clock.now));
      this.clock.runDue();
    }
    this.clock.advance(end - this.clock.now);
  }
}

/** A frame to everybody whose payload counts up. */
export function broadcast(lenBytes: number): Uint8Array {
  return Uint8Array.from({ length: lenBytes }, (_, i) => (i < 6 ? 0xff : i));
}
