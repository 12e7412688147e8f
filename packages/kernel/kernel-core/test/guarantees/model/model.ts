/**
 * A kernel as the manual tells of it, drawn with plain objects: capabilities with a parent and ordered children, places
 * that hold them, threads that wait in lists. Of the kernel under test it knows numbers and labels only.
 */
import { labels as spaceLabels } from '@bulkhead/address-space';
import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import { labels, systemCalls } from '../../../src/index.ts';
import { AddressSpaces } from './address-spaces.ts';
import { Book } from './book.ts';
import { Deletion } from './deletion.ts';
import { Interrupts } from './interrupts.ts';
import { IoSpaces } from './io-spaces.ts';
import { Messages } from './messages.ts';
import { Slots } from './slots.ts';
import { mappings } from './tables.ts';
import { TcbInvocations } from './tcbs.ts';
import type { Answer, Cap, Place, SystemCall, Thread } from './things.ts';

const { INVALID_CAPABILITY, ILLEGAL_OPERATION, TRUNCATED_MESSAGE } = errors;

/** Words and extra capabilities that an invocation needs. */
const NEEDED: ReadonlyMap<number, readonly [type: number, words: number, extras: number]> = new Map([
  [slotLabels.UNTYPED_RETYPE, [objects.UNTYPED, 6, 1]],
  [slotLabels.CNODE_REVOKE, [objects.CNODE, 2, 0]],
  [slotLabels.CNODE_DELETE, [objects.CNODE, 2, 0]],
  [slotLabels.CNODE_CANCEL_BADGED_SENDS, [objects.CNODE, 2, 0]],
  [slotLabels.CNODE_COPY, [objects.CNODE, 5, 1]],
  [slotLabels.CNODE_MINT, [objects.CNODE, 6, 1]],
  [slotLabels.CNODE_MOVE, [objects.CNODE, 4, 1]],
  [slotLabels.CNODE_MUTATE, [objects.CNODE, 5, 1]],
  [slotLabels.CNODE_ROTATE, [objects.CNODE, 8, 2]],
  [labels.TCB_CONFIGURE, [objects.TCB, 3, 3]],
  [labels.TCB_SET_SPACE, [objects.TCB, 2, 3]],
  [labels.TCB_SET_IPC_BUFFER, [objects.TCB, 1, 1]],
  [labels.TCB_SET_TIMEOUT_ENDPOINT, [objects.TCB, 0, 1]],
  [labels.TCB_SUSPEND, [objects.TCB, 0, 0]],
  [labels.TCB_RESUME, [objects.TCB, 0, 0]],
  [labels.TCB_BIND_NOTIFICATION, [objects.TCB, 0, 1]],
  [labels.TCB_UNBIND_NOTIFICATION, [objects.TCB, 0, 0]],
  [spaceLabels.PAGE_TABLE_MAP, [objects.PAGE_TABLE, 2, 1]],
  [spaceLabels.PAGE_TABLE_UNMAP, [objects.PAGE_TABLE, 0, 0]],
  [spaceLabels.PAGE_MAP, [objects.FRAME, 3, 1]],
  [spaceLabels.PAGE_UNMAP, [objects.FRAME, 0, 0]],
  [spaceLabels.ASID_CONTROL_MAKE_POOL, [objects.ASID_CONTROL, 2, 2]],
  [spaceLabels.ASID_POOL_ASSIGN, [objects.ASID_POOL, 0, 1]],
  [irqLabels.IRQ_CONTROL_GET, [objects.IRQ_CONTROL, 3, 1]],
  [irqLabels.IRQ_CONTROL_GET_TRIGGER, [objects.IRQ_CONTROL, 4, 1]],
  [irqLabels.IRQ_HANDLER_ACK, [objects.IRQ_HANDLER, 0, 0]],
  [irqLabels.IRQ_HANDLER_SET_NOTIFICATION, [objects.IRQ_HANDLER, 0, 1]],
  [irqLabels.IRQ_HANDLER_CLEAR, [objects.IRQ_HANDLER, 0, 0]],
  [ioLabels.IO_SPACE_CONTROL_ISSUE, [objects.IO_SPACE_CONTROL, 4, 1]],
  [ioLabels.IO_PAGE_TABLE_MAP, [objects.IO_PAGE_TABLE, 1, 1]],
  [ioLabels.IO_PAGE_TABLE_UNMAP, [objects.IO_PAGE_TABLE, 0, 0]],
  [ioLabels.PAGE_MAP_IO, [objects.FRAME, 2, 1]],
  [ioLabels.PAGE_UNMAP_IO, [objects.FRAME, 0, 0]],
]);
const IO_LABELS: readonly number[] = Object.values(ioLabels);
/** What the model tells nothing of, but that no capability comes or goes. */
export const isUntold = (label: number): boolean => label !== 0 && !NEEDED.has(label);

export class Model extends Book {
  /** Bytes of a node's slots, for objects to come. */
  readonly slotAt: (object: number, index: number) => number;
  readonly deletion = new Deletion(this);
  readonly interrupts: Interrupts;
  readonly #messages = new Messages(this);
  readonly #slots: Slots;
  readonly #tcbs = new TcbInvocations(this, this.deletion);
  readonly #spaces = new AddressSpaces(this);
  readonly #ioSpaces = new IoSpaces(this);

