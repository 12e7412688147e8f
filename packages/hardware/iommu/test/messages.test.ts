import * as reg from '@bulkhead/riscv-iommu-datasheet';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_CAPABILITIES, DMA_EXECUTE, DMA_READ, DMA_WRITE, type DmaGate, TO_MRIF } from '../src/index.ts';
import { Bench, DIRECTORY, EFFORT, FREE, MSI_PAGE, ROOT } from './bench.ts';

const DEVICE = 0x18;
const TABLE: number = FREE + 8;
const FILES: number = FREE + 9;
/** Virtual interrupt files 0 to 3 of this device are pages 0x24000 to 0x24003. */
const PATTERN = 0x24000;
const MASK = 3;

interface Stored {
  readonly page: number;
  readonly offset: number;
  readonly value: number;
}
let bench: Bench;
let port: DmaGate;
let stored: Stored[];

/** Words of an MSI page-table entry. */
const setEntry = (index: number, ...words: readonly number[]): void => {
  for (let i = 0; i < 4; i++) bench.ram.setWord(TABLE, index * 4 + i, words[i] ?? 0);
};
const basic = (page: number): number[] => [(page << 10) | (3 << 1) | 1, page >>> 22];
const mrif = (page: number, offset: number, noticePage: number, identity: number): number[] => [
  (page << 10) | ((offset >>> 9) << 7) | (1 << 1) | 1,
  page >>> 22,
  (noticePage << 10) | (identity & 0x3ff),
  (noticePage >>> 22) | ((identity >>> 10) << 28),
];
const setContext = (mask: number, pattern: number, mode = 1): void =>
  bench.extendedContext(DEVICE, { msi: [TABLE, mode << 28, mask, 0, pattern, 0] });

beforeEach(() => {
  bench = new Bench(ALL_CAPABILITIES);
  stored = [];
  const store = (page: number, offset: number, _width: number, value: number): number => {
    stored.push({ page, offset, value });
    return 0;
  };
  port = bench.iommu.dmaPort(DEVICE, { load: () => 0, store });
  setContext(MASK, PATTERN);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.faultQueue();
});

describe('Which accesses are to a virtual interrupt file (RISC-V IOMMU 1.0 §2.1.3.6)', () => {
  it('those whose page equals the pattern where the mask is 0; others go the usual way', () => {
    setEntry(0, ...basic(0x28000));
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_WRITE)).toBe(0x28000);
    expect(bench.iommu.translate(DEVICE, PATTERN + 4, DMA_WRITE)).toBe(PATTERN + 4);
    expect(bench.iommu.translate(DEVICE, PATTERN + 2 ** 40, DMA_WRITE)).toBe(PATTERN + 2 ** 40);
  });
  it('none while msiptp.MODE is Off', () => {
    setContext(MASK, PATTERN, 0);
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_WRITE)).toBe(PATTERN);
  });
  it('with a first stage, the page that it gave counts, and not the one that was issued', () => {
    bench.extendedContext(DEVICE, { root: ROOT, msi: [TABLE, 1 << 28, MASK, 0, PATTERN, 0] });
    bench.map(7, PATTERN + 1);
    setEntry(1, ...basic(0x28001));
    for (let i = 0; i < 3; i++) expect(bench.iommu.translate(DEVICE, 7, DMA_WRITE)).toBe(0x28001);
    expect(bench.iommu.translate(DEVICE, PATTERN + 1, DMA_WRITE)).toBe(-15);
  });
  it('the number of the file is what the mask extracts, as in the example of §2.3.3', () => {
    setContext(0b10100110, 0);
    for (let i = 0; i < 16; i++) setEntry(i, ...basic(0x1000 + i));
    const bits = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean());
    const property = fc.property(bits, (chosen) => {
      const [a, c, f, g] = chosen.map(Number) as [number, number, number, number];
      const page = (a << 7) | (c << 5) | (f << 2) | (g << 1);
      expect(bench.iommu.translate(DEVICE, page, DMA_WRITE)).toBe(0x1000 + ((a << 3) | (c << 2) | (f << 1) | g));
    });
    fc.assert(property, { numRuns: 40 });
  });
  it('masks and patterns of all 52 bits agree with a bigint of the same rule', () => {
    const page = fc.bigInt({ min: 0n, max: 2n ** 52n - 1n });
    const property = fc.property(page, page, fc.array(fc.nat(51), { maxLength: 6 }), (address, noise, ones) => {
      const mask = ones.reduce((all, bit) => all | (1n << BigInt(bit)), 0n);
      const pattern = address ^ (noise & mask);
      const [maskLo, maskHi] = [Number(BigInt.asIntN(32, mask)), Number(mask >> 32n)];
      const [low, high] = [Number(BigInt.asIntN(32, pattern)), Number(pattern >> 32n)];
      bench.extendedContext(DEVICE, { msi: [TABLE, 1 << 28, maskLo, maskHi, low, high] });
      bench.iommu.write(reg.DDTP, 4, 0);
      bench.iommu.reset();
      bench.mode(reg.DDTP_MODE_1LVL);
      let number = 0n;
      let weight = 0n;
      for (let bit = 0n; bit < 52n; bit++) if ((mask >> bit) & 1n) number |= ((address >> bit) & 1n) << weight++;
      setEntry(Number(number), ...basic(0x77));
      expect(bench.iommu.translate(DEVICE, Number(address), DMA_WRITE)).toBe(0x77);
      const outside = address ^ (1n << BigInt(ones.length === 0 ? 3 : (ones[0]! + 1) % 52));
      const matches = (outside & ~mask) === (pattern & ~mask);
      if (!matches) expect(bench.iommu.translate(DEVICE, Number(outside), DMA_WRITE)).toBe(Number(outside));
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
  });
});

