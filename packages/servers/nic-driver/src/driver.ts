/**
 * The driver of one Intel 82574L, for one network stack. It copies nothing: the stack's buffers are lent to the
 * device by their place in the packet pool, and what the stack says about them is checked here.
 */
import type { BufferRef, ClientPort, kernel, Right, ServerPort } from '@bulkhead/abi';
import { right } from '@bulkhead/abi';
import { type ClaimPorts, claimDevice, type DeviceClaim, DeviceRegion } from '@bulkhead/device-claim';
import {
  BAR_MEMORY,
  FRAME_MAX_BYTES,
  ICR,
  ICR_RXQ0,
  ICR_TXQ0,
  ICS,
  IMS,
  RDT,
  TDT,
} from '@bulkhead/intel-82574-datasheet';
import { BUFFER_SIZE_BYTES, type netDevice } from '@bulkhead/nic-driver-api';
import type { Context } from '@bulkhead/runtime';
import type { NicDriverConfig } from './config.ts';
import * as counter from './counters.ts';
import { COUNTERS_SIZE_BYTES, Counters } from './counters.ts';
import * as device from './device.ts';
import { LINK_CAUSES, OTHER_VECTOR, RING_CAUSES, RINGS_VECTOR } from './device.ts';
import { DROPPED, NONE, ReceiveRing } from './receive-ring.ts';
import { Registers } from './registers.ts';
import { LENT_SIZE_BYTES, RING_SIZE_BYTES, Ring } from './ring.ts';
import { TransmitRing } from './transmit-ring.ts';

/** At most so many frames of each direction in one handler; what is left raises the interrupt again. */
const FRAMES_PER_HANDLER = 64;
const COUNTERS_OFFSET: number = 2 * LENT_SIZE_BYTES;
export const HEAP_SIZE_BYTES: number = COUNTERS_OFFSET + COUNTERS_SIZE_BYTES;

export interface NicDriverPorts extends ClaimPorts {
  readonly device: ServerPort<typeof netDevice>;
}

export class NicDriver {
  readonly #context: Context<NicDriverConfig>;
  readonly #peer: number;
  readonly #stack: ServerPort<typeof netDevice>;
  readonly #kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly #ports: ClaimPorts;
  readonly #registers: Registers;
  readonly #counters: Counters;
  readonly #pool: DeviceRegion;
  readonly #transmit: TransmitRing;
  readonly #receive: ReceiveRing;
  readonly #rxFrame: number;
  readonly #txFrame: number;
  readonly #interrupt: number;
  #ringsHandler: Right = right(0);
  #otherHandler: Right = right(0);
  #isOpen = false;
  #isLinkUp = false;

