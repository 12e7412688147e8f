/** What goes with a capability. */
import { objects } from '@bulkhead/capabilities';
import type { Book } from './book.ts';
import { BUFFER, type Cap, type Place, type Thing } from './things.ts';
import { restart, suspend, unbind } from './waiting.ts';

export class Deletion {
  readonly #book: Book;
  /** Deleted objects lay within each other: in which order they went is left open. */
  isOrderOpen = false;
  #depth = 0;

  constructor(book: Book) {
    this.#book = book;
  }
  revoke(place: Place): void {
    const { cap } = place;
    while (cap !== null && cap.place.cap === cap && cap.children.length > 0) this.destroy(cap.children[0]!);
  }
  destroy(cap: Cap): void {
    if (cap.dying) return;
    const { thing: gone, place } = cap;
    this.#leave(gone, place);
    const last = this.#book.isLast(cap);
    if (last) this.#finalise(gone);
    if (last && gone.places.length > 0) {
      cap.dying = true;
      if (++this.#depth > 1) this.isOrderOpen = true;
      for (const inner of [...gone.places].reverse()) if (inner.cap !== null) this.destroy(inner.cap);
      this.#depth--;
    }
    if (last && gone.type !== objects.UNTYPED) this.#book.things.delete(gone);
    this.#book.remove(cap);
  }
  /** A thread whose buffer's frame goes has none. */
  #leave(gone: Thing, place: Place): void {
    if (gone.type !== objects.FRAME) return;
    for (const t of this.#book.threads()) if (t.tcb.places[BUFFER] === place) t.buffer = null;
  }
  #finalise(gone: Thing): void {
    switch (gone.type) {
      case objects.NOTIFICATION:
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
        break;
      default:
        break;
    }
  }
}
