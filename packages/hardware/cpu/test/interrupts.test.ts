import * as reg from '@bulkhead/riscv-datasheet';
import { describe, expect, it } from 'vitest';
import { createMachine } from './machine.ts';

const bit = (index: number): bigint => 1n << BigInt(index);
const ALL = (1n << 64n) - 1n;
const SIE = bit(1);
const [SSI, STI, SEI] = [bit(1), bit(5), bit(9)];

describe('interrupts (Privileged ISA 20211203 §4.1.3, §3.1.9)', () => {
  it('are pending for the kernel when set in sip and in sie', () => {
    const { hart, write, read } = createMachine();
    hart.externalInterrupt.set(true);
    expect([read(reg.SIP), hart.pendingInterrupt()]).toEqual([SEI, -1]);
    write(reg.SIE, SEI);
    expect(hart.pendingInterrupt()).toBe(9);
    hart.externalInterrupt.set(false);
    expect([read(reg.SIP), hart.pendingInterrupt()]).toEqual([0n, -1]);
  });
  it('come external first, then software, then timer', () => {
    const { hart, write } = createMachine();
    write(reg.SIE, ALL);
    hart.setTimer(0);
    expect(hart.pendingInterrupt()).toBe(5);
    write(reg.SIP, SSI);
    expect(hart.pendingInterrupt()).toBe(1);
    hart.externalInterrupt.set(true);
    expect(hart.pendingInterrupt()).toBe(9);
  });
  it('trap from U-mode always and from S-mode while SIE is set', () => {
    const { hart, write } = createMachine();
    write(reg.SIE, SEI);
    hart.externalInterrupt.set(true);
    expect(hart.interruptToTake()).toBe(-1);
    write(reg.SSTATUS, SIE);
    expect(hart.interruptToTake()).toBe(9);
    write(reg.SSTATUS, 0n);
    hart.sret();
    expect(hart.mode).toBe(reg.MODE_USER);
    expect(hart.interruptToTake()).toBe(9);
    hart.externalInterrupt.set(false);
    expect(hart.interruptToTake()).toBe(-1);
  });
  it('ask for attention when one becomes pending and enabled, however it did, and not again', () => {
    const { hart, write, calls, pass } = createMachine();
    hart.externalInterrupt.set(true);
    expect(calls.attention).toBe(0);
    write(reg.SIE, SEI | STI);
    expect(calls.attention).toBe(1);
    hart.externalInterrupt.set(true);
    write(reg.SIE, SEI | STI);
    expect(calls.attention).toBe(1);
    hart.setTimer(10);
    pass(10);
    expect(calls.attention).toBe(2);
    hart.externalInterrupt.set(false);
    expect([calls.attention, hart.pendingInterrupt()]).toEqual([2, 5]);
    hart.externalInterrupt.set(true);
    expect(calls.attention).toBe(3);
  });
  it('let software write SSIP alone in sip', () => {
    const { read, write } = createMachine();
    write(reg.SIP, ALL);
    expect(read(reg.SIP)).toBe(SSI);
    write(reg.SIP, 0n);
    expect(read(reg.SIP)).toBe(0n);
  });
});
