/**
 * An independent walker: 64-bit addresses and entries as bigint, read byte-wise, one statement a sentence of
 * Privileged ISA 20211203 §4.3.2. It shares no code and no constant with the implementation, and writes nothing: what
 * step 7 would set is part of its answer.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';

export type Outcome =
  | { readonly fault: 'page' | 'access' }
  | { readonly fault: 'none'; readonly pa: bigint; readonly level: number; readonly update?: Update };
/** What step 7 stores. */
export interface Update {
  readonly address: bigint;
  readonly pte: bigint;
}

export interface Access {
  readonly kind: 'fetch' | 'load' | 'store';
  readonly user: boolean;
  readonly sum: boolean;
  readonly mxr: boolean;
}
export interface Scheme {
  readonly levels: number;
  /** Whether step 7 sets A and D, and faults where no store is possible; else it raises a page fault. */
  readonly updates: boolean;
  readonly isReadOnly: (address: bigint) => boolean;
}

export const SV39: Scheme = { levels: 3, updates: false, isReadOnly: () => false };

const PAGE: Outcome = { fault: 'page' };
const ACCESS: Outcome = { fault: 'access' };
export const bitOf = (value: bigint, index: number): boolean => ((value >> BigInt(index)) & 1n) === 1n;
export const fieldOf = (value: bigint, high: number, low: number): bigint =>
  (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);

/** @returns the eight bytes, or undefined where there is no memory. */
export function read64(memory: PhysicalMemoryPort, address: bigint): bigint | undefined {
  const base = BigInt(memory.basePage) * 4096n;
  if (address < base || address + 8n > base + BigInt(memory.bytes.length)) return undefined;
  const at = Number(address - base);
  let value = 0n;
  for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(memory.bytes[at + i]!);
  return value;
}

function allowed(pte: bigint, { kind, user, sum, mxr }: Access): boolean {
  const [r, w, x, u] = [bitOf(pte, 1), bitOf(pte, 2), bitOf(pte, 3), bitOf(pte, 4)];
  if (user && !u) return false;
  if (!user && u && (kind === 'fetch' || !sum)) return false;
  if (kind === 'fetch') return x;
  return kind === 'store' ? w : r || (mxr && x);
}

/** §4.4.1, §4.5.1, §4.6.1: all bits above the topmost of the address equal it. */
export function isCanonicalAddress(va: bigint, levels: number): boolean {
  const top = 11 + 9 * levels;
  const upper = fieldOf(va, 63, top);
  return upper === 0n || upper === (1n << BigInt(64 - top)) - 1n;
}
/** Where the entry of level `i` stands in the table at `a`. */
export const entryAddress = (a: bigint, va: bigint, i: number): bigint =>
  a + fieldOf(va, 12 + 9 * i + 8, 12 + 9 * i) * 8n;

/** Step 3, with the bits that are reserved in an entry of any kind. */
export const isInvalid = (pte: bigint): boolean =>
  !bitOf(pte, 0) || (!bitOf(pte, 1) && bitOf(pte, 2)) || fieldOf(pte, 63, 54) !== 0n;
/** Step 4. */
export const isPointer = (pte: bigint): boolean => !bitOf(pte, 1) && !bitOf(pte, 3);
/** §4.3.1: D, A and U are reserved in a pointer. */
export const isReservedPointer = (pte: bigint): boolean => bitOf(pte, 4) || bitOf(pte, 6) || bitOf(pte, 7);

/** Steps 5 to 8, of the leaf `pte` of level `i` that stands at `address`. */
export function leafOutcome(
  pte: bigint,
  address: bigint,
  i: number,
  va: bigint,
  access: Access,
  scheme: Scheme,
): Outcome {
  if (!allowed(pte, access)) return PAGE;
  if (i > 0 && fieldOf(pte, 10 + 9 * i - 1, 10) !== 0n) return PAGE;
  const below = 12 + 9 * i;
  const pa = (fieldOf(pte, 53, below - 2) << BigInt(below)) | fieldOf(va, below - 1, 0);
  if (bitOf(pte, 6) && (access.kind !== 'store' || bitOf(pte, 7))) return { fault: 'none', level: i, pa };
  if (!scheme.updates) return PAGE;
  if (scheme.isReadOnly(address)) return ACCESS;
  const marked = pte | 0x40n | (access.kind === 'store' ? 0x80n : 0n);
  return { fault: 'none', level: i, pa, update: { address, pte: marked } };
}

/** @param va the 64-bit virtual address, as an unsigned bigint. */
export function referenceWalk(
  memory: PhysicalMemoryPort,
  rootPage: number,
  va: bigint,
  access: Access,
  scheme: Scheme = SV39,
): Outcome {
  if (!isCanonicalAddress(va, scheme.levels)) return PAGE;
  let a = BigInt(rootPage) * 4096n;
  for (let i = scheme.levels - 1; i >= 0; i--) {
    const address = entryAddress(a, va, i);
    const pte = read64(memory, address);
    if (pte === undefined) return ACCESS;
    if (isInvalid(pte)) return PAGE;
    if (!isPointer(pte)) return leafOutcome(pte, address, i, va, access, scheme);
    if (isReservedPointer(pte)) return PAGE;
    a = fieldOf(pte, 53, 10) * 4096n;
  }
  return PAGE;
}