describe('Process to translate addresses of MSIs (RISC-V IOMMU 1.0 §2.3.3)', () => {
  it.each([
    ['step 7: a table that is not there', -261, (): void => setContext(0xfffff, 0)],
    ['step 9: V = 0', -262, (): void => setEntry(0, 0xfffffffe)],
    ['step 10: C = 1', -263, (): void => setEntry(0, 7, 0x80000000)],
    ['step 12: M = 0', -263, (): void => setEntry(0, 1)],
    ['step 12: M = 2', -263, (): void => setEntry(0, 5)],
    ['step 13: basic mode with a reserved low bit', -263, (): void => setEntry(0, 7 | (1 << 3))],
    ['step 13: basic mode with a reserved high bit', -263, (): void => setEntry(0, 7, 1 << 22)],
    ['step 14: MRIF mode with a reserved bit of the first doubleword', -263, (): void => setEntry(0, 3 | (1 << 6))],
    ['step 14: MRIF mode with bit 54 of the second', -263, (): void => setEntry(0, 3, 0, 0, 1 << 22)],
    ['step 14: MRIF mode with bit 63 of the second', -263, (): void => setEntry(0, 3, 0, 0, 1 << 31)],
  ])('%s', (_, cause, prepare) => {
    prepare();
    const page = cause === -261 ? 0xfffff : PATTERN;
    expect(bench.iommu.translate(DEVICE, page, DMA_WRITE)).toBe(cause);
    expect(bench.record(0)).toMatchObject({ cause: -cause, deviceId: DEVICE, type: reg.TTYP_UNTRANSLATED_WRITE, page });
  });
  it('step 13: the second doubleword of basic mode is ignored', () => {
    setEntry(0, ...basic(0x28000), -1, -1);
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_READ)).toBe(0x28000);
  });
  it('step 14: without capabilities.MSI_MRIF, MRIF mode is misconfigured', () => {
    const { lo, hi } = ALL_CAPABILITIES;
    bench = new Bench({ lo: lo & ~reg.CAPABILITIES_MSI_MRIF.mask, hi });
    setContext(MASK, PATTERN);
    bench.mode(reg.DDTP_MODE_1LVL);
    setEntry(0, ...mrif(FILES, 0, 0, 0));
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_WRITE)).toBe(-263);
  });
  it('step 15: a read for execute is an instruction access fault, in both modes, after all other checks', () => {
    setEntry(0, ...basic(0x28000));
    setEntry(1, ...mrif(FILES, 0, 0, 0));
    setEntry(2, 5);
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_EXECUTE)).toBe(-1);
    expect(bench.iommu.translate(DEVICE, PATTERN + 1, DMA_EXECUTE)).toBe(-1);
    expect(bench.iommu.translate(DEVICE, PATTERN + 2, DMA_EXECUTE)).toBe(-263);
  });
  it('DTF silences every one of these faults', () => {
    bench.extendedContext(DEVICE, { tc: 0x11, msi: [TABLE, 1 << 28, MASK, 0, PATTERN, 0] });
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_WRITE)).toBe(-262);
    expect(bench.read(reg.FQT)).toBe(0);
  });
  it('a changed entry is seen at once: none is cached', () => {
    setEntry(0, ...basic(0x28000));
    bench.iommu.translate(DEVICE, PATTERN, DMA_WRITE);
    setEntry(0, ...basic(0x28001));
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_WRITE)).toBe(0x28001);
  });
});

