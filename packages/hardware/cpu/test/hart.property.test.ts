/** The hart against a model that keeps each register as one 64-bit number and recomputes everything at each step. */
import * as reg from '@bulkhead/riscv-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMachine } from './machine.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const U64 = (value: bigint): bigint => BigInt.asUintN(64, value);

class Model {
  mode = 1;
  sstatus = 0x2_0000_0000n;
  sie = 0n;
  ssip = false;
  external = false;
  stimecmp = (1n << 64n) - 1n;
  time = 0n;
  sepc = 0n;
  scause = 0n;
  stval = 0n;
  pc = 0n;

  get sip(): bigint {
    return (this.ssip ? 2n : 0n) | (this.time >= this.stimecmp ? 0x20n : 0n) | (this.external ? 0x200n : 0n);
  }
  get pending(): number {
    return [9, 1, 5].find((code) => ((this.sip & this.sie) >> BigInt(code)) & 1n) ?? -1;
  }
  trap(cause: number, interrupt: boolean, address: bigint): void {
    const sie = (this.sstatus >> 1n) & 1n;
    this.sstatus = (this.sstatus & ~0x122n) | (sie << 5n) | (BigInt(this.mode) << 8n);
    this.scause = BigInt(cause) | (interrupt ? 1n << 63n : 0n);
    this.stval = U64(address);
    this.sepc = this.pc & ~1n;
    this.pc = 0n;
    this.mode = 1;
  }
  sret(): void {
    this.mode = Number((this.sstatus >> 8n) & 1n);
    const spie = (this.sstatus >> 5n) & 1n;
    this.sstatus = (this.sstatus & ~0x122n) | 0x20n | (spie << 1n);
    this.pc = this.sepc;
  }
}

const page = fc.oneof(fc.integer({ min: -(2 ** 51), max: 2 ** 51 - 1 }), fc.integer({ min: -64, max: 64 }));
const step = fc.oneof(
  fc.record({ do: fc.constant('trap'), cause: fc.nat(15), interrupt: fc.boolean(), page, offset: fc.nat(4095) }),
  fc.record({ do: fc.constant('sret') }),
  fc.record({ do: fc.constant('previous'), mode: fc.constantFrom(0, 1) }),
  fc.record({ do: fc.constant('external'), asserted: fc.boolean() }),
  fc.record({ do: fc.constant('pass'), cycles: fc.nat(50) }),
  fc.record({ do: fc.constant('timer'), at: fc.nat(500) }),
  fc.record({
    do: fc.constant('write'),
    csr: fc.constantFrom(reg.SSTATUS, reg.SIE, reg.SIP),
    value: fc.bigInt(0n, 0x3ffn),
  }),
  fc.record({ do: fc.constant('pc'), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
);
type Step = Partial<Record<'cause' | 'page' | 'offset' | 'mode' | 'cycles' | 'at' | 'csr', number>> &
  Partial<Record<'interrupt' | 'asserted', boolean>> & { readonly do: string; readonly value?: bigint };

function apply(machine: ReturnType<typeof createMachine>, model: Model, s: Step): void {
  const { hart, write, pass, setPc } = machine;
  switch (s.do) {
    case 'trap':
      hart.trap(s.cause!, s.interrupt!, s.page!, s.offset!);
      model.trap(s.cause!, s.interrupt!, BigInt(s.page!) * 4096n + BigInt(s.offset!));
      return;
    case 'sret':
      hart.sret();
      model.sret();
      return;
    case 'previous':
      hart.setPreviousMode(s.mode!);
      model.sstatus = (model.sstatus & ~0x100n) | (BigInt(s.mode!) << 8n);
      return;
    case 'external':
      hart.externalInterrupt.set(s.asserted!);
      model.external = s.asserted!;
      return;
    case 'pass':
      pass(s.cycles!);
      model.time += BigInt(s.cycles!);
      return;
    case 'timer':
      hart.setTimer(s.at!);
      model.stimecmp = BigInt(s.at!);
      return;
    case 'pc':
      setPc(s.value!);
      model.pc = s.value!;
      return;
    default:
      expect(write(s.csr!, s.value!)).toBe(model.mode === 1);
      if (model.mode === 0) return;
      if (s.csr === reg.SSTATUS) model.sstatus = 0x2_0000_0000n | (s.value! & 0x122n);
      else if (s.csr === reg.SIE) model.sie = s.value! & 0x222n;
      else model.ssip = (s.value! & 2n) !== 0n;
  }
}

describe('traps, interrupts and CSRs (Privileged ISA 20211203 chapter 4, Sstc 1.0.0)', () => {
  it('agree with a 64-bit model after every step', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const machine = createMachine();
        const model = new Model();
        let attention = 0;
        for (const s of steps) {
          const before = model.sip & model.sie;
          apply(machine, model, s as Step);
          if ((model.sip & model.sie & ~before) !== 0n) attention++;
          expect(machine.hart.mode).toBe(model.mode);
          expect(machine.pc()).toBe(model.pc);
          expect(machine.hart.pendingInterrupt()).toBe(model.pending);
          const taken = model.mode === 0 || (model.sstatus & 2n) !== 0n ? model.pending : -1;
          expect(machine.hart.interruptToTake()).toBe(taken);
          expect(machine.calls.attention).toBe(attention);
          if (model.mode === 0) continue;
          const registers = [reg.SSTATUS, reg.SIE, reg.SIP, reg.SEPC, reg.SCAUSE, reg.STVAL, reg.STIMECMP, reg.TIME];
          expect(registers.map(machine.read)).toEqual([
            model.sstatus,
            model.sie,
            model.sip,
            model.sepc,
            model.scause,
            model.stval,
            model.stimecmp,
            model.time,
          ]);
        }
      }),
      { numRuns: 400 * effort },
    );
  });
});
