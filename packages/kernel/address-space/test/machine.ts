/**
 * What address spaces stand on, without a machine: 1 MiB of memory with a root CNode, untyped memory, a device's, the
 * control of ASIDs and a pool, and every fence that was asked for.
 */
import { Capabilities, errors, granuleOf, type InvocationMessage, objects, SLOT_WORDS } from '@bulkhead/capabilities';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { AddressSpaces, type FencePort, labels } from '../src/index.ts';
import { BASE, createMemory } from './memory.ts';

export const ROOT = 8;
export const RADIX = 8;
const PAGE_WORDS = 1024;
const CNODE_PAGE = 2;
export const KERNEL_ROOT: number = BASE + 1;
/** 2 GiB of it, so that there can be frames of every size. */
export const DEVICE_PAGE = 0x40000;
export const POOL_PAGE: number = BASE + 8;
export const UNTYPED_PAGE: number = BASE + 128;
/** A page that the kernel maps in its upper half: any value that is not zero will do. */
const UPPER_WORD = PAGE_WORDS - 6;
const UPPER_MARK = 0x0fab_0001;

export const UNTYPED = 1;
export const DEVICE = 2;
export const ASID_CONTROL = 3;
export const POOL = 4;

export interface MachineOptions {
  readonly fence?: FencePort;
  readonly fencesNewEntries?: boolean;
}
export class Machine {
  readonly memory: PhysicalMemoryPort;
  readonly capabilities: Capabilities;
  readonly spaces: AddressSpaces;
  readonly fences: [vpn: number, asid: number][] = [];
  readonly message: InvocationMessage = {
    low: new Int32Array(16),
    high: new Int32Array(16),
    length: 0,
    extras: new Int32Array(3),
    extraCount: 0,
    answer: { low: new Int32Array(16), high: new Int32Array(16), length: 0 },
  };

  constructor({ fence, fencesNewEntries = true }: MachineOptions = {}) {
    this.memory = createMemory(256);
    let spaces: AddressSpaces | undefined;
    this.capabilities = new Capabilities({
      words: this.memory.words,
      basePage: BASE,
      finalise: (type, object, slot, final) => spaces?.finalise(type, object, slot, final),
    });
    const { capabilities: c } = this;
    c.install(ROOT, objects.CNODE, granuleOf(BASE + CNODE_PAGE, 0), RADIX);
    c.installGuard(ROOT, 0, 32 - RADIX);
    c.install(this.at(UNTYPED), objects.UNTYPED, granuleOf(UNTYPED_PAGE, 0), 19);
    c.install(this.at(DEVICE), objects.UNTYPED, granuleOf(DEVICE_PAGE, 0), 31, true);
    c.install(this.at(ASID_CONTROL), objects.ASID_CONTROL, 0, 0);
    c.install(this.at(POOL), objects.ASID_POOL, granuleOf(POOL_PAGE, 0), 0);
    this.memory.setWord(KERNEL_ROOT, UPPER_WORD, UPPER_MARK);
    this.spaces = new AddressSpaces({
      capabilities: c,
      memory: this.memory,
      kernelRootPage: KERNEL_ROOT,
      fencesNewEntries,
      fence: fence ?? { fence: (vpn, asid) => this.fences.push([vpn, asid]) },
    });
    spaces = this.spaces;
    this.spaces.adoptPool(this.at(POOL));
  }

  /** The slot of an index of the root CNode. */
  at(index: number): number {
    return CNODE_PAGE * PAGE_WORDS + index * SLOT_WORDS;
  }
  hasUpperHalf(page: number): boolean {
    return this.memory.word(page, UPPER_WORD) === UPPER_MARK;
  }
  make(type: number, sizeBits: number, index: number, untyped: number = UNTYPED, count = 1): number {
    return this.capabilities.retype(this.at(untyped), type, sizeBits, ROOT, 0, 0, index, count);
  }
  copy(to: number, from: number, rights: number = objects.ALL_RIGHTS): number {
    return this.capabilities.copy(this.at(to), this.at(from), rights);
  }

  /** @param words 64-bit words, as signed numbers @param extras indices of the root CNode; -1 is the root CNode itself */
  invoke(index: number, label: number, words: readonly number[] = [], extras: readonly number[] = []): number {
    const { message } = this;
    words.forEach((word, i) => {
      message.low[i] = word % 2 ** 32;
      message.high[i] = Math.floor(word / 2 ** 32);
    });
    message.length = words.length;
    message.extras.set(extras.map((extra) => (extra < 0 ? ROOT : this.at(extra))));
    message.extraCount = extras.length;
    return this.spaces.invoke(this.at(index), label, message);
  }
  mapTable(table: number, address: number, root: number): number {
    return this.invoke(table, labels.PAGE_TABLE_MAP, [address, 0], [root]);
  }
  mapPage(frame: number, address: number, root: number, rights: number = READ_WRITE, attributes = 0): number {
    return this.invoke(frame, labels.PAGE_MAP, [address, rights, attributes], [root]);
  }
  assign(table: number, pool: number = POOL): number {
    return this.invoke(pool, labels.ASID_POOL_ASSIGN, [], [table]);
  }
}
export const READ_WRITE: number = objects.READ | objects.WRITE;
export const nameOf = (error: number): string => errors.NAMES[-error]!;
