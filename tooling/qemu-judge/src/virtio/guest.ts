/** The least driver that a comparison needs: it does on one rig exactly what it does on the other, right or wrong. */
import * as virtio from '@bulkhead/virtio-datasheet';
import { RIG_RAM_START } from '../nic-rig.ts';
import { COMMON, NOTIFY, type VirtioRig } from './rig.ts';

export const GUEST_QUEUE_ENTRIES = 64;
/** Features 32 and 33. */
export const VERSION_1_AND_PLATFORM = 3;
export const VECTOR_OF_CONFIGURATION = 0;
const QUEUE_COUNT = 3;
const QUEUE_STRIDE = 0x1_0000;
const AVAIL = 0x1000;
const USED = 0x2000;
const TABLES = 0x3000;
const BUFFERS: number = RIG_RAM_START + QUEUE_COUNT * QUEUE_STRIDE;
const NEGOTIATION: readonly number[] = [0x01, 0x03];

export interface Part {
  readonly lenBytes: number;
  readonly isWrite: boolean;
  /** Where it stands, instead of in memory of its own. */
  readonly address?: number;
}
export interface Chain {
  readonly parts: readonly Part[];
  readonly isIndirect: boolean;
  /** What stands in the parts that the device reads, one after the other. */
  readonly data?: Uint8Array;
}
/** Where the pieces of a chain stand. */
export interface Placed {
  readonly head: number;
  readonly at: readonly number[];
}

export class Guest {
  readonly rig: VirtioRig;
  readonly #nextDescriptor: number[] = [0, 0, 0];
  readonly #nextTable: number[] = [0, 0, 0];
  readonly #available: number[] = [0, 0, 0];
  #nextBuffer: number = BUFFERS;

