/** One world and one model, to which the same is done. */
import { blocking, message, outcomes, rights } from '../src/index.ts';
import { type Capability, Endpoint, Notification, Other, Reply, type Thread } from './model-objects.ts';
import { CALLS, COMBINED, type Operation, POINTERS, type Step } from './steps.ts';
import { Model, type Outcome } from './whole-model.ts';
import { type Cap, ENDPOINTS, NOTIFICATIONS, OWN_ROOT, REPLIES, SLOTS, THREADS, World } from './world.ts';

const FAULT_LENGTH = 6;
/** Of every thread, by pointer: what it names (an index, see `put`) and its rights. */
const FURNITURE = [
  [0, 15],
  [2, 15],
  [3, 15],
  [5, 4],
  [6, 0],
  [8, 0],
  [9, 0],
] as const;

/** The same capabilities to begin with, in both worlds. */
export class Pair {
  readonly real = new World();
  readonly model = new Model(THREADS, SLOTS);
  readonly endpoints = ENDPOINTS.map((name) => new Endpoint(name));
  readonly notifications = NOTIFICATIONS.map((name) => new Notification(name));
  readonly replies = REPLIES.map((name) => new Reply(name));
  readonly others = [new Other(100, false), new Other(101, true)];

  constructor() {
    for (const { id } of this.model.threads) {
      this.#buffer(id, true);
      FURNITURE.forEach(([choice, right], at) => {
        this.put(id, at, choice + 12 * (id & 1), at === 1 ? (id * 5) & 15 : right);
      });
    }
  }
  /** A capability that follows from a few numbers. */
  put(thread: number, at: number, choice: number, right: number): void {
    const { endpoints, notifications, replies, others } = this;
    const objects = [endpoints[0]!, ...endpoints, ...notifications, ...replies, ...others, endpoints[0]!, null];
    const to = objects[choice % objects.length]!;
    const isStuck = choice % 7 === 3;
    const badge = (choice >> 2) & 3;
    this.real.tables.put(thread, at, to && { kind: kindOf(to), object: to.name, badge, rights: right, isStuck });
    this.model.tables[thread]![at] = to && capabilityTo(to, badge, right, isStuck);
  }
  #buffer(thread: number, has: boolean): void {
    const { words, threads } = this.real;
    if (!has) this.real.takeBuffer(thread);
    else {
      this.real.giveBuffer(thread);
      const start = threads.buffer[thread]!;
      words.fill(0, start, start + message.BUFFER_LANES);
    }
    const empty = { words: new Array<number>(120).fill(0), capsOrBadges: [0, 0, 0], root: 0, index: 0, depth: 0 };
    this.model.threads[thread]!.buffer = has ? empty : null;
  }

  /** What the thread's program writes before a call. */
  #compose({ thread, label, length, caps, pointers, number }: Step): void {
    const { real } = this;
    const t = this.model.threads[thread]!;
    const words = Array.from({ length: Math.min(length, 120) }, (_, i) => number + i);
    real.compose(thread, label, words, pointers.slice(0, caps));
    real.threads.tag[thread] = message.messageTag(label, 0, caps, length);
    Object.assign(t, { label, length: Math.min(length, 120), caps, unwrapped: 0 });
    words.forEach((word, i) => {
      if (i < 4) t.registers[i] = word;
      else if (t.buffer !== null) t.buffer.words[i] = word;
    });
    const { buffer } = t;
    if (buffer !== null) buffer.capsOrBadges.splice(0, caps, ...pointers.slice(0, caps));
  }

  /** @returns what both did, in words; undefined where a program would not be there to do it. */
  run(given: Step): [real: string, model: string] | undefined {
    const { operation, thread, pointers } = given;
    const { real, model } = this;
    const t = model.threads[thread]!;
    const isCall = [...CALLS, ...COMBINED, 'raise'].includes(operation as 'call');
    if (isCall && t.waits !== null) return undefined;
    if (isCall) this.#compose(given);
    real.scheduler.log.length = 0;
    real.tables.log.length = 0;
    model.log = [];
    const [first, second, third] = pointers;
    const outcome = this.#perform(given);
    const made = isCall ? this.#call(operation, thread, first, second, third, given) : outcome;
    return made;
  }
  #call(operation: Operation, thread: number, a: number, b: number, c: number, given: Step): [string, string] {
    const { calls } = this.real;
    const { model } = this;
    const t = model.threads[thread]!;
    const real = (answer: number): string => this.#outcome(answer);
    const send = (blocking: boolean, call: boolean): Outcome => model.send(t, a, { blocking, call, first: false });
    const then = (pointerOf: number, next: () => Outcome): Outcome => {
      const sent = model.send(t, pointerOf, { blocking: false, call: false, first: true });
      return sent === 'done' ? next() : sent;
    };
    switch (operation) {
      case 'call':
        return [real(calls.call(thread, a)), send(true, true)];
      case 'send':
        return [real(calls.send(thread, a)), send(true, false)];
      case 'nbSend':
        return [real(calls.nbSend(thread, a)), send(false, false)];
      case 'receive':
        return [real(calls.receive(thread, a, b)), model.receive(t, a, b, true)];
      case 'nbReceive':
        return [real(calls.nbReceive(thread, a, b)), model.receive(t, a, b, false)];
      case 'wait':
        return [real(calls.wait(thread, a)), model.receive(t, a, null, true)];
      case 'poll':
        return [real(calls.poll(thread, a)), model.receive(t, a, null, false)];
      case 'replyReceive':
        return [real(calls.replyReceive(thread, a, b)), then(b, () => model.receive(t, a, b, true))];
      case 'nbSendReceive':
        return [real(calls.nbSendReceive(thread, c, a, b)), then(c, () => model.receive(t, a, b, true))];
      case 'nbSendWait':
        return [real(calls.nbSendWait(thread, c, a)), then(c, () => model.receive(t, a, null, true))];
      default:
        return this.#raise(thread, a, given);
    }
  }
  #raise(thread: number, a: number, { label, flag, number }: Step): [string, string] {
    const { calls, tables, threads } = this.real;
    const words = Array.from({ length: FAULT_LENGTH }, (_, i) => number - i);
    words.forEach((word, i) => {
      threads.faultWords[thread * blocking.FAULT_LANES + 2 * i] = word;
    });
    const slot = tables.lookup(thread, a);
    const answer = calls.raise(thread, Math.max(slot, 0), label + 1, FAULT_LENGTH, flag);
    const fault = { label: label + 1, words, obeys: flag };
    const cap = this.model.tables[thread]![a] ?? null;
    return [this.#outcome(answer), this.model.raise(this.model.threads[thread]!, cap, fault)];
  }
  #outcome(answer: number): string {
    const { calls, scheduler } = this.real;
    switch (answer) {
      case outcomes.SWITCHED:
        scheduler.log.push(`resume ${calls.peer}`);
        return 'blocked';
      case outcomes.BLOCKED:
        return 'blocked';
      case outcomes.DONE:
        return 'done';
      case outcomes.CAP_FAULT: {
        const { pointer: at, inReceive, byLookup } = calls.fault;
        return `fault ${at} ${inReceive ? 'receiving' : 'sending'} ${byLookup ? 'lookup' : 'missing'}`;
      }
      default:
        return `answer ${answer}`;
    }
  }

  #perform({ operation, thread, number, flag, pointers }: Step): [string, string] {
    const { real, model } = this;
    const { endings, notifications } = real.calls;
    const t = model.threads[thread]!;
    const endpoint = this.endpoints[number % 2]!;
    const notification = this.notifications[number % 2]!;
    const reply = this.replies[number % 3]!;
    const same: [string, string] = ['', ''];
    switch (operation) {
      case 'suspend':
        endings.suspend(thread);
        model.suspend(t);
        return same;
      case 'resume':
        endings.resume(thread);
        model.resume(t);
        return same;
      case 'setPriority':
        real.threads.setPriority(thread, number % 4);
        model.setPriority(t, number % 4);
        return same;
      case 'bind':
        return [String(notifications.bind(notification.name, thread) === 0), String(model.bind(notification, t))];
      case 'unbind':
        return [String(notifications.unbind(thread) === 0), String(model.unbind(t))];
      case 'signal':
        real.calls.signal(notification.name, number & 7);
        model.signal(notification, number & 7);
        return same;
      case 'buffer':
        this.#buffer(thread, flag);
        return same;
      case 'put':
        this.put(thread, number % POINTERS, number >> 4, number & 15);
        return same;
      case 'slot':
        this.#expectCap(t, 7 + (number & 1), number % 11 === 0 ? 0 : OWN_ROOT, number % 13 === 0 ? 6 : 5);
        if (flag) this.put(thread, 7 + (number & 1), 11, 0);
        return same;
      case 'deleteEndpoint':
        endings.endpointDeleted(endpoint.name);
        model.delete(endpoint);
        return same;
      case 'deleteNotification':
        endings.notificationDeleted(notification.name);
        model.delete(notification);
        return same;
      case 'deleteReply':
        endings.replyDeleted(reply.name);
        model.deleteReply(reply);
        return same;
      case 'cancelBadgedSends':
        endings.cancelBadgedSends(endpoint.name, pointers[0] & 3);
        model.cancelBadgedSends(endpoint, pointers[0] & 3);
        return same;
      default:
        return same;
    }
  }
  #expectCap(t: Thread, index: number, root: number, depth: number): void {
    this.real.expectCap(t.id, index, root, depth);
    if (t.buffer !== null) Object.assign(t.buffer, { index, root, depth });
  }

  /* All that can be seen of either. */

  seenOfReal(): unknown {
    const { threads, words } = this.real;
    const queue = (object: number): number[] => {
      const all: number[] = [];
      for (let t = threads.endOf(object, blocking.QUEUE_HEAD); t >= 0; t = threads.after(t)) all.push(t);
      return all;
    };
    return {
      log: [...this.real.scheduler.log, ...this.real.tables.log].sort(),
      threads: this.model.threads.map(({ id }) => ({
        state: threads.state[id],
        priority: threads.priority[id],
        tag: tagOf(threads.tag[id]!),
        badge: threads.badge[id],
        registers: [0, 1, 2, 3].map((i) => threads.registers[(id * 4 + i) * 2]),
        fault: threads.fault[id],
        bound: threads.bound[id],
        reply: threads.reply[id],
      })),
      buffers: this.model.threads.map(({ id }) => this.#bufferOf(id)),
      queues: [...ENDPOINTS, ...NOTIFICATIONS].map(queue),
      active: NOTIFICATIONS.map((at) => (words[at] === 2 ? words[at + 3] : null)),
      replies: REPLIES.map((at) => words[at]! - 1),
      tables: this.model.threads.map(({ id }) => this.real.tables.slots.slice(id * SLOTS, (id + 1) * SLOTS).map(shown)),
    };
  }
  #bufferOf(id: number): unknown {
    const { real } = this;
    if (real.threads.buffer[id] === 0) return null;
    const words = (from: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => real.peek(id, from + 2 * i));
    return [words(message.BUFFER_MESSAGE + 8, 116), words(message.CAPS_OR_BADGES, 3)];
  }
  seenOfModel(): unknown {
    const { model } = this;
    const stateOf = { send: 1, receive: 2, answer: 3, signal: 4, 'for ever': 5 } as const;
    return {
      log: [...model.log].sort(),
      threads: model.threads.map((t) => ({
        state: t.waits === null ? 0 : stateOf[t.waits.kind],
        priority: t.priority,
        tag: [t.label, t.unwrapped, t.caps, t.length],
        badge: t.badge,
        registers: t.registers,
        fault: t.fault?.label ?? 0,
        bound: t.bound?.name ?? 0,
        reply: t.waits !== null && 'reply' in t.waits ? (t.waits.reply?.name ?? 0) : 0,
      })),
      buffers: model.threads.map(({ buffer }) => buffer && [buffer.words.slice(4), buffer.capsOrBadges]),
      queues: [...this.endpoints, ...this.notifications].map(({ queue }) => queue.map(({ id }) => id)),
      active: this.notifications.map(({ word }) => word),
      replies: this.replies.map(({ thread }) => thread?.id ?? -1),
      tables: model.tables.map((table) =>
        table.map(
          (cap) => cap && shown({ kind: kindOf(cap.to), object: cap.to.name, badge: cap.badge, rights: bitsOf(cap) }),
        ),
      ),
    };
  }
}

const tagOf = (tag: number): number[] => [
  message.labelOf(tag),
  message.capsUnwrappedOf(tag),
  message.extraCapsOf(tag),
  message.lengthOf(tag),
];
const shown = (cap: Cap | null): unknown => cap && [cap.kind, cap.object, cap.badge, cap.rights];
const bitsOf = ({ write, read, grant, grantReply }: Capability): number =>
  (write ? rights.WRITE : 0) |
  (read ? rights.READ : 0) |
  (grant ? rights.GRANT : 0) |
  (grantReply ? rights.GRANT_REPLY : 0);
const capabilityTo = (to: Capability['to'], badge: number, right: number, stuck: boolean): Capability => ({
  to,
  badge,
  write: (right & rights.WRITE) !== 0,
  read: (right & rights.READ) !== 0,
  grant: (right & rights.GRANT) !== 0,
  grantReply: (right & rights.GRANT_REPLY) !== 0,
  stuck,
});
function kindOf(to: Capability['to']): number {
  if (to instanceof Endpoint) return rights.ENDPOINT;
  if (to instanceof Notification) return rights.NOTIFICATION;
  if (to instanceof Reply) return rights.REPLY;
  return to.alone ? rights.OTHER_ALONE : rights.OTHER;
}
