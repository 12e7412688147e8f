/**
 * Invocations of untypeds and CNodes as they arrive: a label, message words and extra capabilities. Decides in the
 * manual's order: what is invoked (INVALID_CAPABILITY for an empty slot or a zombie), the label (ILLEGAL_OPERATION), the
 * length (TRUNCATED_MESSAGE), and then what each operation refuses. Whatever comes, nothing throws.
 *
 * DEVIATION: the manual's kernel finds some missing words only after the destination's look-up;
 * here all words that the label needs are asked for before any of them is read.
 */
import type { Capabilities } from './capabilities.ts';
import { CNodeInvocations } from './cnode-invocations.ts';
import { ILLEGAL_OPERATION, INVALID_CAPABILITY, TRUNCATED_MESSAGE } from './errors.ts';
import * as labels from './labels.ts';
import { CNODE, NULL, UNTYPED } from './object-types.ts';

const LABEL_COUNT = 10;
/** Message words and extra capabilities that each label needs. */
const WORDS_NEEDED: Uint8Array = Uint8Array.from([0, 6, 2, 2, 2, 5, 6, 4, 5, 8]);
const EXTRAS_NEEDED: Uint8Array = Uint8Array.from([0, 1, 0, 0, 0, 1, 1, 1, 1, 2]);

export interface InvocationsOptions {
  readonly capabilities: Capabilities;
  /**
   * Slots that a delete or a revoke looks at, or parts of 256 bytes that a retype zeroes, before it answers PREEMPTED.
   * @defaultValue 100; -1: never preempted
   */
  readonly unitsBeforePreemption?: number;
}

export class Invocations {
  /** What comes with an invocation: at least 8 words, of which `length` count, and the slots of two capabilities. */
  readonly message: Int32Array = new Int32Array(8);
  length = 0;
  readonly extras: Int32Array = new Int32Array(2);
  extraCount = 0;
  readonly #capabilities: Capabilities;
  readonly #cnode: CNodeInvocations;
  readonly #units: number;

  constructor({ capabilities, unitsBeforePreemption = 100 }: InvocationsOptions) {
    this.#capabilities = capabilities;
    this.#cnode = new CNodeInvocations(capabilities);
    this.#units = unitsBeforePreemption;
  }

  /** @param slot the invoked capability's. @returns 0, an error, or PREEMPTED: the same invocation goes on. */
  invoke(slot: number, label: number): number {
    const type = this.#capabilities.typeOf(slot);
    if (type === NULL || this.#capabilities.isZombie(slot)) return INVALID_CAPABILITY;
    if (!(label > 0 && label < LABEL_COUNT)) return ILLEGAL_OPERATION;
    if (type !== (label === labels.UNTYPED_RETYPE ? UNTYPED : CNODE)) return ILLEGAL_OPERATION;
    if (this.length < WORDS_NEEDED[label]! || this.extraCount < EXTRAS_NEEDED[label]!) return TRUNCATED_MESSAGE;
    return label < labels.CNODE_COPY ? this.#invokeOnOne(slot, label) : this.#invokeOnTwo(slot, label);
  }

  #invokeOnOne(slot: number, label: number): number {
    const m = this.message;
    switch (label) {
      case labels.UNTYPED_RETYPE:
        return this.#retype(slot);
      case labels.CNODE_REVOKE:
        return this.#cnode.revoke(slot, m[0]!, m[1]!, this.#units);
      case labels.CNODE_DELETE:
        return this.#cnode.delete(slot, m[0]!, m[1]!, this.#units);
      default:
        return this.#cnode.cancelBadgedSends(slot, m[0]!, m[1]!);
    }
  }
  #retype(slot: number): number {
    const m = this.message;
    const root = this.extras[0]!;
    return this.#capabilities.retype(slot, m[0]!, m[1]!, root, m[2]!, m[3]!, m[4]!, m[5]!, this.#units);
  }
  #invokeOnTwo(slot: number, label: number): number {
    const m = this.message;
    const from = this.extras[0]!;
    switch (label) {
      case labels.CNODE_COPY:
        return this.#cnode.copy(slot, m[0]!, m[1]!, from, m[2]!, m[3]!, m[4]!);
      case labels.CNODE_MINT:
        return this.#cnode.mint(slot, m[0]!, m[1]!, from, m[2]!, m[3]!, m[4]!, m[5]!);
      case labels.CNODE_MOVE:
        return this.#cnode.move(slot, m[0]!, m[1]!, from, m[2]!, m[3]!);
      case labels.CNODE_MUTATE:
        return this.#cnode.mutate(slot, m[0]!, m[1]!, from, m[2]!, m[3]!, m[4]!);
      default:
        return this.#cnode.rotate(slot, m[0]!, m[1]!, m[2]!, from, m[3]!, m[4]!, m[5]!, this.extras[1]!, m[6]!, m[7]!);
    }
  }
}
