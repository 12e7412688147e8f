import * as reg from '@bulkhead/riscv-iommu-datasheet';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_CAPABILITIES, DMA_READ } from '../src/index.ts';
import { NO_PROCESS, Request, UNTRANSLATED } from '../src/request.ts';
import { Bench, EFFORT, FREE, G, LEAF, RAM_BASE, ROOT, V } from './bench.ts';

const DEVICE = 0x18;
const OTHER = 0x19;
const GSCID = 7;
const GUEST_ROOT: number = RAM_BASE + 16;
const PROCESSES: number = FREE + 12;
let bench: Bench;

/** Second-stage tables in which guest page n is RAM page n, for 4 KiB pages of the first 2 MiB. */
const guestTables = (): void => {
  bench.entry(GUEST_ROOT, 0, GUEST_ROOT + 4, V);
  bench.entry(GUEST_ROOT + 4, 0, GUEST_ROOT + 5, V);
  for (let page = 0; page < 64; page++) bench.entry(GUEST_ROOT + 5, page, RAM_BASE + page, LEAF);
};
/** First stage at guest addresses: io page 5 is guest page 40. */
const firstTables = (flags: number = LEAF): void => {
  const table = ROOT - RAM_BASE;
  bench.entry(ROOT, 0, table + 1, V);
  bench.entry(ROOT + 1, 0, table + 2, V);
  bench.entry(ROOT + 2, 5, 40, flags);
};
const guestContext = (device: number, gscid: number, pscid: number): void =>
  bench.extendedContext(device, {
    gatp: [GUEST_ROOT, (8 << 28) | (gscid << 12)],
    root: ROOT - RAM_BASE,
    pscid,
  });
const vma = ({ page = -1, pscid = -1, gscid = -1 }): void =>
  bench.command(
    reg.OPCODE_IOTINVAL | (page >= 0 ? reg.IOTINVAL_0_AV.mask : 0) | (Math.max(pscid, 0) << 12),
    (pscid >= 0 ? 1 : 0) | (gscid >= 0 ? 2 | (gscid << 12) : 0),
    Math.max(page, 0) << 10,
  );
const gvma = ({ page = -1, gscid = -1 }): void =>
  bench.command(
    reg.OPCODE_IOTINVAL | (1 << 7) | (page >= 0 ? reg.IOTINVAL_0_AV.mask : 0),
    gscid >= 0 ? 2 | (gscid << 12) : 0,
    Math.max(page, 0) << 10,
  );
const ask = (page = 5, access: number = DMA_READ, device = DEVICE): number =>
  bench.iommu.translate(device, page, access);

beforeEach(() => {
  bench = new Bench(ALL_CAPABILITIES);
  guestTables();
  firstTables();
  guestContext(DEVICE, GSCID, 3);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.commandQueue();
});

describe('IOTINVAL.VMA with GV (RISC-V IOMMU 1.0 §3.1.1, table 2)', () => {
  const forms = [
    ['AV=0 PSCV=0, this guest', { gscid: GSCID }, true, true],
    ['AV=0 PSCV=0, another guest', { gscid: 8 }, false, false],
    ['AV=0 PSCV=0, the host', {}, false, false],
    ['AV=0 PSCV=1', { gscid: GSCID, pscid: 3 }, true, false],
    ['AV=0 PSCV=1, another process', { gscid: GSCID, pscid: 4 }, false, false],
    ['AV=1 PSCV=0', { gscid: GSCID, page: 5 }, true, true],
    ['AV=1 PSCV=0, another page', { gscid: GSCID, page: 6 }, false, false],
    ['AV=1 PSCV=1', { gscid: GSCID, page: 5, pscid: 3 }, true, false],
    ['AV=1 PSCV=1, the host', { page: 5, pscid: 3 }, false, false],
  ] as const;
  it.each(forms)('%s', (_, operands, gone, goneGlobal) => {
    for (const [flags, isGone] of [[LEAF, gone] as const, [LEAF | G, goneGlobal] as const]) {
      firstTables(flags);
      vma({ gscid: GSCID });
      expect(ask()).toBe(RAM_BASE + 40);
      firstTables(0);
      vma(operands);
      expect(ask()).toBe(isGone ? -13 : RAM_BASE + 40);
    }
  });
  it('the host’s entries are apart: a command with GV leaves them, whatever its PSCID', () => {
    bench.extendedContext(OTHER, { root: ROOT, pscid: 3 });
    bench.map(6, FREE);
    expect(ask(6, DMA_READ, OTHER)).toBe(FREE);
    bench.map(6, 0, 0);
    vma({ gscid: GSCID });
    expect(ask(6, DMA_READ, OTHER)).toBe(FREE);
    vma({});
    expect(ask(6, DMA_READ, OTHER)).toBe(-13);
  });
  it('touches nothing of the second stage', () => {
    expect(ask()).toBe(RAM_BASE + 40);
    bench.entry(GUEST_ROOT + 5, 40, 0, 0);
    vma({ gscid: GSCID });
    expect(ask()).toBe(RAM_BASE + 40);
  });
});

