/**
 * Memory with an IOMMU's registers in it, as the specification describes them and nothing more: it keeps every context
 * and every leaf it ever saw until a command takes it away, so a driver that forgets a command is caught.
 */
import { FlatMemory, type MemoryPort } from '@bulkhead/runtime';

export const REGISTERS_PAGE = 200;
export const TABLES_PAGE = 100;
export const TABLES_COUNT = 48;
/** Physical pages are the tables' in another order, so that nobody may count on their lying side by side. */
export const physicalOf = (page: number): number => 0x90000 + (((page - TABLES_PAGE) * 5) % TABLES_COUNT);

/** Where a physical page stands in the driver's address space. */
export const PAGE_OF: ReadonlyMap<number, number> = new Map(
  Array.from({ length: TABLES_COUNT }, (_, i) => [physicalOf(TABLES_PAGE + i), TABLES_PAGE + i] as const),
);

/** Sv39, MSI_FLAT, MSI_MRIF, version 1.0: contexts are in extended format. */
const CAPABILITIES = 0x00c00210;

interface Context {
  readonly pscid: number;
  readonly root: number;
  readonly quiet: boolean;
  /** Physical page of the MSI page table, and its mask and pattern; null where messages are not translated. */
  readonly messages: { readonly table: number; readonly mask: number; readonly pattern: number } | null;
}

export class FakeIommu implements MemoryPort {
  readonly flat: FlatMemory = new FlatMemory(256);
  readonly commands: string[] = [];
  readonly #contexts = new Map<number, Context | null>();
  readonly #leaves = new Map<string, { page: number; writable: boolean }>();
  readonly #entries = new Map<string, readonly [number, number, number, number]>();
  stuck = false;
  /** Whether the last message was for an identity that its file has enabled. */
  enabled = false;

  constructor() {
    this.setRegister(0, CAPABILITIES);
  }
  get isExtended(): boolean {
    return (this.register(0) & 0x400000) !== 0;
  }

