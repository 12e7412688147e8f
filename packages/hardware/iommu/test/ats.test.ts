import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { beforeEach, describe, expect, it } from 'vitest';
import { ALL_CAPABILITIES, type PageRequest, SV39_CAPABILITIES, type TranslationRequest } from '../src/index.ts';
import { A, Bench, D, FREE, LEAF, R, ROOT, U, V, W } from './bench.ts';

const DEVICE = 0x18;
const QUEUE: number = FREE + 10;
const PROCESSES: number = FREE + 11;
const EN_ATS: number = reg.TC_V.mask | reg.TC_EN_ATS.mask;
const EN_PRI: number = EN_ATS | reg.TC_EN_PRI.mask;
const [WRITES, LAST] = [3, 7];
let bench: Bench;

beforeEach(() => {
  bench = new Bench(ALL_CAPABILITIES);
  bench.extendedContext(DEVICE, { tc: EN_ATS, root: ROOT });
  bench.map(5, FREE);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.commandQueue();
  bench.message(0, 0);
  bench.faultQueue();
});

describe('PCIe ATS translation request handling (RISC-V IOMMU 1.0 §2.6)', () => {
  const ask = (more: Partial<TranslationRequest> = {}): ReturnType<Bench['iommu']['requestTranslation']> =>
    bench.iommu.requestTranslation({
      deviceId: DEVICE,
      processId: -1,
      ioPage: 5,
      privileged: false,
      execute: false,
      noWrite: false,
      ...more,
    });
  const records = (): number => bench.read(reg.FQT);

  it('gives page and permissions of both stages', () => {
    expect(ask()).toMatchObject({ status: 'success', page: FREE, read: true, write: true, execute: false });
    expect(ask({ noWrite: true })).toMatchObject({ status: 'success', read: true, write: false });
  });
  it('a permission that is not there is denied without a fault', () => {
    bench.map(5, FREE, V | R | U | A);
    expect(ask()).toMatchObject({ status: 'success', page: FREE, read: true, write: false });
    expect(records()).toBe(0);
  });
  it.each([
    ['a page that is not mapped', (): void => bench.map(5, 0, 0)],
    ['a page without U', (): void => bench.map(5, FREE, LEAF & ~U)],
    ['a page without A while SADE is 0', (): void => bench.map(5, FREE, LEAF & ~A)],
    ['an MSI page-table entry with V = 0', (): void => setMessages(0)],
  ])('%s is a success without read and write, and no record', (_, prepare) => {
    prepare();
    expect(ask()).toMatchObject({ status: 'success', read: false, write: false });
    expect(records()).toBe(0);
  });
  const setMessages = (entry: number): void => {
    bench.extendedContext(DEVICE, { tc: EN_ATS, msi: [QUEUE, 1 << 28, 0, 0, 5, 0] });
    bench.ram.setWord(QUEUE, 0, entry);
  };
  it.each([
    ['Off', (): void => bench.mode(reg.DDTP_MODE_OFF), 256],
    ['Bare', (): void => bench.mode(reg.DDTP_MODE_BARE), 260],
    ['EN_ATS = 0', (): void => bench.extendedContext(DEVICE, { root: ROOT }), 260],
    ['a context with V = 0', (): void => bench.extendedContext(DEVICE, { tc: 0 }), 258],
    ['a misconfigured context', (): void => bench.extendedContext(DEVICE, { tc: (1 << 12) | 1 }), 259],
  ])('%s is an unsupported request, with a record of TTYP 8', (_, prepare, cause) => {
    prepare();
    expect(ask().status).toBe('unsupported-request');
    expect(bench.record(0)).toMatchObject({ cause, type: 8, deviceId: DEVICE, page: 5 });
  });
  it.each([
    ['a table that is not there', (): void => bench.entry(ROOT, 0, 0x1000, V), 7],
    ['a misconfigured MSI page-table entry', (): void => setMessages(1), 263],
  ])('%s is a completer abort, with a record', (_, prepare, cause) => {
    prepare();
    expect(ask().status).toBe('completer-abort');
    expect(bench.record(0)).toMatchObject({ cause, type: 8 });
  });
  it('an interrupt file in memory may be written untranslated only', () => {
    setMessages((QUEUE << 10) | 3);
    expect(ask()).toMatchObject({ status: 'success', read: true, write: true, untranslatedOnly: true, global: false });
  });
  it('execute is granted only with read, to who asks with a PASID, and not on user pages to a supervisor', () => {
    bench.extendedContext(DEVICE, { tc: EN_ATS | reg.TC_PDTV.mask, root: PROCESSES, mode: 1 });
    [7, 0, ROOT, 8 << 28].forEach((word, i) => {
      bench.ram.setWord(PROCESSES, i, word);
    });
    bench.map(5, FREE, LEAF | 8);
    expect(ask({ processId: 0, execute: true })).toMatchObject({ read: true, execute: true });
    expect(ask({ processId: 0 })).toMatchObject({ execute: false });
    expect(ask({ processId: 0, execute: true, privileged: true })).toMatchObject({ read: true, execute: false });
    bench.map(5, FREE, (LEAF | 8) & ~(R | W | D));
    expect(ask({ processId: 0, execute: true })).toMatchObject({ read: false, execute: false });
  });
  it('with SADE, what may be written is marked dirty; with NW = 1 it is not', () => {
    bench.extendedContext(DEVICE, { tc: EN_ATS | reg.TC_SADE.mask, root: ROOT });
    bench.map(5, FREE, LEAF & ~(A | D));
    expect(ask({ noWrite: true })).toMatchObject({ read: true, write: false });
    expect(bench.ram.word(ROOT + 2, 10) & 0xff).toBe(LEAF & ~D);
    expect(ask()).toMatchObject({ read: true, write: true });
    expect(bench.ram.word(ROOT + 2, 10) & 0xff).toBe(LEAF);
  });
  it('a translated request passes as it is', () => {
    const port = bench.iommu.dmaPort(DEVICE, { load: () => -1, store: () => -1 }, { translated: true });
    expect(port.write(FREE, 0, Uint8Array.of(9), 0, 1)).toBe(0);
    expect(bench.ram.word(FREE, 0)).toBe(9);
  });
});

