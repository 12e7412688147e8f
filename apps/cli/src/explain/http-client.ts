/** One HTTP client at the far end of the wire, with one connection that is kept alive, request by request. */
import type { System } from '@bulkhead/assembler';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import { ENDED, READABLE, WRITABLE } from '@bulkhead/net-stack-api';
import { HTTP_PORT } from '@bulkhead/parts';
import { Failure } from '../errors.ts';
import { farEndConfig, GUEST } from '../network.ts';

const REQUEST_OFFSET = 0;
const RECEIVE_OFFSET = 4096;
const CHUNK_BYTES = 16_384;
/** Longer than anything that a request sets going, and shorter than the delayed acknowledgement of the answer. */
const QUIET_NS = 2_000_000;
const STEP_NS = 100_000;
/** A machine that says nothing for so long never will. */
const PATIENCE_NS = 5_000_000_000;

export class HttpClient {
  readonly #system: System;
  readonly #farEnd: FarEnd;
  readonly #requestBytes: number;
  readonly #chunk: Uint8Array = new Uint8Array(CHUNK_BYTES);
  readonly #socket: number;
  #isConnected = false;
  #hasEnded = false;
  /** Of the answer: its head as text, how long that is, and how much of everything has come. */
  #head = '';
  #bytesReceived = 0;

  /** Connects when the system runs on. */
  constructor(system: System, path: string, seed: number) {
    this.#system = system;
    this.#farEnd = createFarEnd({
      clock: system.clock,
      wire: system.wire,
      config: farEndConfig(seed),
      onReady: (socket, what) => this.#onReady(socket, what),
    });
    const request = new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: bulkhead\r\n\r\n`);
    this.#requestBytes = request.length;
    this.#farEnd.sockets.write(REQUEST_OFFSET, request, 0, request.length);
    this.#socket = this.#farEnd.sockets.connect(GUEST, HTTP_PORT);
    this.#farEnd.settle();
  }
  /** @throws Failure when nobody answers. */
  connect(): void {
    this.#runUntil(() => this.#isConnected);
  }
  /**
   * One request and its answer, and then silence, until the machine has nothing left to do for either.
   * @throws Failure when the answer is not 200, or none comes.
   */
  request(): void {
    this.#head = '';
    this.#bytesReceived = 0;
    this.#farEnd.sockets.send(this.#socket, REQUEST_OFFSET, this.#requestBytes);
    this.#farEnd.settle();
    this.#runUntil(() => this.#isComplete);
    if (!/^HTTP\/1\.1 200 /.test(this.#head))
      throw new Failure(
        `'${this.#system.description.name}' answered '${this.#head.split('\r\n')[0]}': choose another --path`,
      );
  }

  #runUntil(isDone: () => boolean): void {
    const { clock } = this.#system;
    const latest = clock.now + clock.cyclesOf(PATIENCE_NS);
    while (!isDone()) {
      this.#run(clock.now + clock.cyclesOf(STEP_NS));
      if (this.#hasEnded) throw this.#failure('broke the connection');
      if (clock.now > latest) throw this.#failure('does not answer');
    }
    this.#run(clock.now + clock.cyclesOf(QUIET_NS));
  }
  #run(cycles: number): void {
    if (this.#system.runUntil(cycles) === 'panic') throw this.#failure(`panicked: ${this.#system.panic?.message}`);
  }
  #failure(what: string): Failure {
    return new Failure(`'${this.#system.description.name}' ${what}`);
  }
  #onReady(socket: number, what: number): void {
    if (socket !== this.#socket) return;
    if ((what & WRITABLE) !== 0) this.#isConnected = true;
    if ((what & READABLE) !== 0) this.#receive();
    if ((what & ENDED) !== 0) this.#hasEnded = true;
  }
  #receive(): void {
    const { sockets } = this.#farEnd;
    for (let count = 1; count > 0; ) {
      count = sockets.receive(this.#socket, RECEIVE_OFFSET, CHUNK_BYTES);
      if (count <= 0) return;
      sockets.read(RECEIVE_OFFSET, this.#chunk, 0, count);
      this.#bytesReceived += count;
      if (!this.#head.includes('\r\n\r\n')) this.#head += String.fromCharCode(...this.#chunk.subarray(0, count));
    }
  }
  /** RFC 9112 §6.3: as many bytes behind the blank line as Content-Length says. */
  get #isComplete(): boolean {
    const headBytes = this.#head.indexOf('\r\n\r\n') + 4;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#head);
    return headBytes >= 4 && length !== null && this.#bytesReceived >= headBytes + Number(length[1]);
  }
}
