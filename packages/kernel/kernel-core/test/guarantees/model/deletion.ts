/** What goes with a capability, at once or in parts. */
import { objects } from '@bulkhead/capabilities';
import { AddressSpaces } from './address-spaces.ts';
import type { Book } from './book.ts';
import { IoSpaces } from './io-spaces.ts';
import { BUFFER, type Cap, type Place } from './things.ts';
import { restart, suspend, unbind } from './waiting.ts';

export class Deletion {
  readonly #book: Book;
  readonly #spaces: AddressSpaces;
  readonly #ioSpaces: IoSpaces;
  readonly #busy = new Set<Cap>();
  /** Deleted objects lay within each other: in which order they went is left open. */
  isOrderOpen = false;
  /** Notifications that went while they were bound. */
  boundCount = 0;

  constructor(book: Book) {
    this.#book = book;
    this.#spaces = new AddressSpaces(book);
    this.#ioSpaces = new IoSpaces(book);
  }
  revoke(place: Place): void {
    const { cap } = place;
    while (cap !== null && cap.place.cap === cap && cap.children.length > 0) this.destroy(cap.children[0]!);
  }
  /** With what is inside, if nobody else has it. One that was begun before is finished. */
  destroy(cap: Cap): void {
    if (this.#busy.has(cap)) return;
    const last = cap.dying || this.begin(cap);
    if (last && cap.thing.places.length > 0) {
      cap.dying = true;
      this.#busy.add(cap);
      if (this.#busy.size > 1) this.isOrderOpen = true;
      for (const inner of [...cap.thing.places].reverse()) if (inner.cap !== null) this.destroy(inner.cap);
      this.#busy.delete(cap);
    }
    this.end(cap, last);
  }
  /** What it did is undone. @returns whether it was the last to its thing */
  begin(cap: Cap): boolean {
    this.#leave(cap);
    const last = this.#book.isLast(cap);
    if (last) this.#finalise(cap);
    return last;
  }
  end(cap: Cap, last: boolean): void {
    if (last && cap.thing.type !== objects.UNTYPED) this.#book.things.delete(cap.thing);
    this.#book.remove(cap);
  }
  /** All that goes when a capability is deleted, or when it is revoked; and all whose deletion was begun. */
  doomed(cap: Cap, isRevoked: boolean): Set<Cap> {
    const found = new Set<Cap>(isRevoked ? descendants(cap) : [cap]);
    for (const each of this.#book.caps()) if (each.dying) found.add(each);
    const all = [...this.#book.caps()];
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const { thing } of found)
        if (all.every((other) => other.thing !== thing || found.has(other)))
          for (const inner of thing.places) if (inner.cap !== null) found.add(inner.cap);
    }
    return found;
  }

  /** A thread whose buffer's frame goes has none; what the capability mapped is mapped no more. */
  #leave(cap: Cap): void {
    if (cap.thing.type !== objects.FRAME) return;
    for (const t of this.#book.threads()) if (t.tcb.places[BUFFER] === cap.place) t.buffer = null;
    this.#spaces.leave(cap);
    this.#ioSpaces.leave(cap);
  }
  #finalise(cap: Cap): void {
    const { thing: gone } = cap;
    switch (gone.type) {
      case objects.NOTIFICATION:
        if (gone.bound !== null) this.boundCount++;
        if (gone.bound !== null) unbind(gone.bound);
        for (const t of [...gone.queue]) restart(t);
        break;
      case objects.ENDPOINT:
        for (const t of [...gone.queue]) restart(t);
        break;
      case objects.REPLY:
        if (gone.thread !== null) suspend(gone.thread);
        break;
      case objects.TCB:
        suspend(gone.thread!);
        unbind(gone.thread!);
        gone.thread!.buffer = null;
        break;
      case objects.PAGE_TABLE:
        this.#spaces.end(cap);
        break;
      case objects.IO_PAGE_TABLE:
        this.#ioSpaces.end(cap);
        break;
      default:
        break;
    }
  }
}

function* descendants({ children }: Cap): Generator<Cap> {
  for (const child of children) {
    yield child;
    yield* descendants(child);
  }
}
