/**
 * A NIC to drive, written from the datasheet's text alone: registers, two descriptor rings, MSI-X causes. It reaches
 * memory at pages that are IO_PAGE_OFFSET above the driver's own, so that an address that was not translated misses.
 */
import { FlatMemory } from '@bulkhead/runtime';

export const REGISTERS_PAGE = 0x800;
export const IO_PAGE_OFFSET = 0x30_0000; // above 4 GiB: both halves of an address matter
const REGISTERS_PAGE_COUNT = 32;

const CTRL = 0x0;
const STATUS = 0x8;
const EECD = 0x10;
const EERD = 0x14;
const ICR = 0xc0;
const ICS = 0xc8;
const IMS = 0xd0;
const IMC = 0xd8;
const EIAC = 0xdc;
const IVAR = 0xe4;
const RCTL = 0x100;
const TCTL = 0x400;
const RDBAL = 0x2800;
const TDBAL = 0x3800;
const RAL = 0x5400;
const RAH = 0x5404;
const OTHER = 1 << 24;
const OTHER_CAUSES = 0x7_0244;

export interface Reception {
  readonly errors?: number;
  readonly isLast?: boolean;
  /** What the device says, when it is not the length. */
  readonly lenBytes?: number;
}

export class FakeNic extends FlatMemory {
  readonly registers: Map<number, number> = new Map();
  /** Frames that were transmitted. */
  readonly sent: number[][] = [];
  /** Vectors whose message was sent. */
  readonly messages: number[] = [];
  /** Register writes, in order. */
  readonly writes: string[] = [];
  /** How many register reads the driver made. */
  reads = 0;
  busMaster = false;
  /** false: the device was not given its address by the NVM. */
  addressLoaded = true;
  /** false: it never ends its reset. */
  ends = true;

  constructor() {
    super(1024);
    this.reset();
  }
  reset(): void {
    this.registers.clear();
    this.registers.set(CTRL, 0x0014_0241);
    this.registers.set(STATUS, 0x0008_0283);
    this.registers.set(EECD, this.ends ? 0x300 : 0x100);
    if (!this.addressLoaded) return;
    this.registers.set(RAL, 0x1200_5452);
    this.registers.set(RAH, 0x8000_5634 | 0);
  }
  read(register: number): number {
    return this.registers.get(register) ?? 0;
  }
  override load32(page: number, offset: number): number {
    if (page !== REGISTERS_PAGE) return super.load32(page, offset);
    this.reads++;
    return this.read(offset);
  }
  override store32(page: number, offset: number, value: number): void {
    if (page !== REGISTERS_PAGE) super.store32(page, offset, value);
    else if (offset < REGISTERS_PAGE_COUNT * 4096) this.#write(offset, value);
    else throw new RangeError(`register ${offset}`);
  }
  #write(register: number, value: number): void {
    this.writes.push(`${register.toString(16)} = ${(value >>> 0).toString(16)}`);
    if (register === CTRL && (value & (1 << 26)) !== 0) this.reset();
    else if (register === ICR) this.#clearCauses(value);
    else if (register === ICS) this.raise(value);
    else if (register === IMS) this.registers.set(IMS, this.read(IMS) | value);
    else if (register === IMC) this.registers.set(IMS, this.read(IMS) & ~value);
    else if (register === EERD) this.#readNvm(value);
    else this.registers.set(register, value);
    if (register === IMS) this.#send();
    if (register === TDBAL + 0x18) this.#transmit();
  }
  #clearCauses(written: number): void {
    const cleared = (written & OTHER) !== 0 ? written | OTHER_CAUSES : written;
    this.registers.set(ICR, this.read(ICR) & ~cleared);
  }
  #readNvm(value: number): void {
    const word = [0x5452, 0x1200, 0x5634][(value >>> 2) & 0x3fff] ?? 0xffff;
    this.registers.set(EERD, (word << 16) | 2);
  }

  raise(causes: number): void {
    const other = (causes & OTHER_CAUSES) !== 0 ? OTHER : 0;
    this.registers.set(ICR, this.read(ICR) | causes | other);
    this.#send();
  }
  /** IVAR: RXQ0 in 3:0, TXQ0 in 11:8, OTHER in 19:16. */
  #send(): void {
    for (const [cause, shift] of [
      [1 << 20, 0],
      [1 << 22, 8],
      [OTHER, 16],
    ] as const) {
      const entry = (this.read(IVAR) >>> shift) & 0xf;
      if ((this.read(ICR) & this.read(IMS) & cause) === 0 || (entry & 8) === 0) continue;
      const isClearedBySending = (this.read(EIAC) & cause) !== 0;
      if (this.messages.at(-1) !== (entry & 7) || isClearedBySending) this.messages.push(entry & 7);
      if (!isClearedBySending) continue;
      this.registers.set(ICR, this.read(ICR) & ~cause);
      this.registers.set(IMS, this.read(IMS) & ~cause);
    }
  }
  setLink(up: boolean): void {
    this.registers.set(STATUS, up ? this.read(STATUS) | 2 : this.read(STATUS) & ~2);
    this.raise(1 << 2);
  }

  /** Page and offset in memory of a 64-bit address that the device issues. */
  #reach(low: number, high: number): { page: number; offset: number } {
    if (!this.busMaster) throw new Error('DMA without bus mastering');
    return { page: high * 0x10_0000 + (low >>> 12) - IO_PAGE_OFFSET, offset: low & 0xfff };
  }
  #descriptor(base: number, index: number): { page: number; offset: number } {
    const { page, offset } = this.#reach(this.read(base), this.read(base + 4));
    return { page, offset: offset + index * 16 };
  }
  #transmit(): void {
    const lengthEntries = this.read(TDBAL + 8) / 16;
    if ((this.read(TCTL) & 2) === 0) return;
    while (this.read(TDBAL + 0x10) !== this.read(TDBAL + 0x18)) {
      const head = this.read(TDBAL + 0x10);
      const { page, offset } = this.#descriptor(TDBAL, head);
      const from = this.#reach(super.load32(page, offset), super.load32(page, offset + 4));
      const lower = super.load32(page, offset + 8);
      const bytes = new Uint8Array(lower & 0xffff);
      this.loadBytes(from.page, from.offset, bytes, 0, bytes.length);
      this.sent.push([...bytes]);
      if ((lower & (1 << 27)) !== 0) super.store32(page, offset + 12, 1);
      this.registers.set(TDBAL + 0x10, (head + 1) % lengthEntries);
    }
    this.raise((1 << 22) | 1);
  }
  /** @returns false when no descriptor was free. */
  receive(frame: readonly number[], { errors = 0, isLast = true, lenBytes = frame.length }: Reception = {}): boolean {
    const head = this.read(RDBAL + 0x10);
    if ((this.read(RCTL) & 2) === 0 || head === this.read(RDBAL + 0x18)) return false;
    const { page, offset } = this.#descriptor(RDBAL, head);
    const to = this.#reach(super.load32(page, offset), super.load32(page, offset + 4));
    this.storeBytes(to.page, to.offset, Uint8Array.from(frame), 0, frame.length);
    super.store32(page, offset + 8, lenBytes);
    super.store32(page, offset + 12, 1 | (isLast ? 2 : 0) | (errors << 8));
    this.registers.set(RDBAL + 0x10, (head + 1) % (this.read(RDBAL + 8) / 16));
    this.raise((1 << 20) | (1 << 7));
    return true;
  }
}
