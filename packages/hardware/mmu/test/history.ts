/**
 * What a TLB may answer after changes that were fenced, badly fenced or not fenced: a walk in which each entry may be
 * read as any value that it has had since the last fence that orders such a read. Written from Privileged ISA 20211203
 * §4.2.1 "Supervisor Memory-Management Fence Instruction" and its commentary; it shares nothing with a TLB.
 */
import type { Ram } from '@bulkhead/memory';
import {
  type Access,
  bitOf,
  entryAddress,
  fieldOf,
  isCanonicalAddress,
  isInvalid,
  isPointer,
  isReservedPointer,
  leafOutcome,
  type Outcome,
  read64,
  type Scheme,
} from './reference.ts';

/** One value of an entry: from when it was written until it was overwritten. */
interface Version {
  readonly pte: bigint;
  until: number;
}
/** One `sfence.vma`: without an address it is for all, without an ASID for all of them. */
export interface Fence {
  readonly vpn?: number;
  readonly asid?: number;
}

/** The answer of an outcome, and the entry that it stores. */
export const answerOf = (outcome: Outcome): string => {
  if (outcome.fault !== 'none') return outcome.fault;
  const { pa, update } = outcome;
  return update === undefined ? `${pa}` : `${pa} sets ${update.address}`;
};

export class History {
  readonly #memory: Ram;
  readonly #versions = new Map<bigint, Version[]>();
  readonly #fences: (Fence & { readonly at: number })[] = [];
  #now = 0;

  constructor(memory: Ram) {
    this.#memory = memory;
  }

  /** Notes that the entry at `address` now has another value. */
  changed(address: bigint, before: bigint): void {
    this.#now++;
    const versions = this.#versions.get(address) ?? [];
    versions.push({ pte: before, until: this.#now });
    this.#versions.set(address, versions);
  }
  fenced(fence: Fence): void {
    this.#now++;
    this.#fences.push({ ...fence, at: this.#now });
  }

  /** All that an access may be answered with. */
  answers(rootPage: number, asid: number, va: bigint, access: Access, scheme: Scheme): Set<string> {
    const found = new Set<string>();
    if (!isCanonicalAddress(va, scheme.levels)) return found.add('page');
    const descend = (a: bigint, i: number, global: boolean, oldest: number): void => {
      const address = entryAddress(a, va, i);
      for (const { pte, until } of this.#readable(address)) {
        const isGlobal = global || (!isInvalid(pte) && bitOf(pte, 5));
        const isLeaf = !isInvalid(pte) && !isPointer(pte);
        // A value is stale when a fence that orders this read came after it was overwritten.
        if (until <= this.#lastFence(isGlobal ? undefined : asid, isLeaf ? { va, i } : undefined)) continue;
        if (isLeaf) this.#addLeaf(found, pte, until, address, i, va, access, scheme);
        else if (isInvalid(pte) || isReservedPointer(pte) || i === 0) found.add('page');
        else descend(fieldOf(pte, 53, 10) * 4096n, i - 1, isGlobal, Math.min(oldest, until));
      }
    };
    descend(BigInt(rootPage) * 4096n, scheme.levels - 1, false, Number.POSITIVE_INFINITY);
    return found;
  }

  #readable(address: bigint): readonly Version[] {
    const current = read64(this.#memory, address)!;
    return [...(this.#versions.get(address) ?? []), { pte: current, until: Number.POSITIVE_INFINITY }];
  }
  /** Step 7 compares with memory: only a value that memory still has is updated; with another it is step 2 again. */
  #addLeaf(
    found: Set<string>,
    pte: bigint,
    until: number,
    address: bigint,
    i: number,
    va: bigint,
    access: Access,
    scheme: Scheme,
  ): void {
    const outcome = leafOutcome(pte, address, i, va, access, scheme);
    const updates = outcome.fault === 'none' && outcome.update !== undefined;
    if (!updates || until === Number.POSITIVE_INFINITY || pte === read64(this.#memory, address))
      found.add(answerOf(outcome));
  }
  /** @param asid undefined for a global mapping @param leaf undefined for an entry that is no leaf */
  #lastFence(asid: number | undefined, leaf: { readonly va: bigint; readonly i: number } | undefined): number {
    for (let k = this.#fences.length - 1; k >= 0; k--) {
      const fence = this.#fences[k]!;
      const reachesSpace = fence.asid === undefined || fence.asid === asid;
      if (reachesSpace && (fence.vpn === undefined || (leaf !== undefined && covers(fence.vpn, leaf)))) return fence.at;
    }
    return 0;
  }
}

const covers = (vpn: number, { va, i }: { readonly va: bigint; readonly i: number }): boolean =>
  BigInt.asUintN(64, BigInt(vpn) * 4096n) >> BigInt(12 + 9 * i) === va >> BigInt(12 + 9 * i);
