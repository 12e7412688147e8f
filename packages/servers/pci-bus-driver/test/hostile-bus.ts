/**
 * Configuration space that means harm: every function is there and nothing holds. What is read is by chance (the same for
 * the same seed), or what was written with bits of chance flipped; a bridge leads everywhere.
 */
import { FlatMemory } from '@bulkhead/runtime';
import { ECAM_PAGE } from './fake-bus.ts';

const PAGES = 256 * 256;
const FIRST_DEVICE_PAGE = 0x4_0000;

export interface HostileOptions {
  readonly seed: number;
  /** The square of it is how often in 256 a read answers by chance; else it answers with what was written last. */
  readonly chance: number;
  /** How often in 16 a function is not there. */
  readonly absent: number;
  /** What every header type is; -1: one of several. */
  readonly headerType: number;
}

const HEADER_TYPES = [0, 0x80, 0x80, 0x80, 0x81, 1, 0x82, 0x7f] as const;

/** Often one that is known: the low byte is its kind. */
const capability = (register: number, word: number): number => {
  const id = (word & 0xe0) === 0 ? 0x11 : [0x01, 0x05, 0x10, 0x05][(register >>> 2) & 3]!;
  return (word & 0x700) === 0 ? word : (word & ~0xff) | id;
};

export class HostileBus extends FlatMemory {
  readonly #options: HostileOptions;
  readonly #written: Map<number, number> = new Map();
  #state: number;
  accesses = 0;
  /** Highest page of configuration space that was touched. */
  lastPage = 0;
  /** Functions whose Command register was last written with bus mastering on. */
  readonly masters: Set<number> = new Set();

  constructor(options: HostileOptions) {
    super(16);
    this.#options = options;
    this.#state = options.seed | 1;
  }
  /** Xorshift. */
  #next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state;
  }
  #isConfig(page: number): boolean {
    return page >= ECAM_PAGE && page < ECAM_PAGE + PAGES;
  }
  #word(page: number, offset: number): number {
    this.accesses++;
    this.lastPage = Math.max(this.lastPage, page - ECAM_PAGE);
    const { absent, chance, headerType, seed } = this.#options;
    const isAbsent = (Math.imul(page, 0x9e3779b1) ^ seed) >>> 28 < absent;
    if (isAbsent) return -1;
    const register = offset & 0xffc;
    const held = this.#written.get(page * 4096 + register) ?? Math.imul(page * 1024 + register, 0x85ebca6b) ^ seed;
    const word = (this.#next() & 255) < chance * chance ? this.#next() : held;
    if (register >= 0x10 && register < 0x28) return this.#bar(page, register, word);
    if (register >= 0x40 && register < 0x100) return capability(register, word);
    if (register !== 0x0c) return word;
    const ofPage = HEADER_TYPES[(Math.imul(page, 0x27d4eb2f) >>> 20) & 7]!;
    return (word & ~0xff_0000) | ((headerType < 0 ? ofPage : headerType) << 16);
  }
  /** As a BAR of some kind and size would read, but where chance had its way. */
  #bar(page: number, register: number, word: number): number {
    const kind = Math.imul(page * 1024 + register, 0xc2b2ae35) ^ this.#options.seed;
    const isHuge = (kind & 0x1f_0000) === 0;
    const sizeBits = isHuge ? 31 : 4 + ((kind >>> 8) & 0xf);
    const type = [0, 0, 0, 0, 8, 8, 1, 4][(kind >>> 4) & 7]!;
    return (word & (-1 << sizeBits)) | type;
  }
  override load8(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    return this.#isConfig(at)
      ? (this.#word(at, offset & 0xfff) >>> ((offset & 3) * 8)) & 0xff
      : super.load8(page, offset);
  }
  override load16(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (!this.#isConfig(at)) return super.load16(page, offset);
    return (this.#word(at, offset & 0xfff) >>> ((offset & 2) * 8)) & 0xffff;
  }
  override load32(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (at >= FIRST_DEVICE_PAGE) return this.#next();
    return this.#isConfig(at) ? this.#word(at, offset & 0xfff) : super.load32(page, offset);
  }
  override store16(page: number, offset: number, value: number): void {
    const at = page + (offset >>> 12);
    if (!this.#isConfig(at)) super.store16(page, offset, value);
    else this.#store(at, offset & 0xfff, value);
  }
  override store32(page: number, offset: number, value: number): void {
    const at = page + (offset >>> 12);
    if (at >= FIRST_DEVICE_PAGE) return;
    if (!this.#isConfig(at)) super.store32(page, offset, value);
    else this.#store(at, offset & 0xfff, value);
  }
  #store(page: number, offset: number, value: number): void {
    this.accesses++;
    this.lastPage = Math.max(this.lastPage, page - ECAM_PAGE);
    this.#written.set(page * 4096 + (offset & 0xffc), value);
    if (offset !== 4) return;
    if ((value & 4) !== 0) this.masters.add(page - ECAM_PAGE);
    else this.masters.delete(page - ECAM_PAGE);
  }
}