  constructor(rig: VirtioRig) {
    this.rig = rig;
  }
  get status(): number {
    return this.rig.read(COMMON + virtio.DEVICE_STATUS, 1);
  }
  set status(value: number) {
    this.rig.write(COMMON + virtio.DEVICE_STATUS, value, 1);
  }
  /** Virtio 1.2 §3.1.1 "Driver Requirements: Device Initialization": everything up to DRIVER_OK. */
  start(features: readonly [number, number]): void {
    for (const status of NEGOTIATION) this.status = status;
    features.forEach((word, select) => {
      this.rig.write(COMMON + virtio.DRIVER_FEATURE_SELECT, select);
      this.rig.write(COMMON + virtio.DRIVER_FEATURE, word);
    });
    this.status = 0x0b;
    this.rig.write(COMMON + virtio.CONFIG_MSIX_VECTOR, VECTOR_OF_CONFIGURATION, 2);
    for (let queue = 0; queue < QUEUE_COUNT; queue++) this.#startQueue(queue);
    this.status = 0x0f;
  }
  /** Puts a chain, none of whose descriptors is still in use, where the device finds it, and makes it available. */
  add(queue: number, chain: Chain): Placed {
    const at = chain.parts.map((part) => part.address ?? this.#room(part.lenBytes));
    this.#fill(chain, at);
    const count = chain.isIndirect ? 1 : chain.parts.length;
    const head = this.#nextDescriptor[queue]!;
    this.#nextDescriptor[queue] = (head + count) % GUEST_QUEUE_ENTRIES;
    if (chain.isIndirect) {
      const table = this.desc(queue) + TABLES + this.#nextTable[queue]!;
      this.#nextTable[queue] = this.#nextTable[queue]! + chain.parts.length * virtio.DESC_SIZE_BYTES;
      chain.parts.forEach((part, i) => {
        this.#describe(table, i, at[i]!, part, i + 1 < chain.parts.length ? i + 1 : -1);
      });
      const lenBytes = chain.parts.length * virtio.DESC_SIZE_BYTES;
      this.writeDescriptor(this.desc(queue), head, table, lenBytes, virtio.DESC_F_INDIRECT, 0);
    } else {
      chain.parts.forEach((part, i) => {
        const next = i + 1 < chain.parts.length ? (head + i + 1) % GUEST_QUEUE_ENTRIES : -1;
        this.#describe(this.desc(queue), (head + i) % GUEST_QUEUE_ENTRIES, at[i]!, part, next);
      });
    }
    this.offer(queue, head);
    return { head, at };
  }
  /** One more entry of the available ring, whatever it says. */
  offer(queue: number, head: number): void {
    const slot = this.#available[queue]! % GUEST_QUEUE_ENTRIES;
    this.store16(this.avail(queue) + virtio.AVAIL_RING + slot * virtio.AVAIL_ENTRY_SIZE_BYTES, head);
    this.#available[queue] = this.#available[queue]! + 1;
    this.store16(this.avail(queue) + virtio.AVAIL_IDX, this.#available[queue]!);
  }
  writeDescriptor(table: number, index: number, address: number, lenBytes: number, flags: number, next: number): void {
    const view = new DataView(new ArrayBuffer(virtio.DESC_SIZE_BYTES));
    view.setUint32(virtio.DESC_ADDR, address, true);
    view.setUint32(virtio.DESC_LEN, lenBytes, true);
    view.setUint16(virtio.DESC_FLAGS, flags, true);
    view.setUint16(virtio.DESC_NEXT, next, true);
    this.rig.writeRam(table + index * virtio.DESC_SIZE_BYTES, new Uint8Array(view.buffer));
  }
  notify(queue: number): void {
    this.rig.write(NOTIFY + 4 * queue, queue, 2);
  }
  store16(address: number, value: number): void {
    this.rig.writeRam(address, Uint8Array.of(value & 0xff, (value >> 8) & 0xff));
  }
  usedIndex(queue: number): number {
    return load16(this.rig.readRam(this.used(queue) + virtio.USED_IDX, 2));
  }
  /** The used ring's elements: head and length, one text each. */
  usedElements(queue: number): string[] {
    const ring = this.rig.readRam(this.used(queue), virtio.USED_RING + GUEST_QUEUE_ENTRIES * 8);
    const view = new DataView(ring.buffer, ring.byteOffset);
    return Array.from({ length: Math.min(GUEST_QUEUE_ENTRIES, view.getUint16(virtio.USED_IDX, true)) }, (_, i) => {
      const at = virtio.USED_RING + i * virtio.USED_ELEM_SIZE_BYTES;
      return `${view.getUint32(at, true)}:${view.getUint32(at + virtio.USED_ELEM_LEN, true)}`;
    });
  }
  usedFlags(queue: number): number {
    return load16(this.rig.readRam(this.used(queue) + virtio.USED_FLAGS, 2));
  }
  availEvent(queue: number): number {
    return load16(this.rig.readRam(this.used(queue) + virtio.availEventOffset(GUEST_QUEUE_ENTRIES), 2));
  }
  desc(queue: number): number {
    return RIG_RAM_START + queue * QUEUE_STRIDE;
  }
  avail(queue: number): number {
    return this.desc(queue) + AVAIL;
  }
  used(queue: number): number {
    return this.desc(queue) + USED;
  }
  usedEventAt(queue: number): number {
    return this.avail(queue) + virtio.usedEventOffset(GUEST_QUEUE_ENTRIES);
  }

  #startQueue(queue: number): void {
    const { rig } = this;
    rig.write(COMMON + virtio.QUEUE_SELECT, queue, 2);
    rig.write(COMMON + virtio.QUEUE_SIZE, GUEST_QUEUE_ENTRIES, 2);
    rig.write(COMMON + virtio.QUEUE_MSIX_VECTOR, queue + 1, 2);
    rig.write(COMMON + virtio.QUEUE_DESC, this.desc(queue));
    rig.write(COMMON + virtio.QUEUE_DRIVER, this.avail(queue));
    rig.write(COMMON + virtio.QUEUE_DEVICE, this.used(queue));
    rig.write(COMMON + virtio.QUEUE_ENABLE, 1, 2);
  }
  #room(lenBytes: number): number {
    const at = this.#nextBuffer;
    this.#nextBuffer += (lenBytes + 15) & ~15;
    return at;
  }
  #fill({ parts, data }: Chain, at: readonly number[]): void {
    let done = 0;
    parts.forEach(({ lenBytes, isWrite }, i) => {
      if (isWrite || data === undefined) return;
      this.rig.writeRam(at[i]!, data.subarray(done, done + lenBytes));
      done += lenBytes;
    });
  }
  #describe(table: number, index: number, address: number, part: Part, next: number): void {
    const flags = (next < 0 ? 0 : virtio.DESC_F_NEXT) | (part.isWrite ? virtio.DESC_F_WRITE : 0);
    this.writeDescriptor(table, index, address, part.lenBytes, flags, Math.max(0, next));
  }
}

const load16 = (bytes: Uint8Array): number => bytes[0]! | (bytes[1]! << 8);
