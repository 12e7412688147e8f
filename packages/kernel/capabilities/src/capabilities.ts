/**
 * Capabilities in memory that somebody lends: slots, objects and the tree of who was derived from whom. Knows no
 * processor and no machine; what an object does beyond its memory is the caller's, through `finalise`.
 *
 * Objects are named by their physical address in units of 16 bytes, whether lent memory or a device's. A slot is named
 * by the index of its first word in the lent memory. Nothing here allocates after construction or throws because of
 * what the memory holds: every refusal is a negative number (errors.ts), with what it says besides in `details`.
 */
import { invariant } from '@bulkhead/result';
import { Deletion, type Finalise } from './deletion.ts';
import * as tree from './derivation-tree.ts';
import { Derived } from './derived.ts';
import * as errors from './errors.ts';
import { ErrorDetails } from './errors.ts';
import { Lookup } from './lookup.ts';
import * as objects from './object-types.ts';
import * as layout from './slot.ts';
import { granuleOf, SlotView } from './slot-view.ts';
import { Retype, UNLIMITED } from './untyped.ts';

const { becomesOriginal, exchange, hasChildren, insertAfter, isLinked, relocate } = tree;
const { CORRUPTED, DELETE_FIRST, ILLEGAL_OPERATION, INVALID_CAPABILITY, REVOKE_FIRST } = errors;
const {
  ALL_RIGHTS,
  ASID_POOL,
  ASID_POOL_BITS,
  CNODE,
  carriedRights,
  ENDPOINT,
  GRANULE_BITS,
  IO_SPACE,
  IO_SPACE_CONTROL,
  IRQ_CONTROL,
  IRQ_HANDLER,
  UNTYPED,
} = objects;
const {
  clear,
  DATA,
  DEVICE,
  FIRST_BADGED,
  granulesOf,
  GUARD_SIZE_MASK,
  GUARD_SIZE_SHIFT,
  HEADER,
  header,
  isEmpty,
  isKnownType,
  isSlot,
  OBJECT,
  REVOCABLE,
  RIGHTS_SHIFT,
} = layout;

export interface CapabilitiesOptions {
  /** The memory in which objects and slots lie. */
  readonly words: Int32Array;
  /** The physical page of its first byte. @defaultValue 0 */
  readonly basePage?: number;
  /** Slots at the start of every TCB. @defaultValue 5: CSpace, address space, buffer and two fault handlers */
  readonly tcbSlotCount?: number;
  readonly finalise: Finalise;
  /** Wakes the senders of one badge that wait at an endpoint (address / 16). @defaultValue there are no queues */
  readonly cancelBadgedSends?: (endpoint: number, badge: number) => void;
}

const GRANULE_WORDS = 4;
const BASE_LIMIT = 0x8000_0000;

export class Capabilities extends SlotView {
  readonly details: ErrorDetails = new ErrorDetails();
  readonly #lookup: Lookup;
  readonly #retype: Retype;
  readonly #deletion: Deletion;
  readonly #derived: Derived = new Derived();
  /** For the second of two capabilities that go at once. */
  readonly #alsoDerived: Derived = new Derived();
  readonly #cancelBadgedSends: (endpoint: number, badge: number) => void;

  constructor({ words, basePage = 0, tcbSlotCount = 5, finalise, cancelBadgedSends = () => {} }: CapabilitiesOptions) {
    super(words, basePage);
    const baseGranule = granuleOf(basePage, 0);
    invariant(baseGranule + words.length / GRANULE_WORDS <= BASE_LIMIT, 'the lent memory lies below 32 GiB');
    this.#lookup = new Lookup(words, baseGranule, this.details);
    this.#retype = new Retype(words, baseGranule, this.#lookup, this.details);
    this.#deletion = new Deletion(words, baseGranule, tcbSlotCount, finalise);
    this.#cancelBadgedSends = cancelBadgedSends;
  }

