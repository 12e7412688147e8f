/** What the scheduler knows of its clients. No capability is invoked here. */
import type { ClientCapabilities } from './options.ts';
import type { Job } from './policy.ts';

/** A client, and its job. */
export class Client implements Job {
  readonly client: number;
  readonly capabilities: ClientCapabilities;
  isRegistered = false;
  /** Released and not done. */
  isPending = false;
  /** It has used up its budget: it waits for its next release, whether or not its job is done. */
  isOut = false;
  /** The context is bound to its thread. */
  isBound = false;
  /** The reply object that its thread waits for; 0 for none. */
  reply = 0;
  /** It waits there since its budget ended, and not since it asked for its next release. */
  isFaulted = false;
  period = 0;
  budget = 0;
  /** After the release. */
  relativeDeadline = 0;
  release = 0;
  deadline = 0;
  nextRelease: number = Number.POSITIVE_INFINITY;
  turn = 0;
  /** How long its turns have lasted since the release; when the last began. */
  held = 0;
  heldSince = 0;

  constructor(client: number, capabilities: ClientCapabilities) {
    this.client = client;
    this.capabilities = capabilities;
  }

  get isReady(): boolean {
    return this.isPending && !this.isOut;
  }
  get utilisation(): number {
    return this.isRegistered ? this.budget / this.period : 0;
  }
  /** @param now not before `nextRelease`; releases that were slept through are none. */
  begin(now: number, turn: number): void {
    this.release = this.nextRelease + Math.floor((now - this.nextRelease) / this.period) * this.period;
    this.nextRelease = this.release + this.period;
    this.deadline = this.release + this.relativeDeadline;
    this.isPending = true;
    this.isOut = false;
    this.turn = turn;
    this.held = 0;
  }
}

/** Whether these can be the times of a client. */
export const makeSense = (period: number, budget: number, deadline: number, first: number): boolean =>
  [period, budget, deadline, first].every((time) => time >= 0 && time < 2 ** 47) &&
  budget > 0 &&
  budget <= deadline &&
  deadline <= period;
