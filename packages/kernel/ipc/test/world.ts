/**
 * A few threads with capability tables, endpoints, notifications, reply objects and message buffers, and a scheduler that
 * writes down what it is told: everything that system calls need, without a kernel.
 */
import {
  BlockedThreads,
  blocking,
  type CapabilityPort,
  type fastPath,
  message,
  type Replies,
  rights,
  type SchedulingPort,
  SystemCalls,
} from '../src/index.ts';

export interface Cap {
  readonly kind: number;
  readonly object: number;
  readonly badge: number;
  readonly rights: number;
  /** Copies cannot be made of it. */
  readonly isStuck?: boolean;
}
export const ALL: number = rights.WRITE | rights.READ | rights.GRANT | rights.GRANT_REPLY;

export const THREADS = 6;
export const ENDPOINTS: readonly number[] = [16, 20];
export const NOTIFICATIONS: readonly number[] = [32, 48];
export const REPLIES: readonly number[] = [64, 72, 80];
const BUFFERS = 256;
export const WORDS: number = BUFFERS + THREADS * message.BUFFER_LANES;
/** Slots of one thread; pointers are 1 … SLOTS - 1. */
export const SLOTS = 32;
/** A pointer that no look-up finds. */
export const ABSENT = 999;
/** The root that names a thread's own table. */
export const OWN_ROOT = 7;

/** Tables of capabilities: slot = thread × SLOTS + pointer + 1. */
export class Tables implements CapabilityPort {
  readonly slots: (Cap | null)[] = new Array<Cap | null>((THREADS + 1) * SLOTS).fill(null);
  readonly log: string[] = [];
  /** What the next invocations of other objects answer. */
  result = 0;

  put(thread: number, pointer: number, cap: Cap | null): void {
    this.slots[thread * SLOTS + pointer] = cap;
  }
  at(thread: number, pointer: number): Cap | null {
    return this.slots[thread * SLOTS + pointer] ?? null;
  }
  lookup(thread: number, pointer: number): number {
    return pointer < 0 || pointer >= SLOTS ? -1 : thread * SLOTS + pointer + 1;
  }
  kindOf(slot: number): number {
    return this.slots[slot - 1]?.kind ?? rights.NOTHING;
  }
  objectOf(slot: number): number {
    return this.slots[slot - 1]!.object;
  }
  badgeOf(slot: number): number {
    return this.slots[slot - 1]!.badge;
  }
  rightsOf(slot: number): number {
    return this.slots[slot - 1]!.rights;
  }
  receiveSlot(thread: number, root: number, index: number, depth: number): number {
    if (root !== OWN_ROOT || depth !== 5 || index < 0 || index >= SLOTS) return -1;
    return this.at(thread, index) === null ? thread * SLOTS + index + 1 : -1;
  }
  deriveInto(destination: number, source: number): number {
    const cap = this.slots[source - 1] ?? null;
    if (cap === null || cap.isStuck === true) return -3;
    this.slots[destination - 1] = cap;
    return 0;
  }
  invoke(thread: number, slot: number, isCall: boolean): number {
    this.log.push(`${thread} invokes ${this.objectOf(slot)}${isCall ? ', a call' : ''}`);
    return this.result;
  }
  explain(thread: number, error: number): number {
    this.log.push(`${thread} is told of ${error}`);
    return 1;
  }
}

/** Writes down events; answers what it is told to. */
export class Scheduler implements SchedulingPort {
  readonly log: string[] = [];
  miss = 0;

  resume(thread: number): void {
    this.log.push(`resume ${thread}`);
  }
  restart(thread: number): void {
    this.log.push(`restart ${thread}`);
  }
  yields(thread: number): void {
    this.log.push(`yield ${thread}`);
  }
  called(caller: number, callee: number, reply: number, donates: boolean): void {
    this.log.push(`called ${caller} ${callee} ${reply}${donates ? ' donates' : ''}`);
  }
  lends(sender: number, receiver: number): void {
    this.log.push(`lends ${sender} ${receiver}`);
  }
  answered(caller: number, server: number, reply: number): void {
    this.log.push(`answered ${caller} ${server} ${reply}`);
  }
  dropped(caller: number, reply: number, returns: boolean): void {
    this.log.push(`dropped ${caller} ${reply}${returns ? ' and lent time' : ''}`);
  }
  woke(notification: number, thread: number): void {
    this.log.push(`woke ${notification} ${thread}`);
  }
  rests(notification: number, thread: number): void {
    this.log.push(`rests ${notification} ${thread}`);
  }
  missOfCall(): number {
    return this.miss;
  }
  missOfReply(): number {
    return this.miss;
  }
}

