/** Composes responses in the shared region and offers them to the stack, as much at once as it has lately taken. */
import type { BufferRef, ClientPort } from '@bulkhead/abi';
import { type sockets, WOULD_BLOCK } from '@bulkhead/net-stack-api';
import type { Window } from '@bulkhead/runtime';
import * as c from './connections.ts';
import type { Documents } from './documents.ts';
import { bytesPage } from './pages.ts';

/** Any head is shorter than this. */
const MIN_CHUNK_BYTES = 2048;
const MAX_CHUNK_BYTES = 32_768;

export const FINISHED = 0;
export const BLOCKED = 1;
export const BROKEN = 2;

export interface ResponderOptions {
  readonly net: ClientPort<typeof sockets>;
  readonly connections: c.Connections;
  readonly documents: Documents;
  readonly shared: Window;
  /** Where in the shared region there is room, and how much. */
  readonly at: number;
  readonly lenBytes: number;
}

export class Responder {
  readonly #net: ClientPort<typeof sockets>;
  readonly #connections: c.Connections;
  readonly #documents: Documents;
  readonly #shared: Window;
  readonly #at: number;
  readonly #maxChunk: number;
  readonly #scratch: Uint8Array;

  constructor({ net, connections, documents, shared, at, lenBytes }: ResponderOptions) {
    this.#net = net;
    this.#connections = connections;
    this.#documents = documents;
    this.#shared = shared;
    this.#at = at;
    this.#maxChunk = Math.min(lenBytes, MAX_CHUNK_BYTES);
    this.#scratch = new Uint8Array(this.#maxChunk);
  }

  /** Chooses what to send. @param bodyLen 0 for the answer to HEAD, which still tells the length `statedLen`. */
  begin(connection: number, document: number, tail: number, bodyLen: number, statedLen: number): void {
    const table = this.#connections;
    table.set(connection, c.DOCUMENT, document);
    table.set(connection, c.TAIL, tail);
    table.set(connection, c.BODY_LEN, bodyLen);
    table.set(connection, c.STATED_LEN, statedLen);
    table.set(connection, c.SENT, 0);
    if (table.get(connection, c.CHUNK) < MIN_CHUNK_BYTES) table.set(connection, c.CHUNK, this.#maxChunk);
  }

  /** Composes and offers chunk after chunk. @returns FINISHED when nothing is left, BLOCKED or BROKEN. */
  send(connection: number): number {
    const table = this.#connections;
    for (;;) {
      const sent = table.get(connection, c.SENT);
      const headLen = sent < table.get(connection, c.HEAD_LEN) || sent === 0 ? this.#head(connection) : 0;
      const bodyLen = this.#body(connection, headLen, sent);
      const from = headLen === 0 ? 0 : sent;
      const outcome = this.#offer(connection, from, headLen + bodyLen - from);
      if (outcome !== FINISHED) return outcome;
      const whole = table.get(connection, c.HEAD_LEN) + table.get(connection, c.BODY_LEN);
      if (table.get(connection, c.SENT) >= whole) return FINISHED;
    }
  }
  #head(connection: number): number {
    const table = this.#connections;
    const document = table.get(connection, c.DOCUMENT);
    const statedLen = table.get(connection, c.STATED_LEN);
    const headLen = this.#documents.writeHead(
      document,
      table.get(connection, c.TAIL),
      statedLen,
      this.#shared,
      this.#at,
    );
    table.set(connection, c.HEAD_LEN, headLen);
    return headLen;
  }
  /** Writes as much of the body as the chunk has room for behind the head. @returns how much. */
  #body(connection: number, headLen: number, sent: number): number {
    const table = this.#connections;
    const from = Math.max(0, sent - table.get(connection, c.HEAD_LEN));
    const left = table.get(connection, c.BODY_LEN) - from;
    const lenBytes = Math.max(0, Math.min(this.#chunkOf(connection) - headLen, left));
    const document = table.get(connection, c.DOCUMENT);
    const at = this.#at + headLen;
    if (document === this.#documents.generated) this.#generate(from, lenBytes, at);
    else if (lenBytes > 0) this.#documents.writeBody(document, from, lenBytes, this.#shared, at);
    return lenBytes;
  }
  #chunkOf(connection: number): number {
    return Math.min(Math.max(this.#connections.get(connection, c.CHUNK), MIN_CHUNK_BYTES), this.#maxChunk);
  }
  #generate(from: number, lenBytes: number, at: number): void {
    for (let i = 0; i < lenBytes; i++) this.#scratch[i] = bytesPage(from + i);
    if (lenBytes > 0) this.#shared.storeBytes(at, this.#scratch, 0, lenBytes);
  }

  /** What was composed and not taken is offered again before it is composed anew. */
  #offer(connection: number, from: number, lenBytes: number): number {
    const socket = this.#connections.socketOf(connection);
    let at = this.#at + from;
    let left = lenBytes;
    while (left > 0) {
      const taken = this.#net.send(socket, at as BufferRef, left);
      if (taken === WOULD_BLOCK) {
        this.#connections.set(connection, c.CHUNK, lenBytes - left);
        return BLOCKED;
      }
      if (taken <= 0 || taken > left) return BROKEN;
      at += taken;
      left -= taken;
      this.#connections.set(connection, c.SENT, this.#connections.get(connection, c.SENT) + taken);
    }
    this.#connections.set(connection, c.CHUNK, this.#chunkOf(connection) * 2);
    return FINISHED;
  }
}
