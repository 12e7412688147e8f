/**
 * An independent walker: 64-bit addresses and entries as bigint, read byte-wise, one statement a sentence of
 * Privileged ISA 20211203 §4.3.2. It shares no code and no constant with the implementation.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';

export type Outcome =
  | { readonly fault: 'page' | 'access' }
  | { readonly fault: 'none'; readonly pa: bigint; readonly level: number };

export interface Access {
  readonly kind: 'fetch' | 'load' | 'store';
  readonly user: boolean;
  readonly sum: boolean;
  readonly mxr: boolean;
}

const PAGE: Outcome = { fault: 'page' };
const bitOf = (value: bigint, index: number): boolean => ((value >> BigInt(index)) & 1n) === 1n;
const fieldOf = (value: bigint, high: number, low: number): bigint =>
  (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);

function read64(memory: PhysicalMemoryPort, address: bigint): bigint | undefined {
  const base = BigInt(memory.basePage) * 4096n;
  if (address < base || address + 8n > base + BigInt(memory.bytes.length)) return undefined;
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(memory.bytes[Number(address - base) + i]!);
  return value;
}

function allowed(pte: bigint, { kind, user, sum, mxr }: Access): boolean {
  const [r, w, x, u] = [bitOf(pte, 1), bitOf(pte, 2), bitOf(pte, 3), bitOf(pte, 4)];
  if (user && !u) return false;
  if (!user && u && (kind === 'fetch' || !sum)) return false;
  if (kind === 'fetch') return x;
  return kind === 'store' ? w : r || (mxr && x);
}

/** @param va the 64-bit virtual address, as an unsigned bigint. */
export function referenceWalk(memory: PhysicalMemoryPort, rootPage: number, va: bigint, access: Access): Outcome {
  const upper = fieldOf(va, 63, 38);
  if (upper !== 0n && upper !== (1n << 26n) - 1n) return PAGE;
  let a = BigInt(rootPage) * 4096n;
  for (let i = 2; i >= 0; i--) {
    const vpn = fieldOf(va, 12 + 9 * i + 8, 12 + 9 * i);
    const pte = read64(memory, a + vpn * 8n);
    if (pte === undefined) return { fault: 'access' };
    if (!bitOf(pte, 0) || (!bitOf(pte, 1) && bitOf(pte, 2))) return PAGE;
    if (fieldOf(pte, 63, 54) !== 0n) return PAGE;
    if (!bitOf(pte, 1) && !bitOf(pte, 3)) {
      if (bitOf(pte, 4) || bitOf(pte, 6) || bitOf(pte, 7)) return PAGE;
      a = fieldOf(pte, 53, 10) * 4096n;
      continue;
    }
    if (!allowed(pte, access)) return PAGE;
    if (i > 0 && fieldOf(pte, 10 + 9 * i - 1, 10) !== 0n) return PAGE;
    if (!bitOf(pte, 6) || (access.kind === 'store' && !bitOf(pte, 7))) return PAGE;
    const below = 12 + 9 * i;
    return { fault: 'none', level: i, pa: (fieldOf(pte, 53, below - 2) << BigInt(below)) | fieldOf(va, below - 1, 0) };
  }
  return PAGE;
}
