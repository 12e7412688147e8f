/** Endpoints, reply objects and notifications as lists of names: nothing here knows records, links or bits. */
export type Waits =
  | { readonly kind: 'runs' }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'sends'; readonly at: number; readonly badge: number; readonly sending: number }
  | { readonly kind: 'receives'; readonly at: number }
  | { readonly kind: 'awaits-reply' }
  | { readonly kind: 'awaits-notification'; readonly at: number };

const RUNS: Waits = { kind: 'runs' };
const INACTIVE: Waits = { kind: 'inactive' };
const CALL = 16;

export class Model {
  readonly threads: Waits[];
  readonly priorities: number[];
  /** Threads in the order in which they began to wait; who waits at one object is found by looking. */
  #order: number[] = [];
  readonly replyOf = new Map<number, number>();
  readonly words = new Map<number, number>();
  readonly bound = new Map<number, number>();

  constructor(threadCount: number) {
    this.threads = new Array<Waits>(threadCount).fill(RUNS);
    this.priorities = new Array<number>(threadCount).fill(0);
  }
  runs(thread: number): boolean {
    return this.threads[thread]!.kind === 'runs';
  }

  /** Who waits at an object: highest priority first, then who came first. */
  queue(at: number): number[] {
    const waiting = this.#order.filter((thread) => (this.threads[thread] as { at?: number }).at === at);
    return waiting.sort((a, b) => this.priorities[b]! - this.priorities[a]!);
  }
  #block(thread: number, waits: Waits): void {
    this.#order = [...this.#order.filter((other) => other !== thread), thread];
    this.threads[thread] = waits;
  }
  #first(at: number, kind: Waits['kind']): number | undefined {
    return this.queue(at).find((thread) => this.threads[thread]!.kind === kind);
  }

  send(at: number, sender: number, badge: number, sending: number, blocking: boolean): string {
    const receiver = this.#first(at, 'receives');
    if (receiver === undefined) {
      if (!blocking) return 'would block';
      this.#block(sender, { kind: 'sends', at, badge, sending });
      return 'blocked';
    }
    const reply = this.replyOf.get(receiver);
    this.cancel(receiver);
    if ((sending & CALL) !== 0) this.#awaitReply(sender, sending, reply);
    return `meets ${receiver}`;
  }
  receive(at: number, receiver: number, reply: number | undefined, blocking: boolean): string {
    const owner = [...this.replyOf].find(([, object]) => object === reply)?.[0];
    if (owner !== undefined) {
      this.cancel(owner);
      this.threads[owner] = INACTIVE;
    }
    const sender = this.#first(at, 'sends');
    if (sender === undefined) {
      if (!blocking) return 'would block';
      this.#block(receiver, { kind: 'receives', at });
      if (reply !== undefined) this.replyOf.set(receiver, reply);
      return 'blocked';
    }
    const { badge, sending } = this.threads[sender] as { badge: number; sending: number };
    this.cancel(sender);
    if ((sending & CALL) !== 0) this.#awaitReply(sender, sending, reply);
    return `meets ${sender} badge ${badge}`;
  }
  #awaitReply(caller: number, sending: number, reply: number | undefined): void {
    if (reply === undefined || sending === CALL) {
      this.threads[caller] = INACTIVE;
      return;
    }
    this.replyOf.set(caller, reply);
    this.threads[caller] = { kind: 'awaits-reply' };
  }
  reply(reply: number): string {
    const caller = [...this.replyOf].find(([, object]) => object === reply)?.[0];
    if (caller === undefined || this.threads[caller]!.kind !== 'awaits-reply') return 'nobody';
    this.cancel(caller);
    return `answers ${caller}`;
  }
  cancel(thread: number): void {
    this.replyOf.delete(thread);
    this.threads[thread] = RUNS;
  }
  cancelAll(at: number): string {
    const all = this.queue(at);
    for (const thread of all) this.cancel(thread);
    return `cancels ${all.join(',')}`;
  }
  cancelBadged(at: number, badge: number): string {
    const all = this.queue(at).filter((thread) => {
      const waits = this.threads[thread]!;
      return badge !== 0 && waits.kind === 'sends' && waits.badge === badge;
    });
    for (const thread of all) this.cancel(thread);
    return `cancels ${all.join(',')}`;
  }
  /** In its queue a thread comes last of its new priority. */
  setPriority(thread: number, priority: number): void {
    this.priorities[thread] = priority;
    if ('at' in this.threads[thread]!) this.#block(thread, this.threads[thread]!);
  }

  signal(at: number, badge: number): string {
    const waiting = this.queue(at)[0];
    const active = this.words.get(at);
    const listener = [...this.bound].find(([, notification]) => notification === at)?.[0];
    const listens = listener !== undefined && this.threads[listener]!.kind === 'receives' && active === undefined;
    const woken = waiting ?? (listens ? listener : undefined);
    if (woken === undefined) {
      this.words.set(at, (active ?? 0) | badge);
      return 'nobody';
    }
    this.cancel(woken);
    return `wakes ${woken} badge ${badge}`;
  }
  wait(at: number, thread: number, blocking: boolean): string {
    const word = this.words.get(at);
    this.words.delete(at);
    if (word !== undefined) return `takes ${word}`;
    if (!blocking) return 'would block';
    this.#block(thread, { kind: 'awaits-notification', at });
    return 'blocked';
  }
  takeBound(thread: number): string {
    const at = this.bound.get(thread);
    return at === undefined ? 'would block' : this.wait(at, thread, false);
  }
  bind(at: number, thread: number): string {
    if (this.bound.has(thread) || [...this.bound.values()].includes(at) || this.queue(at).length > 0) return 'illegal';
    this.bound.set(thread, at);
    return 'done';
  }
  unbind(thread: number): string {
    return this.bound.delete(thread) ? 'done' : 'illegal';
  }
}
