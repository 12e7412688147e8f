/** A component's memory on shuffled pages of RAM, and the slowest memory there is to compare it with. */
import { Clock } from '@bulkhead/clock';
import { type Charge, Ledger } from '@bulkhead/ledger';
import { Life } from '@bulkhead/microkernel';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { HartMemory } from '../src/hart-memory.ts';

export const PAGE = 4096;
export const BASE_PAGE = 0x80000;
export const RAM_PAGES = 8;
export const STORE = 2;
export const PRIMITIVES = ['tlb-refill', 'copy-line', 'checksum-line', 'mmio-read', 'mmio-write'] as const;
export const [TLB, COPY, SUM, READ, WRITE] = [0, 1, 2, 3, 4] as const;

/** Where a fault was, as the component's memory tells it. */
export class Fault extends Error {
  readonly at: string;
  constructor(page: number, offset: number, store: boolean) {
    super(`${store ? 'store' : 'load'} ${page * PAGE + offset}`);
    this.at = this.message;
  }
}

/** Virtual pages 16 to 23: RAM, shuffled; 18 may only be read; 20 is nothing; 24 is a device. */
export const MAPPED: ReadonlyMap<number, number> = new Map([
  [16, 3],
  [17, 0],
  [18, 6],
  [19, 5],
  [21, 1],
  [22, 7],
  [23, 2],
]);
export const READ_ONLY = 18;
export const DEVICE = 24;
export const DEVICE_PPN = 0x3000;

export class Rig {
  readonly bytes: Uint8Array = new Uint8Array(RAM_PAGES * PAGE);
  readonly clock: Clock = new Clock(1e9);
  readonly ledger: Ledger;
  readonly life: Life = new Life(0);
  readonly deviceLog: string[] = [];
  readonly mmu = {
    missCount: 0,
    held: new Set<number>(),
    translate: (vpn: number, access: number): number => this.#translate(vpn, access),
    recall: (vpn: number, access: number): number =>
      this.mmu.held.has(vpn) ? Math.max(-1, this.#translate(vpn, access)) : -1,
  };
  readonly memory: HartMemory;
  deviceAnswer = 0;
  isDeviceMapped = true;
  attend: () => void = () => {};

  constructor() {
    this.ledger = new Ledger({
      clock: this.clock,
      primitives: PRIMITIVES.map((name) => ({ name, cause: 'copy' as const })),
      prices: [7, 5, 3, 100, 50],
      components: ['it'],
    });
    const words = new Int32Array(this.bytes.buffer);
    const ram: PhysicalMemoryPort = {
      basePage: BASE_PAGE,
      pageCount: RAM_PAGES,
      bytes: this.bytes,
      words,
      holdsPage: (page) => page >= BASE_PAGE && page < BASE_PAGE + RAM_PAGES,
      word: (page, index) => words[(page - BASE_PAGE) * 1024 + index]!,
      setWord: (page, index, value) => {
        words[(page - BASE_PAGE) * 1024 + index] = value;
      },
    };
    const charge: Charge = this.ledger.charge(0, () => this.attend());
    this.memory = new HartMemory({
      mmu: this.mmu,
      ram,
      bus: {
        load: (page, offset, width) => {
          this.deviceLog.push(`read ${page} ${offset} ${width} at ${this.clock.now}`);
          return this.deviceAnswer;
        },
        store: (page, offset, width, value) => {
          this.deviceLog.push(`write ${page} ${offset} ${width} ${value} at ${this.clock.now}`);
          return this.deviceAnswer;
        },
      },
      life: this.life,
      charge,
      refillCharge: this.ledger.charge(0, () => {}),
      primitives: { tlbRefill: TLB, copyLine: COPY, checksumLine: SUM, mmioRead: READ, mmioWrite: WRITE },
      copies: new Float64Array(2),
      fault: (page, offset, store) => {
        throw new Fault(page, offset, store);
      },
    });
  }
  #translate(vpn: number, access: number): number {
    if (!this.mmu.held.has(vpn)) {
      this.mmu.missCount++;
      this.mmu.held.add(vpn);
    }
    if (vpn === DEVICE) return this.isDeviceMapped ? DEVICE_PPN : -13;
    const index = MAPPED.get(vpn);
    return index === undefined || (access === STORE && vpn === READ_ONLY) ? -13 : BASE_PAGE + index;
  }
  count(primitive: number): number {
    return this.ledger.countOf(primitive);
  }
}

/** The slowest memory there is: byte by byte, virtual, and it says where it faulted. */
export class Reference {
  readonly bytes = new Map<number, number>();

  #check(address: number, store: boolean): void {
    const vpn = Math.floor(address / PAGE);
    if (!MAPPED.has(vpn) || (store && vpn === READ_ONLY)) throw new Fault(0, address, store);
  }
  load(address: number): number {
    this.#check(address, false);
    return this.bytes.get(address) ?? 0;
  }
  store(address: number, value: number): void {
    this.#check(address, true);
    this.bytes.set(address, value & 0xff);
  }
  /** A word that straddles two pages faults as a whole. */
  word(address: number, width: number, value: number | null): number {
    if (value === null) this.#check(address, false);
    else this.#check(address, true);
    if (Math.floor(address / PAGE) !== Math.floor((address + width - 1) / PAGE))
      throw new Fault(0, address, value !== null);
    let result = 0;
    for (let i = 0; i < width; i++) {
      if (value === null) result += this.load(address + i) * 2 ** (8 * i);
      else this.store(address + i, value >> (8 * i));
    }
    return width === 4 ? result | 0 : result;
  }
  copy(to: number, from: number, lenBytes: number): void {
    for (let i = 0; i < lenBytes; i++) {
      const byte = this.load(from + i);
      this.store(to + i, byte);
    }
  }
  sum16(at: number, lenBytes: number, sum: number): number {
    let total = sum;
    for (let i = 0; i < lenBytes; i++) total += this.load(at + i) * (i % 2 === 0 ? 256 : 1);
    while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
    return total;
  }
}

export const outcome = (what: () => unknown): unknown => {
  try {
    return what();
  } catch (error) {
    if (error instanceof Fault) return error.at;
    throw error;
  }
};
