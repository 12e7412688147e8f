/**
 * The driver of one virtio network device, for one network stack. It copies nothing: the stack's buffers are lent to the
 * device by their place in the packet pool, and what the stack says about them is checked here.
 */
import type { BufferRef, ClientPort, kernel, Right, ServerPort } from '@bulkhead/abi';
import { right } from '@bulkhead/abi';
import { type ClaimPorts, claimDevice, type DeviceClaim, DeviceRegion } from '@bulkhead/device-claim';
import { BUFFER_SIZE_BYTES, type netDevice } from '@bulkhead/nic-driver-api';
import type { Context } from '@bulkhead/runtime';
import * as virtio from '@bulkhead/virtio-datasheet';
import type { VirtioNetDriverConfig } from './config.ts';
import * as counter from './counters.ts';
import { COUNTERS_SIZE_BYTES, Counters } from './counters.ts';
import * as device from './device.ts';
import { CONFIGURATION_VECTOR, QUEUES_VECTOR } from './device.ts';
import { findLayout } from './layout.ts';
import { addressesOf, BAD, BOOK_SIZE_BYTES, NONE, QUEUE_SIZE_MAX, Queue } from './queue.ts';
import { Structures } from './structures.ts';

const PAGE_SIZE_BYTES = 4096;
/** The region `queues`, a page each: descriptors and rings of both, then the headers. */
const RECEIVE_PAGE = 0;
const TRANSMIT_PAGE = 2;
const HEADERS_PAGE = 4;
export const QUEUES_PAGE_COUNT = 5;
/** The transmit header, all zeros, stands behind the receive headers. */
const TRANSMIT_HEADER_OFFSET = 2048;

const COUNTERS_OFFSET: number = 2 * BOOK_SIZE_BYTES;
export const HEAP_SIZE_BYTES: number = COUNTERS_OFFSET + COUNTERS_SIZE_BYTES;
/** IEEE 802.3-2018 §3.2.7, with one tag. */
const FRAME_MAX_BYTES = 1518;
/** No device has more to give back in one handler: one that goes on and on is not served for ever. */
const REAPED_MAX: number = 2 * QUEUE_SIZE_MAX;

export interface VirtioNetDriverPorts extends ClaimPorts {
  readonly device: ServerPort<typeof netDevice>;
}

export class VirtioNetDriver {
  readonly #context: Context<VirtioNetDriverConfig>;
  readonly #peer: number;
  readonly #stack: ServerPort<typeof netDevice>;
  readonly #kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly #ports: ClaimPorts;
  readonly #counters: Counters;
  readonly #pool: DeviceRegion = new DeviceRegion();
  readonly #receive: Queue;
  readonly #transmit: Queue;
  readonly #rxFrame: number;
  readonly #txFrame: number;
  readonly #interrupt: number;
  #structures: Structures;
  #features: device.Features = { has: () => false };
  #queuesHandler: Right = right(0);
  #configurationHandler: Right = right(0);
  #isOpen = false;
  #isLinkUp = false;

  constructor(context: Context<VirtioNetDriverConfig>, ports: VirtioNetDriverPorts) {
    const { config, heap, memory, work } = context;
    this.#context = context;
    this.#peer = config.peer;
    this.#stack = ports.device;
    this.#kernel = ports.kernel;
    this.#ports = ports;
    this.#counters = new Counters(heap.at(COUNTERS_OFFSET, COUNTERS_SIZE_BYTES));
    this.#receive = this.#createQueue(virtio.NET_RECEIVEQ, RECEIVE_PAGE, 0);
    this.#transmit = this.#createQueue(virtio.NET_TRANSMITQ, TRANSMIT_PAGE, BOOK_SIZE_BYTES);
    this.#structures = new Structures(memory, NOWHERE, () => 0);
    this.#rxFrame = work.id('rx-frame');
    this.#txFrame = work.id('tx-frame');
    this.#interrupt = work.id('interrupt');
  }

