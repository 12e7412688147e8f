/**
 * The smallest hart that runs threads of machine code under a kernel: a few RV64I instructions (RISC-V unprivileged ISA
 * 20191213 §2, §24 "RV32/64G Instruction Set Listings"), one cycle each, on registers that are in the TCB. Values have
 * 32 bits, sign-extended; addresses are physical. It is no model of a hart, which has a package of its own.
 */
import { type KernelCore, tcbLayout as tcb } from '../src/index.ts';

const { PC, A0, A6, A7, T0 } = tcb;
const ILLEGAL_INSTRUCTION = 2;
const BYTES = 4;

/** By x-number: where the register is in the context of a thread. x0 is none. */
const CONTEXT_OF: readonly number[] = [
  ...[-1, 1, 2, 3, 31, 24, 25, 26, 4, 5],
  ...Array.from({ length: 8 }, (_, i) => 16 + i),
  ...Array.from({ length: 10 }, (_, i) => 6 + i),
  ...Array.from({ length: 4 }, (_, i) => 27 + i),
];

export class LittleHart {
  readonly #kernel: KernelCore;
  readonly #baseBytes: number;
  #loaded = -1;

  /** @param basePage where the lent memory begins */
  constructor(kernel: KernelCore, basePage: number) {
    this.#kernel = kernel;
    this.#baseBytes = basePage * 4096;
  }

  /** As many cycles; idle ones count. */
  run(cycles: number): void {
    const kernel = this.#kernel;
    for (let i = 0; i < cycles; i++) {
      const thread = kernel.current;
      if (thread >= 0) this.#step(thread);
      kernel.elapse(kernel.scheduler.now + 1);
    }
  }
  #step(thread: number): void {
    const { tcbs } = this.#kernel;
    if (this.#loaded !== thread) tcbs.save(thread);
    this.#loaded = thread;
    const at = tcbs.low(thread, PC);
    const instruction = tcbs.words[((at >>> 0) - this.#baseBytes) / BYTES] ?? 0;
    const opcode = instruction & 0x7f;
    const rd = (instruction >> 7) & 31;
    const funct3 = (instruction >> 12) & 7;
    const rs1 = this.#x(thread, (instruction >> 15) & 31);
    const rs2 = this.#x(thread, (instruction >> 20) & 31);
    if (instruction === ECALL) this.#trap(thread);
    else if (opcode === 0x13 && funct3 === 0) this.#next(thread, at, rd, rs1 + (instruction >> 20));
    else if (opcode === 0x33 && funct3 === 0)
      this.#next(thread, at, rd, instruction >> 25 === 0 ? rs1 + rs2 : rs1 - rs2);
    else if (opcode === 0x63 && funct3 === 1) this.#jump(thread, at, rs1 === rs2 ? BYTES : branchOffset(instruction));
    else this.#fault(thread);
  }
  #trap(thread: number): void {
    const { tcbs } = this.#kernel;
    tcbs.load(thread);
    this.#loaded = -1;
    this.#kernel.systemCall(tcbs.low(thread, A7), tcbs.low(thread, A0), tcbs.low(thread, A6), tcbs.low(thread, T0));
  }
  #fault(thread: number): void {
    this.#kernel.tcbs.load(thread);
    this.#loaded = -1;
    this.#kernel.userException(ILLEGAL_INSTRUCTION, 0);
  }
  #next(thread: number, at: number, rd: number, value: number): void {
    const register = CONTEXT_OF[rd]!;
    if (register >= 0) this.#kernel.tcbs.set(thread, register, value | 0, (value | 0) >> 31);
    this.#jump(thread, at, BYTES);
  }
  #jump(thread: number, at: number, offset: number): void {
    this.#kernel.tcbs.set(thread, PC, (at + offset) | 0, 0);
  }
  #x(thread: number, number: number): number {
    const register = CONTEXT_OF[number]!;
    return register < 0 ? 0 : this.#kernel.tcbs.low(thread, register);
  }
}

const branchOffset = (i: number): number =>
  ((i >> 31) << 12) | (((i >> 7) & 1) << 11) | (((i >> 25) & 0x3f) << 5) | (((i >> 8) & 15) << 1);

/* Instructions, and the registers that they name. */
export const X = { zero: 0, t0: 5, s0: 8, s1: 9, a0: 10, a1: 11, a2: 12, a6: 16, a7: 17 } as const;
export const ECALL = 0x73;
export const addi = (rd: number, rs1: number, value: number): number =>
  ((value & 0xfff) << 20) | (rs1 << 15) | (rd << 7) | 0x13;
export const add = (rd: number, rs1: number, rs2: number): number => (rs2 << 20) | (rs1 << 15) | (rd << 7) | 0x33;
/** Branches by a number of instructions, back or forth. */
export function bne(rs1: number, rs2: number, by: number): number {
  const offset = by * BYTES;
  const high = ((offset >> 12) & 1) * 64 + ((offset >> 5) & 0x3f);
  return (
    (high << 25) |
    (rs2 << 20) |
    (rs1 << 15) |
    (1 << 12) |
    (((offset >> 1) & 15) << 8) |
    (((offset >> 11) & 1) << 7) |
    0x63
  );
}