  register(offset: number): number {
    return this.flat.load32(REGISTERS_PAGE, offset);
  }
  setRegister(offset: number, value: number): void {
    this.flat.store32(REGISTERS_PAGE, offset, value);
  }
  /** The word at a physical place; -1 where no table stands. */
  physical(page: number, offset: number): number {
    const at = PAGE_OF.get(page);
    return at === undefined ? -1 : this.flat.load32(at, offset);
  }
  #pageIn(page: number, offset: number): number {
    const low = this.physical(page, offset) >>> 10;
    return (this.physical(page, offset + 4) & 0x3fffff) * 0x400000 + low;
  }
  /** @returns the physical page for an access of a device, or a word for what is wrong. */
  translate(device: number, ioPage: number, write: boolean): number | string {
    const mode = this.register(16) & 0xf;
    if (mode === 0) return 'off';
    if (mode === 1) return ioPage;
    const context = this.#contexts.get(device) ?? this.#context(device);
    if (context === null) return 'no context';
    this.#contexts.set(device, context);
    for (const size of [1, 512]) {
      const leaf = this.#leaves.get(`${context.pscid} ${Math.floor(ioPage / size) * size} ${size}`);
      if (leaf !== undefined) return write && !leaf.writable ? 'read only' : leaf.page + (ioPage % size);
    }
    return this.#walk(context, ioPage, write);
  }
  /** Whether the device's faults are not reported. */
  isQuiet(device: number): boolean {
    return (this.#contexts.get(device) ?? this.#context(device))?.quiet === true;
  }
  #context(device: number): Context | null {
    if ((this.register(16) & 0xf) !== 3) throw new Error('the directory has two levels');
    const root = (this.register(20) & 0x3fffff) * 0x400000 + (this.register(16) >>> 10);
    const [bits, size] = this.isExtended ? [6, 64] : [7, 32];
    if (device >>> bits > 511) return null;
    if ((this.physical(root, (device >>> bits) * 8) & 1) !== 1) return null;
    const leaf = this.#pageIn(root, (device >>> bits) * 8);
    const at = (device & (2 ** bits - 1)) * size;
    if ((this.physical(leaf, at) & 1) !== 1) return null;
    const control = this.physical(leaf, at);
    if ((control & ~0x10) !== 1 || this.physical(leaf, at + 12) !== 0) throw new Error('misconfigured');
    if (this.physical(leaf, at + 28) >>> 28 !== 8) throw new Error('not Sv39');
    const quiet = control !== 1;
    const messages = this.isExtended ? this.#messagesOf(leaf, at) : null;
    return { pscid: this.physical(leaf, at + 16) >>> 12, root: this.physical(leaf, at + 24), quiet, messages };
  }
  #messagesOf(leaf: number, at: number): Context['messages'] {
    const [table, mode, mask, , pattern] = [32, 36, 40, 44, 48].map((offset) => this.physical(leaf, at + offset)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if ([44, 52, 56, 60].some((offset) => this.physical(leaf, at + offset) !== 0)) throw new Error('reserved bits');
    if (mode >>> 28 > 1 || (mode & 0xfffffff) !== 0) throw new Error('msiptp');
    return mode >>> 28 === 1 ? { table, mask, pattern } : null;
  }
  /** A message of a device. @returns the notice that leaves, page and number, or a word for what is wrong. */
  message(device: number, ioPage: number, data: number): readonly [page: number, data: number] | string {
    const page = this.translate(device, ioPage, true);
    if (typeof page === 'string') return page;
    const messages = this.#contexts.get(device)?.messages;
    if (messages === null || messages === undefined) return [page, data];
    if ((page & ~messages.mask) !== (messages.pattern & ~messages.mask)) return 'memory';
    const at = (page & messages.mask) * 16;
    const [a, b, c, d] = this.#entry(messages.table, at);
    if ((a & 1) === 0) return 'no entry';
    if ((a & 0x7e) !== 2 || b >>> 22 !== 0 || (d & 0xefc00000) !== 0) throw new Error('a misconfigured entry');
    const file = ((b & 0x3fffff) * 2 ** 25 + (a >>> 7)) * 512;
    const place = Math.floor(file / 4096);
    const pair = (file % 4096) + (data >>> 6) * 16 + ((data >>> 5) & 1) * 4;
    if (data >= 2048) return 'no such identity';
    const virtual = PAGE_OF.get(place);
    if (virtual === undefined) throw new Error('the file stands in no page of the tables');
    this.flat.store32(virtual, pair, this.flat.load32(virtual, pair) | (1 << (data & 31)));
    this.enabled = (this.flat.load32(virtual, pair + 8) & (1 << (data & 31))) !== 0;
    return [(d & 0x3fffff) * 0x400000 + (c >>> 10), (c & 0x3ff) | ((d >>> 28) << 10)];
  }
  #entry(table: number, at: number): readonly [number, number, number, number] {
    const key = `${table} ${at}`;
    const words = [0, 4, 8, 12].map((word) => this.physical(table, at + word));
    const entry = this.#entries.get(key) ?? (words as [number, number, number, number]);
    if ((entry[0] & 1) !== 0) this.#entries.set(key, entry);
    return entry;
  }
  #walk(context: Context, ioPage: number, write: boolean): number | string {
    let table = context.root;
    for (const size of [512 * 512, 512, 1]) {
      const at = (Math.floor(ioPage / size) % 512) * 8;
      const low = this.physical(table, at);
      if ((low & 1) === 0) return 'not mapped';
      if ((low & 0xa) === 0) {
        table = this.#pageIn(table, at);
        continue;
      }
      if ((low & 0x53) !== 0x53) throw new Error('a leaf needs V, R, U and A');
      const leaf = { page: this.#pageIn(table, at), writable: (low & 0x84) === 0x84 };
      if (leaf.page % size !== 0) return 'misaligned';
      this.#leaves.set(`${context.pscid} ${Math.floor(ioPage / size) * size} ${size}`, leaf);
      return write && !leaf.writable ? 'read only' : leaf.page + (ioPage % size);
    }
    return 'not mapped';
  }

  #run(tail: number): void {
    const base = (this.register(28) & 0x3fffff) * 0x400000 + (this.register(24) >>> 10);
    if ((this.register(24) & 0x1f) !== 7) throw new Error('256 commands');
    for (let head = this.register(32); head !== tail; head = (head + 1) & 255) {
      const [a, b, c, d] = [0, 4, 8, 12].map((word) => this.physical(base, head * 16 + word)) as [
        number,
        number,
        number,
        number,
      ];
      this.#execute(a, b, (d & 0x3fffffff) * 0x400000 + (c >>> 10), d * 0x400000 + (c >>> 10));
    }
    this.setRegister(32, tail);
  }
  #execute(a: number, b: number, ioPage: number, fencePage: number): void {
    const valid = (a & 0x400) !== 0;
    switch (a & 0x3ff) {
      case 1: {
        const pscid = (b & 1) === 0 ? '' : `${a >>> 12} `;
        this.commands.push(`iotinval ${pscid}${valid ? ioPage : 'all'}`);
        for (const key of this.#leaves.keys()) {
          const [of, page, size] = key.split(' ').map(Number) as [number, number, number];
          const same = !valid || (ioPage >= page && ioPage < page + size);
          if (same && (pscid === '' || of === a >>> 12)) this.#leaves.delete(key);
        }
        return;
      }
      case 0x81:
        this.commands.push('gvma all');
        this.#entries.clear();
        return;
      case 2:
        this.commands.push('iofence');
        this.flat.store32(PAGE_OF.get(fencePage)!, 0, b);
        return;
      case 3:
        this.commands.push(`inval_ddt ${(b & 2) === 0 ? 'all' : b >>> 8}`);
        if ((b & 2) === 0) this.#contexts.clear();
        else this.#contexts.delete(b >>> 8);
        return;
      default:
        throw new Error(`illegal command ${a}`);
    }
  }

  load8(page: number, offset: number): number {
    return this.flat.load8(page, offset);
  }
  load16(page: number, offset: number): number {
    return this.flat.load16(page, offset);
  }
  load32(page: number, offset: number): number {
    return this.flat.load32(page, offset);
  }
  store8(page: number, offset: number, value: number): void {
    this.flat.store8(page, offset, value);
  }
  store16(page: number, offset: number, value: number): void {
    this.flat.store16(page, offset, value);
  }
  store32(page: number, offset: number, value: number): void {
    if (page !== REGISTERS_PAGE) this.flat.store32(page, offset, value);
    else this.#storeRegister(offset, value);
  }
  #storeRegister(offset: number, value: number): void {
    if (offset === 84) this.setRegister(84, this.register(84) & ~value);
    else if (offset === 76) this.setRegister(76, (value & 3) | (this.register(76) & ~value & 0x300));
    else this.setRegister(offset, value);
    if (offset === 36 && !this.stuck) this.#run(value);
  }
  copy(toPage: number, toOffset: number, fromPage: number, fromOffset: number, lenBytes: number): void {
    this.flat.copy(toPage, toOffset, fromPage, fromOffset, lenBytes);
  }
  fill(page: number, offset: number, byte: number, lenBytes: number): void {
    this.flat.fill(page, offset, byte, lenBytes);
  }
  sum16(page: number, offset: number, lenBytes: number, sum: number): number {
    return this.flat.sum16(page, offset, lenBytes, sum);
  }
  loadBytes(page: number, offset: number, into: Uint8Array, at: number, lenBytes: number): void {
    this.flat.loadBytes(page, offset, into, at, lenBytes);
  }
  storeBytes(page: number, offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    this.flat.storeBytes(page, offset, from, at, lenBytes);
  }
}
