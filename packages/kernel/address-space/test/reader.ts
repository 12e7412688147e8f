/**
 * What a hart would find in the tables: Privileged ISA 20211203 §4.3.2 in bigint, a byte at a time. It shares no code
 * and no constant with the implementation, and knows nothing of how the tables came about.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';

/** Where a page leads; permissions as letters in the order of the manual. */
export interface Translation {
  readonly ppn: bigint;
  readonly level: number;
  readonly flags: string;
}

const field = (value: bigint, high: number, low: number): bigint =>
  (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);

function read64(memory: PhysicalMemoryPort, address: bigint): bigint | null {
  const at = address - BigInt(memory.basePage) * 4096n;
  if (at < 0n || at + 8n > BigInt(memory.bytes.length)) return null;
  return memory.bytes.slice(Number(at), Number(at) + 8).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** @param vpn signed. @returns null where a hart would fault, whatever it wanted. */
export function readPage(memory: PhysicalMemoryPort, rootPage: number, vpn: number): Translation | null {
  const virtual = BigInt.asUintN(64, BigInt(vpn) << 12n);
  const upper = field(virtual, 63, 38);
  if (upper !== 0n && upper !== 0x3ff_ffffn) return null;
  let table = BigInt(rootPage) << 12n;
  for (let level = 2; level >= 0; level--) {
    const entry = read64(memory, table + 8n * field(virtual, 20 + 9 * level, 12 + 9 * level));
    if (entry === null || field(entry, 0, 0) === 0n || field(entry, 63, 54) !== 0n) return null;
    if (field(entry, 2, 1) === 0b10n) return null;
    const ppn = field(entry, 53, 10);
    if (field(entry, 1, 1) === 1n || field(entry, 3, 3) === 1n) {
      const mask = (1n << BigInt(9 * level)) - 1n;
      if ((ppn & mask) !== 0n) return null;
      const flags = [...'VRWXUGAD'].filter((_, bit) => field(entry, bit, bit) === 1n).join('');
      return { ppn: ppn | (field(virtual, 38, 12) & mask), level, flags };
    }
    if (field(entry, 7, 6) !== 0n || field(entry, 4, 4) !== 0n) return null;
    table = ppn << 12n;
  }
  return null;
}
