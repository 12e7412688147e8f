/**
 * One processor, as far as ipc needs one: priorities, scheduling domains, and scheduling contexts that go along with
 * calls and come back. For tests that let the processor go to whom it would go.
 */
import { fastPath, type SchedulingPort } from '../src/index.ts';
import { THREADS } from './world.ts';

export class Processor implements SchedulingPort {
  readonly priority: number[] = new Array<number>(THREADS).fill(0);
  readonly domain: number[] = new Array<number>(THREADS).fill(0);
  /** Whose scheduling context a thread has: its own at first, or none. */
  readonly context: (number | null)[] = Array.from({ length: THREADS }, (_, thread) => thread);
  /** Of each scheduling context, the reply objects of its calls, the last at the end. */
  readonly calls: { readonly reply: number; readonly caller: number }[][] = Array.from({ length: THREADS }, () => []);
  /** Threads that may run, the next of a priority first. */
  ready: number[] = [];
  current = -1;

  resume(thread: number): void {
    this.ready = [thread, ...this.ready.filter((other) => other !== thread)];
  }
  restart(thread: number): void {
    this.resume(thread);
  }
  yields(thread: number): void {
    this.ready = [...this.ready.filter((other) => other !== thread), thread];
  }

  called(caller: number, callee: number, reply: number, donates: boolean): void {
    const context = this.context[caller]!;
    if (!donates || context === null || this.context[callee] !== null) return;
    this.calls[context]!.push({ reply, caller });
    this.#give(caller, callee);
  }
  lends(sender: number, receiver: number): void {
    if (this.context[sender] !== null && this.context[receiver] === null) this.#give(sender, receiver);
  }
  answered(caller: number, _server: number, reply: number): void {
    this.#end(reply, caller);
  }
  dropped(caller: number, reply: number, returns: boolean): void {
    this.#end(reply, returns ? caller : null);
  }
  /** The last call's context comes back; from the middle of the stack only the link goes. */
  #end(reply: number, caller: number | null): void {
    for (const [context, stack] of this.calls.entries()) {
      const at = stack.findIndex((call) => call.reply === reply);
      if (at < 0) continue;
      const isLast = at === stack.length - 1;
      stack.splice(at, isLast ? 1 : stack.length);
      const holder = this.context.indexOf(context);
      if (isLast && caller !== null && this.context[caller] === null && holder >= 0) this.#give(holder, caller);
    }
  }
  #give(from: number, to: number): void {
    this.context[to] = this.context[from]!;
    this.context[from] = null;
  }
  /** A thread gets its own scheduling context, if nobody has it. */
  activate(thread: number): void {
    if (this.context[thread] === null && !this.context.includes(thread)) this.context[thread] = thread;
  }
  woke(): void {}
  rests(): void {}

  missOfCall(caller: number, callee: number): number {
    if (this.context[callee] !== null || this.context[caller] === null) return fastPath.HAS_CONTEXT;
    return this.#missOf(caller, callee);
  }
  missOfReply(server: number, caller: number, reply: number): number {
    const context = this.context[server] ?? null;
    if (context === null || this.calls[context]!.at(-1)?.reply !== reply) return fastPath.NOT_THE_LAST_CALL;
    if (this.context[caller] !== null) return fastPath.HAS_CONTEXT;
    return this.#missOf(server, caller);
  }
  #missOf(from: number, to: number): number {
    const highest = Math.max(-1, ...this.#runnable(from).map((thread) => this.priority[thread]!));
    if (this.priority[to]! < highest) return fastPath.PRIORITY;
    return this.domain[from] === this.domain[to] ? fastPath.TAKEN : fastPath.DOMAIN;
  }
  #runnable(except: number): number[] {
    const now = this.domain[this.current] ?? 0;
    return this.ready.filter(
      (thread) => thread !== except && this.context[thread] !== null && this.domain[thread] === now,
    );
  }

  /** The current thread goes on, or does not; whoever is highest runs. */
  choose(mayGoOn: boolean): void {
    const { current } = this;
    this.ready = this.ready.filter((thread) => thread !== current);
    if (mayGoOn) this.ready.push(current);
    const candidates = this.#runnable(-1);
    if (candidates.length === 0) {
      this.current = -1;
      return;
    }
    const highest = Math.max(...candidates.map((thread) => this.priority[thread]!));
    const goesOn = mayGoOn && candidates.includes(current) && this.priority[current] === highest;
    const next = goesOn ? current : candidates.find((thread) => this.priority[thread] === highest)!;
    this.switchTo(next);
  }
  switchTo(thread: number): void {
    this.current = thread;
    this.ready = this.ready.filter((other) => other !== thread);
  }
}
