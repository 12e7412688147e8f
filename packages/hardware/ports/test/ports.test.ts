/** These interfaces hold no code; what they promise can be checked by the compiler, and is. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import type {
  DmaPort,
  HartPort,
  InterruptLine,
  MessagePort,
  PhysicalMemoryPort,
  RegisterDevice,
  WidthBytes,
  WirePort,
} from '../src/index.ts';
import * as ports from '../src/index.ts';

describe('the ports of hardware', () => {
  it('are types alone: nothing of them is left at run time', () => {
    expect(Object.keys(ports)).toEqual([]);
  });
  it('take accesses of one, two and four bytes, and no other', () => {
    expectTypeOf<WidthBytes>().toEqualTypeOf<1 | 2 | 4>();
    expectTypeOf<RegisterDevice['read']>().parameters.toEqualTypeOf<[offset: number, widthBytes: WidthBytes]>();
    expectTypeOf<RegisterDevice['write']>().returns.toBeVoid();
  });
  it('take eight bytes as two words, from devices that care how the halves come, and need no such methods of others', () => {
    type Doubleword = Required<RegisterDevice>;
    expectTypeOf<Doubleword['readDoubleword']>().parameters.toEqualTypeOf<[offset: number, into: Int32Array]>();
    expectTypeOf<Doubleword['writeDoubleword']>().parameters.toEqualTypeOf<[offset: number, lo: number, hi: number]>();
    expectTypeOf<Pick<RegisterDevice, 'read' | 'write'>>().toExtend<RegisterDevice>();
  });
  it('tell a fault by a number, not by an exception or an object', () => {
    expectTypeOf<DmaPort['read']>().returns.toBeNumber();
    expectTypeOf<DmaPort['write']>().returns.toBeNumber();
    expectTypeOf<MessagePort['send']>().returns.toBeNumber();
  });
  it('name addresses by page and offset', () => {
    expectTypeOf<DmaPort['read']>().parameters.toEqualTypeOf<
      [page: number, offset: number, into: Uint8Array, at: number, lenBytes: number]
    >();
    expectTypeOf<MessagePort['send']>().parameters.toEqualTypeOf<[page: number, offset: number, data: number]>();
  });
  it('carry no bigint', () => {
    type Carried = ReturnType<PhysicalMemoryPort['word'] | HartPort['pendingInterrupt']>;
    expectTypeOf<Carried>().toEqualTypeOf<number>();
  });
  it('let a device be written as a plain object', () => {
    const line = { set: (_asserted: boolean): void => {} };
    const wire = { transmit: (_frame: Uint8Array, _lenBytes: number): void => {} };
    const device = { read: (): number => 0xffffffff, write: (): void => {} };
    expectTypeOf(line).toExtend<InterruptLine>();
    expectTypeOf(wire).toExtend<WirePort>();
    expectTypeOf(device).toExtend<RegisterDevice>();
  });
  it('show registers and counters of a hart without letting anybody replace them', () => {
    expectTypeOf<HartPort['lo']>().toEqualTypeOf<Int32Array>();
    const replace = (hart: HartPort): void => {
      // @ts-expect-error the mode changes by a trap and sret only.
      hart.mode = 3;
    };
    expect(replace).toBeTypeOf('function');
  });
});