describe('IOTINVAL.GVMA (RISC-V IOMMU 1.0 §3.1.1, table 3)', () => {
  it.each([
    ['GV=0', {}, true],
    ['GV=0 AV=1: the address is ignored', { page: 1 }, true],
    ['GV=1 AV=0', { gscid: GSCID }, true],
    ['GV=1 AV=0, another guest', { gscid: 8 }, false],
    ['GV=1 AV=1', { gscid: GSCID, page: 40 }, true],
    ['GV=1 AV=1, another guest page', { gscid: GSCID, page: 41 }, false],
    ['GV=1 AV=1, the IOVA is not the address that counts', { gscid: GSCID, page: 5 }, false],
  ])('%s', (_, operands, gone) => {
    expect(ask()).toBe(RAM_BASE + 40);
    bench.entry(GUEST_ROOT + 5, 40, 0, 0);
    gvma(operands);
    expect(ask()).toBe(gone ? -21 : RAM_BASE + 40);
  });
  it('touches nothing of the first stage', () => {
    expect(ask()).toBe(RAM_BASE + 40);
    firstTables(0);
    gvma({});
    expect(ask()).toBe(RAM_BASE + 40);
  });
  it('with PSCV is illegal', () => {
    bench.command(reg.OPCODE_IOTINVAL | (1 << 7), 1);
    expect(bench.read(reg.CQCSR) & reg.CQCSR_CMD_ILL.mask).not.toBe(0);
  });
  it('any page of a guest superpage names it', () => {
    bench.entry(GUEST_ROOT + 4, 0, RAM_BASE, LEAF);
    gvma({});
    expect(ask()).toBe(RAM_BASE + 40);
    bench.entry(GUEST_ROOT + 4, 0, 0, 0);
    gvma({ gscid: GSCID, page: 300 });
    expect(ask()).toBe(-21);
  });
});

describe('Svnapot (Privileged ISA 20211203, chapter 5)', () => {
  it('a region of 64 KiB is one leaf: any of its pages invalidates all of them', () => {
    bench.extendedContext(OTHER, { root: ROOT, pscid: 4 });
    bench.map(0, FREE);
    for (let page = 16; page < 32; page++) {
      bench.ram.setWord(ROOT + 2, page * 2, ((RAM_BASE + 0x38) << 10) | LEAF);
      bench.ram.setWord(ROOT + 2, page * 2 + 1, 0x80000000);
    }
    for (const page of [16, 20, 31]) expect(ask(page, DMA_READ, OTHER)).toBe(RAM_BASE + 0x30 + (page - 16));
    for (let page = 16; page < 32; page++) bench.entry(ROOT + 2, page, 0, 0);
    vma({ page: 32 });
    expect(ask(20, DMA_READ, OTHER)).toBe(RAM_BASE + 0x34);
    vma({ page: 17 });
    for (const page of [16, 20, 31]) expect(ask(page, DMA_READ, OTHER)).toBe(-13);
  });
});

describe('IODIR commands and process contexts (RISC-V IOMMU 1.0 §3.1.3)', () => {
  const inval = (func3: number, device: number, process = 0): void =>
    bench.command(
      reg.OPCODE_IODIR | (func3 << 7) | (process << 12),
      device >= 0 ? reg.IODIR_1_DV.mask | (device << 8) : 0,
    );
  const askAs = (device: number, process: number): number => {
    const request = new Request(device, process, false, UNTRANSLATED);
    request.ioPage = 9;
    request.access = DMA_READ;
    return bench.iommu.request(request);
  };
  const setProcess = (process: number, ta: number): void =>
    [ta, 0, 0, 0].forEach((word, i) => {
      bench.ram.setWord(PROCESSES, process * 4 + i, word);
    });
  const illegal = (): boolean => (bench.read(reg.CQCSR) & reg.CQCSR_CMD_ILL.mask) !== 0;
  beforeEach(() => {
    for (const device of [DEVICE, OTHER]) bench.extendedContext(device, { tc: 0x21, root: PROCESSES, mode: 1 });
    for (const process of [4, 5]) setProcess(process, 1);
    for (const device of [DEVICE, OTHER]) for (const process of [4, 5]) expect(askAs(device, process)).toBe(9);
    expect(bench.iommu.processContextLoadCount).toBe(4);
    for (const process of [4, 5]) setProcess(process, 0);
  });
  const alive = (): number[] =>
    [DEVICE, OTHER].flatMap((device) => [4, 5].map((process) => (askAs(device, process) === 9 ? 1 : 0)));

  it('a process context is cached until a command', () => expect(alive()).toEqual([1, 1, 1, 1]));
  it('INVAL_PDT takes the context of that process of that device', () => {
    inval(reg.IODIR_INVAL_PDT, DEVICE, 5);
    expect(alive()).toEqual([1, 0, 1, 1]);
  });
  it('INVAL_DDT with DV takes all of that device', () => {
    inval(reg.IODIR_INVAL_DDT, OTHER);
    expect(alive()).toEqual([1, 1, 0, 0]);
  });
  it('INVAL_DDT without DV takes all', () => {
    inval(reg.IODIR_INVAL_DDT, -1);
    expect(alive()).toEqual([0, 0, 0, 0]);
  });
  it('IOTINVAL has no effect on directory caches', () => {
    vma({});
    gvma({});
    expect(alive()).toEqual([1, 1, 1, 1]);
  });
  it.each([
    ['INVAL_PDT without DV', (): void => inval(reg.IODIR_INVAL_PDT, -1, 5)],
    ['INVAL_DDT with a PID', (): void => inval(reg.IODIR_INVAL_DDT, DEVICE, 5)],
    ['a DID wider than the mode', (): void => inval(reg.IODIR_INVAL_PDT, 0x40, 5)],
    ['func3 = 2', (): void => inval(2, DEVICE)],
  ])('%s is illegal', (_, act) => {
    act();
    expect(illegal()).toBe(true);
    expect(alive()).toEqual([1, 1, 1, 1]);
  });
  it('a PID wider than the IOMMU supports is illegal, as is any without process directories', () => {
    const { lo } = ALL_CAPABILITIES;
    for (const [hi, process] of [
      [reg.CAPABILITIES_HI_PD8.mask, 256],
      [reg.CAPABILITIES_HI_PD17.mask, 1 << 17],
      [0, 0],
    ] as const) {
      bench = new Bench({ lo, hi });
      bench.mode(reg.DDTP_MODE_1LVL);
      bench.commandQueue();
      inval(reg.IODIR_INVAL_PDT, DEVICE, process);
      expect(illegal()).toBe(true);
    }
  });
  it('a context with V = 0 is never cached', () => {
    inval(reg.IODIR_INVAL_DDT, -1);
    expect(askAs(DEVICE, 4)).toBe(-266);
    setProcess(4, 1);
    expect(askAs(DEVICE, 4)).toBe(9);
  });
});