  /** Bytes that an untyped would still give, holes included. */
  freeBytesOf(untyped: number): number {
    return (granulesOf(this.words, untyped) - this.#retype.watermark(untyped)) * (1 << GRANULE_BITS);
  }

  /* Look-up. */

  /** Bits that the last successful look-up did not use. */
  get bitsLeft(): number {
    return this.#lookup.bitsLeft;
  }
  /** CNodes that the last successful look-up passed. */
  get steps(): number {
    return this.#lookup.steps;
  }
  /** Follows `depth` (1 … 32) bits and stops at what is no CNode. @returns a slot, FAILED_LOOKUP or CORRUPTED. */
  resolve(root: number, pointer: number, depth: number): number {
    return this.#lookup.resolve(root, pointer, depth);
  }
  /** What an invocation names: all 32 bits, left-over bits ignored, an empty slot is missing. */
  lookup(root: number, pointer: number): number {
    return this.#lookup.capability(root, pointer);
  }
  /** What an operation on slots names: exactly `depth` bits; the slot may be empty. */
  lookupSlot(root: number, index: number, depth: number, isSource: boolean): number {
    return this.#lookup.slot(root, index, depth, isSource);
  }
  /** @returns FAILED_LOOKUP, with details that say that the source's slot is empty. */
  missingSource(depth: number): number {
    return this.#lookup.missingSource(depth);
  }

  /** @returns FAILED_LOOKUP, with details that say that the pivot's slot, which counts as no source, is empty. */
  missingPivot(depth: number): number {
    return this.#lookup.missingPivot(depth);
  }

  /* Making capabilities. */

  /**
   * Writes an original capability to an empty slot: at boot, and for objects that need no memory. With a CNode it also
   * makes the object, whose slots the caller has zeroed.
   * @param size as `sizeOf`; 0 for other types.
   */
  install(slot: number, type: number, object: number, size: number, device = false): void {
    invariant(isSlot(this.words, slot) && isEmpty(this.words, slot), `slot ${slot} is not free`);
    clear(this.words, slot);
    const rights = carriedRights(type) << RIGHTS_SHIFT;
    const flags = REVOCABLE | FIRST_BADGED | (device ? DEVICE : 0);
    this.words[slot + HEADER] = header(type, size) | rights | flags;
    this.words[slot + OBJECT] = object | 0;
  }

  /** Sets a CNode capability's guard at boot. @param guard its low `guardSize` (0 … 32 - radix) bits count. */
  installGuard(slot: number, guard: number, guardSize: number): void {
    invariant(this.typeOf(slot) === CNODE && guardSize + this.sizeOf(slot) <= 32, 'no such guard');
    const mask = GUARD_SIZE_MASK << GUARD_SIZE_SHIFT;
    this.words[slot] = (this.words[slot]! & ~mask) | (guardSize << GUARD_SIZE_SHIFT);
    this.words[slot + DATA] = guard & ((1 << guardSize) - 1);
  }

  /**
   * Makes `count` objects of one type. The errors, in the order of their checks:
   * INVALID_CAPABILITY (no untyped), INVALID_ARGUMENT 0 (type), RANGE_ERROR (size), INVALID_ARGUMENT 1 (size),
   * FAILED_LOOKUP or RANGE_ERROR (path of the node), FAILED_LOOKUP (no CNode there), RANGE_ERROR (offset),
   * RANGE_ERROR (count, then count from offset), DELETE_FIRST, NOT_ENOUGH_MEMORY, INVALID_ARGUMENT 1 (device).
   * @param root slot of the capability from which the node is looked up
   * @param nodeDepth 0: `root` itself is the node.
   * @param units parts of 256 bytes to zero before PREEMPTED; -1: as many as it takes. Until all memory is zero, no
   * slot is filled and nothing is taken from the untyped; the same call, which checks everything again, goes on.
   */
  retype(
    untyped: number,
    type: number,
    sizeBits: number,
    root: number,
    nodeIndex: number,
    nodeDepth: number,
    nodeOffset: number,
    count: number,
    units: number = UNLIMITED,
  ): number {
    return this.#retype.retype(untyped, type, sizeBits, root, nodeIndex, nodeDepth, nodeOffset, count, units);
  }
  /** Words that the last retype set to zero, if it succeeded or was preempted. */
  get zeroedWords(): number {
    return this.#retype.zeroedWords;
  }

  /** Makes an interrupt's handler. Whether the interrupt has one already is for the caller to know (REVOKE_FIRST). */
  issueIrqHandler(control: number, irq: number, destination: number): number {
    return this.#issue(control, IRQ_CONTROL, IRQ_HANDLER, irq, 0, destination);
  }
  /** Makes a device's IO space. Whether the device has one already is for the caller to know (REVOKE_FIRST). */
  issueIoSpace(control: number, device: number, ioDomain: number, destination: number): number {
    return this.#issue(control, IO_SPACE_CONTROL, IO_SPACE, device, ioDomain, destination);
  }
  #issue(control: number, from: number, type: number, object: number, data: number, destination: number): number {
    if (this.typeOf(control) !== from) return INVALID_CAPABILITY;
    const error = this.#checkDestination(control, destination);
    if (error < 0) return error;
    this.words[destination + HEADER] = header(type, 0) | REVOCABLE | FIRST_BADGED;
    this.words[destination + OBJECT] = object;
    this.words[destination + DATA] = data;
    insertAfter(this.words, control, destination);
    return 0;
  }
  /**
   * Turns an untyped into an ASID pool: INVALID_CAPABILITY (no untyped of 4 KiB, or a device's), REVOKE_FIRST (it has
   * children), DELETE_FIRST. Whether there is an ASID pool left is for the caller to know.
   */
  makeAsidPool(untyped: number, destination: number): number {
    if (this.typeOf(untyped) !== UNTYPED || this.sizeOf(untyped) !== ASID_POOL_BITS) return INVALID_CAPABILITY;
    if (this.isDevice(untyped)) return INVALID_CAPABILITY;
    const error = hasChildren(this.words, untyped) ? REVOKE_FIRST : this.#checkDestination(untyped, destination);
    return error < 0 ? error : this.#retype.makeWhole(untyped, ASID_POOL, destination);
  }

