/**
 * What a leaf allows, computed once for every value of its low byte.
 *
 * A context is a privilege (user; supervisor without SUM; supervisor with SUM) and MXR. Bit `context + access` of
 * `PERMITTED[low byte of the PTE]` is set when the walk's steps 5 and 7 let that access pass in that context, so that
 * a TLB entry keeps 18 bits and a hit judges with one `and`, however SUM, MXR and the mode have changed since the fill.
 */
import { PTE_A, PTE_D, PTE_R, PTE_U, PTE_W, PTE_X } from '@bulkhead/riscv-datasheet';

/** Kinds of access. The numbers are part of the bit index above. */
export const FETCH = 0;
export const LOAD = 1;
export const STORE = 2; // and AMO

const ACCESSES = 3;
const USER = 0;
const SUPERVISOR = 1;
const SUPERVISOR_SUM = 2;
const PRIVILEGES = 3;

/** @returns the bit index of FETCH in this context; LOAD and STORE follow it. */
export function contextOf(user: boolean, sum: boolean, mxr: boolean): number {
  const privilege = user ? USER : sum ? SUPERVISOR_SUM : SUPERVISOR;
  return ACCESSES * (privilege + (mxr ? PRIVILEGES : 0));
}

/** Step 5, R, W, X: Privileged ISA 20211203 §4.3.1; MXR: §3.1.6.3 "Memory Privilege in mstatus Register". */
function allowsAccess(pte: number, access: number, mxr: boolean): boolean {
  switch (access) {
    case FETCH:
      return (pte & PTE_X) !== 0;
    case LOAD:
      return (pte & PTE_R) !== 0 || (mxr && (pte & PTE_X) !== 0);
    default:
      return (pte & PTE_W) !== 0;
  }
}

/** Step 5, U: §4.3.1. Irrespective of SUM, the supervisor may not execute what the user may touch. */
function allowsPrivilege(pte: number, access: number, privilege: number): boolean {
  if ((pte & PTE_U) === 0) return privilege !== USER;
  return privilege === USER || (privilege === SUPERVISOR_SUM && access !== FETCH);
}

/** Step 7, where nothing is set. */
function isMarked(pte: number, access: number): boolean {
  const marks = access === STORE ? PTE_A | PTE_D : PTE_A;
  return (pte & marks) === marks;
}

function permittedBy(pte: number): number {
  let permitted = 0;
  for (let context = 0; context < 2 * PRIVILEGES; context++) {
    for (let access = 0; access < ACCESSES; access++) {
      const allowed =
        allowsAccess(pte, access, context >= PRIVILEGES) &&
        allowsPrivilege(pte, access, context % PRIVILEGES) &&
        isMarked(pte, access);
      if (allowed) permitted |= 1 << (context * ACCESSES + access);
    }
  }
  const isClean = (pte & (PTE_W | PTE_A | PTE_D)) === (PTE_W | PTE_A);
  return isClean ? permitted | CLEAN : permitted;
}

/** The bits of all stores. */
export const STORES: number = Array.from({ length: 2 * PRIVILEGES }, (_, i) => 1 << (i * ACCESSES + STORE)).reduce(
  (all, one) => all | one,
);
/** Beside what is permitted: only the D bit stands between this leaf and a store. §4.3.1. */
export const CLEAN: number = 1 << (2 * PRIVILEGES * ACCESSES);

/** Indexed by the low byte of a leaf: D A G U X W R V. */
export const PERMITTED: Int32Array = Int32Array.from({ length: 0x100 }, (_, pte) => permittedBy(pte));
