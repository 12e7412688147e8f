/** A machine around one device: RAM without an IOMMU, a root complex, and a wire that remembers. 1 cycle = 1 ns. */
import { Clock } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { RootComplex } from '@bulkhead/pci';
import * as pci from '@bulkhead/pci-datasheet';
import type { DmaPort, MessagePort } from '@bulkhead/ports';
import { createIntel82574, type Intel82574, type TimingOptions } from '../src/index.ts';

export const MAC: Uint8Array = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);
export const RAM_BYTES = 0x10_0000;
export const TX_RING = 0x1000;
export const RX_RING = 0x2000;
export const RX_RING_1 = 0x3000;
export const BUFFERS = 0x1_0000;
const BAR0 = 0x4000_0000;
const BAR3 = 0x4010_0000;
export const ECAM: number = 1 << pci.ECAM_DEVICE_SHIFT;

export interface Sent {
  readonly at: number;
  readonly frame: Uint8Array;
}

export class Bench {
  readonly clock: Clock = new Clock(1e9);
  readonly ram: Uint8Array = new Uint8Array(RAM_BYTES);
  readonly view: DataView = new DataView(this.ram.buffer);
  readonly bus: RootComplex = new RootComplex({ windowBase: BAR0 / 4096 });
  readonly nic: Intel82574;
  readonly sent: Sent[] = [];
  readonly messages: { readonly at: number; readonly data: number }[] = [];
  /** DMA beyond this address faults. */
  limitBytes = RAM_BYTES;

  constructor(options: TimingOptions = {}) {
    const wire = {
      transmit: (frame: Uint8Array, lenBytes: number) => {
        this.sent.push({ at: this.clock.now, frame: frame.slice(0, lenBytes) });
      },
    };
    this.nic = createIntel82574({ clock: this.clock, wire, macAddress: MAC, options });
    this.bus.attach(this.nic.function, { device: 1, function: 0 });
    this.nic.function.connect({ dma: this.#dma(), message: this.#message() });
    this.bus.write(ECAM + pci.BAR0, 4, BAR0);
    this.bus.write(ECAM + pci.BAR3, 4, BAR3);
    this.command(pci.COMMAND_MEMORY_SPACE_ENABLE.mask | pci.COMMAND_BUS_MASTER_ENABLE.mask);
  }

  command(value: number): void {
    this.bus.write(ECAM + pci.COMMAND, 2, value);
  }
  /** Enables MSI-X and unmasks every vector; vector n sends 0x100 + n. */
  enableMsix(): void {
    this.bus.write(ECAM + reg.CAPABILITY_MSIX_OFFSET + pci.MSIX_MESSAGE_CONTROL, 2, pci.MSIX_CONTROL_ENABLE.mask);
    for (let vector = 0; vector < reg.MSIX_VECTOR_COUNT; vector++) {
      const entry = BAR3 - BAR0 + vector * pci.MSIX_ENTRY_SIZE_BYTES;
      this.bus.memory.write(entry + pci.MSIX_ENTRY_MESSAGE_ADDRESS, 4, 0xfee0_0000);
      this.bus.memory.write(entry + pci.MSIX_ENTRY_MESSAGE_DATA, 4, 0x100 + vector);
      this.bus.memory.write(entry + pci.MSIX_ENTRY_VECTOR_CONTROL, 4, 0);
    }
  }
  readMsix(offset: number): number {
    return this.bus.memory.read(BAR3 - BAR0 + offset, 4);
  }
  writeMsix(offset: number, value: number): void {
    this.bus.memory.write(BAR3 - BAR0 + offset, 4, value);
  }
  read(offset: number): number {
    return this.bus.memory.read(offset, 4);
  }
  write(offset: number, value: number): void {
    this.bus.memory.write(offset, 4, value >>> 0);
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

  /** A transmit ring of `lengthEntries` descriptors, enabled. */
  startTransmit(lengthEntries = 8, queue = 0): void {
    const at = queue * reg.QUEUE_STRIDE_BYTES;
    this.write(reg.TDBAL + at, TX_RING + queue * 0x800);
    this.write(reg.TDLEN + at, lengthEntries * 16);
    this.write(reg.TCTL, reg.TCTL_EN.mask | reg.TCTL_PSP.mask);
  }
  /** Writes one transmit descriptor; `command` is its word at TDESC_LOWER without the length. */
  transmitDescriptor(index: number, address: number, lenBytes: number, command: number, queue = 0): void {
    const at = TX_RING + queue * 0x800 + index * 16;
    this.view.setUint32(at, address, true);
    this.view.setUint32(at + 4, 0, true);
    this.view.setUint32(at + 8, (lenBytes | command) >>> 0, true);
    this.view.setUint32(at + 12, 0, true);
  }
  transmitStatus(index: number, queue = 0): number {
    return this.view.getUint32(TX_RING + queue * 0x800 + index * 16 + 12, true);
  }

  /** A receive ring whose buffers stand 16 KiB apart, with all but one descriptor given to the device. */
  startReceive(lengthEntries = 8, control = reg.RCTL_SECRC.mask | reg.RCTL_BAM.mask, queue = 0): void {
    const ring = queue === 0 ? RX_RING : RX_RING_1;
    const at = queue * reg.QUEUE_STRIDE_BYTES;
    for (let i = 0; i < lengthEntries; i++) this.view.setUint32(ring + i * 16, this.bufferOf(i, queue), true);
    this.write(reg.RDBAL + at, ring);
    this.write(reg.RDLEN + at, lengthEntries * 16);
    this.write(reg.RDT + at, lengthEntries - 1);
    this.write(reg.RCTL, reg.RCTL_EN.mask | control);
  }
  bufferOf(index: number, queue = 0): number {
    return BUFFERS + queue * 0x4_0000 + index * 0x4000;
  }

  #dma(): DmaPort {
    const addressOf = (page: number, offset: number): number => page * 4096 + offset;
    const fits = (address: number, lenBytes: number): boolean => address + lenBytes <= this.limitBytes;
    return {
      read: (page, offset, into, at, lenBytes) => {
        const address = addressOf(page, offset);
        if (!fits(address, lenBytes)) return -13;
        into.set(this.ram.subarray(address, address + lenBytes), at);
        return 0;
      },
      write: (page, offset, from, at, lenBytes) => {
        const address = addressOf(page, offset);
        if (!fits(address, lenBytes)) return -15;
        this.ram.set(from.subarray(at, at + lenBytes), address);
        return 0;
      },
    };
  }
  #message(): MessagePort {
    return {
      send: (_page, _offset, data) => {
        this.messages.push({ at: this.clock.now, data });
        return 0;
      },
    };
  }
}

/** A frame of `lenBytes` to `destination`, whose payload counts up from `seed`. */
export function frameTo(destination: Uint8Array, lenBytes: number, seed = 0): Uint8Array {
  const frame = new Uint8Array(lenBytes).map((_, i) => i + seed);
  frame.set(destination);
  frame.set([2, 0, 0, 0, 0, 1, 0x88, 0xb5], 6);
  return frame;
}
