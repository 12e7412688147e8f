/**
 * A TLB may be stale only as the specification allows: changes of tables at all levels, fenced at random or not at all,
 * in every scheme and with both ways of marking. The same run shows that stale answers do occur, and that an MMU whose
 * fences are lost is caught, so that the test is able to fail.
 */
import type { Ram } from '@bulkhead/memory';
import { SATP_MODE_SV39, SATP_MODE_SV48, SATP_MODE_SV57 } from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { Mmu, type MmuOptions } from '../src/index.ts';
import { answerOf, type Fence, History } from './history.ts';
import { type Access, read64, referenceWalk, type Scheme } from './reference.ts';
import { addressOfPage, BASE, createMemory, KINDS, pointTo, randomOf, setPte } from './tables.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const SPACES = 2;
const STEPS = 120;
/** Pages that a run uses: few, so that what is changed and fenced is what was answered before. */
const POOL = 5;
/** Entries of each table that are used. */
const USED = 3;
const SHARED_INDEX = 511;
type Random = ReturnType<typeof randomOf>;

/**
 * A chain of tables for each space, and one that all share below a global pointer at index 511 of each root. Chain `c`
 * has its table of level `l` in page `c * levels + l`.
 */
class Tables {
  readonly memory: Ram;
  readonly levels: number;
  constructor(levels: number, random: Random) {
    this.levels = levels;
    this.memory = createMemory((SPACES + 1) * levels);
    for (let chain = 0; chain <= SPACES; chain++)
      for (let level = 0; level < levels; level++)
        for (let index = 0; index < USED; index++) this.write(random, chain, level, index);
    for (let space = 0; space < SPACES; space++)
      pointTo(this.memory, this.page(space, levels - 1), SHARED_INDEX, this.page(SPACES, levels - 2), 0x20);
  }
  page(chain: number, level: number): number {
    return BASE + chain * this.levels + level;
  }
  /** A pointer to the chain's next table, a leaf that most accesses get through, or nothing. @returns where. */
  write(random: Random, chain: number, level: number, index: number): bigint {
    const table = this.page(chain, level);
    const kind = random(8);
    if (level > 0 && kind < 5) pointTo(this.memory, table, index, this.page(chain, level - 1));
    else if (kind === 7) setPte(this.memory, table, index, 0, 0);
    else setPte(this.memory, table, index, random(8) * 512 ** level, leafFlags(random));
    return BigInt(table) * 4096n + BigInt(index) * 8n;
  }
  /** A page that the tables of a space, or those that all share, may map. */
  vpn(random: Random): number {
    const { levels } = this;
    let vpn = random(3) === 0 ? SHARED_INDEX : random(USED);
    for (let level = levels - 2; level >= 0; level--) vpn = vpn * 512 + random(USED);
    return vpn >= 512 ** levels / 2 ? vpn - 512 ** levels : vpn;
  }
}
const leafFlags = (random: Random): number =>
  0x07 | (random(2) << 3) | (random(4) === 0 ? 0x10 : 0) | MARKS[random(6)]!;
const MARKS = [0xc0, 0xc0, 0xc0, 0xc0, 0x40, 0x00];

interface Count {
  wrong: number;
  stale: number;
  checked: number;
}

class Run {
  readonly count: Count = { wrong: 0, stale: 0, checked: 0 };
  readonly #random: Random;
  readonly #tables: Tables;
  readonly #history: History;
  readonly #mmu: Mmu;
  readonly #scheme: Scheme;
  readonly #mode: number;
  readonly #losesFences: boolean;
  readonly #pool: readonly number[];
  #space = 0;

