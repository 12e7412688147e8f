import * as reg from '@bulkhead/riscv-iommu-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALL_CAPABILITIES,
  DMA_EXECUTE,
  DMA_READ,
  DMA_WRITE,
  type IommuCapabilities,
  SV39_CAPABILITIES,
  TO_MRIF,
} from '../src/index.ts';
import { NO_PROCESS, Request, TRANSLATED, UNTRANSLATED } from '../src/request.ts';
import { A, Bench, D, EFFORT, G, LEAF, R, RAM_BASE, U, V, W } from './bench.ts';
import { type Asked, Reference } from './reference.ts';

/** Pages of RAM, from its start. The second stage makes guest page n into the nth page of RAM. */
const GUEST = { root: 4, next: 8 };
const FIRST = 12;
const PROCESSES = 20;
const MESSAGES = 24;
const FAULTS = 60;
const INDICES = [0, 1, 2, 255, 256, 511];
const pick = fc.constantFrom;
const X = 8;
const ALL_FLAGS: number = LEAF | X;

const flags = fc.oneof(
  { weight: 5, arbitrary: pick(ALL_FLAGS, LEAF) },
  {
    weight: 4,
    arbitrary: pick(LEAF & ~U, LEAF & ~A, LEAF & ~D, LEAF & ~W, V | X | U | A, V | W | U, LEAF | G, V | R | U),
  },
  { weight: 1, arbitrary: fc.nat(255) },
);
const high = fc.oneof({ weight: 12, arbitrary: pick(0) }, pick(0x80000000, 0x20000000, 0x60000000, 0x400000, 1));
/** What takes the place of an entry: a leaf, another table, or anything. */
const entry = fc.oneof(
  { weight: 5, arbitrary: fc.record({ page: pick(30, 31, 0x200, 0x40000, 0x1008, 0x4008, 8), flags, high }) },
  { weight: 2, arbitrary: fc.record({ page: pick(FIRST, FIRST + 2, GUEST.next, 70), flags: pick(V), high }) },
  { weight: 1, arbitrary: fc.record({ page: fc.nat(0x3fffff), flags: fc.nat(1023), high: fc.integer() }) },
);
const change = fc.record({
  table: pick(0, 0, 1, 1, 2, 3, 4),
  stage: pick('first', 'first', 'guest', 'process', 'directory'),
  index: pick(...INDICES, 12, 13, 14, 15, 20, 21, 30, 31),
  entry,
});
/** Nearly always one of these, and now and then one of those. */
const mostly = <T>(these: readonly T[], ...those: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 80, arbitrary: pick(...these) }, { weight: 1, arbitrary: pick(...those) });
const tcBits = fc
  .tuple(pick(0, 0x20, 0x220, 0x20), pick(0, 0x100), pick(0, 0, 0x80), pick(0, 0, 2), mostly([0, 0, 0x10], 8, 4))
  .map((bits) => bits.reduce((all, bit) => all | bit, 1));
