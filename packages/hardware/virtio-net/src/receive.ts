/**
 * The receive queue. Virtio 1.2 §5.1.6.3 "Setting Up Receive Buffers", §5.1.6.4 "Processing of Incoming Packets".
 *
 * A frame that passes the filter stands in the device until its DMA time is over and the driver has made room
 * available. One that finds the device full is missed.
 *
 * Invariants: the alarm is armed exactly while the oldest frame may go; a frame's buffers are published together.
 *
 * CHOICE: without VIRTIO_NET_F_MRG_RXBUF a frame that does not fit the next buffer is missed, and the buffer stays
 * available; with it, so is one that would need more buffers than the queue has. CHOICE: a frame is never larger than
 * the MTU allows, and GUEST_TSO is a right of which the device makes no use: gso_type is always NONE. CHOICE: with
 * VIRTIO_NET_F_GUEST_CSUM a TCP or UDP checksum that is right is reported by DATA_VALID; NEEDS_CSUM is never set.
 */
import type { AlarmId } from '@bulkhead/clock';
import * as net from '@bulkhead/internet-datasheet';
import { FrameFifo } from '@bulkhead/link';
import * as virtio from '@bulkhead/virtio-datasheet';
import { ChainList } from './chain-list.ts';
import { add16, fold, load16 } from './checksum.ts';
import { IPV4, Layers } from './layers.ts';
import { BUFFER_BYTES, BURST_BYTES, type DeviceParts, ETHERNET_HEADER_BYTES, VLAN_TAG_BYTES } from './parts.ts';
import type { ReceiveFilter } from './receive-filter.ts';
import { BROKEN, NO_ROOM, type Virtqueue } from './virtqueue.ts';

const BUFFER_FRAMES = 1024;
const ALL_ONES = 0xffff;
/** What `#deliver` says of the oldest frame. BROKEN besides. */
const GONE = 0;
const WAITS = 1;

export class Receiver {
  /** Set by the control queue: whether received checksums are looked at. */
  checksChecksums = false;
  readonly #parts: DeviceParts;
  readonly #queue: Virtqueue;
  readonly #filter: ReceiveFilter;
  readonly #alarm: AlarmId;
  readonly #longestBytes: number;
  readonly #chains: ChainList = new ChainList();
  readonly #layers: Layers = new Layers();
  readonly #header: Uint8Array = new Uint8Array(virtio.NET_HDR_SIZE_BYTES);
  /** Twice the buffer, so that the gap at its end costs no room. */
  readonly #fifo: FrameFifo = new FrameFifo(2 * BUFFER_BYTES, BUFFER_FRAMES);
  #usedBytes = 0;

  constructor(parts: DeviceParts, queue: Virtqueue, filter: ReceiveFilter) {
    this.#parts = parts;
    this.#queue = queue;
    this.#filter = filter;
    this.#longestBytes = parts.mtuBytes + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;
    this.#alarm = parts.clock.createAlarm(() => this.#run());
  }

