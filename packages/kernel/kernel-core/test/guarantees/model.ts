/**
 * A kernel as the manual tells of it, drawn with plain objects: capabilities with a parent and ordered children, places
 * that hold them, threads that wait in lists. Of the kernel under test it knows numbers and labels only.
 */
import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels, systemCalls } from '../../src/index.ts';
import { bytesOf } from './census.ts';

const { WRITE, READ, GRANT, GRANT_REPLY, ALL_RIGHTS } = objects;
export type State = 'running' | 'sending' | 'receiving' | 'awaits an answer' | 'waiting' | 'inactive';

export interface Place {
  readonly slot: number;
  cap: Cap | null;
}
export interface Thing {
  readonly type: number;
  /** Address / 16. */
  readonly object: number;
  readonly size: number;
  readonly places: Place[];
  /** An endpoint's or a notification's. */
  queue: Thread[];
  word: number | null;
  bound: Thread | null;
  /** Of a reply object: who is tied to it. Of a TCB: its thread. */
  thread: Thread | null;
  /** Of a frame that is a message buffer. */
  extras: number[];
  receive: readonly number[];
}
export interface Cap {
  readonly thing: Thing;
  rights: number;
  badge: number;
  guard: number;
  guardSize: number;
  mapped: boolean;
  /** Whether copies are its children, and not its siblings. */
  readonly original: boolean;
  parent: Cap | null;
  children: Cap[];
  place: Place;
  /** Bytes that an untyped gave out. */
  used: number;
  dying: boolean;
}
export interface Thread {
  readonly tcb: Thing;
  state: State;
  at: Thing | null;
  reply: Thing | null;
  bound: Thing | null;
  buffer: Thing | null;
  fault: boolean;
  extraCount: number;
  /** While it is sending. */
  badge: number;
  rights: number;
  calls: boolean;
}
export interface SystemCall {
  readonly number: number;
  readonly pointer: number;
  readonly reply?: number;
  readonly destination?: number;
  readonly label?: number;
  readonly words?: readonly number[];
  readonly extras?: readonly number[];
  /** Root, index and depth of the slot for a capability received. */
  readonly receive?: readonly number[];
}
export interface Answer {
  /** The error, positive; 0 for none. */
  error: number;
  /** With NOT_ENOUGH_MEMORY: bytes that are left. */
  bytesLeft?: number;
}

export function thing(type: number, object: number, size: number, slots: readonly number[]): Thing {
  return {
    type,
    object,
    size,
    places: slots.map((slot) => ({ slot, cap: null })),
    queue: [],
    word: null,
    bound: null,
    thread: null,
    extras: [0, 0, 0],
    receive: [0, 0, 0],
  };
}
export function thread(tcb: Thing): Thread {
  return {
    tcb,
    state: 'inactive',
    at: null,
    reply: null,
    bound: null,
    buffer: null,
    fault: false,
    extraCount: 0,
    badge: 0,
    rights: 0,
    calls: false,
  };
}
const isBadged = ({ type }: Thing): boolean => type === objects.ENDPOINT || type === objects.NOTIFICATION;
const binary = (value: number, bits: number): string =>
  bits === 0 ? '' : (value >>> 0).toString(2).padStart(32, '0').slice(-bits);

const { INVALID_ARGUMENT, INVALID_CAPABILITY, ILLEGAL_OPERATION, RANGE_ERROR, ALIGNMENT_ERROR, FAILED_LOOKUP } = errors;
const { TRUNCATED_MESSAGE, DELETE_FIRST, REVOKE_FIRST, NOT_ENOUGH_MEMORY } = errors;

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
]);
/** What the model tells nothing of, but that no capability comes or goes. */
export const isUntold = (label: number): boolean => label !== 0 && !NEEDED.has(label);

const [CSPACE, VSPACE, BUFFER, FAULT_HANDLER, TIMEOUT_HANDLER] = [0, 1, 2, 3, 4] as const;
const MAX_UNTYPED_BITS = 36;
const FAN_OUT = 256;

