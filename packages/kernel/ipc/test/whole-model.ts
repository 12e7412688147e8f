/**
 * All of ipc again, as objects that hold each other: queues are arrays of threads, capabilities hold what they name, a
 * message is a list of numbers. Nothing here knows words, links, tags or indices. Written from the manual's sentences.
 */
import type { Capability, Endpoint, Fault, Notification, Reply, Thread, Waits } from './model-objects.ts';

export type Outcome = 'done' | 'blocked' | `fault ${number} ${'sending' | 'receiving'} ${'lookup' | 'missing'}`;

const OWN_ROOT = 7;
const REGISTERS = 4;

export class Model {
  readonly threads: Thread[];
  readonly tables: (Capability | null)[][];
  log: string[] = [];
  readonly slots: number;

  constructor(threadCount: number, slots: number) {
    this.slots = slots;
    this.threads = Array.from({ length: threadCount }, (_, id) => ({
      id,
      priority: 0,
      waits: null,
      label: 0,
      length: 0,
      caps: 0,
      unwrapped: 0,
      registers: [0, 0, 0, 0],
      buffer: null,
      badge: 0,
      bound: null,
      fault: null,
    }));
    this.tables = this.threads.map(() => new Array<Capability | null>(slots).fill(null));
  }

  /* Sending. */