  /** A frame arrives. */
  arrive(frame: Uint8Array, lenBytes: number): void {
    if (!this.#queue.enabled || !this.#parts.isLive()) return;
    if (lenBytes < ETHERNET_HEADER_BYTES || lenBytes > this.#longestBytes) return;
    if (!this.#filter.passes(frame, lenBytes)) return;
    const isFull = this.#usedBytes + lenBytes > BUFFER_BYTES || this.#fifo.push(frame, lenBytes) < 0;
    if (isFull) {
      this.#parts.statistics.framesMissed += 1;
      return;
    }
    this.#usedBytes += lenBytes;
    this.poke();
  }

  /** Buffers became available, or what held the queue back is gone. */
  poke(): void {
    const { clock, timing } = this.#parts;
    if (this.#fifo.count === 0 || clock.isArmed(this.#alarm) || !this.#mayRun()) return;
    const latency = timing.dmaWriteCycles + this.#fifo.frontLenBytes * timing.busCyclesPerByte;
    const { now } = clock;
    clock.setAfter(this.#alarm, Math.ceil(now + latency) - now);
  }

  /** Drops what it holds. */
  stop(): void {
    this.#parts.clock.cancel(this.#alarm);
    this.#fifo.clear();
    this.#usedBytes = 0;
  }

  #mayRun(): boolean {
    return this.#queue.enabled && this.#parts.isLive();
  }

  /** Moves a burst to memory, then publishes it. */
  #run(): void {
    const { clock, timing } = this.#parts;
    let moved = 0;
    let result = this.#mayRun() ? GONE : WAITS;
    while (result === GONE && this.#fifo.count > 0 && moved < BURST_BYTES) {
      moved += this.#fifo.frontLenBytes;
      result = this.#deliver();
    }
    if (result === BROKEN || this.#publish() < 0) {
      this.stop();
      this.#parts.fail();
    } else if (result === GONE && this.#fifo.count > 0) {
      const { now } = clock;
      clock.setAfter(this.#alarm, Math.ceil(now + this.#fifo.frontLenBytes * timing.busCyclesPerByte) - now);
    }
  }

  #publish(): number {
    if (!this.#mayRun()) return 0;
    const told = this.#queue.publish();
    if (told > 0) this.#parts.notify(this.#queue);
    return told;
  }

  /** Delivers or drops the oldest frame. @returns GONE, WAITS or BROKEN. */
  #deliver(): number {
    const neededBytes = this.#fifo.frontLenBytes + virtio.NET_HDR_SIZE_BYTES;
    const isMerged = this.#parts.features.has(virtio.NET_F_MRG_RXBUF);
    const result = this.#takeBuffers(isMerged ? neededBytes : 1);
    if (result === BROKEN || result === WAITS) return result;
    const isTooLong = result === NO_ROOM || (!isMerged && this.#chains.writeBytes[0]! < neededBytes);
    if (isTooLong) {
      this.#parts.statistics.framesMissed += 1;
    } else {
      if (this.#fill(neededBytes) < 0) return BROKEN;
      this.#parts.statistics.framesReceived += 1;
    }
    this.#usedBytes -= this.#fifo.frontLenBytes;
    this.#fifo.shift();
    return GONE;
  }

  /** Reads available chains until they hold `neededBytes`. @returns GONE, WAITS, NO_ROOM or BROKEN. */
  #takeBuffers(neededBytes: number): number {
    const chains = this.#chains;
    chains.clear();
    let bytes = 0;
    let available = this.#queue.available();
    while (bytes < neededBytes) {
      if (chains.count === available) available = this.#queue.refresh();
      if (available < 0) return BROKEN;
      if (chains.count === available) return this.#starve(available);
      const result = this.#queue.walk(chains.count, chains);
      if (result < 0) return result;
      const writeBytes = chains.writeBytes[chains.count - 1]!;
      if (writeBytes === 0) return BROKEN; // a buffer that cannot be written is none
      bytes += writeBytes;
    }
    return this.#queue.wantNotifications(false) < 0 ? BROKEN : GONE;
  }
  /** The driver is to notify. When it has filled the whole queue and that is not enough, it never will be. */
  #starve(available: number): number {
    if (available === this.#queue.sizeEntries) return NO_ROOM;
    return this.#queue.wantNotifications(true) < 0 ? BROKEN : WAITS;
  }

  /** Writes header and frame over the chains that were taken, and uses them. @returns 0 or BROKEN. */
  #fill(neededBytes: number): number {
    const { bytes, frontAt } = this.#fifo;
    const chains = this.#chains;
    const header = this.#describe();
    let done = 0;
    for (let chain = 0; chain < chains.count; chain++) {
      const part = Math.min(chains.writeBytes[chain]!, neededBytes - done);
      const headerPart = Math.max(0, Math.min(virtio.NET_HDR_SIZE_BYTES - done, part));
      if (headerPart > 0 && this.#queue.scatter(chains, chain, 0, header, done, headerPart) < 0) return BROKEN;
      const at = frontAt + done + headerPart - virtio.NET_HDR_SIZE_BYTES;
      if (this.#queue.scatter(chains, chain, headerPart, bytes, at, part - headerPart) < 0) return BROKEN;
      if (this.#queue.use(chains.head[chain]!, part) < 0) return BROKEN;
      done += part;
    }
    this.#queue.advance(chains.count);
    return 0;
  }

  /** The header of the oldest frame. */
  #describe(): Uint8Array {
    const header = this.#header;
    header[virtio.NET_HDR_NUM_BUFFERS] = this.#chains.count & 0xff;
    header[virtio.NET_HDR_NUM_BUFFERS + 1] = this.#chains.count >>> 8;
    header[virtio.NET_HDR_FLAGS] = this.checksChecksums && this.#hasRightChecksum() ? virtio.NET_HDR_F_DATA_VALID : 0;
    return header;
  }

  /** True when the transport's checksum is there and right. */
  #hasRightChecksum(): boolean {
    const { bytes, frontAt, frontLenBytes } = this.#fifo;
    const layers = this.#layers;
    layers.find(bytes, frontAt, frontLenBytes);
    if (layers.protocol < 0) return false;
    const { transportAt, endAt, version } = layers;
    if (layers.protocol === net.PROTOCOL_UDP) {
      const isAbsent = load16(bytes, transportAt + net.UDP_CHECKSUM) === net.UDP_NO_CHECKSUM;
      if (isAbsent) return false;
    }
    if (version === IPV4 && fold(add16(bytes, layers.ipAt, transportAt - layers.ipAt, 0)) !== ALL_ONES) return false;
    const lenBytes = endAt - transportAt;
    return fold(add16(bytes, transportAt, lenBytes, layers.pseudoHeader(bytes, lenBytes))) === ALL_ONES;
  }
}
