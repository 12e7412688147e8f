/**
 * Operations on slots, by path. Manual §10.3 "Architecture-Independent Object Methods", CNode. The order of the checks: the
 * destination's path, whether it is empty (DELETE_FIRST), the source's path, whether it is empty (FAILED_LOOKUP), then
 * what the operation itself refuses.
 */
import type { Capabilities } from './capabilities.ts';
import * as errors from './errors.ts';
import * as objects from './object-types.ts';

const { DELETE_FIRST } = errors;
const { NULL } = objects;

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
  /** The three paths first, destination, source, pivot; then as `Capabilities.rotate`. */
  rotate(
    toRoot: number,
    toIndex: number,
    toDepth: number,
    pivotData: number,
    pivotRoot: number,
    pivotIndex: number,
    pivotDepth: number,
    sourceData: number,
    fromRoot: number,
    fromIndex: number,
    fromDepth: number,
  ): number {
    const capabilities = this.#capabilities;
    const destination = capabilities.lookupSlot(toRoot, toIndex, toDepth, false);
    if (destination < 0) return destination;
    const source = capabilities.lookupSlot(fromRoot, fromIndex, fromDepth, true);
    if (source < 0) return source;
    const pivot = capabilities.lookupSlot(pivotRoot, pivotIndex, pivotDepth, false);
    return pivot < 0 ? pivot : capabilities.rotate(destination, pivot, source, pivotData, sourceData);
  }
  /** @param units as `Capabilities.delete` */
  delete(root: number, index: number, depth: number, units = -1): number {
    const slot = this.#capabilities.lookupSlot(root, index, depth, false);
    return slot < 0 ? slot : this.#capabilities.delete(slot, units);
  }
  /** @param units as `Capabilities.delete` */
  revoke(root: number, index: number, depth: number, units = -1): number {
    const slot = this.#capabilities.lookupSlot(root, index, depth, false);
    return slot < 0 ? slot : this.#capabilities.revoke(slot, units);
  }
  cancelBadgedSends(root: number, index: number, depth: number): number {
    const slot = this.#capabilities.lookupSlot(root, index, depth, false);
    return slot < 0 ? slot : this.#capabilities.cancelBadgedSends(slot);
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
