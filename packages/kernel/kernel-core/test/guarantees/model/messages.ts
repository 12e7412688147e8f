/** What passes between threads: messages with capabilities, answers, signals, faults. */
import { objects } from '@bulkhead/capabilities';
import type { Book } from './book.ts';
import { type Cap, FAULT_HANDLER, isBadged, type Place, type Thing, type Thread } from './things.ts';
import { suspend, tie, untie, unwait, wait } from './waiting.ts';

const { WRITE, READ, GRANT, GRANT_REPLY, ALL_RIGHTS } = objects;

export function isHandler({ thing: { type }, rights }: Cap): boolean {
  return type === objects.ENDPOINT && (rights & WRITE) !== 0 && (rights & (GRANT | GRANT_REPLY)) !== 0;
}

export class Messages {
  readonly #book: Book;
  constructor(book: Book) {
    this.#book = book;
  }

  /** All are looked up before anything happens. */
  extrasOf(t: Thread): Place[] | null {
    const count = t.buffer === null ? 0 : t.extraCount;
    const places: Place[] = [];
    for (let i = 0; i < count; i++) {
      const place = this.#book.find(t, t.buffer!.extras[i]!);
      if (place === null) return null;
      places.push(place);
    }
    return places;
  }
  send(t: Thread, cap: Cap, blocking: boolean, calls: boolean): void {
    const { thing: endpoint, rights, badge } = cap;
    const receiver = endpoint.queue[0];
    if (receiver?.state === 'receiving') {
      unwait(receiver);
      const { reply } = receiver;
      untie(receiver);
      if (calls && (rights & (GRANT | GRANT_REPLY)) !== 0 && reply !== null) tie(reply, t, 'awaits an answer');
      else if (calls) t.state = 'inactive';
      this.#transfer(t, receiver, endpoint, (rights & GRANT) !== 0);
    } else if (blocking) {
      wait(t, endpoint, 'sending');
      t.badge = badge;
      t.rights = rights;
      t.calls = calls;
    }
  }
  receive(t: Thread, pointer: number, replyPointer: number | null, blocking: boolean): null | 'fault' {
    if (t.state !== 'running') return null;
    const cap = this.#book.find(t, pointer)?.cap ?? null;
    if (cap === null || cap.dying || !isBadged(cap.thing) || (cap.rights & READ) === 0) return 'fault';
    if (cap.thing.type === objects.NOTIFICATION) return this.#waitAt(t, cap.thing, blocking);
    let reply: Thing | null = null;
    if (replyPointer !== null) {
      const replyCap = this.#book.find(t, replyPointer)?.cap ?? null;
      if (replyCap?.thing.type !== objects.REPLY) return 'fault';
      reply = replyCap.thing;
      if (reply.thread !== null) suspend(reply.thread);
    }
    if (t.bound !== null && t.bound.word !== null) {
      t.bound.word = null;
      return null;
    }
    const sender = cap.thing.queue[0];
    if (sender?.state === 'sending') this.#collect(sender, t, cap.thing, reply);
    else if (blocking) {
      wait(t, cap.thing, 'receiving');
      if (reply !== null) tie(reply, t, 'receiving');
    }
    return null;
  }
  #collect(sender: Thread, t: Thread, endpoint: Thing, reply: Thing | null): void {
    unwait(sender);
    if (sender.calls && reply !== null && (sender.rights & (GRANT | GRANT_REPLY)) !== 0)
      tie(reply, sender, 'awaits an answer');
    else if (sender.calls) sender.state = 'inactive';
    this.#transfer(sender, t, endpoint, (sender.rights & GRANT) !== 0);
  }
  answer(t: Thread, reply: Thing, grants: boolean): void {
    const caller = reply.thread;
    if (caller === null || caller.state !== 'awaits an answer') return;
    untie(caller);
    caller.state = 'running';
    if (caller.fault) caller.fault = false;
    else this.#transfer(t, caller, null, grants);
  }
  /** A fault is a call to the handler; without one the thread stops. */
  raise(t: Thread): void {
    const handler = t.tcb.places[FAULT_HANDLER]!.cap;
    if (handler === null || !isHandler(handler)) {
      suspend(t);
      return;
    }
    t.fault = true;
    this.send(t, handler, true, true);
  }
  signal(notification: Thing, badge: number): void {
    const first = notification.queue[0];
    if (first !== undefined) unwait(first);
    else if (notification.word === null && notification.bound?.state === 'receiving') {
      const { bound } = notification;
      unwait(bound);
      untie(bound);
    } else notification.word = (notification.word ?? 0) | badge;
  }
  #waitAt(t: Thread, notification: Thing, blocking: boolean): null | 'fault' {
    if (notification.bound !== null && notification.bound !== t) return 'fault';
    if (notification.word !== null) notification.word = null;
    else if (blocking) wait(t, notification, 'waiting');
    return null;
  }

  /** Capabilities go along only with Grant; those to the endpoint itself are unwrapped; one other goes to the slot. */
  #transfer(from: Thread, to: Thread, endpoint: Thing | null, grants: boolean): void {
    if (from.fault || !grants || from.extraCount === 0 || to.buffer === null || !to.isInbox) return;
    const extras = this.extrasOf(from) ?? [];
    const [root, index, depth] = to.buffer.receive as [number, number, number];
    const found = this.#book.slot(this.#book.find(to, root)?.cap ?? null, index, depth);
    let slot = typeof found === 'number' || found.cap !== null ? null : found;
    for (const [i, { cap }] of extras.entries()) {
      if (endpoint !== null && cap?.thing === endpoint) to.buffer.extras[i] = cap.badge;
      else {
        if (slot === null || cap === null || this.#book.derive(slot, cap, ALL_RIGHTS) !== 0) return;
        slot = null;
      }
    }
  }
}
