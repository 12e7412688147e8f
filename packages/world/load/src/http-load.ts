/** Closed-loop HTTP clients inside simulated time: the load for those who watch every answer. */
import type { System } from '@bulkhead/assembler';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { checkHttpLoad } from './check.ts';
import { HttpDialogue } from './http-dialogue.ts';
import type { Requests } from './requests.ts';
import { TcpLoad } from './tcp-load.ts';

export interface HttpLoadOptions {
  readonly system: System;
  readonly clients: number;
  /** How many answers end the load. */
  readonly requests: number;
  readonly path: string;
  /** The machine's IPv4 address and port. */
  readonly address: number;
  readonly port: number;
  /** The clients' own stack. */
  readonly config: NetStackConfig;
  /** Told of every answer when its last byte has come: a moment of simulated time. */
  readonly onAnswer?: (completed: number) => void;
  /** Shown every piece of every body, in order: `bytes[from…to)`, which are the load's again when it returns. */
  readonly onBody?: (bytes: Uint8Array, from: number, to: number) => void;
}

export class HttpLoad {
  /** Of all answers, without their heads. */
  bodyBytes = 0;
  readonly #load: TcpLoad;
  readonly #requests: Requests;
  #told = 0;

  /** @throws RangeError when there are no clients or no requests, or more clients than the stack has connections. */
  constructor({ path, onAnswer, onBody, ...options }: HttpLoadOptions) {
    checkHttpLoad(options.clients, options.requests, options.config);
    this.#load = new TcpLoad({
      ...options,
      loop: { kind: 'closed' },
      dialogue: new HttpDialogue({
        clients: options.clients,
        path,
        onBody: (bytes, from, to) => {
          this.bodyBytes += to - from;
          onBody?.(bytes, from, to);
        },
      }),
      onEnded: () => this.#tell(onAnswer),
    });
    this.#requests = this.#load.requests;
  }

  /** Cycles from the request to the last byte of its answer, in the order in which they ended. */
  get latencies(): Float64Array {
    return this.#requests.latencies;
  }
  get completed(): number {
    return this.#requests.answered;
  }
  /** Answers that were not 200 or not HTTP, and requests whose connection broke or could not be made. */
  get failed(): number {
    return this.#requests.failed;
  }
  /** True when as many requests as were wanted have ended, or so many failed in a row that it gave up. */
  get isDone(): boolean {
    return this.#requests.isDone;
  }
  start(): void {
    this.#load.start();
  }
  #tell(onAnswer: HttpLoadOptions['onAnswer']): void {
    if (this.completed === this.#told) return;
    this.#told = this.completed;
    onAnswer?.(this.completed);
  }
}
