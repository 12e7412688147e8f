/** What devices reach: IO spaces, their tables, and frames in them. */
import { errors, objects } from '@bulkhead/capabilities';
import { labels } from '@bulkhead/io-spaces';
import type { Book } from './book.ts';
import { descend, indexOf, ioSpaceOf, takeOut } from './tables.ts';
import type { Cap, Place } from './things.ts';

const { DELETE_FIRST, FAILED_LOOKUP, ILLEGAL_OPERATION, INVALID_ARGUMENT, INVALID_CAPABILITY } = errors;
const { RANGE_ERROR, REVOKE_FIRST } = errors;
const DEVICES = 0x10000;
const DOMAINS = 7;

export class IoSpaces {
  readonly #book: Book;
  constructor(book: Book) {
    this.#book = book;
  }

  invoke(cap: Cap, label: number, words: readonly number[], extras: readonly Place[]): number {
    const first = extras[0]?.cap ?? null;
    switch (label) {
      case labels.IO_SPACE_CONTROL_ISSUE:
        return this.#issue(cap, first, words);
      case labels.IO_PAGE_TABLE_MAP:
        return this.#mapTable(cap, first, words[0]!);
      case labels.IO_PAGE_TABLE_UNMAP:
        if (!this.#book.isLast(cap)) return REVOKE_FIRST;
        this.end(cap);
        return 0;
      case labels.PAGE_MAP_IO:
        return this.#mapFrame(cap, first, words);
      default:
        if (cap.mapping?.io === false) return ILLEGAL_OPERATION;
        this.leave(cap);
        cap.mapping = null;
        return 0;
    }
  }
  #issue(control: Cap, root: Cap | null, [device, domain, index, depth]: readonly number[]): number {
    if (device! < 0 || device! >= DEVICES || domain! < 1 || domain! > DOMAINS) return RANGE_ERROR;
    for (const { type, object, index: taken } of this.#book.things)
      if (type === objects.IO_SPACE && (object === device || taken === domain)) return REVOKE_FIRST;
    const place = this.#book.slot(root, index!, depth!);
    if (typeof place === 'number') return place;
    if (place.cap !== null) return DELETE_FIRST;
    const made = this.#book.make(control, place, objects.IO_SPACE, device!, 0);
    made.badge = domain!;
    made.thing.index = domain!;
    return 0;
  }
  #mapTable(table: Cap, into: Cap | null, address: number): number {
    if (table.mapping !== null || into?.thing.type !== objects.IO_SPACE) return INVALID_CAPABILITY;
    const { thing: space } = into;
    const page = address >>> 12;
    if (space.root === null) space.root = table.thing;
    else {
      const { table: above, level } = descend(space.root, page, 0);
      if (level === 0) return DELETE_FIRST;
      above.entries.set(indexOf(page, level), { thing: table.thing, flags: '' });
    }
    table.mapping = { io: true, space: space.index, page };
    return 0;
  }
  #mapFrame(frame: Cap, into: Cap | null, [asked, address]: readonly number[]): number {
    if (frame.thing.size !== objects.FRAME_4K_BITS || frame.mapping !== null) return INVALID_CAPABILITY;
    if (into?.thing.type !== objects.IO_SPACE) return INVALID_CAPABILITY;
    const { root, index: space } = into.thing;
    const page = address! >>> 12;
    const found = root === null ? null : descend(root, page, 0);
    if (found === null || found.level !== 0) return FAILED_LOOKUP;
    const { entries } = found.table;
    if (entries.has(indexOf(page, 0))) return DELETE_FIRST;
    const rights = asked! & frame.rights;
    if ((rights & objects.READ) === 0) return INVALID_ARGUMENT;
    entries.set(indexOf(page, 0), { thing: frame.thing, flags: (rights & objects.WRITE) === 0 ? 'ru' : 'rwu' });
    frame.mapping = { io: true, space, page };
    return 0;
  }
  /** What a capability mapped is mapped no more. */
  leave({ thing, mapping }: Cap): void {
    const space = mapping?.io === true ? ioSpaceOf(this.#book, mapping.space) : undefined;
    if (space === undefined) return;
    if (space.root === thing) space.root = null;
    else takeOut(space.root, mapping!.page, thing);
  }
  /** A table goes, and what is reached through it. */
  end(table: Cap): void {
    if (table.mapping === null) return;
    this.leave(table);
    table.thing.entries.clear();
    table.mapping = null;
  }
}
