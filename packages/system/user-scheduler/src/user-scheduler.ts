/**
 * The scheduler: a thread above its clients, with time of its own, that answers calls and holds the scheduling context
 * of each client. Who has his context bound runs. Everything it does, it does by capabilities; what it reads besides is
 * the time, as a user may on RISC-V (`rdtime`; Unprivileged ISA 20191213 §10.1 "Base Counters and Timers").
 *
 * Invariants, whenever it waits:
 * - at most one registered client's context is bound, to the client that goes first by the policy; or none is ready;
 * - a context that is not bound has the whole budget of its client's period left, or what is left of it;
 * - the alarm is set for the next release, the end of a turn, or before.
 */

import { message } from '@bulkhead/ipc';
import { faults, labels, type Program, type ThreadContext } from '@bulkhead/kernel-core';
import { Client, makeSense } from './clients.ts';
import { bind, configure, invoke, unbind } from './invocations.ts';
import { type Moment, TIMER, type UserSchedulerOptions } from './options.ts';
import { ACCEPTED, NEXT, NO_CAPACITY, REFUSED, REGISTER, setTime, timeAt } from './protocol.ts';

type Steps = Generator<number, void, void>;

/** @returns the program of the scheduler's thread. */
export const userScheduler = (options: UserSchedulerOptions): Program =>
  function* (t) {
    yield* new UserScheduler(t, options).run();
  };

class UserScheduler {
  readonly #t: ThreadContext;
  readonly #options: UserSchedulerOptions;
  readonly #clients: readonly Client[];
  readonly #freeReplies: number[];
  #running: Client | undefined;
  #turns = 0;
  #sliceEnd: number = Number.POSITIVE_INFINITY;
  /** When a context that was lent is asked for again. */
  #retryAt: number = Number.POSITIVE_INFINITY;
  #alarmAt: number = Number.POSITIVE_INFINITY;

  constructor(t: ThreadContext, options: UserSchedulerOptions) {
    this.#t = t;
    this.#options = options;
    this.#clients = options.clients.map((capabilities, i) => new Client(i, capabilities));
    this.#freeReplies = [...options.replies];
  }

  *run(): Steps {
    const t = this.#t;
    const { endpoint } = this.#options;
    yield* this.#begin();
    for (;;) {
      const reply = this.#freeReplies.at(-1)!;
      yield t.receive(endpoint, reply);
      this.#retryAt = Number.POSITIVE_INFINITY;
      if ((t.badge & TIMER) === 0) yield* this.#hear(this.#clients[t.badge - 1], reply);
      yield* this.#releaseAll();
      yield* this.#look();
      yield* this.#decide();
      yield* this.#setAlarm();
    }
  }
  /** Every client gets some time, to register. */
  *#begin(): Steps {
    const t = this.#t;
    const { thread, timer, control, startBudget = 1000 } = this.#options;
    yield invoke(t, thread, labels.TCB_BIND_NOTIFICATION, [], [timer]);
    for (const { capabilities } of this.#clients) {
      yield invoke(t, capabilities.thread, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [capabilities.entry]);
      yield unbind(t, capabilities.context, capabilities.thread);
      yield configure(t, control, capabilities.context, startBudget, 2 ** 47);
      yield bind(t, capabilities.context, capabilities.thread);
    }
    for (const client of this.#clients) client.isBound = true;
  }

  // ---------------------------------------------------------------- what clients say

