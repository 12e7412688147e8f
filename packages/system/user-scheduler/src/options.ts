import type { Policy } from './policy.ts';

/** Pointers of capabilities in the scheduler's space. */
export interface ClientCapabilities {
  readonly thread: number;
  /** The scheduling context that the client runs on, when it is its turn. */
  readonly context: number;
  /** The endpoint with the client's badge, which is its number + 1: where its timeouts go. */
  readonly entry: number;
}
export interface SchedulerCapabilities {
  /** Its own thread. */
  readonly thread: number;
  readonly endpoint: number;
  /** Bound to its thread; whoever signals it has the badge `TIMER`. */
  readonly timer: number;
  /** Reply objects: one more than there are clients. */
  readonly replies: readonly number[];
  /** Scheduling control. */
  readonly control: number;
  readonly alarm: { readonly thread: number; readonly context: number; readonly armed: number };
  readonly clients: readonly ClientCapabilities[];
}

/** What happened, for people to read. */
export type Moment =
  | { readonly kind: 'released' | 'runs' | 'done' | 'overrun'; readonly at: number; readonly client: number }
  | { readonly kind: 'missed'; readonly at: number; readonly client: number; readonly deadline: number };

export interface UserSchedulerOptions extends SchedulerCapabilities {
  readonly policy: Policy;
  /** Utilisation that clients may register, together. @defaultValue 1 */
  readonly capacity?: number;
  /** Time that each client has to register. @defaultValue 1000 */
  readonly startBudget?: number;
  /** Time that the alarm needs for its two system calls: the shortest delay. @defaultValue 8 */
  readonly alarmBudget?: number;
  /** Time after which a context is asked for again that was lent to a server. @defaultValue 100 */
  readonly retry?: number;
  readonly record?: (moment: Moment) => void;
}
/** A bit that no client's badge has. */
export const TIMER = 0x4000_0000;
