/** Interrupts and whom they tell. A handler is a thing with one place, for a notification's capability. */
import { errors, objects } from '@bulkhead/capabilities';
import { labels } from '@bulkhead/interrupts';
import { handlerSlot, interruptLine } from '../machine.ts';
import type { Book } from './book.ts';
import type { Deletion } from './deletion.ts';
import type { Messages } from './messages.ts';
import type { Cap, Place, Thing } from './things.ts';

const { DELETE_FIRST, INVALID_ARGUMENT, INVALID_CAPABILITY, RANGE_ERROR, REVOKE_FIRST } = errors;
const IDENTITIES = 31;

const canSignal = (cap: Cap | null): cap is Cap =>
  cap?.thing.type === objects.NOTIFICATION && (cap.rights & objects.WRITE) !== 0;
const isHandler = ({ type }: Thing): boolean => type === objects.IRQ_HANDLER;

export class Interrupts {
  readonly #book: Book;
  readonly #deletion: Deletion;
  readonly #messages: Messages;

  constructor(book: Book, deletion: Deletion, messages: Messages) {
    this.#book = book;
    this.#deletion = deletion;
    this.#messages = messages;
  }

  invoke(cap: Cap, label: number, words: readonly number[], extras: readonly Place[]): number {
    const { thing: handler } = cap;
    const first = extras[0]?.cap ?? null;
    switch (label) {
      case labels.IRQ_CONTROL_GET:
        return this.#issue(cap, first, [words[0]!, labels.TRIGGER_EDGE, ...words.slice(1)]);
      case labels.IRQ_CONTROL_GET_TRIGGER:
        return this.#issue(cap, first, words);
      case labels.IRQ_HANDLER_ACK:
        handler.awaits = false;
        this.#unmask(handler);
        return 0;
      case labels.IRQ_HANDLER_SET_NOTIFICATION:
        if (!canSignal(first)) return INVALID_CAPABILITY;
        this.#empty(handler);
        this.#book.derive(handler.places[0]!, first, objects.ALL_RIGHTS);
        this.#unmask(handler);
        return 0;
      default:
        this.#empty(handler);
        handler.enabled = false;
        return 0;
    }
  }
  #issue(control: Cap, root: Cap | null, [identity, trigger, index, depth]: readonly number[]): number {
    if (identity! < 1 || identity! > IDENTITIES) return RANGE_ERROR;
    if (trigger !== labels.TRIGGER_EDGE) return INVALID_ARGUMENT;
    if ([...this.#book.things].some((each) => isHandler(each) && each.object === identity)) return REVOKE_FIRST;
    const place = this.#book.slot(root, index!, depth!);
    if (typeof place === 'number') return place;
    if (place.cap !== null) return DELETE_FIRST;
    this.#book.make(control, place, objects.IRQ_HANDLER, identity!, 0, [handlerSlot(identity!)]);
    return 0;
  }
  #empty({ places }: Thing): void {
    const { cap } = places[0]!;
    if (cap !== null) this.#deletion.destroy(cap);
  }
  #unmask(handler: Thing): void {
    handler.enabled = !handler.awaits && canSignal(handler.places[0]!.cap);
  }

  /** Interrupts that are let through. */
  open(): number[] {
    return [...this.#book.things].flatMap((each) => (isHandler(each) && each.enabled ? [each.object] : []));
  }
  /** One comes. */
  deliver(identity: number): void {
    for (const each of this.#book.things) {
      if (!isHandler(each) || each.object !== identity) continue;
      each.enabled = false;
      each.awaits = true;
      const { cap } = each.places[0]!;
      if (canSignal(cap)) this.#messages.signal(cap.thing, cap.badge);
    }
  }
  /** In words. */
  *lines(): Generator<string> {
    for (const each of this.#book.things)
      if (isHandler(each)) yield interruptLine(each.object, true, each.enabled, each.awaits);
  }
}
