/** QEMU's virtio-net-pci on the bench. */
import * as virtio from '@bulkhead/virtio-datasheet';
import { RIG_RAM_BYTES, RIG_RAM_START, type Width } from '../nic-rig.ts';
import type { QemuFunction } from '../pci-function.ts';
import { Guest, VERSION_1_AND_PLATFORM } from './guest.ts';
import { NOTIFY, Structures, structuresOf, type VirtioRig } from './rig.ts';

const WIDTHS = { 1: 'b', 2: 'w', 4: 'l' } as const;
const TURNS = 3;
const DRAIN_BUFFERS = 64;
const DRAIN_BUFFER_BYTES = 2048;

export class QemuVirtio implements VirtioRig {
  readonly #device: QemuFunction;
  readonly #structures: Structures;
  #hasReceived = false;

  constructor(device: QemuFunction) {
    this.#device = device;
    this.#structures = new Structures(structuresOf((at, width) => this.readConfig(at, width)));
  }
  reset(): void {
    if (this.#hasReceived) this.#drain();
    this.#hasReceived = false;
    this.#restart();
    this.sent();
    this.messages();
  }
  enableMsix(): void {
    for (let vector = 0; vector < this.#device.vectorCount; vector++) this.#device.openVector(vector);
  }
  readConfig(offset: number, width: Width): number {
    return this.#device.readConfig(offset, WIDTHS[width]);
  }
  read(at: number, width: Width = 4): number {
    return this.#device.machine.read(this.#addressOf(at), WIDTHS[width]);
  }
  /** What a notification starts happens in a later turn of QEMU's loop. */
  write(at: number, value: number, width: Width = 4): void {
    this.#device.machine.write(this.#addressOf(at), WIDTHS[width], value);
    if (at >>> 12 !== NOTIFY >>> 12) return;
    for (let turn = 0; turn < TURNS; turn++) this.#device.machine.wire.settle();
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

  #addressOf(at: number): number {
    return this.#device.bars[this.#structures.barOf(at)]!.address + this.#structures.offsetOf(at);
  }
  #restart(): void {
    this.#device.reset();
    this.#device.enable(true);
    this.writeRam(RIG_RAM_START, new Uint8Array(RIG_RAM_BYTES));
  }
  /** A frame that found no buffer waits in QEMU's queue, over any reset. It is taken out. */
  #drain(): void {
    for (let hasMore = true; hasMore; ) {
      this.#restart();
      const guest = new Guest(this);
      guest.start([0, VERSION_1_AND_PLATFORM]);
      for (let i = 0; i < DRAIN_BUFFERS; i++) {
        guest.add(virtio.NET_RECEIVEQ, { parts: [{ lenBytes: DRAIN_BUFFER_BYTES, isWrite: true }], isIndirect: false });
      }
      guest.notify(virtio.NET_RECEIVEQ);
      hasMore = guest.usedIndex(virtio.NET_RECEIVEQ) > 0;
    }
  }
}
