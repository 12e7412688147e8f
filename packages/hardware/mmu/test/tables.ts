/** Page tables for tests, written by number: a table is a page of RAM. */
import { createRam, type Ram } from '@bulkhead/memory';
import { PTE_A, PTE_D, PTE_R, PTE_V, PTE_W } from '@bulkhead/riscv-datasheet';
import { ACCESS_FAULT, PAGE_FAULT } from '../src/index.ts';
import type { Access, Outcome } from './reference.ts';

export const BASE = 0x80000;
export const RW: number = PTE_V | PTE_R | PTE_W | PTE_A | PTE_D;

export const createMemory = (pageCount = 16): Ram => createRam({ basePage: BASE, pageCount });

/** Writes entry `index` of the table in page `table`. */
export function setPte(memory: Ram, table: number, index: number, ppn: number, flags: number, hiBits = 0): void {
  memory.setWord(table, index * 2, ((ppn % 0x400000) << 10) | flags);
  memory.setWord(table, index * 2 + 1, Math.floor(ppn / 0x400000) | hiBits);
}
export const pointTo = (memory: Ram, table: number, index: number, next: number, flags = 0): void =>
  setPte(memory, table, index, next, PTE_V | flags);

/** Signed page number → the 64-bit address of its byte `offset`. */
export const addressOfPage = (vpn: number, offset = 0): bigint =>
  BigInt.asUintN(64, BigInt(vpn) * 4096n + BigInt(offset));

export const KINDS: readonly Access['kind'][] = ['fetch', 'load', 'store'];

/** The page number or fault that a reference outcome stands for. */
export function numberOf(outcome: Outcome): number {
  if (outcome.fault === 'none') return Number(outcome.pa / 4096n);
  return outcome.fault === 'page' ? PAGE_FAULT : ACCESS_FAULT;
}

/** A small generator of its own (xorshift), so that a failing seed can be run again. */
export function randomOf(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