describe('MSI PTE, basic translate mode (RISC-V AIA 1.0, chapter 8)', () => {
  it('the access goes on to the page of the entry, at its own offset', () => {
    setEntry(2, ...basic(0x28002));
    expect(port.send(PATTERN + 2, 4, 99)).toBe(0);
    expect(stored).toEqual([{ page: 0x28002, offset: 4, value: 99 }]);
  });
});

describe('MSI PTE, MRIF mode (RISC-V AIA 1.0, chapter 8)', () => {
  const OFFSET = 0x600;
  const pending = (): number[] => {
    const words = Array.from({ length: 128 }, (_, i) => bench.ram.word(FILES, OFFSET / 4 + i));
    const found: number[] = [];
    for (let identity = 0; identity < 2048; identity++) {
      const doubleword = (identity >>> 6) * 2; // even ones are pending bits
      const word = words[doubleword * 2 + ((identity >>> 5) & 1)]!;
      if (((word >>> (identity & 31)) & 1) === 1) found.push(identity);
    }
    return found;
  };
  beforeEach(() => setEntry(0, ...mrif(FILES, OFFSET, MSI_PAGE, 0x5a5)));

  it('is answered TO_MRIF, not with a page', () => {
    expect(bench.iommu.translate(DEVICE, PATTERN, DMA_WRITE)).toBe(TO_MRIF);
  });
  it('a message sets the pending bit of its identity and sends the notice, each time', () => {
    expect(port.send(PATTERN, 0, 77)).toBe(0);
    expect(pending()).toEqual([77]);
    expect(port.send(PATTERN, 0, 77)).toBe(0);
    expect(bench.messages).toEqual([0, 1].map(() => ({ page: MSI_PAGE, offset: 0, data: 0x5a5 })));
    expect(stored).toEqual([]);
  });
  it('any identity from 0 to 2047 sets its own bit and no other, in both byte orders', () => {
    const property = fc.property(fc.nat(2047), fc.boolean(), (identity, big) => {
      bench.ram.bytes.fill(0, (FILES - bench.ram.basePage) * 4096, (FILES + 1 - bench.ram.basePage) * 4096);
      const swapped = ((identity & 0xff) << 24) | ((identity & 0xff00) << 8);
      expect(port.send(PATTERN, big ? 4 : 0, big ? swapped : identity)).toBe(0);
      expect(pending()).toEqual([identity]);
      const words = Array.from({ length: 1024 }, (_, i) => bench.ram.word(FILES, i));
      expect(words.filter((word) => word !== 0).length).toBe(1);
    });
    fc.assert(property, { numRuns: 60 * EFFORT });
  });
  it('an enable bit neither matters nor changes: the notice leaves anyway', () => {
    bench.ram.setWord(FILES, OFFSET / 4 + 2, -1);
    port.send(PATTERN, 0, 5);
    expect(bench.ram.word(FILES, OFFSET / 4 + 2)).toBe(-1);
    expect(bench.messages.length).toBe(1);
  });
  it.each([
    ['an identity of 2048', 0, 2048],
    ['an identity with its topmost bit', 0, 0x80000001],
    ['offset 8', 8, 5],
    ['the last word of the page', 0xffc, 5],
    ['a small number in the wrong byte order', 4, 5],
  ])('%s is accepted and discarded', (_, offset, data) => {
    expect(port.send(PATTERN, offset, data)).toBe(0);
    expect(pending()).toEqual([]);
    expect(bench.messages).toEqual([]);
    expect(bench.iommu.faultCount).toBe(0);
  });
  it('an aligned read of 32 bits gives 0', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    expect(port.read(PATTERN, 8, bytes, 0, 4)).toBe(0);
    expect([...bytes]).toEqual([0, 0, 0, 0]);
  });
  it.each([
    ['two bytes', 0, 2],
    ['eight bytes', 0, 8],
    ['a misaligned word', 2, 4],
    ['a word over the end of the page', 0xffe, 4],
  ])('a write of %s is aborted and reported as a transaction of a type that is not allowed', (_, offset, length) => {
    expect(port.write(PATTERN, offset, new Uint8Array(8).fill(1), 0, length)).toBe(-260);
    expect(port.read(PATTERN, offset, new Uint8Array(8), 0, length)).toBe(-260);
    expect(pending()).toEqual([]);
    expect(bench.record(0)).toMatchObject({ cause: 260, deviceId: DEVICE, page: PATTERN });
  });
  it('a file that is not in memory is an MRIF access fault, without a notice', () => {
    setEntry(0, ...mrif(0x1000, 0, MSI_PAGE, 1));
    expect(port.send(PATTERN, 0, 3)).toBe(-264);
    expect(bench.record(0)).toMatchObject({ cause: 264, deviceId: DEVICE, page: PATTERN });
    expect(bench.messages).toEqual([]);
  });
  it('a notice that nobody takes is a fault of the IOMMU’s own message; the bit is set', () => {
    setEntry(0, ...mrif(FILES, OFFSET, 0x99999, 1));
    expect(port.send(PATTERN, 0, 3)).toBe(-273);
    expect(pending()).toEqual([3]);
    expect(bench.record(0)).toEqual({ cause: 273, type: 0, deviceId: 0, page: 0x99999, offset: 0 });
  });
  it('each entry has its own file and its own notice: a vector with a page of its own can raise nothing else', () => {
    for (let i = 0; i < 4; i++) setEntry(i, ...mrif(FILES, i * 512, MSI_PAGE, 100 + i));
    for (let i = 0; i < 4; i++) port.send(PATTERN + i, 0, 2000 - i);
    expect(bench.messages.map((message) => message.data)).toEqual([100, 101, 102, 103]);
  });
  it('a notice may be a store to memory, of the identity as a little-endian word', () => {
    setEntry(0, ...mrif(FILES, OFFSET, FREE, 0x7ff));
    port.send(PATTERN, 0, 3);
    expect(bench.ram.word(FREE, 0)).toBe(0x7ff);
  });
});

