/** What is done with untypeds and CNodes. */
import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { bytesOf } from '../census.ts';
import { type Book, isNode } from './book.ts';
import type { Deletion } from './deletion.ts';
import type { Answer, Cap, Place } from './things.ts';
import { restart } from './waiting.ts';

const { INVALID_ARGUMENT, ILLEGAL_OPERATION, RANGE_ERROR, FAILED_LOOKUP, DELETE_FIRST, NOT_ENOUGH_MEMORY } = errors;
const MAX_UNTYPED_BITS = 36;
const FAN_OUT = 256;
const LEAST: ReadonlyMap<number, number> = new Map([
  [objects.CNODE, 1],
  [objects.UNTYPED, 4],
  [objects.SCHED_CONTEXT, 7],
]);

export class Slots {
  readonly #book: Book;
  readonly #deletion: Deletion;
  /** Where the slots of objects to come are. */
  readonly #slotAt: (object: number, index: number) => number;

  constructor(book: Book, deletion: Deletion, slotAt: (object: number, index: number) => number) {
    this.#book = book;
    this.#deletion = deletion;
    this.#slotAt = slotAt;
  }

  onUntyped(untyped: Cap, words: readonly number[], root: Cap | null): Answer {
    const [type, size, index, depth, offset, count] = words as [number, number, number, number, number, number];
    const fail = (error: number): Answer => ({ error: -error });
    if (type < objects.UNTYPED || type > objects.LAST_RETYPE) return fail(INVALID_ARGUMENT);
    const bytes = bytesOf(type, size);
    if (size < 0 || size > 63 || bytes > 2 ** MAX_UNTYPED_BITS) return fail(RANGE_ERROR);
    if (size < (LEAST.get(type) ?? 0)) return fail(INVALID_ARGUMENT);
    if (type === objects.FRAME && ![12, 21, 30].includes(size)) return fail(INVALID_ARGUMENT);
    const found = depth === 0 ? root : this.#book.slot(root, index, depth);
    if (typeof found === 'number') return fail(found);
    const node = found === null || 'thing' in found ? found : found.cap;
    if (!isNode(node)) return fail(FAILED_LOOKUP);
    const { places } = node.thing;
    if (offset < 0 || offset > places.length - 1) return fail(RANGE_ERROR);
    if (count < 1 || count > FAN_OUT || count > places.length - offset) return fail(RANGE_ERROR);
    const into = places.slice(offset, offset + count);
    if (into.some(({ cap }) => cap !== null)) return fail(DELETE_FIRST);
    const used = untyped.children.length === 0 ? 0 : untyped.used;
    const total = 2 ** untyped.thing.size;
    if (total - used < count * bytes) return { error: -NOT_ENOUGH_MEMORY, bytesLeft: total - used };
    if (untyped.thing.device && type !== objects.FRAME && type !== objects.UNTYPED) return fail(INVALID_ARGUMENT);
    this.#fill(untyped, into, type, size, Math.ceil(used / bytes) * bytes);
    return fail(0);
  }
  #fill(untyped: Cap, into: readonly Place[], type: number, size: number, from: number): void {
    const isSized = bytesOf(type, 20) !== bytesOf(type, 21);
    const slotCount = type === objects.CNODE ? 2 ** size : type === objects.TCB ? 5 : 0;
    untyped.used = from;
    for (const place of into) {
      const object = untyped.thing.object + untyped.used / 16;
      const slots = Array.from({ length: slotCount }, (_, i) => this.#slotAt(object, i));
      const made = this.#book.make(untyped, place, type, object, isSized ? size : 0, slots);
      made.thing.device = untyped.thing.device;
      untyped.used += bytesOf(type, size);
    }
  }

  onNode(cap: Cap, label: number, words: readonly number[], extras: readonly Place[]): number {
    const [index, depth] = words as [number, number];
    if (label === slotLabels.CNODE_ROTATE) return this.#rotate(cap, words, extras);
    const place = this.#book.slot(cap, index, depth);
    if (typeof place === 'number') return place;
    switch (label) {
      case slotLabels.CNODE_REVOKE:
        this.#deletion.revoke(place);
        return 0;
      case slotLabels.CNODE_DELETE:
        if (place.cap !== null) this.#deletion.destroy(place.cap);
        return 0;
      case slotLabels.CNODE_CANCEL_BADGED_SENDS:
        return this.#cancelBadgedSends(place.cap);
      default:
        return this.#fromAnother(place, label, words, extras[0]!.cap);
    }
  }
  #fromAnother(place: Place, label: number, words: readonly number[], root: Cap | null): number {
    if (place.cap !== null) return DELETE_FIRST;
    const from = this.#book.slot(root, words[2]!, words[3]!);
    if (typeof from === 'number') return from;
    if (from.cap === null) return FAILED_LOOKUP;
    switch (label) {
      case slotLabels.CNODE_COPY:
        return this.#book.derive(place, from.cap, words[4]!);
      case slotLabels.CNODE_MINT:
        return this.#book.derive(place, from.cap, words[4]!, words[5]!);
      default:
        return this.#move(place, from.cap, label === slotLabels.CNODE_MUTATE ? words[4]! : undefined);
    }
  }
  #rotate(cap: Cap, words: readonly number[], [pivotRoot, sourceRoot]: readonly Place[]): number {
    const book = this.#book;
    const to = book.slot(cap, words[0]!, words[1]!);
    if (typeof to === 'number') return to;
    const source = book.slot(sourceRoot!.cap, words[6]!, words[7]!);
    if (typeof source === 'number') return source;
    const pivot = book.slot(pivotRoot!.cap, words[3]!, words[4]!);
    if (typeof pivot === 'number') return pivot;
    if (pivot === source || pivot === to) return ILLEGAL_OPERATION;
    if (source !== to && to.cap !== null) return DELETE_FIRST;
    if (source.cap === null || pivot.cap === null) return FAILED_LOOKUP;
    const [up, down] = [source.cap, pivot.cap];
    if (up.dying || down.dying) return ILLEGAL_OPERATION;
    if (!book.mayUpdate(up, words[5]!, true) || !book.mayUpdate(down, words[2]!, true)) return ILLEGAL_OPERATION;
    book.update(up, words[5]!);
    book.update(down, words[2]!);
    source.cap = null;
    pivot.cap = up;
    up.place = pivot;
    to.cap = down;
    down.place = to;
    return 0;
  }
  #move(to: Place, cap: Cap, data?: number): number {
    if (cap.dying) return ILLEGAL_OPERATION;
    if (data !== undefined) {
      if (!this.#book.mayUpdate(cap, data, true)) return ILLEGAL_OPERATION;
      this.#book.update(cap, data);
    }
    cap.place.cap = null;
    to.cap = cap;
    cap.place = to;
    return 0;
  }
  #cancelBadgedSends(cap: Cap | null): number {
    if (cap?.thing.type !== objects.ENDPOINT || cap.rights !== objects.ALL_RIGHTS) return ILLEGAL_OPERATION;
    if (cap.badge === 0) return 0;
    for (const t of [...cap.thing.queue]) if (t.state === 'sending' && t.badge === cap.badge) restart(t);
    return 0;
  }
}
