import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  addressOf,
  type IoVirtAddr,
  ioVirtAddr,
  offsetOf,
  PAGE_SHIFT,
  PAGE_SIZE_BYTES,
  type PhysAddr,
  pageOf,
  physAddr,
  type VirtAddr,
  virtAddr,
} from '../src/index.ts';

const RUNS = { numRuns: 300 * Number(process.env.BULKHEAD_EFFORT ?? 1) };
const address = fc.oneof(fc.maxSafeInteger(), fc.integer());

describe('pages (Privileged ISA 20211203 §4.3)', () => {
  it('have 4 KiB', () => {
    expect(2 ** PAGE_SHIFT).toBe(PAGE_SIZE_BYTES);
    expect(PAGE_SIZE_BYTES).toBe(4096);
  });
  it('agree with a bigint reference, the upper half included', () => {
    fc.assert(
      fc.property(address, (at) => {
        expect(BigInt(pageOf(at))).toBe(BigInt(at) >> 12n);
        expect(BigInt(offsetOf(at))).toBe(BigInt(at) & 0xfffn);
      }),
      RUNS,
    );
  });
  it('page and offset make the address again', () => {
    fc.assert(
      fc.property(address, (at) => addressOf(pageOf(at)) + offsetOf(at) === at),
      RUNS,
    );
  });
  it('-1 is the last byte of the last page', () => {
    expect([pageOf(-1), offsetOf(-1)]).toEqual([-1, 4095]);
  });
});

describe('three address spaces, three types', () => {
  it('no address passes for one of another space, nor a bare number for any', () => {
    expectTypeOf<PhysAddr>().not.toExtend<VirtAddr>();
    expectTypeOf<VirtAddr>().not.toExtend<IoVirtAddr>();
    expectTypeOf<IoVirtAddr>().not.toExtend<PhysAddr>();
    expectTypeOf<number>().not.toExtend<PhysAddr>();
  });
  it('a constructor says which space was meant, and costs nothing', () => {
    expect([physAddr(1), virtAddr(2), ioVirtAddr(3)]).toEqual([1, 2, 3]);
    expectTypeOf(physAddr(1)).toEqualTypeOf<PhysAddr>();
  });
});
