/**
 * A virtio network device to drive, written from the specification's text alone: capabilities, registers, and two split
 * rings. It reaches memory at pages that are IO_PAGE_OFFSET above the driver's own, so that an address that was not
 * translated misses. Its structures stand in two BARs at odd places, so that a driver that guesses misses too.
 */
import { FlatMemory } from '@bulkhead/runtime';

export const BAR4_PAGE = 0x800;
export const BAR2_PAGE = 0x810;
export const IO_PAGE_OFFSET = 0x30_0000; // above 4 GiB: both halves of an address matter
const COMMON = 0x400;
const DEVICE = 0x840;
const NOTIFY = 0x100;
const MULTIPLIER = 8;
const NO_VECTOR = 0xffff;

const EVENT_IDX = 29;
const VERSION_1 = 32;
const ACCESS_PLATFORM = 33;

interface FakeQueue {
  size: number;
  vector: number;
  enabled: boolean;
  readonly addresses: number[];
  /** How far it got. */
  taken: number;
  used: number;
}
const word = (...bytes: readonly number[]): number =>
  bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24);

export class FakeVirtio extends FlatMemory {
  /** Dwords of configuration space, by offset. */
  readonly config: Map<number, number> = new Map();
  readonly sent: number[][] = [];
  /** Vectors whose message was sent. */
  readonly messages: number[] = [];
  /** What the driver wrote to registers, in order. */
  readonly writes: string[] = [];
  reads = 0;
  busMaster = false;
  features: number[] = [5, 16, EVENT_IDX, VERSION_1, ACCESS_PLATFORM];
  /** What it takes back of a mapping. */
  vectors = 2;
  queueSize = 256;
  /** false: FEATURES_OK does not stay; the reset does not end. */
  agrees = true;
  ends = true;
  linkUp = true;
  status = 0;
  /** false: transmitted chains stay where they are until `complete`. */
  transmits = true;
  #deviceSelect = 0;
  #driverSelect = 0;
  readonly #accepted: number[] = [0, 0];
  #configVector = NO_VECTOR;
  #selected = 0;
  #queues: FakeQueue[] = [];

  constructor() {
    super(1024);
    this.#describe();
    this.#reset();
  }