  /* Operations on slots. The destination is checked first (DELETE_FIRST), then the source. */

  /** Derives with fewer rights. DELETE_FIRST, FAILED_LOOKUP (source empty), REVOKE_FIRST, ILLEGAL_OPERATION. */
  copy(destination: number, source: number, rights: number): number {
    const error = this.#check(destination, source);
    if (error < 0) return error;
    this.#derived.load(this.words, source);
    return this.#insertDerived(destination, source, rights);
  }
  /** Copy that also sets a badge or a guard. Errors as copy. */
  mint(destination: number, source: number, rights: number, data: number): number {
    const error = this.#check(destination, source);
    if (error < 0) return error;
    this.#derived.load(this.words, source);
    const updated = this.#derived.update(this.words, source, data, false);
    return updated < 0 ? updated : this.#insertDerived(destination, source, rights);
  }
  /** Moves; the place in the tree stays. DELETE_FIRST, FAILED_LOOKUP, ILLEGAL_OPERATION (zombie). */
  move(destination: number, source: number): number {
    const error = this.#check(destination, source);
    if (error < 0) return error;
    if (this.isZombie(source)) return ILLEGAL_OPERATION;
    relocate(this.words, source, destination);
    return 0;
  }
  /** Move that also sets a guard; on endpoints and notifications ILLEGAL_OPERATION. */
  mutate(destination: number, source: number, data: number): number {
    const error = this.#check(destination, source);
    if (error < 0) return error;
    if (this.isZombie(source)) return ILLEGAL_OPERATION;
    this.#derived.load(this.words, source);
    const updated = this.#derived.update(this.words, source, data, true);
    if (updated < 0) return updated;
    this.#derived.replace(this.words, source);
    relocate(this.words, source, destination);
    return 0;
  }
  /**
   * Moves `pivot` to `destination` and `source` to where it was, each with a new guard. `source` may be `destination`:
   * the two change places. ILLEGAL_OPERATION (pivot is another's slot), DELETE_FIRST, FAILED_LOOKUP (source empty, then
   * pivot empty), ILLEGAL_OPERATION (zombie, endpoint or notification, guard too long).
   */
  rotate(destination: number, pivot: number, source: number, pivotData: number, sourceData: number): number {
    const error = this.#checkRotation(destination, pivot, source);
    if (error < 0) return error;
    if (this.isZombie(pivot) || this.isZombie(source)) return ILLEGAL_OPERATION;
    this.#derived.load(this.words, source);
    this.#alsoDerived.load(this.words, pivot);
    const updated =
      this.#derived.update(this.words, source, sourceData, true) +
      this.#alsoDerived.update(this.words, pivot, pivotData, true);
    if (updated < 0) return ILLEGAL_OPERATION;
    this.#derived.replace(this.words, source);
    this.#alsoDerived.replace(this.words, pivot);
    exchange(this.words, pivot, source);
    if (source !== destination) relocate(this.words, source, destination);
    return 0;
  }
  /** Empties a slot; 0 also when it is empty. @param units slots to look at before PREEMPTED; -1: as many as it takes */
  delete(slot: number, units: number = UNLIMITED): number {
    return this.#deletion.delete(slot, units);
  }
  /** Deletes all that was derived from the capability; 0 also when the slot is empty. @param units as `delete` */
  revoke(slot: number, units: number = UNLIMITED): number {
    return this.#deletion.revoke(slot, units);
  }
  /** Retires the sends of one badge. ILLEGAL_OPERATION unless it is an endpoint's capability with all rights. */
  cancelBadgedSends(slot: number): number {
    if (this.typeOf(slot) !== ENDPOINT || this.rightsOf(slot) !== ALL_RIGHTS) return ILLEGAL_OPERATION;
    const badge = this.badgeOf(slot);
    if (badge !== 0) this.#cancelBadgedSends(this.objectOf(slot), badge);
    return 0;
  }
  /** Capabilities deleted since the caller last set this to 0. */
  get deletedCount(): number {
    return this.#deletion.deletedCount;
  }
  set deletedCount(count: number) {
    this.#deletion.deletedCount = count;
  }

