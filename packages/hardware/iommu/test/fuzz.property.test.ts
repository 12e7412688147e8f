import { createRam } from '@bulkhead/memory';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIommu, type Iommu, TO_MRIF } from '../src/index.ts';
import { Request } from '../src/request.ts';
import { COMMANDS, DIRECTORY, EFFORT, FAULTS, RAM_BASE, ROOT } from './bench.ts';

const OFFSETS = [
  reg.IOCOUNTINH,
  reg.IOHPMCYCLES + 4,
  reg.IOHPMCTR_1,
  reg.IOHPMEVT_1,
  reg.IOHPMEVT_1 + 4,
  reg.FCTL,
  reg.PQB,
  reg.PQH,
  reg.PQCSR,
  reg.TR_REQ_IOVA,
  reg.TR_REQ_CTL,
  reg.TR_REQ_CTL + 4,
  reg.DDTP,
  reg.CQB,
  reg.CQT,
  reg.FQB,
  reg.FQH,
  reg.CQCSR,
  reg.FQCSR,
  reg.IPSR,
  reg.ICVEC,
].concat([reg.MSI_CFG_TBL, reg.MSI_CFG_TBL + 8, reg.MSI_CFG_TBL + 12, reg.DDTP + 4, reg.CQB + 4]);
const OWN_PAGE = 0x3010;
const word = fc.oneof(
  fc.integer(),
  fc.nat(0xffff),
  fc.constantFrom(...[DIRECTORY, COMMANDS, FAULTS, ROOT].map((page) => (page << 10) | 2)),
  fc.constantFrom(
    3,
    0x103,
    0x703,
    1,
    2,
    OWN_PAGE << 12,
    (OWN_PAGE << 12) | reg.IPSR,
    (OWN_PAGE << 10) | (reg.CQT >> 2),
  ),
  fc.constantFrom(0x20, 0x21, 0x30000000, 0x80000000, 0x90000000, 0x10000000, 0x13, 0x2b, 0x1a1, 0x87, 0x83),
  fc.constantFrom(reg.OPCODE_ATS, reg.OPCODE_ATS | 0x80, reg.OPCODE_IODIR | 0x80, reg.OPCODE_IOTINVAL | 0x80),
  fc.constantFrom(reg.OPCODE_IOTINVAL, reg.OPCODE_IODIR, reg.OPCODE_IOFENCE | 0x400, 0xd1, 0x41, 0x80000000),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant('write'), a: fc.constantFrom(...OFFSETS), b: word }),
  fc.record({ kind: fc.constant('write'), a: fc.nat(4200), b: word }),
  fc.record({ kind: fc.constant('poke'), a: fc.nat(5 * 1024 - 1), b: word }),
  fc.record({ kind: fc.constant('command'), a: fc.nat(15), b: word }),
  fc.record({ kind: fc.constant('translate'), a: fc.nat(260), b: fc.integer() }),
  fc.record({ kind: fc.constant('request'), a: fc.nat(260), b: fc.integer() }),
  fc.record({ kind: fc.constant('page'), a: fc.nat(260), b: fc.integer() }),
  fc.record({ kind: fc.constant('ask'), a: fc.nat(260), b: fc.integer() }),
  fc.record({ kind: fc.constant('width'), a: fc.integer({ min: -8, max: 4200 }), b: word }),
  fc.record({ kind: fc.constant('doubleword'), a: fc.constantFrom(...OFFSETS), b: word }),
  fc.record({ kind: fc.constant('dma'), a: fc.nat(0x1ffff), b: fc.integer() }),
);

const asked = (a: number, b: number) => ({
  deviceId: a,
  processId: (b & 2) === 0 ? -1 : (b >>> 4) & 0xfffff,
  ioPage: b >>> 0,
  privileged: (b & 1) === 0,
  execute: (b & 4) === 0,
  noWrite: (b & 8) === 0,
});

