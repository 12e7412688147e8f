/**
 * One split virtqueue, seen by the device. Virtio 1.2 §2.7 "Split Virtqueues".
 *
 * The device reads what the driver made available and writes what it has used. Nothing in memory can make it throw or
 * run without end: what a driver must not do, and a DMA transfer that faults, is BROKEN, and the device then needs a
 * reset (§2.1.2).
 *
 * CHOICE: a chain has at most as many descriptors as the largest queue, counted through its indirect table. CHOICE:
 * BROKEN are also an empty piece of memory, and INDIRECT together with NEXT.
 */
import type { DmaPort } from '@bulkhead/ports';
import * as virtio from '@bulkhead/virtio-datasheet';
import type { ChainList } from './chain-list.ts';
import type { Features } from './features.ts';

export const QUEUE_SIZE = 256;
/** The driver broke the rules, or memory could not be reached. */
export const BROKEN = -1;
/** In `walk`: the list has no room for the chain. */
export const NO_ROOM = -2;

const DESC = 0;
const DRIVER = 1;
const DEVICE = 2;
const ALIGNMENT: readonly number[] = [
  virtio.DESC_ALIGNMENT_BYTES,
  virtio.AVAIL_ALIGNMENT_BYTES,
  virtio.USED_ALIGNMENT_BYTES,
];
/** Heads that one read of the available ring fetches. */
const HEADS = 16;
const PAGES_PER_HIGH_WORD = 0x10_0000;
const CONTINUES = 1;
const DONE = 0;
const KNOWN_FLAGS = virtio.DESC_F_NEXT | virtio.DESC_F_WRITE | virtio.DESC_F_INDIRECT;

export class Virtqueue {
  readonly index: number;
  /** Registers, as the driver wrote them. */
  sizeEntries: number = QUEUE_SIZE;
  vector: number = virtio.MSI_NO_VECTOR;
  /** Descriptor area, driver area, device area: low and high word each. */
  readonly addresses: Int32Array = new Int32Array(6);
  #enabled = false;
  readonly #dma: DmaPort;
  readonly #features: Features;
  readonly #page: Float64Array = new Float64Array(3);
  readonly #offset: Int32Array = new Int32Array(3);
  /** Free-running indices of 16 bits. */
  #nextAvailable = 0;
  #seenAvailable = 0;
  #used = 0;
  #published = 0;
  #flags = 0;
  /** Heads that were fetched: of the indices from `#headsFrom` on, `#headsCount` of them. */
  #headsFrom = 0;
  #headsCount = 0;
  readonly #heads: Uint16Array = new Uint16Array(HEADS);
  readonly #headBytes: Uint8Array = new Uint8Array(this.#heads.buffer);
  readonly #descriptor: Int32Array = new Int32Array(virtio.DESC_SIZE_BYTES / 4);
  readonly #descriptorBytes: Uint8Array = new Uint8Array(this.#descriptor.buffer);
  readonly #small: Int32Array = new Int32Array(2);
  readonly #smallBytes: Uint8Array = new Uint8Array(this.#small.buffer);
  /** The table that is walked: where it stands, and its length. */
  readonly #tablePage: Float64Array = new Float64Array(1);
  #tableOffset = 0;
  #tableLength = 0;
  #isIndirect = false;
  #next = 0;

