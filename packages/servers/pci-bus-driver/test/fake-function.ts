/** A function of the fake bus, written from the specification alone: configuration space as bytes with a write mask. */

export interface FakeBar {
  readonly index: number;
  readonly sizeBytes: number;
  readonly kind: 'mem32' | 'mem64' | 'io';
  readonly prefetchable?: boolean;
}
export interface FakeFunctionOptions {
  /** On bus 0 the requester ID; elsewhere device and function alone. */
  readonly id: number;
  readonly vendorDevice?: number;
  readonly bars?: readonly FakeBar[];
  readonly multiFunction?: boolean;
  /** A bridge, with this behind it. */
  readonly behind?: readonly FakeFunctionOptions[];
  /** Of a bridge: the width of its window of prefetchable memory, 0 without one. */
  readonly prefetchable?: 0 | 32 | 64;
  /** Of a bridge: whether it forwards I/O. */
  readonly io?: boolean;
  /** MSI-X at 0xa0. */
  readonly msix?: { readonly vectors: number; readonly bar: number; readonly offset: number } | undefined;
  /** MSI at 0xd0. */
  readonly msi?: { readonly wide: boolean };
  /** What resets it: function level (PCI Express at 0xe0), or the way from D3hot to D0 (power management at 0xc8). */
  readonly reset?: 'function' | 'power' | 'none';
  /** Registers (dwords) that do not hold what is written. */
  readonly stuck?: readonly number[];
}

export class FakeFunction {
  readonly id: number;
  readonly bars: readonly FakeBar[];
  readonly behind: readonly FakeFunction[];
  readonly isBridge: boolean;
  readonly bytes: DataView = new DataView(new ArrayBuffer(4096));
  readonly #writable: DataView = new DataView(new ArrayBuffer(4096));
  readonly #start: Uint8Array;
  /** Words of the BARs' memory, by BAR index and offset. */
  readonly memory: Map<string, number> = new Map();
  resets = 0;
  /** It answers no more. */
  gone = false;

