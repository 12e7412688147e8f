/**
 * Threads as generators, on a scheduler, in time that nothing else moves: for tests of policies, and for kernels whose
 * threads have no machine code. A program spends time only where it yields; it may wait anywhere. Besides time it knows
 * endpoints, named by any number, first come, first served.
 */
import { invariant } from '@bulkhead/result';
import type { Calls } from './calls.ts';
import { NONE } from './records.ts';
import type { Scheduler } from './scheduler.ts';

/** What a program asks for, and what it is given then. */
export type Action =
  /** Uses so much time. */
  | { readonly kind: 'run'; readonly time: number }
  /** Waits until then. */
  | { readonly kind: 'sleep'; readonly until: number }
  /** Calls whoever receives there, and waits for the answer. */
  | { readonly kind: 'call'; readonly endpoint: number }
  /** Waits for a call, which is answered through `reply`. Gives the caller. */
  | { readonly kind: 'receive'; readonly endpoint: number; readonly reply: number }
  | { readonly kind: 'reply'; readonly reply: number }
  /** Both at once: whoever runs on a caller's time could not receive after it replied. Gives the caller. */
  | { readonly kind: 'reply-receive'; readonly endpoint: number; readonly reply: number }
  /** Gives up what is left of the head refill. */
  | { readonly kind: 'yield' };

export const run = (time: number): Action => ({ kind: 'run', time });
export const sleep = (until: number): Action => ({ kind: 'sleep', until });
export const call = (endpoint: number): Action => ({ kind: 'call', endpoint });
export const receive = (endpoint: number, reply: number): Action => ({ kind: 'receive', endpoint, reply });
export const reply = (object: number): Action => ({ kind: 'reply', reply: object });
export const replyReceive = (endpoint: number, object: number): Action => ({
  kind: 'reply-receive',
  endpoint,
  reply: object,
});
export const yieldNow: Action = { kind: 'yield' };

export type Program = Generator<Action, void, number>;

/** Who ran on whose time, from when to when. */
export interface Slice {
  readonly thread: number;
  readonly context: number;
  readonly from: number;
  readonly to: number;
}

interface Actor {
  readonly program: Program;
  /** Time that its last `run` still asks for. */
  left: number;
  /** What the action that it waits for gives. */
  result: number;
}
interface Receiver {
  readonly thread: number;
  readonly reply: number;
}

export interface SimulationOptions {
  readonly scheduler: Scheduler;
  readonly calls: Calls;
  /** A thread with a timeout handler ran out of time: it is blocked. */
  readonly timedOut?: (thread: number) => void;
}

/** Programs that ask for no time this often, one after another, would never come to an end. */
const MAX_IDLE_ACTIONS = 100_000;

export class Simulation {
  readonly slices: Slice[] = [];
  readonly #scheduler: Scheduler;
  readonly #calls: Calls;
  readonly #timedOut: (thread: number) => void;
  readonly #actors: Map<number, Actor> = new Map();
  readonly #sleepers: Map<number, number> = new Map();
  readonly #callers: Map<number, number[]> = new Map();
  readonly #receivers: Map<number, Receiver[]> = new Map();

  constructor({ scheduler, calls, timedOut = () => {} }: SimulationOptions) {
    this.#scheduler = scheduler;
    this.#calls = calls;
    this.#timedOut = timedOut;
  }

  /** What a thread does, once it runs. A program that ends suspends its thread. */
  add(thread: number, program: Program): void {
    this.#actors.set(thread, { program, left: 0, result: 0 });
  }
  /** Everything that happens before `end`. */
  run(end: number): void {
    let idleActions = 0;
    while (this.#scheduler.now < end) {
      this.#wakeSleepers();
      const thread = this.#scheduler.choose();
      const actor = this.#actors.get(thread);
      if (actor === undefined || actor.left > 0) {
        idleActions = 0;
        this.#pass(thread, actor, end);
      } else {
        invariant(++idleActions < MAX_IDLE_ACTIONS, `thread ${thread} never spends time`);
        this.#act(thread, actor);
      }
    }
  }

  #pass(thread: number, actor: Actor | undefined, end: number): void {
    const from = this.#scheduler.now;
    const own = actor === undefined ? Number.POSITIVE_INFINITY : from + actor.left;
    const to = Math.min(end, own, this.#scheduler.until(), ...this.#sleepers.values());
    if (actor !== undefined) actor.left -= to - from;
    if (thread !== NONE) this.slices.push({ thread, context: this.#scheduler.context, from, to });
    const timedOut = this.#scheduler.elapse(to);
    if (timedOut !== NONE) this.#timedOut(timedOut);
    // Whoever finished just now says so before anybody wakes at the same time.
    if (actor !== undefined && actor.left === 0 && this.#scheduler.isQueued(thread)) this.#act(thread, actor);
  }
  #wakeSleepers(): void {
    for (const [thread, until] of this.#sleepers) {
      if (until > this.#scheduler.now) continue;
      this.#sleepers.delete(thread);
      this.#scheduler.wake(thread);
    }
  }
  #act(thread: number, actor: Actor): void {
    const { done, value } = actor.program.next(actor.result);
    actor.result = 0;
    if (done === true) this.#scheduler.suspend(thread);
    else this.#perform(thread, actor, value);
  }
  #perform(thread: number, actor: Actor, action: Action): void {
    switch (action.kind) {
      case 'run':
        actor.left = action.time;
        break;
      case 'sleep':
        this.#sleepers.set(thread, action.until);
        this.#scheduler.block(thread);
        break;
      case 'call':
        this.#call(thread, action.endpoint);
        break;
      case 'receive':
        this.#receive(thread, action.endpoint, action.reply);
        break;
      case 'reply':
        this.#answer(action.reply);
        break;
      case 'reply-receive':
        this.#answer(action.reply);
        this.#receive(thread, action.endpoint, action.reply);
        break;
      case 'yield':
        this.#scheduler.yieldHead();
        break;
    }
  }
  #answer(object: number): void {
    const timedOut = this.#calls.reply(object);
    if (timedOut !== NONE) this.#timedOut(timedOut);
  }
  #call(thread: number, endpoint: number): void {
    const receiver = this.#receivers.get(endpoint)?.shift();
    if (receiver === undefined) {
      this.#scheduler.block(thread);
      queueOf(this.#callers, endpoint).push(thread);
    } else {
      this.#meet(thread, receiver);
    }
  }
  #receive(thread: number, endpoint: number, object: number): void {
    const receiver = { thread, reply: object };
    const caller = this.#callers.get(endpoint)?.shift();
    if (caller === undefined) {
      this.#scheduler.block(thread);
      queueOf(this.#receivers, endpoint).push(receiver);
    } else {
      this.#meet(caller, receiver);
    }
  }
  #meet(caller: number, receiver: Receiver): void {
    const actor = this.#actors.get(receiver.thread);
    if (actor !== undefined) actor.result = caller;
    this.#calls.call(caller, receiver.thread, receiver.reply);
  }
}

function queueOf<T>(queues: Map<number, T[]>, endpoint: number): T[] {
  const queue = queues.get(endpoint) ?? [];
  queues.set(endpoint, queue);
  return queue;
}
