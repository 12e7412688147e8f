/**
 * A bus to drive, written from the specification alone: configuration space as bytes with a write mask, and memory
 * that answers only where a function decodes it. Every write to configuration space is told in `writes`.
 */
import { FlatMemory } from '@bulkhead/runtime';

export const ECAM_PAGE = 0x1000;
const FUNCTIONS_ON_BUS = 256;
const FIRST_DEVICE_PAGE = 0x4_0000;

export interface FakeBar {
  readonly index: number;
  readonly sizeBytes: number;
  readonly kind: 'mem32' | 'mem64' | 'io';
}
export interface FakeFunctionOptions {
  readonly id: number;
  readonly vendorDevice?: number;
  readonly bars?: readonly FakeBar[];
  readonly multiFunction?: boolean;
  readonly bridge?: boolean;
  /** MSI-X at 0xa0. */
  readonly msix?: { readonly vectors: number; readonly bar: number; readonly offset: number };
  /** PCI Express at 0xe0, with or without function level reset. */
  readonly reset?: boolean;
}

export class FakeFunction {
  readonly id: number;
  readonly bars: readonly FakeBar[];
  readonly bytes: DataView = new DataView(new ArrayBuffer(4096));
  readonly #writable: DataView = new DataView(new ArrayBuffer(4096));
  /** Words of the BARs' memory, by BAR index and offset. */
  readonly memory: Map<string, number> = new Map();
  resets = 0;

  constructor(options: FakeFunctionOptions) {
    const { id, vendorDevice = 0x10d3_8086, bars = [], multiFunction = false, bridge = false, msix, reset } = options;
    this.id = id;
    this.bars = bars;
    this.bytes.setUint32(0, vendorDevice, true);
    this.#writable.setUint16(4, 0x0547, true);
    this.bytes.setUint16(6, 0x0010, true);
    this.bytes.setUint8(0x0e, (multiFunction ? 0x80 : 0) | (bridge ? 1 : 0));
    for (const bar of bars) this.#addBar(bar);
    this.bytes.setUint8(0x34, 0xc8);
    this.bytes.setUint16(0xc8, msix === undefined ? 0xe001 : 0xa001, true);
    this.bytes.setUint16(0xcc, 0x0008, true); // No_Soft_Reset
    if (msix !== undefined) {
      this.bytes.setUint32(0xa0, 0xe011 | ((msix.vectors - 1) << 16), true);
      this.#writable.setUint16(0xa2, 0xc000, true);
      this.bytes.setUint32(0xa4, msix.offset | msix.bar, true);
    }
    this.bytes.setUint32(0xe0, 0x0001_0010, true);
    this.bytes.setUint32(0xe4, reset === true ? 0x1000_0000 : 0, true);
  }
  #addBar({ index, sizeBytes, kind }: FakeBar): void {
    const at = 0x10 + index * 4;
    const type = { mem32: 0, mem64: 4, io: 1 }[kind];
    const mask = 0x1_0000_0000_0000_0000n - BigInt(sizeBytes);
    this.bytes.setUint32(at, type, true);
    this.#writable.setUint32(at, Number(mask & 0xffff_fff0n), true);
    if (kind === 'mem64') this.#writable.setUint32(at + 4, Number(mask >> 32n), true);
  }
  get command(): number {
    return this.bytes.getUint16(4, true);
  }
  barAddress(index: number): number {
    const low = this.bytes.getUint32(0x10 + index * 4, true) & 0xffff_fff0;
    const isWide = this.bars.find((bar) => bar.index === index)?.kind === 'mem64';
    return (low >>> 0) + (isWide ? this.bytes.getUint32(0x14 + index * 4, true) * 2 ** 32 : 0);
  }
  write(register: number, lenBytes: number, value: number): void {
    for (let i = 0; i < lenBytes; i++) {
      const mask = this.#writable.getUint8(register + i);
      const written = (value >>> (8 * i)) & mask;
      this.bytes.setUint8(register + i, (this.bytes.getUint8(register + i) & ~mask) | written);
    }
    if (register === 0xe8 && (value & 0x8000) !== 0 && this.bytes.getUint32(0xe4, true) !== 0) this.#reset();
  }
  #reset(): void {
    this.resets++;
    this.memory.clear();
    for (let at = 0; at < 256; at++) {
      this.bytes.setUint8(at, this.bytes.getUint8(at) & ~this.#writable.getUint8(at));
    }
  }
}

export class FakeBus extends FlatMemory {
  readonly functions: readonly FakeFunction[];
  readonly writes: string[] = [];
  /** A BAR was sized or moved while it decoded. */
  movedWhileDecoding = false;

  constructor(functions: readonly FakeFunction[]) {
    super(16);
    this.functions = functions;
  }
  #config(page: number): FakeFunction | undefined {
    return this.functions.find((one) => one.id === page - ECAM_PAGE);
  }
  #isConfig(page: number): boolean {
    return page >= ECAM_PAGE && page < ECAM_PAGE + FUNCTIONS_ON_BUS;
  }
  override load8(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (!this.#isConfig(at)) return super.load8(page, offset);
    return this.#config(at)?.bytes.getUint8(offset & 0xfff) ?? 0xff;
  }
  override load16(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (!this.#isConfig(at)) return super.load16(page, offset);
    return this.#config(at)?.bytes.getUint16(offset & 0xfff, true) ?? 0xffff;
  }
  override load32(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (at >= FIRST_DEVICE_PAGE) return this.device(at * 4096 + (offset & 0xfff)) ?? -1;
    if (!this.#isConfig(at)) return super.load32(page, offset);
    return this.#config(at)?.bytes.getInt32(offset & 0xfff, true) ?? -1;
  }
  override store16(page: number, offset: number, value: number): void {
    const at = page + (offset >>> 12);
    if (this.#isConfig(at)) this.#write(at, offset & 0xfff, 2, value);
    else super.store16(page, offset, value);
  }
  override store32(page: number, offset: number, value: number): void {
    const at = page + (offset >>> 12);
    if (at >= FIRST_DEVICE_PAGE) this.#storeDevice(at * 4096 + (offset & 0xfff), value);
    else if (this.#isConfig(at)) this.#write(at, offset & 0xfff, 4, value);
    else super.store32(page, offset, value);
  }
  #write(page: number, register: number, lenBytes: number, value: number): void {
    const hit = this.#config(page);
    if (hit === undefined) return;
    const isBar = register >= 0x10 && register < 0x28;
    if (isBar && (hit.command & 3) !== 0) this.movedWhileDecoding = true;
    this.writes.push(`config ${register.toString(16)} = ${(value >>> 0).toString(16)}`);
    hit.write(register, lenBytes, value);
  }
  /** @returns the word at a physical address, or undefined where nothing decodes. */
  device(address: number): number | undefined {
    const hit = this.#decode(address);
    return hit === undefined ? undefined : (hit.device.memory.get(hit.word) ?? 0);
  }
  #storeDevice(address: number, value: number): void {
    const hit = this.#decode(address);
    if (hit === undefined) return;
    this.writes.push(`memory ${hit.word} = ${(value >>> 0).toString(16)}`);
    hit.device.memory.set(hit.word, value);
  }
  #decode(address: number): { device: FakeFunction; word: string } | undefined {
    for (const device of this.functions) {
      if ((device.command & 2) === 0) continue;
      for (const { index, sizeBytes, kind } of device.bars) {
        const offset = address - device.barAddress(index);
        if (kind !== 'io' && offset >= 0 && offset < sizeBytes) return { device, word: `${index}:${offset}` };
      }
    }
    return undefined;
  }
}