describe('PCIe ATS Page Request handling (RISC-V IOMMU 1.0 §2.7, §3.3)', () => {
  const page = (payloadLo: number, more: Partial<PageRequest> = {}): void =>
    bench.iommu.requestPage({
      deviceId: DEVICE,
      processId: 9,
      privileged: true,
      execute: false,
      payloadLo,
      payloadHi: 0x77,
      ...more,
    });
  const GROUP = 0x12 << 3;
  const response = (status: number): number => 0x12 | (status << 12) | (DEVICE << 16);
  const pageQueue = (log2 = 3, at: number = QUEUE): void => {
    bench.write(reg.PQCSR, 0);
    bench.base(reg.PQB, at, log2 - 1);
    bench.write(reg.PQCSR, reg.PQCSR_PQEN.mask | reg.PQCSR_PIE.mask);
  };
  const flag = (field: { mask: number }): boolean => (bench.read(reg.PQCSR) & field.mask) !== 0;
  beforeEach(() => {
    bench.extendedContext(DEVICE, { tc: EN_PRI });
    pageQueue();
  });

  it('a message becomes a record, raises pip, and is answered by nobody', () => {
    page(GROUP | LAST);
    expect(bench.read(reg.PQT)).toBe(1);
    const words = [0, 1, 2, 3].map((i) => bench.ram.word(QUEUE, i));
    expect(words).toEqual([9 << 12, (DEVICE << 8) | 3, GROUP | LAST, 0x77]);
    expect(bench.read(reg.IPSR)).toBe(reg.IPSR_PIP.mask);
    expect(bench.devices).toEqual([]);
  });
  it('PRIV and EXEC are 0 without a PASID', () => {
    page(GROUP | LAST, { processId: -1, execute: true });
    expect([bench.ram.word(QUEUE, 0), bench.ram.word(QUEUE, 1)]).toEqual([0, DEVICE << 8]);
  });
  it('a full queue sets pqof, answers Success, and drops until the bit is cleared', () => {
    for (let i = 0; i < 7; i++) page(GROUP | WRITES);
    expect(flag(reg.PQCSR_PQOF)).toBe(false);
    page(GROUP | LAST);
    expect(flag(reg.PQCSR_PQOF)).toBe(true);
    bench.write(reg.PQH, 3);
    page(GROUP | LAST);
    expect(bench.read(reg.PQT)).toBe(7);
    expect(bench.devices).toEqual([0, 1].map(() => ['respond', DEVICE, -1, 0, response(0)]));
    bench.write(reg.PQCSR, bench.read(reg.PQCSR));
    page(GROUP | LAST);
    expect(bench.read(reg.PQT)).toBe(0);
    expect(bench.read(reg.FQT)).toBe(0);
  });
  it('a queue that is not in memory sets pqmf and answers Response Failure, with the PASID', () => {
    pageQueue(3, 0x1000);
    page(GROUP | LAST);
    expect(flag(reg.PQCSR_PQMF)).toBe(true);
    expect(bench.devices).toEqual([['respond', DEVICE, 9, 0, response(15)]]);
  });
  it('a queue that is off answers Response Failure, without a record', () => {
    bench.write(reg.PQCSR, 0);
    page(GROUP | LAST);
    expect(bench.devices).toEqual([['respond', DEVICE, 9, 0, response(15)]]);
    expect(bench.read(reg.FQT)).toBe(0);
  });
  it.each([
    ['Off: Response Failure', (): void => bench.mode(reg.DDTP_MODE_OFF), 256, 15, 9],
    ['no context: Response Failure', (): void => bench.extendedContext(DEVICE, { tc: 0 }), 258, 15, 9],
    ['Bare: Invalid Request', (): void => bench.mode(reg.DDTP_MODE_BARE), 260, 1, -1],
    ['EN_PRI = 0: Invalid Request', (): void => bench.extendedContext(DEVICE, { tc: EN_ATS }), 260, 1, -1],
  ])('%s, with a record of TTYP 9', (_, prepare, cause, status, pasid) => {
    prepare();
    page(GROUP | LAST);
    expect(bench.devices).toEqual([['respond', DEVICE, pasid, 0, response(status)]]);
    expect(bench.record(0)).toMatchObject({ cause, type: 9, deviceId: DEVICE, page: 0, offset: 4 });
  });
  it('PRPR puts the PASID into the answers that would do without', () => {
    bench.extendedContext(DEVICE, { tc: EN_PRI | reg.TC_PRPR.mask });
    pageQueue(1);
    page(GROUP | WRITES);
    page(GROUP | LAST);
    expect(bench.devices).toEqual([['respond', DEVICE, 9, 0, response(0)]]);
  });
  it('what is not the last of its group, and a stop marker, are dropped in silence', () => {
    bench.write(reg.PQCSR, 0);
    page(GROUP | WRITES);
    page(GROUP | 4);
    expect(bench.devices).toEqual([]);
  });
});

