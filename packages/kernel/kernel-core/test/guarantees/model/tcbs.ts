/** What is done with threads. */
import { errors, objects } from '@bulkhead/capabilities';
import { labels } from '../../../src/index.ts';
import { type Book, isNode } from './book.ts';
import type { Deletion } from './deletion.ts';
import { isHandler } from './messages.ts';
import { isRoot } from './tables.ts';
import { BUFFER, type Cap, CSPACE, FAULT_HANDLER, type Place, type Thread, TIMEOUT_HANDLER, VSPACE } from './things.ts';
import { resume, suspend, unbind } from './waiting.ts';

const { ALIGNMENT_ERROR, ILLEGAL_OPERATION, INVALID_CAPABILITY, REVOKE_FIRST } = errors;
const { READ, WRITE, ALL_RIGHTS } = objects;
const BUFFER_BYTES = 1024;
/** What is given is copied first: an untyped with children cannot be. */
const wrongType = (cap: Cap | null): number =>
  cap?.thing.type === objects.UNTYPED && cap.children.length > 0 ? REVOKE_FIRST : ILLEGAL_OPERATION;

export class TcbInvocations {
  readonly #book: Book;
  readonly #deletion: Deletion;

  constructor(book: Book, deletion: Deletion) {
    this.#book = book;
    this.#deletion = deletion;
  }

  invoke(t: Thread, label: number, words: readonly number[], extras: readonly Place[]): number {
    const [first, second, third] = extras.map(({ cap }) => cap);
    switch (label) {
      case labels.TCB_CONFIGURE:
        return (
          this.#checkBuffer(third!, words[2]!) ||
          this.#checkSpaces(t, first!, words[0]!, second!) ||
          this.#setSpaces(t, first!, words[0]!, second!) ||
          this.#setBuffer(t, words[2]!, third!)
        );
      case labels.TCB_SET_SPACE: {
        const refused = this.#checkSpaces(t, second!, words[0]!, third!);
        if (refused !== 0) return refused;
        if (first && !isHandler(first)) return INVALID_CAPABILITY;
        this.#install(t, FAULT_HANDLER, first!, 0);
        return this.#setSpaces(t, second!, words[0]!, third!);
      }
      case labels.TCB_SET_TIMEOUT_ENDPOINT:
        if (first && !isHandler(first)) return INVALID_CAPABILITY;
        return this.#install(t, TIMEOUT_HANDLER, first!, 0);
      case labels.TCB_SET_IPC_BUFFER:
        return this.#checkBuffer(first!, words[0]!) || this.#setBuffer(t, words[0]!, first!);
      case labels.TCB_SUSPEND:
        suspend(t);
        return 0;
      case labels.TCB_RESUME:
        resume(t);
        return 0;
      case labels.TCB_BIND_NOTIFICATION:
        return this.#bind(t, first!);
      default:
        if (t.bound === null) return ILLEGAL_OPERATION;
        unbind(t);
        return 0;
    }
  }
  #bind(t: Thread, cap: Cap | null): number {
    if (cap?.thing.type !== objects.NOTIFICATION || (cap.rights & READ) === 0) return ILLEGAL_OPERATION;
    if (t.bound !== null || cap.thing.bound !== null || cap.thing.queue.length > 0) return ILLEGAL_OPERATION;
    t.bound = cap.thing;
    cap.thing.bound = t;
    return 0;
  }
  #checkBuffer(frame: Cap | null, address: number): number {
    if (address === 0) return 0;
    if (frame?.thing.type !== objects.FRAME) return wrongType(frame);
    if (frame.thing.device) return ILLEGAL_OPERATION;
    return address % BUFFER_BYTES === 0 ? 0 : ALIGNMENT_ERROR;
  }
  /** A capability whose going would take others with it may not be replaced. */
  #checkSpaces(t: Thread, cspace: Cap | null, data: number, vspace: Cap | null): number {
    const held = this.#book.cspaceOf(t);
    if (held !== null && this.#book.isLast(held)) return ILLEGAL_OPERATION;
    if (!isNode(cspace)) return wrongType(cspace);
    if (!this.#book.mayUpdate(cspace, data, false)) return ILLEGAL_OPERATION;
    return vspace !== null && isRoot(this.#book, vspace) ? 0 : wrongType(vspace);
  }
  #setSpaces(t: Thread, cspace: Cap, data: number, vspace: Cap): number {
    return this.#install(t, CSPACE, cspace, data) || this.#install(t, VSPACE, vspace, 0);
  }
  #setBuffer(t: Thread, address: number, frame: Cap | null): number {
    this.#install(t, BUFFER, address === 0 ? null : frame, 0);
    const isUsable = address !== 0 && frame !== null && (frame.rights & READ) !== 0;
    t.buffer = isUsable ? frame.thing : null;
    t.isInbox = isUsable && (frame.rights & WRITE) !== 0;
    return 0;
  }
  #install(t: Thread, index: number, source: Cap | null, data: number): number {
    const place = t.tcb.places[index]!;
    if (place.cap !== null) this.#deletion.destroy(place.cap);
    if (source === null || source === undefined) return 0;
    return this.#book.derive(place, source, ALL_RIGHTS, data === 0 ? undefined : data);
  }
}