const world = fc.record({
  mode: mostly([2, 2, 2, 2, 3, 4], 0, 1),
  lost: mostly([0], 0x4000),
  tc: fc.oneof({ weight: 30, arbitrary: tcBits }, fc.nat(0xfff), fc.integer()),
  tcHigh: mostly([0, 0], 1),
  guestMode: mostly([0, 0, 8, 9, 10], 3),
  guestRoot: mostly([GUEST.root, GUEST.root], 5, 0x1000),
  stageMode: mostly([0, 8, 9, 10, 8, 9, 10], 11),
  pdtpMode: mostly([1, 2, 3, 3], 0, 4),
  processTa: pick(3, 7, 7, 1, 3, 7, 7, 0, 0x1003, 0x9),
  ta: mostly([0x5000, 0x5000], 0x5001),
  msiMode: mostly([0, 1, 1], 2),
  msiMask: pick(3, 3, 0x1f, 0xfffff),
  msiEntry: pick(7, 7, 7, 3, 3, 3, 0, 5, 0xf, 1, 0x43),
  /** Of the first stage's leaves, and of the guest's pages that hold its tables. */
  leafFlags: pick(ALL_FLAGS, ALL_FLAGS, LEAF, ALL_FLAGS & ~D, ALL_FLAGS & ~A, ALL_FLAGS & ~U),
  tableFlags: pick(LEAF, LEAF, LEAF, LEAF, LEAF & ~W, LEAF & ~D, LEAF & ~A, LEAF & ~U),
  changes: fc.array(change, { maxLength: 3 }),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;
const ioPage = fc.oneof(
  { weight: 4, arbitrary: fc.nat(40) },
  { weight: 1, arbitrary: fc.tuple(pick(27, 28, 36, 37, 45, 46), fc.nat(40)).map(([bits, low]) => 2 ** bits + low) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(pick(27, 36, 45), fc.array(pick(...INDICES), { minLength: 5, maxLength: 5 }))
      .map(([bits, at]) => {
        const page = at.reduce((all, index) => all * 512 + index, 0) % 2 ** bits;
        return page >= 2 ** (bits - 1) ? page + 2 ** 52 - 2 ** bits : page;
      }),
  },
  { weight: 1, arbitrary: fc.maxSafeInteger().map((page) => Math.abs(page) % 2 ** 52) },
);
const asked = fc.record({
  device: mostly([0x18, 0x18, 0x3f, 0], 0x7f, 0x80, 0x818, 0x10018, 0xffffff),
  process: fc.oneof(
    { weight: 8, arbitrary: pick(null, 0, 1, 0xff) },
    { weight: 1, arbitrary: pick(0x100, 0x1ffff, 0x20001, 0xfffff) },
  ),
  supervisor: fc.boolean(),
  translated: mostly([false, false], true),
  kind: pick('read' as const, 'write' as const, 'execute' as const),
  page: ioPage.map(BigInt),
});
/** A request without process_id for a device that has no process directory, most of the time. */
const suited = (question: Asked, { tc }: World, page: number): Asked =>
  (tc & 0x20) === 0 && page % 16 !== 0 ? { ...question, process: null } : question;
const ACCESS = { read: DMA_READ, write: DMA_WRITE, execute: DMA_EXECUTE } as const;

/** Tables in which everything is found at the indices above, then what `changes` makes of them. */
function build(bench: Bench, { device, process }: Asked, run: World, extended: boolean): void {
  const isGuest = run.guestMode !== 0;
  const at = (page: number): number => (isGuest ? page : RAM_BASE + page);
  chain(bench, FIRST, run.stageMode - 5, at, INDICES, run.leafFlags);
  for (let page = 0; page < 4; page++) bench.entry(RAM_BASE + GUEST.root + page, 0, RAM_BASE + GUEST.next, V);
  chain(bench, GUEST.next, run.guestMode - 6, (page) => RAM_BASE + page, [0], 0);
  const leaves = RAM_BASE + GUEST.next + run.guestMode - 7;
  if (run.guestMode > 7)
    for (let page = 0; page < 64; page++) {
      const flags = page >= FIRST && page < FIRST + 5 ? run.tableFlags : ALL_FLAGS;
      bench.entry(leaves, page, RAM_BASE + page, flags);
    }
  directoryEntries(bench, device, run, extended);
  const pid = process ?? 0;
  bench.entry(RAM_BASE + PROCESSES, (pid >>> 17) & 7, at(PROCESSES + 1), V);
  bench.entry(RAM_BASE + PROCESSES + 1, (pid >>> 8) & 0x1ff, at(PROCESSES + 2), V);
  const context = [run.processTa, 0, at(FIRST), run.stageMode << 28];
  for (let i = 0; i < 4; i++) bench.ram.setWord(RAM_BASE + PROCESSES + 2, (pid & 0xff) * 4 + i, context[i]!);
  for (let i = 0; i < 32; i++) bench.ram.setWord(RAM_BASE + MESSAGES, i * 4, ((RAM_BASE + 30) << 10) | run.msiEntry);
  const start = { first: FIRST, guest: GUEST.next, process: PROCESSES, directory: 1 };
  for (const { stage, table, index, entry: put } of run.changes) {
    if (stage === 'directory' && table > 1) continue;
    const target = put.page < 100 ? at(put.page) : put.page;
    const page = RAM_BASE + start[stage as keyof typeof start] + table;
    bench.ram.setWord(page, index * 2, (target << 10) | put.flags);
    bench.ram.setWord(page, index * 2 + 1, put.high);
  }
}
/** Tables one after the other; the last holds leaves. */
function chain(
  bench: Bench,
  from: number,
  levels: number,
  at: (page: number) => number,
  indices: readonly number[],
  leafFlags: number,
): void {
  for (let level = 0; level < levels; level++)
    for (const index of indices)
      if (level < levels - 1) bench.entry(RAM_BASE + from + level, index, at(from + level + 1), V);
      else bench.entry(RAM_BASE + from + level, index, at(30 + (index & 3)), leafFlags);
}
function directoryEntries(bench: Bench, device: number, run: World, extended: boolean): void {
  const isGuest = run.guestMode !== 0;
  const shift = extended ? 6 : 7;
  const pdtv = (run.tc & 0x20) !== 0;
  const fscPage = (isGuest ? 0 : RAM_BASE) + (pdtv ? PROCESSES + 3 - Math.max(1, Math.min(run.pdtpMode, 3)) : FIRST);
  const words = [
    ...[run.tc, run.tcHigh, RAM_BASE + run.guestRoot, run.guestMode << 28, run.ta, 0],
    ...[fscPage, (pdtv ? run.pdtpMode : run.stageMode) << 28],
    ...[RAM_BASE + MESSAGES, run.msiMode << 28, run.msiMask, 0, 0x1c, 0, 0, 0],
  ];
  const size = extended ? 16 : 8;
  const leaf = RAM_BASE + (run.mode === 2 ? 0 : 2);
  for (let i = 0; i < size; i++)
    for (const page of [RAM_BASE, leaf]) bench.ram.setWord(page, (device & (2 ** shift - 1)) * size + i, words[i]!);
  if (run.mode > 2) bench.entry(RAM_BASE + 1, (device >>> shift) & 0x1ff, RAM_BASE + 2, V);
  if (run.mode > 3) bench.entry(RAM_BASE + 3, device >>> (shift + 9), RAM_BASE + 1, V);
}

const capabilities: IommuCapabilities[] = [
  ALL_CAPABILITIES,
  SV39_CAPABILITIES,
  { lo: reg.CAPABILITIES_SV39.mask | reg.CAPABILITIES_SV48.mask | reg.CAPABILITIES_SV48X4.mask, hi: 0x80 },
  { lo: ALL_CAPABILITIES.lo & ~(reg.CAPABILITIES_MSI_MRIF.mask | reg.CAPABILITIES_AMO_HWAD.mask), hi: 0x1ff },
];

describe('Process to translate an IOVA (RISC-V IOMMU 1.0 §2.3, Privileged ISA 20211203 §4.3.2, §8.5)', () => {
  it('agrees with a bigint reference on pages, causes, records and memory, in all modes, cached or not', () => {
    const seen = new Map<string, number>();
    const choice = fc.oneof({ weight: 9, arbitrary: pick(0) }, pick(1, 2, 3));
    const property = fc.property(choice, world, asked, fc.nat(15), (which, run, first, luck) => {
      const question = suited(first, run, luck);
      const bench = new Bench(capabilities[which]);
      const extended = bench.iommu.translationCount === 0 && (bench.read(reg.CAPABILITIES) & (1 << 22)) !== 0;
      const root = RAM_BASE + run.lost + (run.mode === 4 ? 3 : run.mode === 3 ? 1 : 0);
      build(bench, question, run, extended);
      bench.mode(run.mode, root);
      bench.faultQueue(4, RAM_BASE + FAULTS);
      bench.write(reg.FQCSR, reg.FQCSR_FQEN.mask);
      const offered = (BigInt(bench.read(reg.CAPABILITIES + 4)) << 32n) | BigInt(bench.read(reg.CAPABILITIES));
      const copy = bench.ram.bytes.slice();
      const reference = new Reference(copy, BigInt(RAM_BASE) << 12n, offered);
      const expected = reference.run((BigInt(root) << 10n) | BigInt(run.mode), question);
      const value = expected.mrif ? TO_MRIF : expected.cause === undefined ? Number(expected.page) : -expected.cause;
      const key = value < 0 ? `${value}/${(expected.iotval2 ?? 0n) & 3n}` : 'page';
      seen.set(key, (seen.get(key) ?? 0) + 1);

      const type = question.translated ? TRANSLATED : UNTRANSLATED;
      const request = new Request(question.device, question.process ?? NO_PROCESS, question.supervisor, type);
      request.ioPage = Number(question.page);
      request.access = ACCESS[question.kind];
      expect(bench.iommu.request(request)).toBe(value);
      checkRecord(bench, question, expected);
      bench.ram.bytes.copyWithin(FAULTS * 4096, 61 * 4096, 62 * 4096);
      expect(Buffer.compare(bench.ram.bytes, copy)).toBe(0);
      expect(bench.iommu.request(request)).toBe(value);
      request.cached = false;
      expect(bench.iommu.request(request)).toBe(value);
    });
    fc.assert(property, { numRuns: 3000 * EFFORT });
    const causes = [...seen.keys()].map((key) => key.split('/')[0]);
    for (const cause of [1, 5, 7, 12, 13, 15, 20, 21, 23, 256, 257, 258, 259, 260, 261, 262, 263, 265, 266, 267])
      expect(causes, `cause ${cause}`).toContain(String(-cause));
    for (const key of ['page', '-4096/0', '-21/1', '-21/0', '-23/3']) expect([...seen.keys()]).toContain(key);
  });
});

function checkRecord(bench: Bench, asked: Asked, expected: ReturnType<Reference['run']>): void {
  const written = bench.read(reg.FQT);
  expect(written).toBe(expected.cause !== undefined && expected.reported === true ? 1 : 0);
  if (written === 0) return;
  const words = Array.from({ length: 8 }, (_, i) => bench.ram.word(RAM_BASE + FAULTS, i) >>> 0);
  const kind = { execute: 1, read: 2, write: 3 }[asked.kind] + (asked.translated ? 4 : 0);
  const process = asked.process === null ? 0 : asked.process;
  const flags = asked.process === null ? 0 : asked.supervisor ? 3 : 1;
  expect(words.slice(0, 4)).toEqual([
    (expected.cause! | (process << 12)) >>> 0,
    ((asked.device << 8) | (kind << 2) | flags) >>> 0,
    0,
    0,
  ]);
  const wide = (lo: number, hi: number): bigint => (BigInt(hi) << 32n) | BigInt(lo);
  expect(wide(words[4]!, words[5]!)).toBe(asked.page << 12n);
  expect(wide(words[6]!, words[7]!)).toBe(expected.iotval2);
}
