/** QEMU's device on the bench. */
import { RCTL, RDBAL, RDH, RDLEN, RDT } from '@bulkhead/intel-82574-datasheet';
import { type NicRig, RIG_RAM_BYTES, RIG_RAM_START, type Width } from './nic-rig.ts';
import type { QemuFunction } from './pci-function.ts';

const WIDTHS = { 1: 'b', 2: 'w', 4: 'l' } as const;
/** RCTL: enabled, promiscuous, long packets. */
const TAKE_ALL = 0x0400_803a;
const DRAIN_RING_BYTES = 0x1000;
const DRAIN_BUFFER = RIG_RAM_START + 0x1_0000;

export class QemuNic implements NicRig {
  readonly #device: QemuFunction;
  readonly #registers: number;
  #hasReceived = false;

  constructor(device: QemuFunction) {
    this.#device = device;
    this.#registers = device.bars[0]!.address;
  }
  reset(): void {
    if (this.#hasReceived) this.#drain();
    this.#hasReceived = false;
    this.#device.reset();
    this.#device.enable(true);
    this.writeRam(RIG_RAM_START, new Uint8Array(RIG_RAM_BYTES));
    this.sent();
    this.messages();
  }
  enableMsix(): void {
    for (let vector = 0; vector < this.#device.vectorCount; vector++) this.#device.openVector(vector);
  }
  read(offset: number, width: Width = 4): number {
    return this.#device.machine.read(this.#registers + offset, WIDTHS[width]);
  }
  write(offset: number, value: number, width: Width = 4): void {
    this.#device.machine.write(this.#registers + offset, WIDTHS[width], value);
  }
  readRam(address: number, lenBytes: number): Uint8Array {
    this.#device.machine.qtest.settle();
    return this.#device.machine.ram.bytes(address, lenBytes);
  }
  writeRam(address: number, bytes: Uint8Array): void {
    this.#device.machine.qtest.settle();
    this.#device.machine.ram.write(address, bytes, 0, bytes.length);
  }
  receive(frame: Uint8Array): void {
    this.#hasReceived = true;
    this.#device.machine.wire.send(frame);
    this.#device.machine.wire.settle();
  }
  sent(): Uint8Array[] {
    this.#device.machine.qtest.settle();
    return this.#device.machine.wire.sent();
  }
  messages(): number[] {
    return this.#device.messages();
  }

  /** A frame that found no descriptor waits in QEMU's queue, over any reset. It is taken out. */
  #drain(): void {
    do {
      this.#device.reset();
      this.#device.enable(true);
      const ring = new Uint8Array(DRAIN_RING_BYTES);
      const view = new DataView(ring.buffer);
      for (let at = 0; at < DRAIN_RING_BYTES; at += 16) view.setUint32(at, DRAIN_BUFFER, true);
      this.writeRam(RIG_RAM_START, ring);
      this.write(RDBAL, RIG_RAM_START);
      this.write(RDLEN, DRAIN_RING_BYTES);
      this.write(RDT, DRAIN_RING_BYTES / 16 - 1);
      this.write(RCTL, TAKE_ALL);
      this.#device.machine.wire.settle();
    } while (this.read(RDH) !== 0);
  }
}