describe('The memory of whole translations', () => {
  it('answers as the caches do, and counts as they do, whatever is changed, evicted or invalidated', () => {
    // Pages that share a place in the caches, so that they evict each other.
    const page = fc.constantFrom(0, 1, 2, 256, 37, 36, 111);
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('ask'), a: page, b: fc.nat(63) }) },
      fc.record({ kind: fc.constant('map'), a: page, b: fc.nat(63) }),
      fc.record({ kind: fc.constant('vma'), a: page, b: fc.nat(7) }),
      fc.record({ kind: fc.constant('gvma'), a: fc.nat(63), b: fc.nat(3) }),
      fc.record({ kind: fc.constant('context'), a: fc.nat(2), b: fc.nat(3) }),
      fc.record({ kind: fc.constant('ddtp'), a: fc.constantFrom(2, 2, 2, 2, 2, 2, 0, 1), b: fc.nat(63) }),
    );
    const devices = [DEVICE, OTHER, DEVICE + 2, 0x1000018];
    const property = fc.property(fc.array(step, { minLength: 30, maxLength: 120 }), (steps) => {
      const two = [new Bench(ALL_CAPABILITIES), new Bench(ALL_CAPABILITIES)];
      for (const each of two) {
        bench = each;
        guestTables();
        for (const mapped of [0, 1, 2, 256, 37, 36, 111]) bench.map(mapped, FREE + (mapped & 3));
        for (const device of devices) bench.extendedContext(device, { root: ROOT, pscid: device & 3 });
        bench.mode(reg.DDTP_MODE_1LVL);
        bench.commandQueue();
      }
      for (const { kind, a, b } of steps) {
        const device = devices[b & 3]!;
        const answers = two.map((each, which) => {
          bench = each;
          if (kind === 'map') bench.map(a, RAM_BASE + b, b === 0 ? 0 : b < 20 ? LEAF & ~4 : LEAF);
          else if (kind === 'vma') vma((b & 4) === 0 ? { page: a } : { pscid: b & 3 });
          else if (kind === 'gvma') gvma(b === 0 ? { page: a } : {});
          else if (kind === 'context') {
            if (a === 0) guestContext(device, b, 1);
            else bench.extendedContext(device, { root: a === 1 ? ROOT : 0, pscid: b });
            if (b > 1) bench.command(reg.OPCODE_IODIR);
          } else if (kind === 'ddtp') bench.mode(a === 2 || b > 8 ? 2 : a);
          else if (which === 0) return bench.iommu.translate(device, a, (b & 1) + 1);
          else return bench.iommu.request(asRequest(device, a, (b & 1) + 1));
          return 0;
        });
        expect(answers[0]).toBe(answers[1]);
        if (bench.read(reg.CQT) > 200) for (const each of two) each.write(reg.CQT, 0);
      }
      const [one, other] = two.map(({ iommu }) => [
        ...[iommu.translationCount, iommu.walkCount, iommu.guestWalkCount, iommu.contextLoadCount, iommu.faultCount],
      ]);
      expect(one).toEqual(other);
    });
    fc.assert(property, { numRuns: 150 * EFFORT });
  });
});

function asRequest(device: number, page: number, access: number): Request {
  const request = new Request(device, NO_PROCESS, false, UNTRANSLATED);
  request.ioPage = page;
  request.access = access;
  return request;
}
