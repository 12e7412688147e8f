/** A hart with its MMU, a clock and RAM, and its registers as 64-bit numbers. */
import { Clock } from '@bulkhead/clock';
import { createRam } from '@bulkhead/memory';
import { Mmu, type MmuOptions } from '@bulkhead/mmu';
import { Hart } from '../src/index.ts';

export const BASE = 0x80000;

export function createMachine(options: Omit<MmuOptions, 'memory'> = {}) {
  const memory = createRam({ basePage: BASE, pageCount: 8 });
  const mmu = new Mmu({ memory, ...options });
  const clock = new Clock(1e9);
  const calls = { attention: 0 };
  const hart = new Hart({
    mmu,
    clock,
    attention: () => {
      calls.attention++;
    },
  });
  const lanes = new Int32Array(2);
  /** @returns the unsigned 64-bit value, or undefined when the instruction would be illegal. */
  const read = (csr: number): bigint | undefined =>
    hart.readCsr(csr, lanes) ? (BigInt(lanes[1]! >>> 0) << 32n) | BigInt(lanes[0]! >>> 0) : undefined;
  const write = (csr: number, value: bigint): boolean =>
    hart.writeCsr(csr, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  /** Adds `cycles` and lets what is due happen, as whoever charges work does. */
  const pass = (cycles: number): void => {
    if (clock.advance(cycles)) clock.runDue();
  };
  const pc = (): bigint => (BigInt(hart.pc[1]! >>> 0) << 32n) | BigInt(hart.pc[0]! >>> 0);
  const setPc = (value: bigint): void => {
    hart.pc[0] = Number(BigInt.asIntN(32, value));
    hart.pc[1] = Number(BigInt.asIntN(32, value >> 32n));
  };
  return { memory, mmu, clock, calls, hart, read, write, pass, pc, setPc };
}