  constructor(context: Context<NicDriverConfig>, ports: NicDriverPorts) {
    const { config, heap, memory, work } = context;
    const rings = context.region('rings').window;
    this.#context = context;
    this.#peer = config.peer;
    this.#stack = ports.device;
    this.#kernel = ports.kernel;
    this.#ports = ports;
    this.#registers = new Registers(memory);
    this.#counters = new Counters(heap.at(COUNTERS_OFFSET, COUNTERS_SIZE_BYTES));
    this.#pool = new DeviceRegion();
    this.#transmit = new TransmitRing(new Ring(rings.at(0, RING_SIZE_BYTES), heap.at(0, LENT_SIZE_BYTES)), this.#pool);
    this.#receive = new ReceiveRing(
      new Ring(rings.at(RING_SIZE_BYTES, RING_SIZE_BYTES), heap.at(LENT_SIZE_BYTES, LENT_SIZE_BYTES)),
      this.#pool,
    );
    this.#rxFrame = work.id('rx-frame');
    this.#txFrame = work.id('tx-frame');
    this.#interrupt = work.id('interrupt');
  }

  /** @throws when anything that the driver needs is refused. */
  start(): void {
    const { answer, config, work } = this.#context;
    const registers = this.#registers;
    work.spend(work.id('init'));
    const claim = claimDevice({ driver: 'nic-driver', ports: this.#ports, answer }, config.vendorDevice);
    registers.mapped(claim.mapBar(BAR_MEMORY));
    device.reset(registers);
    this.#ringsHandler = claim.bindInterrupt(RINGS_VECTOR, RINGS_VECTOR);
    this.#otherHandler = claim.bindInterrupt(OTHER_VECTOR, OTHER_VECTOR);
    this.#startRings(claim);
    device.startInterrupts(registers, config.interruptIntervalUs);
    const mac = device.macAddress(registers);
    this.#tell(this.#stack.ready(this.#peer, mac.high, mac.low));
    this.#isLinkUp = device.isLinkUp(registers);
    this.#tell(this.#stack.linkChanged(this.#peer, this.#isLinkUp ? 1 : 0));
  }
  /** Not before the device was reset may it reach memory: it could hold the addresses of its last driver. */
  #startRings(claim: DeviceClaim): void {
    const rings = this.#context.region('rings');
    const transmitPage = claim.mapFrame(rings.frame);
    const receivePage = claim.mapFrame(right(rings.frame + 1));
    const pool = this.#context.shared('device', this.#peer);
    this.#pool.mapped(claim.mapRegion(pool), pool.frameCount * 2 ** pool.frameSizeBits);
    claim.start();
    device.bringLinkUp(this.#registers);
    device.startTransmitter(this.#registers, transmitPage);
    device.startReceiver(this.#registers, receivePage);
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
    if (isGood && from === this.#peer && !this.#transmit.ring.isFull) {
      this.#transmit.submit(buffer, lenBytes);
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
    if (isGood && !this.#receive.ring.isFull) this.#receive.supply(buffer);
    else this.#counters.add(isGood ? counter.NO_ROOM : counter.BAD_BUFFER);
  }

  /** One doorbell a batch. */
  settle(): void {
    const transmitTail = this.#transmit.ring.unannounced();
    if (transmitTail >= 0) this.#registers.write(TDT, transmitTail);
    const receiveTail = this.#receive.ring.unannounced();
    if (receiveTail >= 0) this.#registers.write(RDT, receiveTail);
  }

  notified(token: number): void {
    this.#context.work.spend(this.#interrupt);
    if (token === RINGS_VECTOR) this.#serveRings();
    else if (token === OTHER_VECTOR) this.#serveLink();
  }

  /** The causes masked themselves when their message was sent; those that came since send another one on IMS. */
  #serveRings(): void {
    const again = (this.#reapTransmitted() ? ICR_TXQ0.mask : 0) | (this.#reapReceived() ? ICR_RXQ0.mask : 0);
    this.#registers.write(IMS, RING_CAUSES);
    if (again !== 0) this.#registers.write(ICS, again);
    this.#kernel.acknowledge(this.#ringsHandler);
  }
  /** @returns true when there may be more. */
  #reapTransmitted(): boolean {
    for (let count = 0; count < FRAMES_PER_HANDLER; count++) {
      const buffer = this.#transmit.reap();
      if (buffer === -1) return false;
      this.#tell(this.#stack.completed(this.#peer, buffer));
    }
    return true;
  }
  /** @returns true when there may be more. */
  #reapReceived(): boolean {
    for (let count = 0; count < FRAMES_PER_HANDLER; count++) {
      const buffer = this.#receive.reap();
      if (buffer === NONE) return false;
      this.#context.work.spend(this.#rxFrame);
      if (buffer === DROPPED) this.#counters.add(counter.FRAME_ERROR);
      else this.#tell(this.#stack.arrived(this.#peer, buffer, this.#receive.lenBytes));
    }
    return true;
  }

  /** ICR is written, never read: a read would also clear causes of the rings. §7.4.3 "Clearing Interrupt Causes". */
  #serveLink(): void {
    this.#registers.write(ICR, LINK_CAUSES);
    const isUp = device.isLinkUp(this.#registers);
    if (isUp !== this.#isLinkUp) {
      this.#isLinkUp = isUp;
      this.#tell(this.#stack.linkChanged(this.#peer, isUp ? 1 : 0));
    }
    this.#registers.write(IMS, LINK_CAUSES);
    this.#kernel.acknowledge(this.#otherHandler);
  }

  faulted(): void {
    this.#counters.add(counter.IOMMU_FAULT);
  }

  /** An event that its taker refuses is lost: it is dead, or had more buffers out than it may. */
  #tell(result: number): void {
    if (result < 0) this.#counters.add(counter.EVENT_REFUSED);
  }
}
