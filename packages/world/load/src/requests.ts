/**
 * Which client asks when, and what became of it.
 *
 * Requests are dealt out to the clients in turn: of n clients the k-th asks k, k + n, k + 2n, … So what a connection
 * carries is the same in every system, whoever is faster there.
 *
 * Closed loop: a client asks again as soon as it is answered. Open loop: requests arrive, whoever waits; a client that
 * is still waiting for an answer asks later, and the latency counts from the arrival, not from the asking. Otherwise the
 * slow system would be asked less often just while it is slow, which Gil Tene calls coordinated omission ("How NOT to
 * Measure Latency", 2013).
 *
 * Invariant: `ended` is `answered` + `failed` of requests that were begun, and no request ends twice.
 */
import { type AlarmId, type Clock, NEVER } from '@bulkhead/clock';
import { Arrivals } from './arrivals.ts';
import type { WorkloadOptions } from './workload.ts';

/** Why a request failed, in the order of how much is known. */
export const NO_ANSWER = 0;
export const NO_CONNECTION = 1;
export const WRONG_ANSWER = 2;
export type Failure = typeof NO_ANSWER | typeof NO_CONNECTION | typeof WRONG_ANSWER;

export interface RequestsOptions {
  readonly clock: Clock;
  readonly clients: number;
  readonly requests: number;
  readonly loop: WorkloadOptions['loop'];
  readonly seed: number;
  /** Open loop: a request has arrived for the client, who may be busy. */
  readonly onArrival: (client: number) => void;
  /** Told of every request that ended: a moment of simulated time. */
  readonly onEnded: (ended: number) => void;
}

/** A load that fails so often for each client, with no answer in between, gives up. */
const FAILURES_A_CLIENT = 3;
const SENT = 0;
const RECEIVED = 1;

export class Requests {
  /** Cycles from asking, or from the arrival, to the last byte of the answer; in the order in which they ended. */
  readonly latencies: Float64Array;
  ended = 0;
  answered = 0;
  failed = 0;
  lastFailure: Failure = NO_ANSWER;
  /** How many requests had arrived and were not asked yet, when the last one arrived. */
  waitingAtLastArrival = 0;
  readonly #clock: Clock;
  readonly #clients: number;
  readonly #total: number;
  readonly #onArrival: (client: number) => void;
  readonly #onEnded: (ended: number) => void;
  /** By client: the next request's number, and since when the one that was asked counts. */
  readonly #next: Int32Array;
  readonly #since: Float64Array;
  /** Bytes of the application that answered requests sent and received. */
  readonly #bytes: Float64Array = new Float64Array(2);
  readonly #arrivals: Arrivals | null;
  readonly #arrivedAt: Float64Array;
  readonly #alarm: AlarmId;
  #arrived: number;
  #begun = 0;
  #failedInARow = 0;
  #failureLimit = FAILURES_A_CLIENT;

  constructor({ clock, clients, requests, loop, seed, onArrival, onEnded }: RequestsOptions) {
    const isOpen = loop.kind === 'open';
    this.latencies = new Float64Array(requests);
    this.#clock = clock;
    this.#clients = clients;
    this.#total = requests;
    this.#onArrival = onArrival;
    this.#onEnded = onEnded;
    this.#next = Int32Array.from({ length: clients }, (_, client) => client);
    this.#since = new Float64Array(clients);
    this.#arrivals = isOpen ? new Arrivals(seed, clock.cyclesPerSecond / loop.requestsPerSecond) : null;
    this.#arrivedAt = new Float64Array(isOpen ? requests + 1 : 0);
    this.#arrived = isOpen ? 0 : requests;
    this.#alarm = isOpen ? clock.createAlarm(() => this.#arrive()) : 0;
  }

  get isDone(): boolean {
    return this.ended >= this.#total || this.isHopeless;
  }
  /** True when it gave up, because everything fails. */
  get isHopeless(): boolean {
    return this.#failedInARow >= this.#failureLimit;
  }
  /** Of answered requests, both directions. */
  get bytes(): number {
    return this.#bytes[SENT]! + this.#bytes[RECEIVED]!;
  }
  get receivedBytes(): number {
    return this.#bytes[RECEIVED]!;
  }

  /** From now on that many clients may fail. */
  expect(clients: number): void {
    this.#failureLimit = FAILURES_A_CLIENT * clients;
  }
  /** Everybody is connected: from now on requests arrive. */
  open(): void {
    if (this.#arrivals === null) return;
    this.#arrivals.begin(this.#clock.now);
    this.#arrivedAt[0] = this.#arrivals.next();
    this.#clock.set(this.#alarm, Math.ceil(this.#arrivedAt[0]!));
  }
  /** True when the client will never ask again. */
  isExhausted(client: number): boolean {
    return this.#next[client]! >= this.#total || this.isHopeless;
  }
  hasNext(client: number): boolean {
    return this.#next[client]! < this.#arrived && !this.isHopeless;
  }
  /** The client asks. @returns the request's number. */
  begin(client: number): number {
    const index = this.#next[client]!;
    this.#next[client] = index + this.#clients;
    this.#begun++;
    this.#since[client] = this.#arrivals === null ? this.#clock.now : this.#arrivedAt[index]!;
    return index;
  }
  succeed(client: number, sentBytes: number, receivedBytes: number): void {
    this.#bytes[SENT] = this.#bytes[SENT]! + sentBytes;
    this.#bytes[RECEIVED] = this.#bytes[RECEIVED]! + receivedBytes;
    this.latencies[this.answered++] = this.#clock.now - this.#since[client]!;
    this.#failedInARow = 0;
    this.#end();
  }
  fail(why: Failure): void {
    this.lastFailure = why;
    this.failed++;
    this.#failedInARow++;
    this.#end();
  }
  /** The client could not be connected: what it would have asked has failed. */
  failUnasked(client: number, why: Failure): void {
    if (this.#next[client]! < this.#total) {
      this.begin(client);
      this.fail(why);
      return;
    }
    this.lastFailure = why;
    this.#failedInARow++;
  }
  #end(): void {
    this.ended++;
    this.#onEnded(this.ended);
  }

  #arrive(): void {
    const now = this.#clock.now;
    while (this.#arrived < this.#total && this.#arrivedAt[this.#arrived]! <= now) this.#arriveOne();
    if (this.#arrived === this.#total || this.isHopeless) return;
    this.#clock.set(this.#alarm, Math.min(NEVER - 1, Math.ceil(this.#arrivedAt[this.#arrived]!)));
  }
  #arriveOne(): void {
    const index = this.#arrived++;
    this.#arrivedAt[this.#arrived] = this.#arrivals!.next();
    this.#onArrival(index % this.#clients);
    if (this.#arrived === this.#total) this.waitingAtLastArrival = this.#arrived - this.#begun;
  }
}
