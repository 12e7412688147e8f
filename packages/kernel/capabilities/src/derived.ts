/**
 * What a capability would become: rights masked, badge or guard set, and whether it may be derived at all. Computed
 * here first, so that a refused operation changes nothing; one object, reused.
 */
import * as tree from './derivation-tree.ts';
import * as errors from './errors.ts';
import * as objects from './object-types.ts';
import * as layout from './slot.ts';

const { hasChildren } = tree;
const { ILLEGAL_OPERATION, REVOKE_FIRST } = errors;
const { CNODE, ENDPOINT, FRAME, IO_PAGE_TABLE, IO_SPACE_CONTROL, IRQ_CONTROL, NOTIFICATION, PAGE_TABLE, UNTYPED } =
  objects;
const {
  DATA,
  EXTRA,
  FIRST_BADGED,
  GUARD_SIZE_MASK,
  GUARD_SIZE_SHIFT,
  HEADER,
  hasFlag,
  IO_MAPPED,
  MAPPED,
  OBJECT,
  REVOCABLE,
  RIGHTS_MASK,
  RIGHTS_SHIFT,
  sizeOf,
  typeOf,
  ZOMBIE,
} = layout;

const GUARD_DATA_SIZE_MASK = 0x1f;
const GUARD_DATA_SHIFT = 5;
const WORD_BITS = 32;

/** The word that sets a guard by mint or mutate: size in the low 5 bits, then the guard itself. */
export const guardWord = (guard: number, guardSize: number): number => (guard << GUARD_DATA_SHIFT) | guardSize;

export class Derived {
  header = 0;
  object = 0;
  data = 0;
  extra = 0;

  /** Starts from a capability as it is. */
  load(words: Int32Array, source: number): void {
    this.header = words[source + HEADER]! & ~(REVOCABLE | FIRST_BADGED);
    this.object = words[source + OBJECT]!;
    this.data = words[source + DATA]!;
    this.extra = words[source + EXTRA]!;
  }
  /** Asking for more than there is silently gives less. */
  maskRights(rights: number): void {
    this.header &= ~RIGHTS_MASK | (rights << RIGHTS_SHIFT);
  }

  /**
   * Sets a badge or a guard; other types ignore the word. A badge is set once: on an unbadged endpoint or notification,
   * and not where the capability is to be preserved (mutate).
   * @returns 0, or ILLEGAL_OPERATION.
   */
  update(words: Int32Array, source: number, data: number, preserve: boolean): number {
    switch (typeOf(words, source)) {
      case ENDPOINT:
      case NOTIFICATION:
        if (preserve || this.data !== 0) return ILLEGAL_OPERATION;
        this.data = data;
        return 0;
      case CNODE:
        return this.#guard(sizeOf(words, source), data);
      default:
        return 0;
    }
  }
  #guard(radix: number, data: number): number {
    const size = data & GUARD_DATA_SIZE_MASK;
    if (size + radix > WORD_BITS) return ILLEGAL_OPERATION;
    this.header = (this.header & ~(GUARD_SIZE_MASK << GUARD_SIZE_SHIFT)) | (size << GUARD_SIZE_SHIFT);
    this.data = (data >>> GUARD_DATA_SHIFT) & ((1 << size) - 1);
    return 0;
  }

  /** @returns 0, REVOKE_FIRST or ILLEGAL_OPERATION. */
  derive(words: Int32Array, source: number): number {
    if (hasFlag(words, source, ZOMBIE)) return ILLEGAL_OPERATION;
    switch (typeOf(words, source)) {
      case UNTYPED:
        return hasChildren(words, source) ? REVOKE_FIRST : 0;
      case IRQ_CONTROL:
      case IO_SPACE_CONTROL:
        return ILLEGAL_OPERATION;
      case PAGE_TABLE:
      case IO_PAGE_TABLE:
        return hasFlag(words, source, MAPPED) ? 0 : ILLEGAL_OPERATION;
      case FRAME:
        this.#unmap();
        return 0;
      default:
        return 0;
    }
  }
  #unmap(): void {
    this.header &= ~(MAPPED | IO_MAPPED);
    this.data = 0;
    this.extra = 0;
  }

  /** Writes the capability to an empty slot, without links. */
  store(words: Int32Array, slot: number, flags: number): void {
    words[slot + HEADER] = this.header | flags;
    words[slot + OBJECT] = this.object;
    words[slot + DATA] = this.data;
    words[slot + EXTRA] = this.extra;
  }
  /** Writes the capability over what it was loaded from: it keeps its place in the tree and its flags. */
  replace(words: Int32Array, slot: number): void {
    this.store(words, slot, words[slot + HEADER]! & (REVOCABLE | FIRST_BADGED));
  }
}