  constructor(index: number, dma: DmaPort, features: Features) {
    this.index = index;
    this.#dma = dma;
    this.#features = features;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** @returns 0, or BROKEN when an area is not aligned (§2.7). */
  enable(): number {
    for (let area = DESC; area <= DEVICE; area++) {
      const low = this.addresses[area * 2]!;
      if ((low & (ALIGNMENT[area]! - 1)) !== 0) return BROKEN;
      this.#page[area] = (this.addresses[area * 2 + 1]! >>> 0) * PAGES_PER_HIGH_WORD + (low >>> 12);
      this.#offset[area] = low & 0xfff;
    }
    this.#enabled = true;
    return 0;
  }

  /** §2.6.1 "Virtqueue Reset": as after a reset of the device. */
  reset(): void {
    this.sizeEntries = QUEUE_SIZE;
    this.vector = virtio.MSI_NO_VECTOR;
    this.addresses.fill(0);
    this.#enabled = false;
    this.#nextAvailable = 0;
    this.#seenAvailable = 0;
    this.#used = 0;
    this.#published = 0;
    this.#flags = 0;
    this.#headsCount = 0;
  }

  /** @returns how many chains the driver has made available beyond those taken; it asks memory when it knows of none. */
  available(): number {
    const known = (this.#seenAvailable - this.#nextAvailable) & 0xffff;
    return known > 0 ? known : this.refresh();
  }
  /** Asks memory. @returns how many chains are available, or BROKEN when they are more than the queue holds. */
  refresh(): number {
    if (this.#read(DRIVER, virtio.AVAIL_IDX, this.#smallBytes, 0, 2) < 0) return BROKEN;
    const seen = this.#small[0]! & 0xffff;
    const count = (seen - this.#nextAvailable) & 0xffff;
    if (count > this.sizeEntries) return BROKEN;
    this.#seenAvailable = seen;
    return count;
  }

  /** Reads the `ahead`th available chain into the list. @returns 0, BROKEN or NO_ROOM. */
  walk(ahead: number, chains: ChainList): number {
    if (chains.isFull) return NO_ROOM;
    const head = this.#headAt((this.#nextAvailable + ahead) & 0xffff);
    if (head < 0 || head >= this.sizeEntries) return BROKEN;
    chains.open(head);
    this.#tablePage[0] = this.#page[DESC]!;
    this.#tableOffset = this.#offset[DESC]!;
    this.#tableLength = this.sizeEntries;
    this.#isIndirect = false;
    this.#next = head;
    let step = CONTINUES;
    for (let seen = 0; step === CONTINUES; seen++) {
      // Longer than the table that it walks: it runs in a circle.
      if (seen > QUEUE_SIZE) return BROKEN;
      step = this.#takeDescriptor(chains);
    }
    if (step === DONE) chains.close();
    return step;
  }

  /** So many chains are taken. */
  advance(count: number): void {
    this.#nextAvailable = (this.#nextAvailable + count) & 0xffff;
  }

  /** Copies from the parts of a chain that the device reads. @returns 0, or a negative fault. */
  gather(chains: ChainList, chain: number, skip: number, into: Uint8Array, at: number, lenBytes: number): number {
    let toSkip = skip;
    let copied = 0;
    for (let i = chains.firstRead[chain]!; i < chains.firstWrite[chain]! && copied < lenBytes; i++) {
      const size = chains.lenBytes[i]!;
      if (toSkip < size) {
        const part = Math.min(size - toSkip, lenBytes - copied);
        const offset = chains.offset[i]! + toSkip;
        const page = chains.page[i]! + Math.floor(offset / 4096);
        if (this.#dma.read(page, offset % 4096, into, at + copied, part) < 0) return BROKEN;
        copied += part;
      }
      toSkip = Math.max(0, toSkip - size);
    }
    return 0;
  }

  /** Copies to the parts of a chain that the device writes. @returns 0, or a negative fault. */
  scatter(chains: ChainList, chain: number, skip: number, from: Uint8Array, at: number, lenBytes: number): number {
    let toSkip = skip;
    let copied = 0;
    for (let i = chains.firstWrite[chain]!; i < chains.end[chain]! && copied < lenBytes; i++) {
      const size = chains.lenBytes[i]!;
      if (toSkip < size) {
        const part = Math.min(size - toSkip, lenBytes - copied);
        const offset = chains.offset[i]! + toSkip;
        const page = chains.page[i]! + Math.floor(offset / 4096);
        if (this.#dma.write(page, offset % 4096, from, at + copied, part) < 0) return BROKEN;
        copied += part;
      }
      toSkip = Math.max(0, toSkip - size);
    }
    return 0;
  }

  /** Writes a used element; the driver sees it when it is published. @returns 0 or BROKEN. */
  use(head: number, writtenBytes: number): number {
    this.#small[0] = head;
    this.#small[1] = writtenBytes;
    const at = virtio.USED_RING + (this.#used & (this.sizeEntries - 1)) * virtio.USED_ELEM_SIZE_BYTES;
    if (this.#write(at, 8) < 0) return BROKEN;
    this.#used = (this.#used + 1) & 0xffff;
    return 0;
  }

  /**
   * §2.7.8.2: the index follows the elements. §2.7.7.2: whether the driver is to be told.
   * @returns 1 when it is, 0 when it is not, or BROKEN.
   */
  publish(): number {
    const before = this.#published;
    if (this.#used === before) return 0;
    this.#small[0] = this.#used;
    if (this.#write(virtio.USED_IDX, 2) < 0) return BROKEN;
    this.#published = this.#used;
    const hasEvents = this.#features.has(virtio.F_EVENT_IDX);
    const at = hasEvents ? virtio.usedEventOffset(this.sizeEntries) : virtio.AVAIL_FLAGS;
    if (this.#read(DRIVER, at, this.#smallBytes, 0, 2) < 0) return BROKEN;
    const word = this.#small[0]! & 0xffff;
    if (hasEvents) return virtio.needsEvent(word, this.#used, before) ? 1 : 0;
    return (word & virtio.AVAIL_F_NO_INTERRUPT) === 0 ? 1 : 0;
  }

  /**
   * §2.7.10.2: whether the driver is to notify of what it makes available next. An event index is left behind when it is
   * not: it is passed once. @returns 0 or BROKEN.
   */
  wantNotifications(wanted: boolean): number {
    if (this.#features.has(virtio.F_EVENT_IDX)) {
      if (!wanted) return 0;
      this.#small[0] = this.#seenAvailable;
      return this.#write(virtio.availEventOffset(this.sizeEntries), 2);
    }
    const flags = wanted ? 0 : virtio.USED_F_NO_NOTIFY;
    if (flags === this.#flags) return 0;
    this.#flags = flags;
    this.#small[0] = flags;
    return this.#write(virtio.USED_FLAGS, 2);
  }

  /** §2.7.6: the head at a free-running index. @returns BROKEN when it cannot be read. */
  #headAt(index: number): number {
    const known = (index - this.#headsFrom) & 0xffff;
    if (known < this.#headsCount) return this.#heads[known]!;
    const slot = index & (this.sizeEntries - 1);
    const count = Math.min(HEADS, this.sizeEntries - slot, (this.#seenAvailable - index) & 0xffff);
    const at = virtio.AVAIL_RING + slot * virtio.AVAIL_ENTRY_SIZE_BYTES;
    this.#headsCount = 0;
    if (this.#read(DRIVER, at, this.#headBytes, 0, count * virtio.AVAIL_ENTRY_SIZE_BYTES) < 0) return BROKEN;
    this.#headsFrom = index;
    this.#headsCount = count;
    return this.#heads[0]!;
  }

  /** §2.7.5: one descriptor of the table that is walked. @returns CONTINUES, DONE, BROKEN or NO_ROOM. */
  #takeDescriptor(chains: ChainList): number {
    if (this.#next >= this.#tableLength) return BROKEN;
    const at = this.#tableOffset + this.#next * virtio.DESC_SIZE_BYTES;
    const page = this.#tablePage[0]! + (at >>> 12);
    if (this.#dma.read(page, at & 0xfff, this.#descriptorBytes, 0, virtio.DESC_SIZE_BYTES) < 0) return BROKEN;
    const low = this.#descriptor[0]!;
    const memoryPage = (this.#descriptor[1]! >>> 0) * PAGES_PER_HIGH_WORD + (low >>> 12);
    const lenBytes = this.#descriptor[2]! >>> 0;
    const word = this.#descriptor[3]!;
    const flags = word & KNOWN_FLAGS;
    if ((flags & virtio.DESC_F_INDIRECT) !== 0) return this.#enterTable(memoryPage, low & 0xfff, lenBytes, flags);
    const isWrite = (flags & virtio.DESC_F_WRITE) !== 0;
    // §2.7.4.2: what the device writes stands behind what it reads.
    if (lenBytes === 0 || (!isWrite && chains.hasWrites)) return BROKEN;
    if (!chains.add(memoryPage, low & 0xfff, lenBytes, isWrite)) return NO_ROOM;
    this.#next = word >>> 16;
    return (flags & virtio.DESC_F_NEXT) === 0 ? DONE : CONTINUES;
  }

  /** §2.7.5.3 "Indirect Descriptors": a table of descriptors elsewhere, in which the chain goes on and ends. */
  #enterTable(page: number, offset: number, lenBytes: number, flags: number): number {
    if (this.#isIndirect || !this.#features.has(virtio.F_INDIRECT_DESC)) return BROKEN;
    if ((flags & virtio.DESC_F_NEXT) !== 0) return BROKEN;
    if (lenBytes === 0 || lenBytes % virtio.DESC_SIZE_BYTES !== 0) return BROKEN;
    this.#isIndirect = true;
    this.#tablePage[0] = page;
    this.#tableOffset = offset;
    this.#tableLength = Math.min(lenBytes / virtio.DESC_SIZE_BYTES, virtio.QUEUE_SIZE_MAX);
    this.#next = 0;
    return CONTINUES;
  }

  #read(area: number, at: number, into: Uint8Array, index: number, lenBytes: number): number {
    const offset = this.#offset[area]! + at;
    return this.#dma.read(this.#page[area]! + (offset >>> 12), offset & 0xfff, into, index, lenBytes);
  }
  /** Writes the first bytes of `#small` into the used ring. */
  #write(at: number, lenBytes: number): number {
    const offset = this.#offset[DEVICE]! + at;
    const page = this.#page[DEVICE]! + (offset >>> 12);
    return this.#dma.write(page, offset & 0xfff, this.#smallBytes, 0, lenBytes) < 0 ? BROKEN : 0;
  }
}
