/** Page tables, frames where the processor finds them, and ASIDs. */
import { labels } from '@bulkhead/address-space';
import { errors, objects } from '@bulkhead/capabilities';
import type { Book } from './book.ts';
import { descend, indexOf, isRoot, rootOf, takeOut } from './tables.ts';
import type { Cap, Place, Thing } from './things.ts';

const { ALIGNMENT_ERROR, DELETE_FIRST, FAILED_LOOKUP, ILLEGAL_OPERATION, INVALID_ARGUMENT } = errors;
const { INVALID_CAPABILITY, REVOKE_FIRST } = errors;
const POOLS = 8;
const POOL_BITS = 12;
const ASIDS = 512;

export class AddressSpaces {
  readonly #book: Book;
  constructor(book: Book) {
    this.#book = book;
  }

  invoke(cap: Cap, label: number, words: readonly number[], extras: readonly Place[]): number {
    const [first, second] = extras.map((place) => place.cap);
    switch (label) {
      case labels.PAGE_TABLE_MAP:
        return this.#mapTable(cap, first!, words[0]!);
      case labels.PAGE_TABLE_UNMAP:
        return this.#unmapTable(cap);
      case labels.PAGE_MAP:
        return this.#mapPage(cap, first!, words);
      case labels.PAGE_UNMAP:
        if (cap.mapping?.io === true) return ILLEGAL_OPERATION;
        this.leave(cap);
        cap.mapping = null;
        return 0;
      case labels.ASID_CONTROL_MAKE_POOL:
        return this.#makePool(first!, second!, words);
      default:
        return this.#assign(cap.thing, first!);
    }
  }
  /** @returns the root of an address space, or an error */
  #space(cap: Cap | null): { root: Thing; asid: number } | number {
    if (cap?.thing.type !== objects.PAGE_TABLE || cap.mapping === null) return INVALID_CAPABILITY;
    const { space: asid } = cap.mapping;
    const root = rootOf(this.#book, asid);
    if (root === cap.thing) return { root, asid };
    return root === null ? FAILED_LOOKUP : INVALID_CAPABILITY;
  }
  #mapTable(table: Cap, into: Cap | null, address: number): number {
    if (table.mapping !== null) return INVALID_CAPABILITY;
    const space = this.#space(into);
    if (typeof space === 'number') return space;
    const page = address >>> 12;
    const { table: above, level } = descend(space.root, page, 0);
    if (level === 0 || above.entries.has(indexOf(page, level))) return DELETE_FIRST;
    above.entries.set(indexOf(page, level), { thing: table.thing, flags: '' });
    table.mapping = { io: false, space: space.asid, page: page - (page % 512 ** level) };
    return 0;
  }
  #unmapTable(table: Cap): number {
    if (!this.#book.isLast(table) || isRoot(this.#book, table)) return REVOKE_FIRST;
    this.leave(table);
    if (table.mapping !== null) table.thing.entries.clear();
    table.mapping = null;
    return 0;
  }
  #mapPage(frame: Cap, into: Cap | null, [address, rights, attributes]: readonly number[]): number {
    const space = this.#space(into);
    if (typeof space === 'number') return space;
    const { mapping, thing } = frame;
    const [page, offset] = [address! >>> 12, address! & 0xfff];
    if (mapping?.io === true) return ILLEGAL_OPERATION;
    if (mapping !== null && mapping.space !== space.asid) return INVALID_CAPABILITY;
    if (mapping !== null && (mapping.page !== page || offset !== 0)) return INVALID_ARGUMENT;
    const level = (thing.size - 12) / 9;
    if (offset !== 0 || page % 512 ** level !== 0) return ALIGNMENT_ERROR;
    const found = descend(space.root, page, level);
    if (found.level !== level) return FAILED_LOOKUP;
    const there = found.table.entries.get(indexOf(page, level));
    if (there !== undefined && !(mapping !== null && there.thing === thing)) return DELETE_FIRST;
    const flags = flagsOf(rights! & frame.rights, (attributes! & labels.EXECUTE_NEVER) === 0);
    found.table.entries.set(indexOf(page, level), { thing, flags });
    frame.mapping = { io: false, space: space.asid, page };
    return 0;
  }
  /** What a capability mapped is mapped no more. */
  leave({ thing, mapping }: Cap): void {
    if (mapping !== null && !mapping.io) takeOut(rootOf(this.#book, mapping.space), mapping.page, thing);
  }
  /** The last capability to a table goes. */
  end(table: Cap): void {
    if (table.mapping === null) return;
    const { space: asid } = table.mapping;
    if (!isRoot(this.#book, table)) this.leave(table);
    else for (const { type, entries } of this.#book.things) if (type === objects.ASID_POOL) entries.delete(asid);
  }

  #makePool(untyped: Cap | null, root: Cap | null, [index, depth]: readonly number[]): number {
    const taken = [...this.#book.things].flatMap(({ type, index: i }) => (type === objects.ASID_POOL ? [i] : []));
    const free = Array.from({ length: POOLS }, (_, i) => i).find((i) => !taken.includes(i));
    if (free === undefined) return DELETE_FIRST;
    const isWhole = untyped?.thing.type === objects.UNTYPED && untyped.thing.size === POOL_BITS;
    if (!isWhole || untyped.thing.device) return INVALID_CAPABILITY;
    if (untyped.children.length > 0) return REVOKE_FIRST;
    const place = this.#book.slot(root, index!, depth!);
    if (typeof place === 'number') return place;
    if (place.cap !== null) return DELETE_FIRST;
    untyped.used = 2 ** POOL_BITS;
    this.#book.make(untyped, place, objects.ASID_POOL, untyped.thing.object, 0).thing.index = free;
    return 0;
  }
  #assign(pool: Thing, table: Cap | null): number {
    if (table?.thing.type !== objects.PAGE_TABLE || table.mapping !== null) return INVALID_CAPABILITY;
    const all = Array.from({ length: ASIDS }, (_, i) => pool.index * ASIDS + i);
    const asid = all.find((each) => each > 0 && !pool.entries.has(each));
    if (asid === undefined) return DELETE_FIRST;
    pool.entries.set(asid, { thing: table.thing, flags: '' });
    table.mapping = { io: false, space: asid, page: 0 };
    return 0;
  }
}

function flagsOf(rights: number, executable: boolean): string {
  if ((rights & objects.READ) === 0) return 'r';
  return `r${(rights & objects.WRITE) === 0 ? '' : 'w'}${executable ? 'x' : ''}u`;
}