  #createQueue(index: number, page: number, bookOffset: number): Queue {
    const { heap } = this.#context;
    const { window } = this.#context.region('queues');
    return new Queue(index, {
      descriptors: window.at(page * PAGE_SIZE_BYTES, PAGE_SIZE_BYTES),
      rings: window.at((page + 1) * PAGE_SIZE_BYTES, PAGE_SIZE_BYTES),
      book: heap.at(bookOffset, BOOK_SIZE_BYTES),
    });
  }

  /** @throws when anything that the driver needs is refused. */
  start(): void {
    const { answer, config, work } = this.#context;
    work.spend(work.id('init'));
    const claim = claimDevice({ driver: 'virtio-net-driver', ports: this.#ports, answer }, config.vendorDevice);
    this.#structures = this.#mapStructures(claim);
    device.reset(this.#structures);
    this.#features = device.negotiate(this.#structures);
    this.#queuesHandler = claim.bindInterrupt(QUEUES_VECTOR, QUEUES_VECTOR);
    this.#configurationHandler = claim.bindInterrupt(CONFIGURATION_VECTOR, CONFIGURATION_VECTOR);
    this.#startQueues(claim);
    const mac = device.macAddress(this.#structures);
    this.#tell(this.#stack.ready(this.#peer, mac.high, mac.low));
    this.#isLinkUp = device.isLinkUp(this.#structures, this.#features);
    this.#tell(this.#stack.linkChanged(this.#peer, this.#isLinkUp ? 1 : 0));
  }

  #mapStructures(claim: DeviceClaim): Structures {
    const layout = findLayout((offset) => claim.config(offset & ~3) >>> ((offset & 3) * 8));
    const pages = new Map<number, number>();
    for (const { bar } of [layout.common, layout.notify, layout.device]) {
      if (!pages.has(bar)) pages.set(bar, claim.mapBar(bar));
    }
    return new Structures(this.#context.memory, layout, (bar) => pages.get(bar)!);
  }

  /** Not before the device was reset may it reach memory: it could hold the addresses of its last driver. */
  #startQueues(claim: DeviceClaim): void {
    const { frame, window } = this.#context.region('queues');
    const pages = Array.from({ length: QUEUES_PAGE_COUNT }, (_, i) => claim.mapFrame(right(frame + i)));
    const pool = this.#context.shared('device', this.#peer);
    this.#pool.mapped(claim.mapRegion(pool), pool.frameCount * 2 ** pool.frameSizeBits);
    claim.start();
    window.fill(HEADERS_PAGE * PAGE_SIZE_BYTES, 0, PAGE_SIZE_BYTES);
    this.#startQueue(this.#receive, pages, RECEIVE_PAGE);
    this.#startQueue(this.#transmit, pages, TRANSMIT_PAGE);
    device.start(this.#structures);
  }
  #startQueue(queue: Queue, pages: readonly number[], page: number): void {
    const isReceive = queue === this.#receive;
    queue.setUp({
      size: device.selectQueue(this.#structures, queue.index),
      hasEvents: this.#features.has(virtio.F_EVENT_IDX),
      header: { page: pages[HEADERS_PAGE]!, offset: isReceive ? 0 : TRANSMIT_HEADER_OFFSET },
      headerStrideBytes: isReceive ? virtio.NET_HDR_SIZE_BYTES : 0,
      writesBytes: isReceive ? BUFFER_SIZE_BYTES : 0,
    });
    queue.notifyOffset = device.enableQueue(this.#structures, addressesOf(pages[page]!, pages[page + 1]!));
  }

  /** From now on the stack knows that this driver is new. */
  open(from: number): void {
    if (from === this.#peer) this.#isOpen = true;
  }
  submit(from: number, buffer: BufferRef, lenBytes: number): void {
    if (!this.#isOpen) {
      this.#counters.add(counter.NOT_OPEN);
      return;
    }
    this.#context.work.spend(this.#txFrame);
    const isGood = lenBytes > 0 && lenBytes <= FRAME_MAX_BYTES && this.#pool.holds(buffer, lenBytes);
    if (isGood && from === this.#peer && !this.#transmit.isFull) {
      this.#offer(this.#transmit, buffer, lenBytes);
      return;
    }
    this.#counters.add(isGood ? counter.NO_ROOM : counter.BAD_BUFFER);
    this.#tell(this.#stack.completed(from, buffer));
  }

  /** A buffer outside the pool is none, so there is nothing to give back: it is counted. */
  supply(from: number, buffer: BufferRef): void {
    if (!this.#isOpen) {
      this.#counters.add(counter.NOT_OPEN);
      return;
    }
    const isGood = from === this.#peer && this.#pool.holds(buffer, BUFFER_SIZE_BYTES);
    if (isGood && !this.#receive.isFull) this.#offer(this.#receive, buffer, 0);
    else this.#counters.add(isGood ? counter.NO_ROOM : counter.BAD_BUFFER);
  }
  #offer(queue: Queue, buffer: number, lenBytes: number): void {
    queue.offer(buffer, this.#pool.addressLow(buffer), this.#pool.addressHigh(buffer), lenBytes);
  }

  /** At most one notification a queue and batch. */
  settle(): void {
    if (this.#transmit.publish()) this.#structures.notify(this.#transmit.notifyOffset, this.#transmit.index);
    if (this.#receive.publish()) this.#structures.notify(this.#receive.notifyOffset, this.#receive.index);
  }

  notified(token: number): void {
    this.#context.work.spend(this.#interrupt);
    if (token === QUEUES_VECTOR) this.#serveQueues();
    else if (token === CONFIGURATION_VECTOR) this.#serveConfiguration();
  }

  /**
   * Takes back what is used, then says when to interrupt again, and looks once more: what came between would not
   * interrupt. Of transmission three quarters of what is under way may complete before.
   */
  #serveQueues(): void {
    let left = REAPED_MAX;
    let goesOn = true;
    while (goesOn && left > 0) {
      left = this.#reapTransmitted(left);
      left = this.#reapReceived(left);
      const isMoreSent = this.#transmit.arm(1 + ((this.#transmit.outstanding * 3) >> 2));
      const isMoreReceived = this.#receive.arm(1);
      goesOn = isMoreSent || isMoreReceived;
    }
    this.#kernel.acknowledge(this.#queuesHandler);
  }
  /** @returns how many more may be reaped. */
  #reapTransmitted(most: number): number {
    for (let left = most; left > 0; left--) {
      const buffer = this.#transmit.reap();
      if (buffer === NONE) return left;
      if (buffer === BAD) this.#counters.add(counter.BAD_USED);
      else this.#tell(this.#stack.completed(this.#peer, buffer as BufferRef));
    }
    return 0;
  }
  /** @returns how many more may be reaped. */
  #reapReceived(most: number): number {
    for (let left = most; left > 0; left--) {
      const buffer = this.#receive.reap();
      if (buffer === NONE) return left;
      if (buffer === BAD) this.#counters.add(counter.BAD_USED);
      else this.#arrived(buffer as BufferRef, this.#receive.lenBytes - virtio.NET_HDR_SIZE_BYTES);
    }
    return 0;
  }
  #arrived(buffer: BufferRef, lenBytes: number): void {
    this.#context.work.spend(this.#rxFrame);
    if (lenBytes > 0 && lenBytes <= BUFFER_SIZE_BYTES) {
      this.#tell(this.#stack.arrived(this.#peer, buffer, lenBytes));
      return;
    }
    this.#counters.add(counter.FRAME_ERROR);
    this.#offer(this.#receive, buffer, 0);
  }

  /** @throws when the device needs a reset: what the driver did to it, a fresh driver will not do again. */
  #serveConfiguration(): void {
    if ((this.#structures.status & virtio.STATUS_DEVICE_NEEDS_RESET.mask) !== 0)
      throw new Error('virtio-net-driver: the device needs a reset');
    const isUp = device.isLinkUp(this.#structures, this.#features);
    if (isUp !== this.#isLinkUp) {
      this.#isLinkUp = isUp;
      this.#tell(this.#stack.linkChanged(this.#peer, isUp ? 1 : 0));
    }
    this.#kernel.acknowledge(this.#configurationHandler);
  }

  faulted(): void {
    this.#counters.add(counter.IOMMU_FAULT);
  }

  /** An event that its taker refuses is lost: it is dead, or had more buffers out than it may. */
  #tell(result: number): void {
    if (result < 0) this.#counters.add(counter.EVENT_REFUSED);
  }
}

/** Before the device is mapped. */
const NO_PLACE = { bar: 0, offset: 0, lenBytes: 0 };
const NOWHERE = { common: NO_PLACE, notify: NO_PLACE, device: NO_PLACE, notifyMultiplier: 0 };
