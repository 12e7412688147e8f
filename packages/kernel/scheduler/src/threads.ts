/** What the scheduler knows of each thread. Threads are small integers; one typed array a field. */

/** Does not run and waits for nothing: new, suspended, or a caller whom nobody can answer. */
export const INACTIVE = 0;
/** Runs when it has a scheduling context, time, and the highest priority. */
export const RUNNABLE = 1;
/** Waits at an endpoint or a notification, or for the handler of its fault. */
export const BLOCKED = 2;
/** Called, and waits for the answer. */
export const BLOCKED_ON_REPLY = 3;

export class Threads {
  readonly count: number;
  readonly state: Uint8Array;
  readonly priority: Uint8Array;
  readonly maximumControlled: Uint8Array;
  readonly domain: Uint8Array;
  /** The scheduling context, bound or donated; 0 for a passive thread. */
  readonly context: Int32Array;
  /** 1: its timeouts are faults. */
  readonly timeoutHandler: Uint8Array;
  /** The reply object through which its answer comes, or 0. */
  readonly reply: Int32Array;
  /** The context to which it yielded and for whose report it waits, or 0. */
  readonly yieldedTo: Int32Array;
  /** What that context consumed, once it is known; -1 before. */
  readonly yieldReport: Float64Array;

  constructor(count: number) {
    this.count = count;
    this.state = new Uint8Array(count);
    this.priority = new Uint8Array(count);
    this.maximumControlled = new Uint8Array(count);
    this.domain = new Uint8Array(count);
    this.context = new Int32Array(count);
    this.timeoutHandler = new Uint8Array(count);
    this.reply = new Int32Array(count);
    this.yieldedTo = new Int32Array(count);
    this.yieldReport = new Float64Array(count).fill(-1);
  }
  exists(thread: number): boolean {
    return Number.isInteger(thread) && thread >= 0 && thread < this.count;
  }
  /** A new thread in the place of one that is gone. */
  clear(thread: number): void {
    this.state[thread] = INACTIVE;
    this.priority[thread] = 0;
    this.maximumControlled[thread] = 0;
    this.domain[thread] = 0;
    this.context[thread] = 0;
    this.timeoutHandler[thread] = 0;
    this.reply[thread] = 0;
    this.yieldedTo[thread] = 0;
    this.yieldReport[thread] = -1;
  }
}