export class Model {
  readonly things = new Set<Thing>();
  /** Bytes of a node's slots, for objects to come. */
  readonly slotAt: (object: number, index: number) => number;
  /** Deleted objects lay within each other: in which order they went is left open. */
  isOrderOpen = false;
  #depth = 0;

  constructor(slotAt: (object: number, index: number) => number) {
    this.slotAt = slotAt;
  }
  *places(): Generator<Place> {
    for (const each of this.things) yield* each.places;
  }
  *caps(): Generator<Cap> {
    for (const { cap } of this.places()) if (cap !== null) yield cap;
  }
  threads(): Thread[] {
    return [...this.things].flatMap((each) => (each.type === objects.TCB && each.thread !== null ? [each.thread] : []));
  }

  // ---------------------------------------------------------------- look-up

  cspaceOf(t: Thread): Cap | null {
    return t.tcb.places[CSPACE]!.cap;
  }
  /** Bits are followed from a root, and stop at what is no CNode. */
  resolve(root: Cap | null, pointer: number, depth: number): { place: Place; left: number } | null {
    if (root === null || root.thing.type !== objects.CNODE || root.dying) return null;
    let bits = binary(pointer, depth);
    for (let cap = root; ; ) {
      const guard = binary(cap.guard, cap.guardSize);
      const radix = cap.thing.size;
      if (!bits.startsWith(guard) || bits.length < guard.length + radix) return null;
      const place = cap.thing.places[Number.parseInt(bits.slice(guard.length, guard.length + radix), 2)]!;
      bits = bits.slice(guard.length + radix);
      if (bits === '' || place.cap === null || place.cap.thing.type !== objects.CNODE || place.cap.dying)
        return { place, left: bits.length };
      cap = place.cap;
    }
  }
  find(t: Thread, pointer: number): Place | null {
    return this.resolve(this.cspaceOf(t), pointer, 32)?.place ?? null;
  }
  #slot(root: Cap | null, index: number, depth: number): Place | number {
    if (root === null || root.thing.type !== objects.CNODE || root.dying) return FAILED_LOOKUP;
    if (depth < 1 || depth > 32) return RANGE_ERROR;
    const found = this.resolve(root, index, depth);
    return found === null || found.left !== 0 ? FAILED_LOOKUP : found.place;
  }

  // ---------------------------------------------------------------- system calls

  /** @returns the kernel's answer to a Call of something that is no endpoint; null where there is none. */
  systemCall(t: Thread, call: SystemCall): Answer | null {
    this.isOrderOpen = false;
    const { extras = [], words = [] } = call;
    t.extraCount = extras.length;
    if (t.buffer !== null) {
      extras.forEach((pointer, i) => {
        t.buffer!.extras[i] = pointer;
      });
      if (call.receive !== undefined) t.buffer.receive = call.receive;
    }
    const { pointer, reply = 0, destination = 0 } = call;
    const sound = t.buffer === null ? words.slice(0, 4) : words;
    const invoke = (target: number, blocking: boolean, calls: boolean, isFirst = false): Answer | null | 'fault' =>
      this.#invoke(t, target, call.label ?? 0, sound, blocking, calls, isFirst);
    let answer: Answer | null | 'fault' = null;
    switch (call.number) {
      case systemCalls.CALL:
        answer = invoke(pointer, true, true);
        break;
      case systemCalls.SEND:
        answer = invoke(pointer, true, false);
        break;
      case systemCalls.NB_SEND:
        invoke(pointer, false, false);
        break;
      case systemCalls.REPLY_RECEIVE:
        invoke(reply, false, false, true);
        answer = this.#receive(t, pointer, reply, true);
        break;
      case systemCalls.NB_SEND_RECEIVE:
        invoke(destination, false, false, true);
        answer = this.#receive(t, pointer, reply, true);
        break;
      case systemCalls.NB_SEND_WAIT:
        invoke(destination, false, false, true);
        answer = this.#receive(t, pointer, null, true);
        break;
      case systemCalls.RECEIVE:
      case systemCalls.NB_RECEIVE:
        answer = this.#receive(t, pointer, reply, call.number === systemCalls.RECEIVE);
        break;
      case systemCalls.WAIT:
      case systemCalls.NB_WAIT:
        answer = this.#receive(t, pointer, null, call.number === systemCalls.WAIT);
        break;
      default:
        break;
    }
    if (answer === 'fault') {
      this.#raise(t);
      return null;
    }
    return call.number === systemCalls.CALL && t.state === 'running' ? answer : null;
  }

  #invoke(
    t: Thread,
    pointer: number,
    label: number,
    words: readonly number[],
    blocking: boolean,
    calls: boolean,
    isFirst: boolean,
  ): Answer | null | 'fault' {
    const place = this.find(t, pointer);
    if (place === null) return blocking ? 'fault' : null;
    const extras = this.#extras(t);
    if (extras === null) return blocking ? 'fault' : null;
    const { cap } = place;
    if (cap === null || cap.dying) return { error: -INVALID_CAPABILITY };
    const { thing: target } = cap;
    switch (target.type) {
      case objects.ENDPOINT:
        if ((cap.rights & WRITE) === 0) return { error: -INVALID_CAPABILITY };
        this.#send(t, cap, blocking, calls);
        return null;
      case objects.NOTIFICATION:
        if ((cap.rights & WRITE) === 0) return { error: -INVALID_CAPABILITY };
        this.#signal(target, cap.badge);
        return { error: 0 };
      case objects.REPLY:
        this.#answer(t, target, (cap.rights & GRANT) !== 0);
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
    return this.#onObject(cap, label, words, extras);
  }
  /** All are looked up before anything happens. */
  #extras(t: Thread): Place[] | null {
    const count = t.buffer === null ? 0 : t.extraCount;
    const places: Place[] = [];
    for (let i = 0; i < count; i++) {
      const place = this.find(t, t.buffer!.extras[i]!);
      if (place === null) return null;
      places.push(place);
    }
    return places;
  }

  // ---------------------------------------------------------------- messages

  #send(t: Thread, cap: Cap, blocking: boolean, calls: boolean): void {
    const { thing: endpoint, rights, badge } = cap;
    const receiver = endpoint.queue[0];
    if (receiver?.state === 'receiving') {
      this.#unwait(receiver);
      const { reply } = receiver;
      this.#untied(receiver);
      if (calls && (rights & (GRANT | GRANT_REPLY)) !== 0 && reply !== null) this.#tie(reply, t, 'awaits an answer');
      else if (calls) t.state = 'inactive';
      this.#transfer(t, receiver, endpoint, (rights & GRANT) !== 0);
    } else if (blocking) {
      this.#wait(t, endpoint, 'sending');
      t.badge = badge;
      t.rights = rights;
      t.calls = calls;
    }
  }
  #receive(t: Thread, pointer: number, replyPointer: number | null, blocking: boolean): null | 'fault' {
    if (t.state !== 'running') return null;
    const cap = this.find(t, pointer)?.cap ?? null;
    if (cap === null || cap.dying || !isBadged(cap.thing) || (cap.rights & READ) === 0) return 'fault';
    if (cap.thing.type === objects.NOTIFICATION) return this.#waitAt(t, cap.thing, blocking);
    let reply: Thing | null = null;
    if (replyPointer !== null) {
      const replyCap = this.find(t, replyPointer)?.cap ?? null;
      if (replyCap?.thing.type !== objects.REPLY) return 'fault';
      reply = replyCap.thing;
      if (reply.thread !== null) this.#suspend(reply.thread);
    }
    if (t.bound !== null && t.bound.word !== null) {
      t.bound.word = null;
      return null;
    }
    const sender = cap.thing.queue[0];
    if (sender?.state === 'sending') this.#collect(sender, t, cap.thing, reply);
    else if (blocking) {
      this.#wait(t, cap.thing, 'receiving');
      if (reply !== null) this.#tie(reply, t, 'receiving');
    }
    return null;
  }
  #collect(sender: Thread, t: Thread, endpoint: Thing, reply: Thing | null): void {
    this.#unwait(sender);
    if (sender.calls && reply !== null && (sender.rights & (GRANT | GRANT_REPLY)) !== 0)
      this.#tie(reply, sender, 'awaits an answer');
    else if (sender.calls) sender.state = 'inactive';
    this.#transfer(sender, t, endpoint, (sender.rights & GRANT) !== 0);
  }
  #answer(t: Thread, reply: Thing, grants: boolean): void {
    const caller = reply.thread;
    if (caller === null || caller.state !== 'awaits an answer') return;
    this.#untied(caller);
    caller.state = 'running';
    if (caller.fault) caller.fault = false;
    else this.#transfer(t, caller, null, grants);
  }
  /** A fault is a call to the handler; without one the thread stops. */
  #raise(t: Thread): void {
    const handler = t.tcb.places[FAULT_HANDLER]!.cap;
    if (handler === null || !this.#isHandler(handler)) {
      this.#suspend(t);
      return;
    }
    t.fault = true;
    this.#send(t, handler, true, true);
  }
  #isHandler({ thing: { type }, rights }: Cap): boolean {
    return type === objects.ENDPOINT && (rights & WRITE) !== 0 && (rights & (GRANT | GRANT_REPLY)) !== 0;
  }

  /** Capabilities go along only with Grant; those to the endpoint itself are unwrapped; one other goes to the slot. */
  #transfer(from: Thread, to: Thread, endpoint: Thing | null, grants: boolean): void {
    if (from.fault || !grants || from.extraCount === 0 || to.buffer === null) return;
    const extras = this.#extras(from) ?? [];
    const [root, index, depth] = to.buffer.receive as [number, number, number];
    const found = this.#slot(this.find(to, root)?.cap ?? null, index, depth);
    let slot = typeof found === 'number' || found.cap !== null ? null : found;
    for (const [i, { cap }] of extras.entries()) {
      if (endpoint !== null && cap?.thing === endpoint) to.buffer.extras[i] = cap.badge;
      else {
        if (slot === null || cap === null || this.#derive(slot, cap, ALL_RIGHTS) !== 0) return;
        slot = null;
      }
    }
  }

  #signal(notification: Thing, badge: number): void {
    const first = notification.queue[0];
    if (first !== undefined) this.#unwait(first);
    else if (notification.word === null && notification.bound?.state === 'receiving') {
      const { bound } = notification;
      this.#unwait(bound);
      this.#untied(bound);
    } else notification.word = (notification.word ?? 0) | badge;
  }
  #waitAt(t: Thread, notification: Thing, blocking: boolean): null | 'fault' {
    if (notification.bound !== null && notification.bound !== t) return 'fault';
    if (notification.word !== null) notification.word = null;
    else if (blocking) this.#wait(t, notification, 'waiting');
    return null;
  }

  // ---------------------------------------------------------------- threads

  /** It makes its system call again, whatever it waited for. */
  resume(t: Thread): void {
    if (t.state === 'running') return;
    this.#suspend(t);
    t.state = 'running';
  }
  #wait(t: Thread, at: Thing, state: State): void {
    t.state = state;
    t.at = at;
    at.queue.push(t);
  }
  #unwait(t: Thread): void {
    if (t.at !== null) t.at.queue = t.at.queue.filter((each) => each !== t);
    t.at = null;
    t.state = 'running';
  }
  #tie(reply: Thing, t: Thread, state: State): void {
    reply.thread = t;
    t.reply = reply;
    t.state = state;
  }
  #untied(t: Thread): void {
    if (t.reply !== null) t.reply.thread = null;
    t.reply = null;
  }
  #suspend(t: Thread): void {
    this.#unwait(t);
    this.#untied(t);
    t.state = 'inactive';
    t.fault = false;
  }
  /** What it waited for is gone: it tries again; one that has a fault cannot. */
  #restart(t: Thread): void {
    const { fault } = t;
    this.#suspend(t);
    if (!fault) t.state = 'running';
  }

  // ---------------------------------------------------------------- invocations

  #onObject(cap: Cap, label: number, words: readonly number[], extras: readonly Place[]): Answer {
    const needed = NEEDED.get(label);
    const fail = (error: number): Answer => ({ error: -error });
    if (needed === undefined || needed[0] !== cap.thing.type) return fail(ILLEGAL_OPERATION);
    if (words.length < needed[1] || extras.length < needed[2]) return fail(TRUNCATED_MESSAGE);
    if (label === slotLabels.UNTYPED_RETYPE) return this.#retype(cap, words, extras[0]!.cap);
    if (cap.thing.type === objects.CNODE) return fail(this.#onNode(cap, label, words, extras));
    return fail(this.#onThread(cap.thing.thread!, label, words, extras));
  }

  #retype(untyped: Cap, words: readonly number[], root: Cap | null): Answer {
    const [type, size, index, depth, offset, count] = words as [number, number, number, number, number, number];
    const fail = (error: number): Answer => ({ error: -error });
    if (type < objects.UNTYPED || type > objects.LAST_RETYPE) return fail(INVALID_ARGUMENT);
    const bytes = bytesOf(type, size);
    if (size < 0 || size > 63 || bytes > 2 ** MAX_UNTYPED_BITS) return fail(RANGE_ERROR);
    const least = new Map([
      [objects.CNODE, 1],
      [objects.UNTYPED, 4],
      [objects.SCHED_CONTEXT, 7],
    ]).get(type);
    if (size < (least ?? 0)) return fail(INVALID_ARGUMENT);
    if (type === objects.FRAME && ![12, 21, 30].includes(size)) return fail(INVALID_ARGUMENT);
    const found = depth === 0 ? root : this.#slot(root, index, depth);
    if (typeof found === 'number') return fail(found);
    const node = found === null || 'thing' in found ? found : found.cap;
    if (node === null || node.thing.type !== objects.CNODE || node.dying) return fail(FAILED_LOOKUP);
    const { places } = node.thing;
    if (offset < 0 || offset > places.length - 1) return fail(RANGE_ERROR);
    if (count < 1 || count > FAN_OUT || count > places.length - offset) return fail(RANGE_ERROR);
    const into = places.slice(offset, offset + count);
    if (into.some(({ cap }) => cap !== null)) return fail(DELETE_FIRST);
    const used = untyped.children.length === 0 ? 0 : untyped.used;
    const total = 2 ** untyped.thing.size;
    if (total - used < count * bytes) return { error: -NOT_ENOUGH_MEMORY, bytesLeft: total - used };
    let at = Math.ceil(used / bytes) * bytes;
    for (const place of into) {
      this.#make(untyped, place, type, untyped.thing.object + at / 16, size);
      at += bytes;
    }
    untyped.used = at;
    return fail(0);
  }
  #make(untyped: Cap, place: Place, type: number, object: number, size: number): void {
    const slotCount = type === objects.CNODE ? 2 ** size : type === objects.TCB ? 5 : 0;
    const slots = Array.from({ length: slotCount }, (_, i) => this.slotAt(object, i));
    const isSized = bytesOf(type, 20) !== bytesOf(type, 21);
    const made = thing(type, object, isSized ? size : 0, slots);
    if (type === objects.TCB) made.thread = thread(made);
    this.things.add(made);
    this.put(made, place, untyped, objects.carriedRights(type), true);
  }
  put(made: Thing, place: Place, parent: Cap | null, rights: number, original: boolean): Cap {
    const cap: Cap = {
      thing: made,
      rights,
      badge: 0,
      guard: 0,
      guardSize: 0,
      mapped: false,
      original,
      parent,
      children: [],
      place,
      used: 0,
      dying: false,
    };
    parent?.children.unshift(cap);
    place.cap = cap;
    return cap;
  }

  #onNode(cap: Cap, label: number, words: readonly number[], extras: readonly Place[]): number {
    const [index, depth] = words as [number, number];
    if (label === slotLabels.CNODE_ROTATE) return this.#rotate(cap, words, extras);
    const place = this.#slot(cap, index, depth);
    if (typeof place === 'number') return place;
    switch (label) {
      case slotLabels.CNODE_REVOKE:
        return this.#revoke(place);
      case slotLabels.CNODE_DELETE:
        if (place.cap !== null) this.#destroy(place.cap);
        return 0;
      case slotLabels.CNODE_CANCEL_BADGED_SENDS:
        return this.#cancelBadgedSends(place.cap);
      default:
        break;
    }
    if (place.cap !== null) return DELETE_FIRST;
    const from = this.#slot(extras[0]!.cap, words[2]!, words[3]!);
    if (typeof from === 'number') return from;
    if (from.cap === null) return FAILED_LOOKUP;
    switch (label) {
      case slotLabels.CNODE_COPY:
        return this.#derive(place, from.cap, words[4]!);
      case slotLabels.CNODE_MINT:
        return this.#derive(place, from.cap, words[4]!, words[5]!);
      default:
        return this.#move(place, from.cap, label === slotLabels.CNODE_MUTATE ? words[4]! : undefined);
    }
  }
  #rotate(cap: Cap, words: readonly number[], [pivotRoot, sourceRoot]: readonly Place[]): number {
    const to = this.#slot(cap, words[0]!, words[1]!);
    if (typeof to === 'number') return to;
    const source = this.#slot(sourceRoot!.cap, words[6]!, words[7]!);
    if (typeof source === 'number') return source;
    const pivot = this.#slot(pivotRoot!.cap, words[3]!, words[4]!);
    if (typeof pivot === 'number') return pivot;
    if (pivot === source || pivot === to) return ILLEGAL_OPERATION;
    if (source !== to && to.cap !== null) return DELETE_FIRST;
    if (source.cap === null || pivot.cap === null) return FAILED_LOOKUP;
    const [up, down] = [source.cap, pivot.cap];
    if (!this.#mayUpdate(up, words[5]!, true) || !this.#mayUpdate(down, words[2]!, true)) return ILLEGAL_OPERATION;
    this.#update(up, words[5]!);
    this.#update(down, words[2]!);
    source.cap = null;
    pivot.cap = up;
    up.place = pivot;
    to.cap = down;
    down.place = to;
    return 0;
  }
  #mayUpdate(cap: Cap, data: number, preserve: boolean): boolean {
    if (isBadged(cap.thing)) return !preserve && cap.badge === 0;
    return cap.thing.type !== objects.CNODE || (data & 31) + cap.thing.size <= 32;
  }
  #update(cap: Cap, data: number): void {
    if (isBadged(cap.thing)) cap.badge = data;
    if (cap.thing.type !== objects.CNODE) return;
    cap.guardSize = data & 31;
    cap.guard = Number.parseInt(binary(data >>> 5, data & 31) || '0', 2);
  }
  #move(to: Place, cap: Cap, data?: number): number {
    if (data !== undefined) {
      if (!this.#mayUpdate(cap, data, true)) return ILLEGAL_OPERATION;
      this.#update(cap, data);
    }
    cap.place.cap = null;
    to.cap = cap;
    cap.place = to;
    return 0;
  }
  #derive(to: Place, from: Cap, rights: number, data?: number): number {
    const { type } = from.thing;
    if (data !== undefined && !this.#mayUpdate(from, data, false)) return ILLEGAL_OPERATION;
    if (from.dying) return ILLEGAL_OPERATION;
    if (type === objects.UNTYPED && from.children.length > 0) return REVOKE_FIRST;
    if (type === objects.IRQ_CONTROL || type === objects.IO_SPACE_CONTROL) return ILLEGAL_OPERATION;
    if ((type === objects.PAGE_TABLE || type === objects.IO_PAGE_TABLE) && !from.mapped) return ILLEGAL_OPERATION;
    const badge = data !== undefined && isBadged(from.thing) ? data : from.badge;
    const original = type === objects.UNTYPED || badge !== from.badge;
    const parent = from.original ? from : from.parent;
    const cap = this.put(from.thing, to, null, from.rights & rights, original);
    Object.assign(cap, { parent, badge: from.badge, guard: from.guard, guardSize: from.guardSize });
    cap.mapped = type !== objects.FRAME && from.mapped;
    if (from.original) from.children.unshift(cap);
    else parent?.children.splice(parent.children.indexOf(from) + 1, 0, cap);
    if (data !== undefined) this.#update(cap, data);
    if (type === objects.UNTYPED) from.used = 2 ** from.thing.size;
    return 0;
  }
  #cancelBadgedSends(cap: Cap | null): number {
    if (cap?.thing.type !== objects.ENDPOINT || cap.rights !== ALL_RIGHTS) return ILLEGAL_OPERATION;
    if (cap.badge === 0) return 0;
    for (const t of [...cap.thing.queue]) if (t.state === 'sending' && t.badge === cap.badge) this.#restart(t);
    return 0;
  }

  #onThread(t: Thread, label: number, words: readonly number[], extras: readonly Place[]): number {
    const [first, second, third] = extras.map(({ cap }) => cap);
    switch (label) {
      case labels.TCB_CONFIGURE:
        return (
          this.#checkBuffer(third!, words[2]!) ||
          this.#checkSpaces(t, first!, words[0]!, second!) ||
          this.#configure(t, words, first!, second!, third!)
        );
      case labels.TCB_SET_SPACE: {
        const refused = this.#checkSpaces(t, second!, words[0]!, third!);
        if (refused !== 0) return refused;
        if (first && !this.#isHandler(first)) return INVALID_CAPABILITY;
        this.#install(t, FAULT_HANDLER, first!, 0);
        return this.#setSpaces(t, second!, words[0]!, third!);
      }
      case labels.TCB_SET_TIMEOUT_ENDPOINT:
        if (first && !this.#isHandler(first)) return INVALID_CAPABILITY;
        return this.#install(t, TIMEOUT_HANDLER, first!, 0);
      case labels.TCB_SET_IPC_BUFFER:
        return this.#checkBuffer(first!, words[0]!) || this.#setBuffer(t, words[0]!, first!);
      case labels.TCB_SUSPEND:
        this.#suspend(t);
        return 0;
      case labels.TCB_RESUME:
        this.resume(t);
        return 0;
      case labels.TCB_BIND_NOTIFICATION: {
        if (first?.thing.type !== objects.NOTIFICATION || (first.rights & READ) === 0) return ILLEGAL_OPERATION;
        if (t.bound !== null || first.thing.bound !== null || first.thing.queue.length > 0) return ILLEGAL_OPERATION;
        t.bound = first.thing;
        first.thing.bound = t;
        return 0;
      }
      default:
        return this.#unbind(t);
    }
  }
  #unbind(t: Thread): number {
    if (t.bound === null) return ILLEGAL_OPERATION;
    t.bound.bound = null;
    t.bound = null;
    return 0;
  }
  #configure(t: Thread, words: readonly number[], cspace: Cap, vspace: Cap, frame: Cap | null): number {
    return this.#setSpaces(t, cspace, words[0]!, vspace) || this.#setBuffer(t, words[2]!, frame);
  }
  #checkBuffer(frame: Cap | null, address: number): number {
    if (address === 0) return 0;
    if (frame?.thing.type !== objects.FRAME) return ILLEGAL_OPERATION;
    return address % 1024 === 0 ? 0 : ALIGNMENT_ERROR;
  }
  /** A capability whose going would take others with it may not be replaced. */
  #checkSpaces(t: Thread, cspace: Cap | null, data: number, vspace: Cap | null): number {
    const held = this.cspaceOf(t);
    if (held !== null && this.#isLast(held)) return ILLEGAL_OPERATION;
    if (cspace?.thing.type !== objects.CNODE || cspace.dying) return ILLEGAL_OPERATION;
    if ((data & 31) + cspace.thing.size > 32) return ILLEGAL_OPERATION;
    return vspace?.thing.type === objects.PAGE_TABLE && vspace.mapped ? 0 : ILLEGAL_OPERATION;
  }
  #setSpaces(t: Thread, cspace: Cap, data: number, vspace: Cap): number {
    return this.#install(t, CSPACE, cspace, data) || this.#install(t, VSPACE, vspace, 0);
  }
  #setBuffer(t: Thread, address: number, frame: Cap | null): number {
    this.#install(t, BUFFER, address === 0 ? null : frame, 0);
    const isUsable = address !== 0 && frame !== null && (frame.rights & (READ | WRITE)) === (READ | WRITE);
    t.buffer = isUsable ? frame.thing : null;
    return 0;
  }
  #install(t: Thread, index: number, source: Cap | null, data: number): number {
    const place = t.tcb.places[index]!;
    if (place.cap !== null) this.#destroy(place.cap);
    if (source === null || source === undefined) return 0;
    return this.#derive(place, source, ALL_RIGHTS, data === 0 ? undefined : data);
  }

  // ---------------------------------------------------------------- deletion

  #revoke(place: Place): number {
    const { cap } = place;
    while (cap !== null && cap.place.cap === cap && cap.children.length > 0) this.#destroy(cap.children[0]!);
    return 0;
  }
  #isLast(cap: Cap): boolean {
    for (const other of this.caps()) if (other !== cap && other.thing === cap.thing) return false;
    return true;
  }
  #destroy(cap: Cap): void {
    if (cap.dying) return;
    const { thing: gone, place } = cap;
    this.#leave(gone, place);
    const last = this.#isLast(cap);
    if (last) this.#finalise(gone);
    if (last && gone.places.length > 0) {
      cap.dying = true;
      if (++this.#depth > 1) this.isOrderOpen = true;
      for (const inner of [...gone.places].reverse()) if (inner.cap !== null) this.#destroy(inner.cap);
      this.#depth--;
    }
    if (last && gone.type !== objects.UNTYPED) this.things.delete(gone);
    const { parent, children } = cap;
    for (const child of children) child.parent = parent;
    parent?.children.splice(parent.children.indexOf(cap), 1, ...children);
    cap.place.cap = null;
  }
  /** A thread whose buffer's frame goes has none. */
  #leave(gone: Thing, place: Place): void {
    if (gone.type !== objects.FRAME) return;
    for (const t of this.threads()) if (t.tcb.places[BUFFER] === place) t.buffer = null;
  }
  #finalise(gone: Thing): void {
    switch (gone.type) {
      case objects.NOTIFICATION:
        if (gone.bound !== null) this.#unbind(gone.bound);
        for (const t of [...gone.queue]) this.#restart(t);
        break;
      case objects.ENDPOINT:
        for (const t of [...gone.queue]) this.#restart(t);
        break;
      case objects.REPLY:
        if (gone.thread !== null) this.#suspend(gone.thread);
        break;
      case objects.TCB:
        this.#suspend(gone.thread!);
        this.#unbind(gone.thread!);
        break;
      default:
        break;
    }
  }
}