  constructor(slotAt: (object: number, index: number) => number) {
    super();
    this.slotAt = slotAt;
    this.#slots = new Slots(this, this.deletion, slotAt);
    this.interrupts = new Interrupts(this, this.deletion, this.#messages);
  }
  /** All that hardware acts upon, in words. */
  view(): string[] {
    return [...mappings(this), ...this.interrupts.lines()];
  }

  /** @returns the kernel's answer to a Call of something that is no endpoint; null where there is none. */
  systemCall(t: Thread, call: SystemCall): Answer | null {
    this.deletion.isOrderOpen = false;
    this.#writeBuffer(t, call);
    const answer = this.#perform(t, call);
    if (answer === 'fault') {
      this.#messages.raise(t);
      return null;
    }
    return call.number === systemCalls.CALL && t.state === 'running' ? answer : null;
  }
  #writeBuffer(t: Thread, { extras = [], receive }: SystemCall): void {
    t.extraCount = extras.length;
    if (t.buffer === null) return;
    for (const [i, pointer] of extras.entries()) t.buffer.extras[i] = pointer;
    if (receive !== undefined) t.buffer.receive = receive;
  }
  #perform(t: Thread, call: SystemCall): Answer | null | 'fault' {
    const { pointer, reply = 0, destination = 0 } = call;
    switch (call.number) {
      case systemCalls.CALL:
        return this.#invoke(t, call, pointer, true, true);
      case systemCalls.SEND:
        return this.#invoke(t, call, pointer, true, false);
      case systemCalls.NB_SEND:
        this.#invoke(t, call, pointer, false, false);
        return null;
      case systemCalls.REPLY_RECEIVE:
        this.#invoke(t, call, reply, false, false, true);
        return this.#messages.receive(t, pointer, reply, true);
      case systemCalls.NB_SEND_RECEIVE:
        this.#invoke(t, call, destination, false, false, true);
        return this.#messages.receive(t, pointer, reply, true);
      case systemCalls.NB_SEND_WAIT:
        this.#invoke(t, call, destination, false, false, true);
        return this.#messages.receive(t, pointer, null, true);
      case systemCalls.RECEIVE:
      case systemCalls.NB_RECEIVE:
        return this.#messages.receive(t, pointer, reply, call.number === systemCalls.RECEIVE);
      case systemCalls.WAIT:
      case systemCalls.NB_WAIT:
        return this.#messages.receive(t, pointer, null, call.number === systemCalls.WAIT);
      default:
        return null;
    }
  }

  #invoke(
    t: Thread,
    { label = 0, words = [] }: SystemCall,
    pointer: number,
    blocking: boolean,
    calls: boolean,
    isFirst = false,
  ): Answer | null | 'fault' {
    const place = this.find(t, pointer);
    const extras = place === null ? null : this.#messages.extrasOf(t);
    if (place === null || extras === null) return blocking ? 'fault' : null;
    const { cap } = place;
    if (cap === null || cap.dying) return { error: -INVALID_CAPABILITY };
    const mayWrite = (cap.rights & objects.WRITE) !== 0;
    switch (cap.thing.type) {
      case objects.ENDPOINT:
        if (!mayWrite) return { error: -INVALID_CAPABILITY };
        this.#messages.send(t, cap, blocking, calls);
        return null;
      case objects.NOTIFICATION:
        if (!mayWrite) return { error: -INVALID_CAPABILITY };
        this.#messages.signal(cap.thing, cap.badge);
        return { error: 0 };
      case objects.REPLY:
        this.#messages.answer(t, cap.thing, (cap.rights & objects.GRANT) !== 0);
        return { error: 0 };
      case objects.TCB:
      case objects.CNODE:
      case objects.SCHED_CONTEXT:
      case objects.SCHED_CONTROL:
      case objects.DOMAIN:
        if (isFirst) return null;
        break;
      default:
        break;
    }
    return this.#onObject(cap, label, t.buffer === null ? words.slice(0, 4) : words, extras);
  }
  #onObject(cap: Cap, label: number, words: readonly number[], extras: readonly Place[]): Answer {
    const needed = NEEDED.get(label);
    const fail = (error: number): Answer => ({ error: -error });
    if (needed === undefined || needed[0] !== cap.thing.type) return fail(ILLEGAL_OPERATION);
    if (words.length < needed[1] || extras.length < needed[2]) return fail(TRUNCATED_MESSAGE);
    switch (cap.thing.type) {
      case objects.UNTYPED:
        return this.#slots.onUntyped(cap, words, extras[0]!.cap);
      case objects.CNODE:
        return fail(this.#slots.onNode(cap, label, words, extras));
      case objects.TCB:
        return fail(this.#tcbs.invoke(cap.thing.thread!, label, words, extras));
      case objects.IRQ_CONTROL:
      case objects.IRQ_HANDLER:
        return fail(this.interrupts.invoke(cap, label, words, extras));
      default:
        return fail(
          IO_LABELS.includes(label)
            ? this.#ioSpaces.invoke(cap, label, words, extras)
            : this.#spaces.invoke(cap, label, words, extras),
        );
    }
  }
}