  /** The list: a null capability, a notification with a reserved BAR, the real ones, and a second common one. */
  #describe(): void {
    const { config } = this;
    const capability = (at: number, next: number, type: number, bar: number, offset: number, length: number): void => {
      config.set(at, word(9, next, 16, type));
      config.set(at + 4, bar);
      config.set(at + 8, offset);
      config.set(at + 12, length);
    };
    config.set(0x34, 0x40);
    config.set(0x40, word(0, 0x50, 0, 0));
    capability(0x50, 0x64, 2, 7, 0, 4);
    config.set(0x64, word(5, 0x70, 0, 0));
    capability(0x70, 0x80, 3, 4, 0x10, 1);
    capability(0x80, 0x90, 1, 4, COMMON, 0x38);
    capability(0x90, 0xa4, 2, 2, NOTIFY, 64);
    config.set(0xa0, MULTIPLIER);
    capability(0xa4, 0xb4, 1, 0, 0, 0x38);
    capability(0xb4, 0xc4, 4, 4, DEVICE, 12);
    capability(0xc4, 0, 99, 4, 0, 4);
  }
  #reset(): void {
    this.status = 0;
    this.#accepted.fill(0);
    this.#configVector = NO_VECTOR;
    const queue = (): FakeQueue => ({
      size: this.queueSize,
      vector: NO_VECTOR,
      enabled: false,
      addresses: [0, 0, 0, 0, 0, 0],
      taken: 0,
      used: 0,
    });
    this.#queues = [queue(), queue()];
  }

  has(feature: number): boolean {
    return (this.#accepted[feature >>> 5]! & (1 << (feature & 31))) !== 0;
  }
  #word(select: number): number {
    return this.features.reduce((bits, each) => (each >>> 5 === select ? bits | (1 << (each & 31)) : bits), 0);
  }
  get #queue(): FakeQueue | undefined {
    return this.#queues[this.#selected];
  }

  override load8(page: number, offset: number): number {
    if (page !== BAR4_PAGE) return super.load8(page, offset);
    this.reads++;
    if (offset === COMMON + 0x14) return this.status;
    if (offset === COMMON + 0x15) return 7;
    if (offset >= DEVICE && offset < DEVICE + 6) return [0x52, 0x54, 0x00, 0x12, 0x34, 0x56][offset - DEVICE]!;
    throw new RangeError(`8-bit register ${offset}`);
  }
  override load16(page: number, offset: number): number {
    if (page !== BAR4_PAGE) return super.load16(page, offset);
    this.reads++;
    if (offset === COMMON + 0x10) return this.#configVector;
    if (offset === COMMON + 0x18) return this.#queue?.size ?? 0;
    if (offset === COMMON + 0x1a) return this.#queue?.vector ?? NO_VECTOR;
    if (offset === COMMON + 0x1e) return this.#selected + 1;
    if (offset === DEVICE + 6) return this.linkUp ? 1 : 0;
    throw new RangeError(`16-bit register ${offset}`);
  }
  override load32(page: number, offset: number): number {
    if (page !== BAR4_PAGE) return super.load32(page, offset);
    this.reads++;
    if (offset === COMMON + 4) return this.#word(this.#deviceSelect);
    throw new RangeError(`32-bit register ${offset}`);
  }
  override store8(page: number, offset: number, value: number): void {
    if (page !== BAR4_PAGE) super.store8(page, offset, value);
    else if (offset === COMMON + 0x14) this.#setStatus(value);
    else throw new RangeError(`8-bit register ${offset}`);
  }
  #setStatus(value: number): void {
    this.writes.push(`status ${value}`);
    if (value === 0 && this.ends) this.#reset();
    else this.status = this.agrees ? value : value & ~8;
    if (value === 0 && !this.ends) this.status = 1;
  }
  override store16(page: number, offset: number, value: number): void {
    if (page === BAR2_PAGE) this.#notified(offset, value);
    else if (page !== BAR4_PAGE) super.store16(page, offset, value);
    else this.#write16(offset - COMMON, value);
  }
  #write16(register: number, value: number): void {
    const queue = this.#queue!;
    const vector = value < this.vectors ? value : NO_VECTOR;
    if (register === 0x10) this.#configVector = vector;
    else if (register === 0x16) this.#selected = value;
    else if (register === 0x18) queue.size = value;
    else if (register === 0x1a) queue.vector = vector;
    else if (register === 0x1c) queue.enabled = true;
    else throw new RangeError(`16-bit register ${register}`);
  }
  override store32(page: number, offset: number, value: number): void {
    if (page !== BAR4_PAGE) {
      super.store32(page, offset, value);
      return;
    }
    const register = offset - COMMON;
    if (register === 0) this.#deviceSelect = value;
    else if (register === 8) this.#driverSelect = value;
    else if (register === 0xc) this.#accepted[this.#driverSelect] = value;
    else if (register >= 0x20 && register < 0x38) this.#queue!.addresses[(register - 0x20) / 4] = value >>> 0;
    else throw new RangeError(`32-bit register ${register}`);
  }
  #notified(offset: number, value: number): void {
    if (offset !== NOTIFY + (value + 1) * MULTIPLIER) throw new RangeError(`notification at ${offset}`);
    this.writes.push(`notify ${value}`);
    if (value === 1 && this.transmits) this.complete();
  }

  /** Page of ours at which an area of a queue stands: 0 descriptors, 2 driver, 4 device. */
  #area(queue: FakeQueue, area: number): { readonly page: number; readonly offset: number } {
    if (!this.busMaster) throw new Error('DMA without bus mastering');
    return this.#reach(queue.addresses[area]!, queue.addresses[area + 1]!);
  }
  #reach(low: number, high: number): { readonly page: number; readonly offset: number } {
    return { page: high * 0x10_0000 + (low >>> 12) - IO_PAGE_OFFSET, offset: low & 0xfff };
  }
  /** The pieces of the next chain, and its head; undefined when there is none. */
  #take(queue: FakeQueue): { readonly head: number; readonly pieces: Piece[] } | undefined {
    const driver = this.#area(queue, 2);
    const available = super.load16(driver.page, driver.offset + 2);
    if (!queue.enabled || available === queue.taken) return undefined;
    const head = super.load16(driver.page, driver.offset + 4 + (queue.taken % queue.size) * 2);
    queue.taken = (queue.taken + 1) & 0xffff;
    const pieces: Piece[] = [];
    const { page, offset } = this.#area(queue, 0);
    for (let next = head, flags = 1; (flags & 1) !== 0; next = super.load16(page, offset + next * 16 + 14)) {
      const at = offset + next * 16;
      flags = super.load16(page, at + 12);
      const where = this.#reach(super.load32(page, at) >>> 0, super.load32(page, at + 4) >>> 0);
      pieces.push({ ...where, lenBytes: super.load32(page, at + 8), isWrite: (flags & 2) !== 0 });
      if ((flags & 1) === 0) break;
    }
    return { head, pieces };
  }
  /** Gives a chain back, and interrupts as the driver asked. */
  use(index: number, head: number, lenBytes: number): void {
    const queue = this.#queues[index]!;
    const device = this.#area(queue, 4);
    const driver = this.#area(queue, 2);
    super.store32(device.page, device.offset + 4 + (queue.used % queue.size) * 8, head);
    super.store32(device.page, device.offset + 8 + (queue.used % queue.size) * 8, lenBytes);
    const before = queue.used;
    queue.used = (queue.used + 1) & 0xffff;
    super.store16(device.page, device.offset + 2, queue.used);
    const isTold = this.has(EVENT_IDX)
      ? super.load16(driver.page, driver.offset + 4 + queue.size * 2) === before
      : (super.load16(driver.page, driver.offset) & 1) === 0;
    if (isTold) this.messages.push(queue.vector);
  }
  /** Asks to be notified of the next chain only; without events, of none. */
  quiet(index: number, flag: number): void {
    const queue = this.#queues[index]!;
    const { page, offset } = this.#area(queue, 4);
    super.store16(page, offset, flag);
  }
  askAt(index: number, event: number): void {
    const queue = this.#queues[index]!;
    const { page, offset } = this.#area(queue, 4);
    super.store16(page, offset + 4 + queue.size * 8, event);
  }

  /** Transmits what is available. */
  complete(): void {
    const queue = this.#queues[1]!;
    for (let chain = this.#take(queue); chain !== undefined; chain = this.#take(queue)) {
      const bytes = chain.pieces.flatMap(({ page, offset, lenBytes, isWrite }) => {
        if (isWrite) throw new Error('a piece to write in the transmit queue');
        const piece = new Uint8Array(lenBytes);
        this.loadBytes(page, offset, piece, 0, lenBytes);
        return [...piece];
      });
      if (bytes.slice(0, 12).some((byte) => byte !== 0)) throw new Error('a header that asks for something');
      this.sent.push(bytes.slice(12));
      this.use(1, chain.head, 0);
    }
    this.askAt(1, queue.taken);
  }
  /** @returns false when no buffer was available. */
  receive(frame: readonly number[], lenBytes: number = frame.length + 12): boolean {
    const chain = this.#take(this.#queues[0]!);
    if (chain === undefined) return false;
    const bytes = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, ...frame]);
    let at = 0;
    for (const { page, offset, lenBytes: size, isWrite } of chain.pieces) {
      if (!isWrite) throw new Error('a piece to read in the receive queue');
      const count = Math.min(size, bytes.length - at);
      if (count > 0) this.storeBytes(page, offset, bytes, at, count);
      at += count;
    }
    this.use(0, chain.head, lenBytes);
    return true;
  }
  setLink(up: boolean): void {
    this.linkUp = up;
    this.messages.push(this.#configVector);
  }
}

interface Piece {
  readonly page: number;
  readonly offset: number;
  readonly lenBytes: number;
  readonly isWrite: boolean;
}
