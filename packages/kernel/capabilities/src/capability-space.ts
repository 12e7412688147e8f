/**
 * Two ways to organise the slots of a capability address space, behind one interface: from a pointer to a slot.
 *
 * Both are trees of CNodes, so that every slot, those that lead on included, is made, accounted for and revoked as any
 * other. `GuardedSpace` is the manual's: any shape, each step with a guard. For the other see radix-space.ts.
 */
import type { Capabilities } from './capabilities.ts';

export interface CapabilitySpace {
  /** What an invocation names: 32 bits. @returns a slot that is not empty, FAILED_LOOKUP or CORRUPTED. */
  lookup(pointer: number): number;
  /**
   * What an operation on slots names: exactly the low `depth` bits.
   * @returns a slot, which may be empty; FAILED_LOOKUP, RANGE_ERROR or CORRUPTED.
   */
  lookupSlot(pointer: number, depth: number, isSource: boolean): number;
  /** @returns the CNodes that a look-up of a pointer passes, the last one included. */
  stepsTo(pointer: number): number;
}

/** A space by the manual. Manual §3.3 "CSpace Addressing". */
export class GuardedSpace implements CapabilitySpace {
  readonly #capabilities: Capabilities;
  readonly #root: number;

  /** @param root slot of the capability to the root CNode */
  constructor(capabilities: Capabilities, root: number) {
    this.#capabilities = capabilities;
    this.#root = root;
  }
  lookup(pointer: number): number {
    return this.#capabilities.lookup(this.#root, pointer);
  }
  lookupSlot(pointer: number, depth: number, isSource: boolean): number {
    return this.#capabilities.lookupSlot(this.#root, pointer, depth, isSource);
  }
  stepsTo(pointer: number): number {
    this.#capabilities.resolve(this.#root, pointer, 32);
    return this.#capabilities.steps;
  }
}