describe('Extended-format device context (RISC-V IOMMU 1.0 §2.1.2, §2.1.4)', () => {
  it.each([
    ['msiptp, a reserved bit', 9, (1 << 28) | (1 << 12)],
    ['msiptp, a mode that is not Flat', 9, 2 << 28],
    ['msi_addr_mask, bit 52', 11, 1 << 20],
    ['msi_addr_pattern, bit 63', 13, 1 << 31],
    ['the last doubleword', 14, 1],
    ['the last word', 15, 1],
  ])('%s is misconfigured', (_, word, value) => {
    bench.ram.setWord(DIRECTORY, DEVICE * 16 + word, value);
    expect(bench.iommu.translate(DEVICE, 5, DMA_READ)).toBe(-259);
  });
  it('a context is 64 bytes, and device_id is cut at bits 6 and 15', () => {
    expect(bench.iommu.translate(0x3f, 5, DMA_READ)).toBe(-258);
    expect(bench.iommu.translate(0x40, 5, DMA_READ)).toBe(-260);
    bench.mode(reg.DDTP_MODE_2LVL, FREE);
    bench.entry(FREE, 0x1ff, DIRECTORY, 1);
    expect(bench.iommu.translate(0x7fc0 | DEVICE, 5, DMA_READ)).toBe(5);
    expect(bench.iommu.translate(0x8000, 5, DMA_READ)).toBe(-260);
    bench.mode(reg.DDTP_MODE_3LVL, FREE + 1);
    bench.entry(FREE + 1, 0x1ff, FREE, 1);
    expect(bench.iommu.translate(0xffffc0 | DEVICE, 5, DMA_READ)).toBe(5);
  });
});