describe('IOMMU PCIe ATS commands (RISC-V IOMMU 1.0 §3.1.4)', () => {
  const ats = (func3: number, word1: number, pid = 0): void =>
    bench.command(reg.OPCODE_ATS | (func3 << 7) | (pid << 12), word1, 0x5000, 0x66);
  const fence = (): void => bench.command(reg.OPCODE_IOFENCE);
  const csr = (field: { mask: number }): boolean => (bench.read(reg.CQCSR) & field.mask) !== 0;

  it('INVAL and PRGR reach the device, with PASID and segment where PV and DSV say so', () => {
    ats(0, 0x1234 << 8);
    ats(0, (0x1234 << 8) | 3 | (5 << 24), 77);
    ats(1, (0x18 << 8) | 1, 8);
    expect(bench.devices).toEqual([
      ['invalidate', 0x1234, -1, 0x5000, 0x66],
      ['invalidate', 0x51234, 77, 0x5000, 0x66],
      ['respond', 0x18, 8, 0x5000, 0x66],
    ]);
    expect(bench.read(reg.CQH)).toBe(3);
  });
  it('a timeout stops the next fence with cmd_to, at the fence; once cleared, the fence completes', () => {
    bench.completes = false;
    ats(0, DEVICE << 8);
    expect(csr(reg.CQCSR_CMD_TO)).toBe(false);
    bench.command(reg.OPCODE_IODIR);
    fence();
    expect(csr(reg.CQCSR_CMD_TO)).toBe(true);
    expect(bench.read(reg.CQH)).toBe(2);
    expect(bench.read(reg.IPSR) & reg.IPSR_CIP.mask).not.toBe(0);
    bench.write(reg.CQCSR, bench.read(reg.CQCSR));
    expect(bench.read(reg.CQH)).toBe(3);
  });
  it.each([
    ['func3 = 2', (): void => ats(2, 0)],
    ['a reserved bit', (): void => ats(0, 4)],
  ])('%s is illegal', (_, act) => {
    act();
    expect(csr(reg.CQCSR_CMD_ILL)).toBe(true);
  });
  it('without capabilities.ATS it is unsupported', () => {
    bench = new Bench(SV39_CAPABILITIES);
    bench.commandQueue();
    ats(0, 0);
    expect(csr(reg.CQCSR_CMD_ILL)).toBe(true);
  });
});