describe('Nothing that software writes makes the IOMMU throw or hang (RISC-V IOMMU 1.0)', () => {
  it('random registers by every width at every alignment, tables, commands and transfers, its own registers a target too', () => {
    const property = fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
      const memory = createRam({ basePage: RAM_BASE, pageCount: 16 });
      const own = (page: number, offset: number, data: number): number => {
        if (page !== OWN_PAGE) return -1;
        iommu.write(offset, 4, data >>> 0);
        return 0;
      };
      let now = 0;
      // What hears of the IOMMU answers at once, by writing to the IOMMU.
      const poke = (a: number, b: number): void => {
        iommu.write(reg.IPSR, 4, 0xf);
        iommu.write(reg.CQT, 4, (a + b) & 0xff);
        iommu.write(reg.CQCSR, 4, 0xf03);
      };
      const wire = (vector: number): void => poke(vector, 1);
      const devices = {
        invalidate: (device: number, process: number): boolean => {
          poke(device, process);
          return (device & 1) === 0;
        },
        respond: (device: number, process: number): void => poke(device, process),
      };
      const iommu: Iommu = createIommu({ memory, message: own, wire, devices, cycles: () => now });
      const port = iommu.dmaPort(0x18, { load: () => 0, store: (page, offset, _, value) => own(page, offset, value) });
      const bytes = new Uint8Array(64);
      const pair = new Int32Array(2);
      for (const { kind, a, b } of steps) {
        now += 2 ** (a & 31);
        if (kind === 'write') iommu.write(a, 4, b >>> 0);
        else if (kind === 'poke') memory.words[a] = b;
        else if (kind === 'command') memory.setWord(COMMANDS, a, b);
        else if (kind === 'translate') {
          const page = iommu.translate(a, b >>> 0, (b & 1) + 1);
          if (page !== TO_MRIF) expect(page < 0 ? page : page % 1).toBe(page < 0 ? Math.max(page, -274) : 0);
        } else if (kind === 'request') {
          const request = new Request(a, (b >>> 4) & 0xfffff, (b & 1) === 0, (b >>> 1) & 1);
          request.ioPage = b >>> 0;
          request.access = 1 << (b & 1);
          expect(Number.isInteger(iommu.request(request))).toBe(true);
        } else if (kind === 'page') iommu.requestPage({ ...asked(a, b), payloadLo: b, payloadHi: a });
        else if (kind === 'ask') expect(iommu.requestTranslation(asked(a, b)).status).toMatch(/^[a-z-]+$/);
        else if (kind === 'width') {
          // 8 is no width of these two; who asks for it without types gets a number all the same.
          for (const width of [1, 2, 4, 8] as (1 | 2 | 4)[]) {
            iommu.write(a, width, b >>> 0);
            expect(iommu.read(a, width)).toBeGreaterThanOrEqual(0);
          }
          pair.fill(-1);
          iommu.writeDoubleword(a, b, a);
          iommu.readDoubleword(a, pair);
          if (a % 8 !== 0 || a < 0 || a >= reg.REGISTERS_SIZE_BYTES) expect([...pair]).toEqual([0, 0]);
        } else if (kind === 'doubleword') {
          iommu.writeDoubleword(a & ~7, b, (b >> 8) ^ a);
          iommu.readDoubleword(a & ~7, pair);
          expect(pair[0]! >>> 0).toBe(iommu.read(a & ~7, 4));
        } else expect(port.write(a, b & 0xfff, bytes, 0, 64)).toBeLessThanOrEqual(0);
        const head = iommu.read(reg.CQH, 4);
        expect(head).toBeLessThanOrEqual((2 << (iommu.read(reg.CQB, 4) & 0x1f)) - 1);
      }
    });
    fc.assert(property, { numRuns: 300 * EFFORT });
  });
  it('a fence that feeds its own queue, and a message that clears its own pending bit, end', () => {
    const memory = createRam({ basePage: RAM_BASE, pageCount: 16 });
    let messages = 0;
    const iommu: Iommu = createIommu({
      memory,
      message: (_page, offset, data) => {
        messages++;
        iommu.write(offset, 4, data);
        return 0;
      },
    });
    for (let i = 0; i < 4; i++) {
      const words = [reg.OPCODE_IOFENCE | 0x400, (i + 2) & 3, (OWN_PAGE << 10) | (reg.CQT >> 2), 0];
      words.forEach((value, w) => {
        memory.setWord(COMMANDS, i * 4 + w, value);
      });
    }
    iommu.write(reg.CQB, 4, (COMMANDS << 10) | 1);
    iommu.write(reg.CQCSR, 4, 1);
    iommu.write(reg.CQT, 4, 1);
    expect(messages).toBe(1);
    expect(iommu.read(reg.CQH, 4)).toBe(1);

    iommu.write(reg.MSI_CFG_TBL, 4, (OWN_PAGE << 12) | reg.IPSR);
    iommu.write(reg.MSI_CFG_TBL + 8, 4, 2);
    iommu.write(reg.FQB, 4, 0x1000 << 10);
    iommu.write(reg.FQCSR, 4, 3);
    iommu.translate(1, 1, 1);
    expect(messages).toBe(2);
  });
});
