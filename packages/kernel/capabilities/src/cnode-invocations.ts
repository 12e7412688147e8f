/**
 * Operations on slots, by path. Manual §10.3.1 "General System Calls", CNode. The order of the checks: the
 * destination's path, whether it is empty (DELETE_FIRST), the source's path, whether it is empty (FAILED_LOOKUP), then
 * what the operation itself refuses.
 *
 * UNIMPLEMENTED: Rotate, CancelBadgedSends.
 */
import type { Capabilities } from './capabilities.ts';
import { DELETE_FIRST } from './errors.ts';
import { NULL } from './object-types.ts';

export class CNodeInvocations {
  readonly #capabilities: Capabilities;
  #destination = 0;
  #source = 0;

  constructor(capabilities: Capabilities) {
    this.#capabilities = capabilities;
  }

  copy(
    toRoot: number,
    toIndex: number,
    toDepth: number,
    fromRoot: number,
    fromIndex: number,
    fromDepth: number,
    rights: number,
  ): number {
    const error = this.#decode(toRoot, toIndex, toDepth, fromRoot, fromIndex, fromDepth);
    return error < 0 ? error : this.#capabilities.copy(this.#destination, this.#source, rights);
  }
  mint(
    toRoot: number,
    toIndex: number,
    toDepth: number,
    fromRoot: number,
    fromIndex: number,
    fromDepth: number,
    rights: number,
    data: number,
  ): number {
    const error = this.#decode(toRoot, toIndex, toDepth, fromRoot, fromIndex, fromDepth);
    return error < 0 ? error : this.#capabilities.mint(this.#destination, this.#source, rights, data);
  }
  move(
    toRoot: number,
    toIndex: number,
    toDepth: number,
    fromRoot: number,
    fromIndex: number,
    fromDepth: number,
  ): number {
    const error = this.#decode(toRoot, toIndex, toDepth, fromRoot, fromIndex, fromDepth);
    return error < 0 ? error : this.#capabilities.move(this.#destination, this.#source);
  }
  mutate(
    toRoot: number,
    toIndex: number,
    toDepth: number,
    fromRoot: number,
    fromIndex: number,
    fromDepth: number,
    data: number,
  ): number {
    const error = this.#decode(toRoot, toIndex, toDepth, fromRoot, fromIndex, fromDepth);
    return error < 0 ? error : this.#capabilities.mutate(this.#destination, this.#source, data);
  }
  delete(root: number, index: number, depth: number): number {
    const slot = this.#capabilities.lookupSlot(root, index, depth, false);
    return slot < 0 ? slot : this.#capabilities.delete(slot);
  }
  revoke(root: number, index: number, depth: number): number {
    const slot = this.#capabilities.lookupSlot(root, index, depth, false);
    return slot < 0 ? slot : this.#capabilities.revoke(slot);
  }

  #decode(
    toRoot: number,
    toIndex: number,
    toDepth: number,
    fromRoot: number,
    fromIndex: number,
    fromDepth: number,
  ): number {
    const capabilities = this.#capabilities;
    const destination = capabilities.lookupSlot(toRoot, toIndex, toDepth, false);
    if (destination < 0) return destination;
    if (capabilities.typeOf(destination) !== NULL) return DELETE_FIRST;
    const source = capabilities.lookupSlot(fromRoot, fromIndex, fromDepth, true);
    if (source < 0) return source;
    if (capabilities.typeOf(source) === NULL) return capabilities.missingSource(fromDepth);
    this.#destination = destination;
    this.#source = source;
    return 0;
  }
}