  constructor(options: FakeFunctionOptions) {
    const { id, vendorDevice = 0x10d3_8086, bars = [], multiFunction = false, behind, reset = 'none' } = options;
    this.id = id;
    this.bars = bars;
    this.isBridge = behind !== undefined;
    this.behind = (behind ?? []).map((one) => new FakeFunction(one));
    this.bytes.setUint32(0, vendorDevice, true);
    this.#writable.setUint16(4, 0x0547, true);
    this.bytes.setUint16(6, 0x0010, true);
    this.bytes.setUint8(0x0e, (multiFunction ? 0x80 : 0) | (this.isBridge ? 1 : 0));
    for (const bar of bars) this.#addBar(bar);
    if (this.isBridge) this.#addBridge(options);
    this.#addCapabilities(options);
    this.bytes.setUint16(0xcc, reset === 'power' ? 0 : 0x0008, true); // No_Soft_Reset
    this.#writable.setUint16(0xcc, 0x0003, true);
    this.bytes.setUint32(0xe4, reset === 'function' ? 0x1000_0000 : 0, true);
    for (const register of options.stuck ?? []) this.#writable.setUint32(register, 0, true);
    this.#start = new Uint8Array(this.bytes.buffer.slice(0));
  }
  #addBar({ index, sizeBytes, kind, prefetchable = false }: FakeBar): void {
    const at = 0x10 + index * 4;
    const type = { mem32: 0, mem64: 4, io: 1 }[kind] | (prefetchable ? 8 : 0);
    const mask = 0x1_0000_0000_0000_0000n - BigInt(sizeBytes);
    this.bytes.setUint32(at, type, true);
    this.#writable.setUint32(at, Number(mask & 0xffff_fff0n), true);
    if (kind === 'mem64') this.#writable.setUint32(at + 4, Number(mask >> 32n), true);
  }
  /** PCIe Base 5.0 §7.5.1.3 "Type 1 Configuration Space Header". */
  #addBridge({ prefetchable = 64, io = true }: FakeFunctionOptions): void {
    this.#writable.setUint32(0x18, 0x00ff_ffff, true);
    if (io) this.#writable.setUint16(0x1c, 0xf0f0, true);
    this.#writable.setUint32(0x20, 0xfff0_fff0, true);
    if (prefetchable !== 0) this.#writable.setUint32(0x24, 0xfff0_fff0, true);
    if (prefetchable === 64) {
      this.bytes.setUint32(0x24, 0x0001_0001, true);
      this.#writable.setUint32(0x28, 0xffff_ffff, true);
      this.#writable.setUint32(0x2c, 0xffff_ffff, true);
    }
    this.#writable.setUint16(0x3e, 0x0040, true);
  }
  /** Power management at 0xc8, then MSI-X, then MSI, then PCI Express, where there are such. */
  #addCapabilities({ msix, msi }: FakeFunctionOptions): void {
    const list = [0xc8, ...(msix === undefined ? [] : [0xa0]), ...(msi === undefined ? [] : [0xd0]), 0xe0];
    const id = new Map([
      [0xc8, 0x01],
      [0xa0, 0x11],
      [0xd0, 0x05],
      [0xe0, 0x10],
    ]);
    this.bytes.setUint8(0x34, 0xc8);
    for (const [nth, at] of list.entries()) {
      this.bytes.setUint16(at, id.get(at)! | ((list[nth + 1] ?? 0) << 8), true);
    }
    if (msix !== undefined) {
      this.bytes.setUint16(0xa2, msix.vectors - 1, true);
      this.#writable.setUint16(0xa2, 0xc000, true);
      this.bytes.setUint32(0xa4, msix.offset | msix.bar, true);
    }
    if (msi !== undefined) {
      this.bytes.setUint16(0xd2, msi.wide ? 0x80 : 0, true);
      this.#writable.setUint16(0xd2, 0x71, true);
      this.#writable.setUint32(0xd4, 0xffff_fffc, true);
      this.#writable.setUint32(0xd8, 0xffff_ffff, true);
      if (msi.wide) this.#writable.setUint32(0xdc, 0xffff, true);
    }
  }

  get command(): number {
    return this.bytes.getUint16(4, true);
  }
  /** Of a bridge: primary, secondary and subordinate bus. */
  get buses(): readonly [number, number, number] {
    return [this.bytes.getUint8(0x18), this.bytes.getUint8(0x19), this.bytes.getUint8(0x1a)];
  }
  /** Of a bridge: the ranges of memory that it forwards, as first and last address; empty when closed. */
  get windows(): readonly (readonly [number, number])[] {
    if (!this.isBridge) return [];
    const word = (at: number): number => this.bytes.getUint16(at, true);
    const upper = (at: number): number => this.bytes.getUint32(at, true) * 2 ** 32;
    const memory = [(word(0x20) & 0xfff0) * 0x10000, (word(0x22) & 0xfff0) * 0x10000 + 0xf_ffff] as const;
    const prefetchable = [
      (word(0x24) & 0xfff0) * 0x10000 + upper(0x28),
      (word(0x26) & 0xfff0) * 0x10000 + 0xf_ffff + upper(0x2c),
    ] as const;
    const hasPrefetchable = this.#writable.getUint16(0x24, true) !== 0;
    return [memory, ...(hasPrefetchable ? [prefetchable] : [])].filter(([base, limit]) => base < limit);
  }
  /** Of a bridge: the I/O addresses that it forwards; null when closed. */
  get ioWindow(): readonly [number, number] | null {
    const base = (this.bytes.getUint8(0x1c) & 0xf0) << 8;
    const limit = ((this.bytes.getUint8(0x1d) & 0xf0) << 8) | 0xfff;
    return this.#writable.getUint16(0x1c, true) !== 0 && base < limit ? [base, limit] : null;
  }
  barAddress(index: number): number {
    const low = this.bytes.getUint32(0x10 + index * 4, true) & 0xffff_fff0;
    const isWide = this.bars.find((bar) => bar.index === index)?.kind === 'mem64';
    return (low >>> 0) + (isWide ? this.bytes.getUint32(0x14 + index * 4, true) * 2 ** 32 : 0);
  }
  write(register: number, lenBytes: number, value: number): void {
    const power = this.bytes.getUint8(0xcc) & 3;
    for (let i = 0; i < lenBytes; i++) {
      const mask = this.#writable.getUint8(register + i);
      const written = (value >>> (8 * i)) & mask;
      this.bytes.setUint8(register + i, (this.bytes.getUint8(register + i) & ~mask) | written);
    }
    if (register === 0xe8 && (value & 0x8000) !== 0 && this.bytes.getUint32(0xe4, true) !== 0) this.reset();
    if (power === 3 && (this.bytes.getUint8(0xcc) & 0xb) === 0) this.reset();
    if (this.isBridge && register === 0x3e && (value & 0x40) !== 0) for (const one of this.behind) one.reset();
  }
  reset(): void {
    this.resets++;
    this.memory.clear();
    new Uint8Array(this.bytes.buffer).set(this.#start);
    for (const one of this.behind) one.reset();
  }
}
