/** What messages ask of capabilities: slots in the lent memory, found in the space whose root is in the thread's TCB. */
import { type Capabilities, errors, objects } from '@bulkhead/capabilities';
import { blocking, type CapabilityPort, message as format, outcomes, rights } from '@bulkhead/ipc';
import type { Dispatch } from './dispatch.ts';
import { explain } from './explain.ts';
import type { Message } from './message.ts';
import type { Tcbs } from './tcbs.ts';

const WORD_BITS = 32;
/** The largest record that messages touch, a notification's. */
const RECORD_WORDS = 16;

/** By type: what messages make of a capability. */
const KINDS: Uint8Array = new Uint8Array(256);
for (let type = 1; type < objects.TYPE_COUNT; type++) KINDS[type] = rights.OTHER;
KINDS[objects.ENDPOINT] = rights.ENDPOINT;
KINDS[objects.NOTIFICATION] = rights.NOTIFICATION;
KINDS[objects.REPLY] = rights.REPLY;
for (const type of [objects.TCB, objects.CNODE, objects.DOMAIN, objects.SCHED_CONTROL, objects.SCHED_CONTEXT])
  KINDS[type] = rights.OTHER_ALONE;

export class CapabilityAdapter implements CapabilityPort {
  readonly #capabilities: Capabilities;
  readonly #tcbs: Tcbs;
  readonly #message: Message;
  readonly #dispatch: Dispatch;
  readonly #lastRecord: number;
  /** The memory is not what was left there. */
  corrupted = false;

  constructor(capabilities: Capabilities, tcbs: Tcbs, message: Message, dispatch: Dispatch) {
    this.#capabilities = capabilities;
    this.#tcbs = tcbs;
    this.#message = message;
    this.#dispatch = dispatch;
    this.#lastRecord = tcbs.words.length - RECORD_WORDS;
  }

  /** A slot that is empty is found, and holds nothing: to invoke it is InvalidCapability, to receive from it a fault. */
  lookup(thread: number, pointer: number): number {
    return this.lookupExtra(thread, pointer);
  }
  /** A slot that is empty is found: it stands for no capability. */
  lookupExtra(thread: number, pointer: number): number {
    return this.#found(this.#capabilities.resolve(this.#tcbs.wordOf(thread), pointer, WORD_BITS));
  }
  kindOf(slot: number): number {
    if (this.#capabilities.isZombie(slot)) return rights.NOTHING;
    const kind = KINDS[this.#capabilities.typeOf(slot)]!;
    return kind === rights.NOTHING || kind >= rights.OTHER || this.#isRecord(slot) ? kind : rights.NOTHING;
  }
  objectOf(slot: number): number {
    return this.#capabilities.wordOf(slot);
  }
  badgeOf(slot: number): number {
    return this.#capabilities.badgeOf(slot);
  }
  rightsOf(slot: number): number {
    return this.#capabilities.rightsOf(slot);
  }
  receiveSlot(thread: number, root: number, index: number, depth: number): number {
    const cnode = this.lookup(thread, root);
    const slot = cnode < 0 ? cnode : this.#capabilities.lookupSlot(cnode, index, depth, false);
    return slot < 0 || this.#capabilities.typeOf(slot) === objects.NULL ? slot : -1;
  }
  deriveInto(destination: number, source: number): number {
    return this.#capabilities.copy(destination, source, objects.ALL_RIGHTS);
  }

  invoke(thread: number, slot: number, isCall: boolean): number {
    const message = this.#message;
    const { threads } = this.#tcbs;
    message.load(threads, thread);
    this.#loadExtras(thread);
    const result = this.#dispatch.invoke(thread, slot, format.labelOf(threads.tag[thread]!), message);
    if (result === errors.PREEMPTED) return outcomes.PREEMPTED;
    if (result < 0) {
      if (result === errors.CORRUPTED) this.corrupted = true;
      return result;
    }
    if (threads.state[thread] !== blocking.RUNNING) this.#stopped(thread);
    return isCall ? message.store(threads, thread) : 0;
  }
  /** CHOICE: a thread that stopped itself has its answer: resumed, it goes on behind the call. */
  #stopped(thread: number): void {
    const { threads } = this.#tcbs;
    threads.tag[thread] = 0;
    threads.badge[thread] = 0;
    this.#tcbs.complete(thread);
  }
  explain(thread: number, error: number): number {
    explain(this.#capabilities.details, error, this.#message.answer);
    return this.#message.store(this.#tcbs.threads, thread);
  }

  /** They were looked up before, and found. */
  #loadExtras(thread: number): void {
    const { buffer, tag, words } = this.#tcbs.threads;
    const message = this.#message;
    message.extraCount = buffer[thread] === 0 ? 0 : format.extraCapsOf(tag[thread]!);
    for (let i = 0; i < message.extraCount; i++) {
      const slot = this.lookupExtra(thread, words[buffer[thread]! + format.CAPS_OR_BADGES + i * format.WORD_LANES]!);
      message.extras[i] = Math.max(slot, 0);
    }
  }
  #isRecord(slot: number): boolean {
    const word = this.#capabilities.wordOf(slot);
    if (word > 0 && word < this.#lastRecord) return true;
    this.corrupted = true;
    return false;
  }
  #found(slot: number): number {
    if (slot === errors.CORRUPTED) this.corrupted = true;
    return slot;
  }
}
