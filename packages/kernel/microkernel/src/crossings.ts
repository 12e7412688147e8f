/**
 * The wall between the kernel and user mode, as the hart has it: traps in, `sret` out, and the address space that is
 * loaded. Each crossing is done to the hart and charged.
 *
 * Invariant: `space` is the address space that the hart has loaded; the kernel is in all of them.
 */
import type { Charge } from '@bulkhead/ledger';
import type { HartPort } from '@bulkhead/ports';
import { ECALL_U } from '@bulkhead/riscv-datasheet';
import type { KernelPrimitives } from './primitives.ts';

const MODE_USER = 0;
const SYSTEM_CALL = ECALL_U;
const NONE = -1;

export class Crossings {
  readonly hart: HartPort;
  /** The kernel's own hand on the clock: nothing preempts it. */
  readonly charge: Charge;
  readonly primitives: KernelPrimitives;
  /** Its ASID, or -1 when it is to be loaded anew. */
  #space: number = NONE;

  constructor(hart: HartPort, charge: Charge, primitives: KernelPrimitives) {
    this.hart = hart;
    this.charge = charge;
    this.primitives = primitives;
  }

  /** A system call: somebody in user mode enters the kernel. */
  trap(): void {
    this.hart.trap(SYSTEM_CALL, false, 0, 0);
    this.charge.spendBoth(this.primitives.kernelEntryExit, this.primitives.registerSave);
  }
  /** From the kernel into user mode. @param rootPage the root of the address space; -1 for a thread that has none */
  enterSpace(asid: number, rootPage: number): void {
    if (rootPage >= 0) this.activate(asid, rootPage);
    this.hart.setPreviousMode(MODE_USER);
    this.hart.sret();
  }
  protected activate(asid: number, rootPage: number): void {
    if (this.#space === asid) return;
    this.#space = asid;
    this.hart.writeSatp(asid, rootPage);
    this.charge.spend(this.primitives.addressSpaceSwitch);
  }
  /** An address space is about to go: nobody may have it loaded. */
  forget(asid: number): void {
    if (this.#space === asid) this.#space = NONE;
  }
}
