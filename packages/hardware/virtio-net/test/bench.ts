/**
 * A machine around one device, and the simplest driver of it: RAM without an IOMMU, a root complex, a wire that
 * remembers, and rings that are written by hand. 1 cycle = 1 ns.
 */
import { Clock } from '@bulkhead/clock';
import { RootComplex } from '@bulkhead/pci';
import * as pci from '@bulkhead/pci-datasheet';
import type { DmaPort, MessagePort, WidthBytes } from '@bulkhead/ports';
import * as virtio from '@bulkhead/virtio-datasheet';
import { createVirtioNet, type VirtioNet, type VirtioNetOptions } from '../src/index.ts';

export const MAC: Uint8Array = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);
export const RAM_BYTES = 0x20_0000;
export const BUFFERS = 0x4_0000;
const STRUCTURES = 0x4000_0000;
const MSIX = 0x4001_0000;
export const ECAM: number = 1 << pci.ECAM_DEVICE_SHIFT;
export const ISR = 0x1000;
export const CONFIG = 0x2000;
export const NOTIFY = 0x3000;
export const MSIX_AT = 0x84;

const BASE: readonly number[] = [virtio.F_VERSION_1, virtio.F_ACCESS_PLATFORM];

export interface Piece {
  readonly address: number;
  readonly lenBytes: number;
  readonly writes?: boolean;
}
export interface Sent {
  readonly at: number;
  readonly frame: Uint8Array;
}

/** The driver's end of one ring, of 8 chains of 4 descriptors. */
export class Ring {
  readonly at: number;
  readonly size: number;
  readonly view: DataView;
  availableIdx = 0;
  usedSeen = 0;

  constructor(view: DataView, queue: number, size: number) {
    this.view = view;
    this.at = 0x1_0000 * (queue + 1);
    this.size = size;
  }
  get desc(): number {
    return this.at;
  }
  get avail(): number {
    return this.at + 0x4000;
  }
  get used(): number {
    return this.at + 0x8000;
  }
  descriptor(index: number, address: number, lenBytes: number, flags: number, next: number, table = this.desc): void {
    const at = table + index * 16;
    this.view.setUint32(at, address, true);
    this.view.setUint32(at + 4, 0, true);
    this.view.setUint32(at + 8, lenBytes, true);
    this.view.setUint16(at + 12, flags, true);
    this.view.setUint16(at + 14, next, true);
  }
  /** Writes a chain from descriptor `head` on. */
  chain(head: number, pieces: readonly Piece[], table = this.desc): void {
    pieces.forEach(({ address, lenBytes, writes = false }, i) => {
      const more = i + 1 < pieces.length ? virtio.DESC_F_NEXT : 0;
      this.descriptor(head + i, address, lenBytes, more | (writes ? virtio.DESC_F_WRITE : 0), head + i + 1, table);
    });
  }
  offer(head: number): void {
    this.view.setUint16(this.avail + 4 + (this.availableIdx % this.size) * 2, head, true);
    this.availableIdx = (this.availableIdx + 1) & 0xffff;
    this.view.setUint16(this.avail + 2, this.availableIdx, true);
  }
  get usedIdx(): number {
    return this.view.getUint16(this.used + 2, true);
  }
  get usedFlags(): number {
    return this.view.getUint16(this.used, true);
  }
  /** Takes the used elements that are new. */
  reap(): { readonly id: number; readonly lenBytes: number }[] {
    const found = [];
    for (; this.usedSeen !== this.usedIdx; this.usedSeen = (this.usedSeen + 1) & 0xffff) {
      const at = this.used + 4 + (this.usedSeen % this.size) * 8;
      found.push({ id: this.view.getUint32(at, true), lenBytes: this.view.getUint32(at + 4, true) });
    }
    return found;
  }
  set availFlags(flags: number) {
    this.view.setUint16(this.avail, flags, true);
  }
  set usedEvent(index: number) {
    this.view.setUint16(this.avail + 4 + this.size * 2, index, true);
  }
  get availEvent(): number {
    return this.view.getUint16(this.used + 4 + this.size * 8, true);
  }
}

export class Bench {
  readonly clock: Clock = new Clock(1e9);
  readonly ram: Uint8Array = new Uint8Array(RAM_BYTES);
  readonly view: DataView = new DataView(this.ram.buffer);
  readonly bus: RootComplex = new RootComplex({ windowBase: STRUCTURES / 4096 });
  readonly nic: VirtioNet;
  readonly sent: Sent[] = [];
  readonly messages: { readonly at: number; readonly data: number }[] = [];
  /** DMA beyond this address faults. */
  limitBytes = RAM_BYTES;