export class World {
  readonly words = new Int32Array(WORDS);
  readonly storage = new Int32Array(blocking.storageWords(THREADS));
  readonly threads = new BlockedThreads(this.words, THREADS, this.storage);
  readonly tables = new Tables();
  readonly scheduler = new Scheduler();
  readonly calls = new SystemCalls(this.threads, this.tables, this.scheduler);

  constructor() {
    for (let thread = 0; thread < THREADS; thread++) this.giveBuffer(thread);
  }
  giveBuffer(thread: number): void {
    this.threads.buffer[thread] = BUFFERS + thread * message.BUFFER_LANES;
  }
  /** From now on messages leave from the thread's buffer, and none arrive there. */
  protectBuffer(thread: number): void {
    this.threads.bufferReadOnly[thread] = 1;
  }
  takeBuffer(thread: number): void {
    this.threads.buffer[thread] = 0;
  }
  get replies(): Replies {
    return this.calls.replies;
  }
  misses(reason: fastPath.Miss): number {
    return this.calls.misses.of(reason);
  }
  /** Writes a message's words, and pointers of extra capabilities, as the thread itself would. */
  compose(thread: number, label: number, words: readonly number[], caps: readonly number[] = []): void {
    const { registers, tag } = this.threads;
    tag[thread] = message.messageTag(label, 0, caps.length, words.length);
    words.forEach((word, i) => {
      if (i < message.MESSAGE_REGISTERS) registers[(thread * message.MESSAGE_REGISTERS + i) * 2] = word;
      else this.poke(thread, message.BUFFER_MESSAGE + 2 * i, word);
    });
    caps.forEach((pointer, i) => {
      this.poke(thread, message.CAPS_OR_BADGES + 2 * i, pointer);
    });
  }
  /** Where a thread wants a capability. */
  expectCap(thread: number, index: number, root: number = OWN_ROOT, depth = 5): void {
    this.poke(thread, message.RECEIVE_ROOT, root);
    this.poke(thread, message.RECEIVE_INDEX, index);
    this.poke(thread, message.RECEIVE_DEPTH, depth);
  }
  poke(thread: number, lane: number, value: number): void {
    const buffer = this.threads.buffer[thread]!;
    if (buffer !== 0) this.words[buffer + lane] = value;
  }
  peek(thread: number, lane: number): number {
    return this.words[this.threads.buffer[thread]! + lane]!;
  }
  /** What a thread received: low lanes. */
  message(thread: number): { label: number; words: number[]; caps: number; unwrapped: number; badge: number } {
    const { tag, registers, badge } = this.threads;
    const words = Array.from({ length: message.lengthOf(tag[thread]!) }, (_, i) =>
      i < message.MESSAGE_REGISTERS
        ? registers[(thread * message.MESSAGE_REGISTERS + i) * 2]!
        : this.peek(thread, message.BUFFER_MESSAGE + 2 * i),
    );
    return {
      label: message.labelOf(tag[thread]!),
      words,
      caps: message.extraCapsOf(tag[thread]!),
      unwrapped: message.capsUnwrappedOf(tag[thread]!),
      badge: badge[thread]!,
    };
  }
}

export const endpointCap = (object: number, badge = 0, right: number = ALL): Cap => ({
  kind: rights.ENDPOINT,
  object,
  badge,
  rights: right,
});
export const notificationCap = (object: number, badge = 0, right: number = ALL): Cap => ({
  kind: rights.NOTIFICATION,
  object,
  badge,
  rights: right,
});
export const replyCap = (object: number, right: number = rights.GRANT): Cap => ({
  kind: rights.REPLY,
  object,
  badge: 0,
  rights: right,
});
export const otherCap = (object: number, kind: number = rights.OTHER): Cap => ({ kind, object, badge: 0, rights: 0 });