  send(t: Thread, pointer: number, how: { blocking: boolean; call: boolean; first: boolean }): Outcome {
    const { blocking, call, first } = how;
    const drop = (missing: number): Outcome => (blocking ? `fault ${missing} sending lookup` : 'done');
    if (!this.#names(pointer)) return drop(pointer);
    const absent = this.#pointersOf(t).find((extra) => !this.#names(extra));
    if (absent !== undefined) return drop(absent);
    const cap = this.tables[t.id]![pointer] ?? null;
    if (cap === null) return this.#invalid(t, call);
    switch (cap.to.kind) {
      case 'endpoint':
        return cap.write ? this.#sendTo(t, cap.to, cap, how) : this.#invalid(t, call);
      case 'notification':
        if (!cap.write) return this.#invalid(t, call);
        this.signal(cap.to, cap.badge);
        break;
      case 'reply':
        this.#reply(t, cap.to, cap.grant);
        break;
      case 'other':
        if (cap.to.alone && first) return 'done';
        this.log.push(`${t.id} invokes ${cap.to.name}${call ? ', a call' : ''}`);
    }
    if (call) this.#answer(t, 0, 0);
    return 'done';
  }
  #names(pointer: number): boolean {
    return pointer >= 0 && pointer < this.slots;
  }
  #pointersOf(t: Thread): number[] {
    return t.buffer === null ? [] : t.buffer.capsOrBadges.slice(0, t.caps);
  }
  #invalid(t: Thread, call: boolean): Outcome {
    if (!call) return 'done';
    t.registers[0] = 0;
    this.#answer(t, 2, 1);
    return 'done';
  }
  #answer(t: Thread, label: number, length: number): void {
    Object.assign(t, { label, length, caps: 0, unwrapped: 0, badge: 0 });
  }

  #sendTo(
    t: Thread,
    at: Endpoint,
    cap: Capability,
    how: { blocking: boolean; call: boolean; first: boolean },
  ): Outcome {
    const { badge, grant, grantReply } = cap;
    const { call } = how;
    const receiver = at.queue[0];
    if (receiver?.waits?.kind !== 'receive') {
      if (!how.blocking) return 'done';
      this.#enter(at, t, { kind: 'send', at, badge, call, grant, grantReply });
      return 'blocked';
    }
    const { reply } = receiver.waits;
    this.#leave(receiver);
    this.#move(t, receiver, at, badge, grant);
    if (call) this.#awaitAnswer(t, receiver, reply, grant || grantReply);
    else if (how.first) this.log.push(`lends ${t.id} ${receiver.id}`);
    this.log.push(`resume ${receiver.id}`);
    return call ? 'blocked' : 'done';
  }
  #awaitAnswer(caller: Thread, callee: Thread, reply: Reply | null, allowed: boolean): void {
    if (reply === null || !allowed) {
      caller.waits = { kind: 'for ever' };
      return;
    }
    caller.waits = { kind: 'answer', reply };
    reply.thread = caller;
    this.log.push(`called ${caller.id} ${callee.id} ${reply.name} donates`);
  }
  raise(t: Thread, cap: Capability | null, fault: Fault): Outcome {
    if (cap?.to.kind !== 'endpoint' || !cap.write || !(cap.grant || cap.grantReply)) {
      this.suspend(t);
      return 'blocked';
    }
    t.fault = fault;
    return this.#sendTo(t, cap.to, cap, { blocking: true, call: true, first: false });
  }

  #reply(server: Thread, reply: Reply, grant: boolean): void {
    const caller = reply.thread;
    if (caller?.waits?.kind !== 'answer') return;
    this.#leave(caller);
    this.log.push(`answered ${caller.id} ${server.id} ${reply.name}`);
    const { fault } = caller;
    if (fault === null) {
      this.#move(server, caller, null, 0, grant);
      this.log.push(`resume ${caller.id}`);
      return;
    }
    const answer = this.#wordsOf(server).slice(0, fault.words.length);
    answer.forEach((word, i) => {
      fault.words[i] = word;
    });
    caller.fault = null;
    if (fault.obeys && server.label !== 0) this.suspend(caller);
    else this.log.push(`restart ${caller.id}`);
  }

  signal(at: Notification, bits: number): void {
    const listener = at.bound?.waits?.kind === 'receive' && at.word === null ? at.bound : undefined;
    const woken = at.queue[0] ?? listener;
    if (woken === undefined) {
      at.word = (at.word ?? 0) | bits;
      return;
    }
    this.#leave(woken);
    woken.badge = bits;
    this.log.push(`woke ${at.name} ${woken.id}`, `resume ${woken.id}`);
  }

  /* Receiving. */

  receive(t: Thread, pointer: number, replyPointer: number | null, blocking: boolean): Outcome {
    const cap = this.tables[t.id]![pointer] ?? null;
    if (!this.#names(pointer)) return `fault ${pointer} receiving lookup`;
    if (cap?.to.kind === 'notification' && cap.read && [null, t].includes(cap.to.bound))
      return this.#wait(t, cap.to, blocking);
    if (cap?.to.kind !== 'endpoint' || !cap.read) return `fault ${pointer} receiving missing`;
    if (replyPointer === null) return this.#receiveAt(t, cap.to, null, blocking);
    if (!this.#names(replyPointer)) return `fault ${replyPointer} receiving lookup`;
    const reply = this.tables[t.id]![replyPointer]?.to;
    if (reply?.kind !== 'reply') return `fault ${replyPointer} receiving missing`;
    return this.#receiveAt(t, cap.to, reply, blocking);
  }
  #receiveAt(t: Thread, at: Endpoint, reply: Reply | null, blocking: boolean): Outcome {
    if (reply !== null && reply.thread !== null) this.suspend(reply.thread);
    const { bound } = t;
    if (bound !== null && bound.word !== null) return this.#take(t, bound);
    if (bound !== null && blocking) this.log.push(`rests ${bound.name} ${t.id}`);
    const sender = at.queue[0];
    if (sender?.waits?.kind !== 'send') {
      if (!blocking) {
        t.badge = 0;
        return 'done';
      }
      this.#enter(at, t, { kind: 'receive', at, reply });
      if (reply !== null) reply.thread = t;
      return 'blocked';
    }
    const { badge, call, grant, grantReply } = sender.waits;
    this.#leave(sender);
    this.#move(sender, t, at, badge, grant);
    if (call) this.#awaitAnswer(sender, t, reply, grant || grantReply);
    else this.log.push(`resume ${sender.id}`);
    return 'done';
  }
  #wait(t: Thread, at: Notification, blocking: boolean): Outcome {
    if (at.word !== null) return this.#take(t, at);
    if (!blocking) {
      t.badge = 0;
      return 'done';
    }
    this.#enter(at, t, { kind: 'signal', at });
    this.log.push(`rests ${at.name} ${t.id}`);
    return 'blocked';
  }
  #take(t: Thread, at: Notification): Outcome {
    t.badge = at.word!;
    at.word = null;
    this.log.push(`woke ${at.name} ${t.id}`);
    return 'done';
  }

  /* Moving a message. */

  #wordsOf(t: Thread): number[] {
    const room = t.buffer === null ? REGISTERS : 120;
    const all = [...t.registers, ...(t.buffer?.words.slice(REGISTERS) ?? [])];
    return all.slice(0, Math.min(t.length, room));
  }
  #move(from: Thread, to: Thread, endpoint: Endpoint | null, badge: number, grant: boolean): void {
    const { fault } = from;
    const source = fault?.words ?? this.#wordsOf(from);
    const words = to.buffer === null ? source.slice(0, REGISTERS) : source;
    words.forEach((word, i) => {
      if (i < REGISTERS) to.registers[i] = word;
      else to.buffer!.words[i] = word;
    });
    to.length = words.length;
    to.label = fault?.label ?? from.label;
    to.badge = badge;
    to.unwrapped = 0;
    const pointers = fault === null && grant ? this.#pointersOf(from) : [];
    to.caps = this.#moveCaps(from, to, endpoint, pointers.every((pointer) => this.#names(pointer)) ? pointers : []);
  }
  #moveCaps(from: Thread, to: Thread, endpoint: Endpoint | null, pointers: readonly number[]): number {
    const { buffer } = to;
    if (buffer === null) return 0;
    const mine = this.tables[to.id]!;
    const isGood = buffer.root === OWN_ROOT && buffer.depth === 5 && this.#names(buffer.index);
    let room = isGood && mine[buffer.index] === null;
    // All capabilities were found before the first was moved.
    const caps = pointers.map((pointer) => ({ pointer, table: this.tables[from.id]! }));
    for (const [i, { pointer, table }] of caps.entries()) {
      const cap = table[pointer] ?? null;
      if (cap !== null && endpoint !== null && cap.to === endpoint) {
        buffer.capsOrBadges[i] = cap.badge;
        to.unwrapped |= 1 << i;
      } else {
        if (!room || cap === null || cap.stuck) return i;
        mine[buffer.index] = cap;
        room = false;
      }
    }
    return caps.length;
  }

  /* Waiting. */

  #enter(at: Endpoint | Notification, t: Thread, waits: Waits): void {
    t.waits = waits;
    const behind = at.queue.findIndex((other) => other.priority < t.priority);
    at.queue.splice(behind < 0 ? at.queue.length : behind, 0, t);
  }
  /** Out of any queue, and from any reply object. */
  #leave(t: Thread): void {
    const { waits } = t;
    t.waits = null;
    if (waits === null || waits.kind === 'for ever') return;
    if (waits.kind === 'answer' || (waits.kind === 'receive' && waits.reply !== null)) waits.reply!.thread = null;
    if (waits.kind !== 'answer') waits.at.queue = waits.at.queue.filter((other) => other !== t);
  }
  setPriority(t: Thread, priority: number): void {
    t.priority = priority;
    const { waits } = t;
    if (waits === null || waits.kind === 'answer' || waits.kind === 'for ever') return;
    waits.at.queue = waits.at.queue.filter((other) => other !== t);
    this.#enter(waits.at, t, waits);
  }

  /* Endings. */

  suspend(t: Thread, returned = ''): void {
    if (t.waits?.kind === 'answer') this.log.push(`dropped ${t.id} ${t.waits.reply.name}${returned}`);
    this.#leave(t);
    t.waits = { kind: 'for ever' };
    t.fault = null;
  }
  resume(t: Thread): void {
    this.suspend(t);
    this.#restart(t);
  }
  #restart(t: Thread): void {
    this.#leave(t);
    if (t.fault !== null) this.suspend(t);
    else this.log.push(`restart ${t.id}`);
  }
  deleteReply(reply: Reply): void {
    if (reply.thread !== null) this.suspend(reply.thread, ' and lent time');
  }
  delete(at: Endpoint | Notification): void {
    if (at.kind === 'notification' && at.bound !== null) this.unbind(at.bound);
    for (const t of [...at.queue]) this.#restart(t);
  }
  cancelBadgedSends(at: Endpoint, badge: number): void {
    for (const t of [...at.queue])
      if (badge !== 0 && t.waits?.kind === 'send' && t.waits.badge === badge) this.#restart(t);
  }
  bind(at: Notification, t: Thread): boolean {
    if (at.bound !== null || t.bound !== null || at.queue.length > 0) return false;
    at.bound = t;
    t.bound = at;
    return true;
  }
  unbind(t: Thread): boolean {
    if (t.bound === null) return false;
    t.bound.bound = null;
    t.bound = null;
    return true;
  }
}