  constructor(options: Partial<VirtioNetOptions> = {}) {
    const wire = {
      transmit: (frame: Uint8Array, lenBytes: number) => {
        this.sent.push({ at: this.clock.now, frame: frame.slice(0, lenBytes) });
      },
    };
    this.nic = createVirtioNet({ clock: this.clock, wire, macAddress: MAC, ...options });
    this.bus.attach(this.nic.function, { device: 1, function: 0 });
    this.nic.function.connect({ dma: this.#dma(), message: this.#message() });
    this.bus.write(ECAM + pci.BAR0 + 4, 4, MSIX);
    this.bus.write(ECAM + pci.BAR0 + 16, 4, STRUCTURES);
    this.command(pci.COMMAND_MEMORY_SPACE_ENABLE.mask | pci.COMMAND_BUS_MASTER_ENABLE.mask);
    this.nic.setLink(true);
  }

  command(value: number): void {
    this.bus.write(ECAM + pci.COMMAND, 2, value);
  }
  config(offset: number, widthBytes: WidthBytes = 4): number {
    return this.bus.read(ECAM + offset, widthBytes);
  }
  /** Enables MSI-X and unmasks every vector; vector n sends 0x100 + n. */
  enableMsix(): void {
    this.bus.write(ECAM + MSIX_AT + pci.MSIX_MESSAGE_CONTROL, 2, pci.MSIX_CONTROL_ENABLE.mask);
    for (let vector = 0; vector < 4; vector++) {
      const entry = MSIX - STRUCTURES + vector * pci.MSIX_ENTRY_SIZE_BYTES;
      this.bus.memory.write(entry + pci.MSIX_ENTRY_MESSAGE_ADDRESS, 4, 0xfee0_0000);
      this.bus.memory.write(entry + pci.MSIX_ENTRY_MESSAGE_DATA, 4, 0x100 + vector);
      this.bus.memory.write(entry + pci.MSIX_ENTRY_VECTOR_CONTROL, 4, 0);
    }
  }
  read(offset: number, widthBytes: WidthBytes): number {
    return this.bus.memory.read(offset, widthBytes);
  }
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    this.bus.memory.write(offset, widthBytes, value);
  }
  get status(): number {
    return this.read(virtio.DEVICE_STATUS, 1);
  }
  set status(value: number) {
    this.write(virtio.DEVICE_STATUS, 1, value);
  }
  get needsReset(): boolean {
    return (this.status & virtio.STATUS_DEVICE_NEEDS_RESET.mask) !== 0;
  }
  offered(select: number): number {
    this.write(virtio.DEVICE_FEATURE_SELECT, 4, select);
    return this.read(virtio.DEVICE_FEATURE, 4);
  }

  /** §3.1.1, steps 1 to 6: with VERSION_1, ACCESS_PLATFORM and these. @returns the status read back. */
  negotiate(features: readonly number[] = [], base: readonly number[] = BASE): number {
    this.status = 0;
    this.status = 1;
    this.status = 3;
    for (const select of [0, 1]) {
      const bits = [...base, ...features].filter((feature) => feature >>> 5 === select);
      this.write(virtio.DRIVER_FEATURE_SELECT, 4, select);
      this.write(
        virtio.DRIVER_FEATURE,
        4,
        bits.reduce((word, feature) => (word | (1 << (feature & 31))) >>> 0, 0),
      );
    }
    this.status = 0xb;
    return this.status;
  }
  /** Sets a queue up and enables it; its interrupts go to the vector of its number. */
  queue(index: number, size = 16): Ring {
    const ring = new Ring(this.view, index, size);
    this.ram.fill(0, ring.at, ring.at + 0x1_0000);
    this.write(virtio.QUEUE_SELECT, 2, index);
    this.write(virtio.QUEUE_SIZE, 2, size);
    this.write(virtio.QUEUE_MSIX_VECTOR, 2, index);
    this.write(virtio.QUEUE_DESC, 4, ring.desc);
    this.write(virtio.QUEUE_DRIVER, 4, ring.avail);
    this.write(virtio.QUEUE_DEVICE, 4, ring.used);
    this.write(virtio.QUEUE_ENABLE, 2, 1);
    return ring;
  }
  /** Everything up to DRIVER_OK, with a queue each way and the control queue; configuration changes go to vector 3. */
  start(features: readonly number[] = [], size = 16): { readonly rx: Ring; readonly tx: Ring; readonly control: Ring } {
    this.negotiate(features);
    this.write(virtio.CONFIG_MSIX_VECTOR, 2, 3);
    const rx = this.queue(virtio.NET_RECEIVEQ, size);
    const tx = this.queue(virtio.NET_TRANSMITQ, size);
    const control = this.queue(virtio.NET_CONTROLQ, size);
    this.status = 0xf;
    return { rx, tx, control };
  }
  notify(queue: number): void {
    this.write(NOTIFY + queue * 4, 2, queue);
  }

  /** Puts a header of zeros and a frame at `address`, and offers them as one piece. */
  transmit(ring: Ring, head: number, address: number, frame: Uint8Array, header: readonly number[] = []): void {
    this.ram.fill(0, address, address + 12);
    this.ram.set(header, address);
    this.ram.set(frame, address + 12);
    ring.chain(head, [{ address, lenBytes: 12 + frame.length }]);
    ring.offer(head);
  }
  /** Offers a buffer to receive into. */
  supply(ring: Ring, head: number, address: number, lenBytes: number): void {
    ring.chain(head, [{ address, lenBytes, writes: true }]);
    ring.offer(head);
  }
  /** Sends a command. @returns the answer, or -1 when there was none. */
  control(ring: Ring, kind: number, command: number, data: readonly number[]): number {
    const at = BUFFERS + 0x8_0000;
    this.ram.set([kind, command, ...data], at);
    this.ram[at + 0x4000] = 0xee;
    ring.chain(0, [
      { address: at, lenBytes: 2 + data.length },
      { address: at + 0x4000, lenBytes: 1, writes: true },
    ]);
    ring.offer(0);
    this.notify(virtio.NET_CONTROLQ);
    this.run();
    return ring.reap().length === 1 ? this.ram[at + 0x4000]! : -1;
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