  /** @param reply holds whoever called */
  *#hear(client: Client | undefined, reply: number): Steps {
    if (client === undefined) {
      yield* this.#answer(reply, REFUSED);
      return;
    }
    this.#freeReplies.pop();
    if (client.reply !== 0) this.#freeReplies.push(client.reply); // somebody took it out of its call
    const { label } = this.#t;
    client.reply = reply;
    client.isFaulted = label === faults.TIMEOUT;
    if (label === REGISTER) yield* this.#register(client);
    else if (label === NEXT && client.isRegistered) yield* this.#done(client);
    else if (label === faults.TIMEOUT) yield* this.#overrun(client);
    else yield* this.#tell(client, REFUSED);
  }
  *#register(client: Client): Steps {
    const t = this.#t;
    const [period, budget, deadline, first] = [timeAt(t, 0), timeAt(t, 1), timeAt(t, 2), timeAt(t, 3)];
    const others = this.#clients.reduce((sum, one) => sum + (one === client ? 0 : one.utilisation), 0);
    const refusal = this.#refusalOf(client, others, [period, budget, deadline, first]);
    if (refusal !== ACCEPTED) {
      yield* this.#tell(client, refusal);
      return;
    }
    Object.assign(client, { period, budget, relativeDeadline: deadline, isRegistered: true });
    client.nextRelease = Math.max(first, t.now);
    yield* this.#takeBack(client);
  }
  #refusalOf(client: Client, others: number, times: readonly [number, number, number, number]): number {
    const [period, budget] = times;
    if (client.isRegistered || this.#t.length < 4 || !makeSense(...times)) return REFUSED;
    return others + budget / period > (this.#options.capacity ?? 1) ? NO_CAPACITY : ACCEPTED;
  }
  *#done(client: Client): Steps {
    const { now } = this.#t;
    const { deadline } = client;
    if (client.isPending && now > deadline) this.#record({ kind: 'missed', at: now, client: client.client, deadline });
    if (client.isPending) this.#record({ kind: 'done', at: now, client: client.client });
    client.isPending = false;
    yield* this.#takeBack(client);
  }
  /** The kernel has stopped it; its fault is answered when it has time again. */
  *#overrun(client: Client): Steps {
    client.isOut = true;
    this.#record({ kind: 'overrun', at: this.#t.now, client: client.client });
    yield* this.#takeBack(client);
  }
  *#tell(client: Client, label: number): Steps {
    const { reply } = client;
    client.reply = 0;
    this.#freeReplies.push(reply);
    yield* this.#answer(reply, label);
  }
  *#answer(reply: number, label: number, length = 0): Steps {
    yield this.#t.nbSend(reply, message.messageTag(label, 0, 0, length));
  }

  // ---------------------------------------------------------------- releases

  *#releaseAll(): Steps {
    for (const client of this.#clients) {
      if (client.nextRelease > this.#t.now) continue;
      if (client.isPending) yield* this.#miss(client);
      if (!client.isBound) yield* this.#release(client);
    }
  }
  /** What is left of the job goes on as the next, with that one's budget and deadline. */
  *#miss(client: Client): Steps {
    yield* this.#takeBack(client);
    if (client.isBound) return;
    this.#record({ kind: 'missed', at: this.#t.now, client: client.client, deadline: client.deadline });
  }
  *#release(client: Client): Steps {
    const t = this.#t;
    client.begin(t.now, ++this.#turns);
    this.#record({ kind: 'released', at: client.release, client: client.client });
    yield configure(t, this.#options.control, client.capabilities.context, client.budget, client.period);
    const { reply } = client;
    if (reply === 0) return;
    client.reply = 0;
    this.#freeReplies.push(reply);
    setTime(t, 0, client.release);
    setTime(t, 1, client.deadline);
    // Words in the answer to a fault would be registers: the thread goes on with its own.
    yield* this.#answer(reply, ACCEPTED, client.isFaulted ? 0 : 2);
  }

  // ---------------------------------------------------------------- who runs

  /** Its turn has lasted as long as its budget: one that used nothing of it waits for something else, and is out. */
  *#look(): Steps {
    const t = this.#t;
    const client = this.#running;
    if (client === undefined || t.now < this.#lookAt) return;
    yield invoke(t, client.capabilities.context, labels.SCHED_CONTEXT_CONSUMED, [], []);
    client.held += t.now - client.heldSince - (this.#options.retry ?? 100);
    client.heldSince = t.now;
    if (timeAt(t, 0) > 0) return;
    client.isOut = true;
    yield* this.#takeBack(client);
  }
  /** Infinity while nobody else would run. */
  get #lookAt(): number {
    const client = this.#running;
    const isWanted = this.#clients.some((other) => other !== client && other.isReady);
    if (client === undefined || !isWanted) return Number.POSITIVE_INFINITY;
    return client.heldSince + Math.max(0, client.budget - client.held);
  }
  *#decide(): Steps {
    const t = this.#t;
    if (this.#running !== undefined && t.now >= this.#sliceEnd) this.#running.turn = ++this.#turns;
    const { compare } = this.#options.policy;
    const [next] = this.#clients.filter(({ isReady }) => isReady).sort(compare);
    if (next === this.#running && t.now < this.#sliceEnd) return;
    const { slice = Number.POSITIVE_INFINITY } = this.#options.policy;
    this.#sliceEnd = next === undefined ? Number.POSITIVE_INFINITY : t.now + slice;
    if (next === this.#running) return;
    if (this.#running !== undefined) yield* this.#takeBack(this.#running);
    if (this.#running === undefined && next !== undefined) yield* this.#give(next);
  }
  *#give(next: Client): Steps {
    const t = this.#t;
    this.#running = next;
    this.#record({ kind: 'runs', at: t.now, client: next.client });
    yield bind(t, next.capabilities.context, next.capabilities.thread);
    next.isBound = true;
    next.heldSince = t.now;
  }
  /** A context that was lent to a server comes back with the answer: until then the client goes on. */
  *#takeBack(client: Client): Steps {
    if (!client.isBound) return;
    const t = this.#t;
    yield unbind(t, client.capabilities.context, client.capabilities.thread);
    if (t.label !== 0) {
      this.#retryAt = t.now + (this.#options.retry ?? 100);
      return;
    }
    client.isBound = false;
    client.held += t.now - client.heldSince;
    if (this.#running === client) this.#running = undefined;
  }

  // ---------------------------------------------------------------- time

  *#setAlarm(): Steps {
    const t = this.#t;
    const releases = this.#clients.map(({ nextRelease }) => (nextRelease > t.now ? nextRelease : this.#retryAt));
    const at = Math.min(this.#retryAt, this.#sliceEnd, this.#lookAt, ...releases);
    const isSet = this.#alarmAt > t.now;
    if (at === Number.POSITIVE_INFINITY || (isSet && this.#alarmAt <= at)) return;
    const { alarm, control, alarmBudget = 8 } = this.#options;
    this.#alarmAt = at;
    if (isSet) yield unbind(t, alarm.context, alarm.thread);
    yield configure(t, control, alarm.context, alarmBudget, Math.max(at - t.now, alarmBudget + 1));
    if (isSet) yield bind(t, alarm.context, alarm.thread);
    yield t.nbSend(alarm.armed);
  }
  #record(moment: Moment): void {
    this.#options.record?.(moment);
  }
}