  #insertDerived(destination: number, source: number, rights: number): number {
    const derived = this.#derived;
    const words = this.words;
    derived.maskRights(rights & ALL_RIGHTS);
    const error = derived.derive(words, source);
    if (error < 0) return error;
    const type = this.typeOf(source);
    const original = becomesOriginal(words, source, type, derived.data);
    if (type === UNTYPED) words[source + DATA] = granulesOf(words, source) | 0;
    derived.store(words, destination, original ? REVOCABLE | FIRST_BADGED : 0);
    insertAfter(words, source, destination);
    return 0;
  }

  #check(destination: number, source: number): number {
    const words = this.words;
    if (!isSlot(words, destination) || !isSlot(words, source)) return CORRUPTED;
    if (!isEmpty(words, destination)) return DELETE_FIRST;
    if (isEmpty(words, source)) return this.missingSource(0);
    return isKnownType(words, source) && isLinked(words, source) ? 0 : CORRUPTED;
  }
  #checkRotation(destination: number, pivot: number, source: number): number {
    const words = this.words;
    if (!isSlot(words, destination) || !isSlot(words, pivot) || !isSlot(words, source)) return CORRUPTED;
    if (pivot === source || pivot === destination) return ILLEGAL_OPERATION;
    if (source !== destination && !isEmpty(words, destination)) return DELETE_FIRST;
    if (isEmpty(words, source)) return this.missingSource(0);
    if (isEmpty(words, pivot)) return this.missingPivot(0);
    if (!isKnownType(words, pivot) || !isKnownType(words, source)) return CORRUPTED;
    return isLinked(words, pivot) && isLinked(words, source) ? 0 : CORRUPTED;
  }
  #checkDestination(source: number, destination: number): number {
    if (!isSlot(this.words, destination) || !isLinked(this.words, source)) return CORRUPTED;
    return isEmpty(this.words, destination) ? 0 : DELETE_FIRST;
  }
}
