/**
 * The transmit queue. Virtio 1.2 §5.1.6.2 "Packet Transmission".
 *
 * A notification starts a cycle of two steps: read the available chains and plan a burst; when the time of its DMA is
 * over, read the packets, hand them to the wire, publish them as used, and plan the next. The wire's own pace bounds how
 * far the queue runs ahead: as far as the device's buffer.
 *
 * Invariant: an alarm is armed exactly while a notification or a burst is under way.
 *
 * CHOICE: the driver need not notify while the queue is at work. CHOICE: packets that are too long, too short, or ask
 * for what cannot be done are dropped, and their buffers used. A packet without its whole header breaks the device.
 */
import type { AlarmId } from '@bulkhead/clock';
import { WIRE_OVERHEAD_BYTES } from '@bulkhead/link';
import { NET_HDR_SIZE_BYTES } from '@bulkhead/virtio-datasheet';
import { ChainList } from './chain-list.ts';
import { LONGEST_PACKET_BYTES, Offload } from './offload.ts';
import { BUFFER_BYTES, BURST_BYTES, type DeviceParts } from './parts.ts';
import { NO_ROOM, type Virtqueue } from './virtqueue.ts';

const BURST_CHAINS = 16;
/** Index and heads; descriptors; payload: each is known only when the one before is there. */
const DEPENDENT_READS = 3;

export class Transmitter {
  readonly #parts: DeviceParts;
  readonly #queue: Virtqueue;
  readonly #alarm: AlarmId;
  readonly #offload: Offload;
  readonly #chains: ChainList = new ChainList();
  readonly #header: Uint8Array = new Uint8Array(NET_HDR_SIZE_BYTES);
  readonly #packet: Uint8Array = new Uint8Array((LONGEST_PACKET_BYTES + 3) & ~3);
  /** When the wire is free, in cycles. */
  readonly #wireFreeAt: Float64Array = new Float64Array(1);

  constructor(parts: DeviceParts, queue: Virtqueue) {
    this.#parts = parts;
    this.#queue = queue;
    this.#offload = new Offload(parts.features, parts.mtuBytes, (frame, lenBytes) => this.#send(frame, lenBytes));
    this.#alarm = parts.clock.createAlarm(() => this.#run());
  }

  /** A notification came, or what held the queue back is gone. */
  poke(): void {
    const { clock, timing } = this.#parts;
    if (clock.isArmed(this.#alarm) || !this.#mayRun()) return;
    clock.setAfter(this.#alarm, timing.doorbellCycles);
  }

  /** Forgets what it had planned. */
  stop(): void {
    this.#parts.clock.cancel(this.#alarm);
    this.#chains.clear();
  }

  #mayRun(): boolean {
    return this.#queue.enabled && this.#parts.isLive() && this.#parts.isLinkUp();
  }

  #run(): void {
    if (!this.#mayRun()) {
      this.stop();
      return;
    }
    if (this.#process() < 0 || this.#plan() < 0) {
      this.stop();
      this.#parts.fail();
    }
  }

  /** Chooses the next burst and waits for its DMA, and for room in the device. @returns 0, or BROKEN. */
  #plan(): number {
    const { clock, timing } = this.#parts;
    const fault = this.#choose();
    if (fault < 0) return fault;
    const { count, readBytes } = this.#chains;
    if (count === 0) return 0;
    let lenBytes = 0;
    for (let chain = 0; chain < count; chain++) lenBytes += Math.min(readBytes[chain]!, LONGEST_PACKET_BYTES);
    const latency = DEPENDENT_READS * timing.dmaReadCycles + lenBytes * timing.busCyclesPerByte;
    const spareBytes = Math.max(0, BUFFER_BYTES - lenBytes - count * WIRE_OVERHEAD_BYTES);
    const roomAt = this.#wireFreeAt[0]! - spareBytes * timing.wireCyclesPerByte;
    const { now } = clock; // the end is a whole cycle, and what is passed a delay: a time would be boxed
    clock.setAfter(this.#alarm, Math.ceil(Math.max(now + latency, roomAt)) - now);
    return 0;
  }

  /** Reads chains for a burst; with none, asks to be notified of the next. @returns 0, or BROKEN. */
  #choose(): number {
    const chains = this.#chains;
    chains.clear();
    const available = this.#queue.available();
    if (available < 0) return available;
    if (this.#queue.wantNotifications(available === 0) < 0) return -1;
    let lenBytes = 0;
    while (chains.count < Math.min(available, BURST_CHAINS) && lenBytes < BURST_BYTES) {
      const result = this.#queue.walk(chains.count, chains);
      if (result === NO_ROOM) break;
      if (result < 0) return result;
      lenBytes += Math.min(chains.readBytes[chains.count - 1]!, LONGEST_PACKET_BYTES);
    }
    return 0;
  }

  /** @returns 0, or BROKEN. */
  #process(): number {
    const { count } = this.#chains;
    for (let chain = 0; chain < count; chain++) {
      const fault = this.#transmit(chain);
      if (fault < 0) return fault;
    }
    this.#queue.advance(count);
    const told = this.#queue.publish();
    if (told > 0) this.#parts.notify(this.#queue);
    return told;
  }

  #transmit(chain: number): number {
    const chains = this.#chains;
    const lenBytes = chains.readBytes[chain]! - NET_HDR_SIZE_BYTES;
    if (lenBytes < 0) return -1;
    if (lenBytes <= LONGEST_PACKET_BYTES) {
      if (this.#queue.gather(chains, chain, 0, this.#header, 0, NET_HDR_SIZE_BYTES) < 0) return -1;
      if (this.#queue.gather(chains, chain, NET_HDR_SIZE_BYTES, this.#packet, 0, lenBytes) < 0) return -1;
      this.#offload.transmit(this.#header, this.#packet, lenBytes);
    }
    return this.#queue.use(chains.head[chain]!, 0);
  }

  #send(frame: Uint8Array, lenBytes: number): void {
    const { clock, timing, statistics } = this.#parts;
    statistics.framesTransmitted += 1;
    const start = Math.max(clock.now, this.#wireFreeAt[0]!);
    this.#wireFreeAt[0] = start + (lenBytes + WIRE_OVERHEAD_BYTES) * timing.wireCyclesPerByte;
    this.#parts.send(frame, lenBytes);
  }
}