  constructor(seed: number, mode: number, levels: number, options: Partial<MmuOptions>, losesFences: boolean) {
    this.#random = randomOf(seed);
    this.#tables = new Tables(levels, this.#random);
    this.#history = new History(this.#tables.memory);
    this.#mmu = new Mmu({ memory: this.#tables.memory, ...options });
    this.#scheme = { levels, updates: options.marks === 'update', isReadOnly: () => false };
    this.#mode = mode;
    this.#losesFences = losesFences;
    this.#pool = Array.from({ length: POOL }, () => this.#tables.vpn(this.#random));
    this.#enter(0);
  }
  step(): void {
    const kind = this.#random(10);
    if (kind === 0) this.#enter(this.#random(SPACES));
    else if (kind === 1) this.#change(this.#anyPage());
    else if (kind === 2) this.#fence(this.#anyPage());
    else if (kind === 3) this.#changeAndFence(this.#anyPage());
    else this.#access();
  }
  #changeAndFence(vpn: number): void {
    this.#change(vpn);
    this.#fence(vpn);
  }
  #anyPage(): number {
    return this.#pool[this.#random(POOL)]!;
  }

  #root(): number {
    return this.#tables.page(this.#space, this.#scheme.levels - 1);
  }
  #enter(space: number): void {
    this.#space = space;
    this.#mmu.setAddressSpace(space + 1, this.#root(), this.#mode);
  }
  /** An entry on the way to a page, in the tables of one space or in those that are shared. */
  #change(vpn: number): void {
    const random = this.#random;
    const { levels, memory } = this.#tables;
    const chain = vpn < 0 ? SPACES : random(SPACES);
    const level = random(4) === 0 ? random(vpn < 0 ? levels - 1 : levels) : 0;
    const index = Math.floor(vpn / 512 ** level) & 511;
    const address = BigInt(this.#tables.page(chain, level)) * 4096n + BigInt(index) * 8n;
    const before = read64(memory, address)!;
    this.#tables.write(random, chain, level, index);
    if (read64(memory, address) !== before) this.#history.changed(address, before);
  }
  #fence(page: number): void {
    const random = this.#random;
    const fence: Fence = {
      ...(random(3) === 0 ? {} : { vpn: page }),
      ...(random(3) === 0 ? {} : { asid: 1 + random(SPACES) }),
    };
    this.#history.fenced(fence);
    if (this.#losesFences) return;
    const { vpn, asid } = fence;
    if (vpn === undefined && asid === undefined) this.#mmu.flushAll();
    else if (vpn === undefined) this.#mmu.flushAsid(asid!);
    else if (asid === undefined) this.#mmu.flushPageAllAsids(vpn);
    else this.#mmu.flushPage(vpn, asid);
  }
  #access(): void {
    const random = this.#random;
    const vpn = this.#anyPage();
    const va = addressOfPage(vpn);
    const access: Access = { kind: KINDS[random(3)]!, user: random(3) === 0, sum: random(2) === 0, mxr: false };
    const { memory } = this.#tables;
    const answers = this.#history.answers(this.#root(), this.#space + 1, va, access, this.#scheme);
    const fresh = answerOf(referenceWalk(memory, this.#root(), va, access, this.#scheme));
    const before = memory.words.slice();
    this.#mmu.setUser(access.user);
    this.#mmu.setSum(access.sum);
    const got = this.#mmu.translate(vpn, KINDS.indexOf(access.kind));
    const answer = this.#answer(got, before);
    this.count.checked++;
    if (!answers.has(answer)) this.count.wrong++;
    if (answer !== fresh) this.count.stale++;
  }
  /** What was answered, and which entry was stored; the history learns of it. */
  #answer(got: number, before: Int32Array): string {
    const text = got >= 0 ? `${BigInt(got) * 4096n}` : got === -1 ? 'page' : 'access';
    const word = before.findIndex((value, index) => value !== this.#tables.memory.words[index]);
    if (word < 0) return text;
    const address = BigInt(BASE) * 4096n + BigInt(word >> 1) * 8n;
    const high = BigInt(before[word | 1]!) << 32n;
    this.#history.changed(address, BigInt.asUintN(64, high | BigInt(before[word & ~1]! >>> 0)));
    return `${text} sets ${address}`;
  }
}

function runs(mode: number, levels: number, options: Partial<MmuOptions>, losesFences: boolean, count: number): Count {
  const sum: Count = { wrong: 0, stale: 0, checked: 0 };
  for (let seed = 1; seed <= count; seed++) {
    const run = new Run(seed * 104729 + levels, mode, levels, options, losesFences);
    for (let i = 0; i < STEPS; i++) run.step();
    sum.wrong += run.count.wrong;
    sum.stale += run.count.stale;
    sum.checked += run.count.checked;
  }
  return sum;
}

describe.each([
  ['Sv39', SATP_MODE_SV39, 3],
  ['Sv48', SATP_MODE_SV48, 4],
  ['Sv57', SATP_MODE_SV57, 5],
] as const)('%s sfence.vma (Privileged ISA 20211203 §4.2.1)', (_name, mode, levels) => {
  it.each<Partial<MmuOptions>>([
    {},
    { marks: 'update' },
    { tlbEntries: 4, tlbWays: 2, superpageTlbEntries: 2 },
    { tlbEntries: 1, tlbWays: 1, superpageTlbEntries: 1, marks: 'update' },
  ])('leaves no answer but those that are as new as the last fence for them: %o', (options) => {
    const { wrong, stale } = runs(mode, levels, options, false, 16 * effort);
    expect(wrong).toBe(0);
    expect(stale).toBeGreaterThan(0);
  });
  it('is missed where it is lost', () => {
    expect(runs(mode, levels, {}, true, 8).wrong).toBeGreaterThan(0);
  });
});
