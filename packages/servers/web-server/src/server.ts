/**
 * The server: one loop a connection, run whenever its socket is ready, until the stack has or takes nothing more.
 *
 * The contract's `ready` is edge-triggered and follows a WOULD_BLOCK; so each direction is tried until that comes.
 * While a response is being sent nothing more is read: a slow reader holds one record and no memory beside it.
 *
 * Invariant: outside a handler all that is known of a connection stands in its record.
 */
import type { BufferRef, ClientHandlers, ClientPort } from '@bulkhead/abi';
import { NO_CONNECTION } from '@bulkhead/connections';
import { CONNECTION_RESET, ENDED, type sockets, WOULD_BLOCK } from '@bulkhead/net-stack-api';
import type { Context, Window } from '@bulkhead/runtime';
import * as c from './connections.ts';
import { CLOSE, Documents, STAY, STAY_HTTP_1_0 } from './documents.ts';
import type { Page } from './pages.ts';
import { GENERATED, RequestParser } from './parser.ts';
import { BLOCKED, BROKEN, Responder } from './response.ts';

export interface WebServerConfig {
  readonly port: number;
  /** Stands for `{{title}}` in pages. */
  readonly title: string;
  /** By decoded path; at most 30. */
  readonly pages: Readonly<Record<string, Page>>;
  /** When the table is full, a connection that was silent for as long is ended. */
  readonly idleTimeoutUs: number;
}

export const DOCUMENT_PAGES = 64;
export const HEAP_PAGES: number = 1 + c.MAX_CONNECTIONS + DOCUMENT_PAGES;

const BACKLOG = 128;
/** How often a full table is searched for a silent connection. */
const SCANS_PER_TIMEOUT = 16;
/** How much of what came after our last word is thrown away before we reset. RFC 9112 §9.6 "Tear-down". */
const MAX_DISCARDED_BYTES = 65_536;

/** Phases of a connection. A fresh record is reading. */
const READING = 0;
const SENDING = 1;
const LINGERING = 2;

export class WebServer {
  readonly #context: Context<WebServerConfig>;
  readonly #net: ClientPort<typeof sockets>;
  readonly #shared: Window;
  readonly #connections: c.Connections;
  readonly #documents: Documents;
  readonly #responder: Responder;
  readonly #parser: RequestParser;
  readonly #acceptWork: number;
  readonly #requestWork: number;
  readonly #responseWork: number;
  /** What was received and not yet read: bytes `#at…#end` of `#received`. Empty between handlers. */
  readonly #received: Uint8Array = new Uint8Array(c.RECEIVE_BYTES);
  #at = 0;
  #end = 0;

  constructor(context: Context<WebServerConfig>, net: ClientPort<typeof sockets>) {
    const { heap, config, work } = context;
    const region = context.shared('net');
    const documentsAt = (1 + c.MAX_CONNECTIONS) * c.RECORD_BYTES;
    const sharedLen = region.frameCount * 2 ** region.frameSizeBits;
    this.#context = context;
    this.#net = net;
    this.#shared = region.window;
    this.#connections = new c.Connections(heap);
    this.#documents = new Documents({
      heap,
      at: documentsAt,
      lenBytes: DOCUMENT_PAGES * c.RECORD_BYTES,
      pages: config.pages,
      title: config.title,
    });
    this.#responder = new Responder({
      net,
      connections: this.#connections,
      documents: this.#documents,
      shared: region.window,
      at: c.RECEIVE_BYTES,
      lenBytes: sharedLen - c.RECEIVE_BYTES,
    });
    this.#parser = new RequestParser(this.#documents.paths);
    this.#acceptWork = work.id('accept');
    this.#requestWork = work.id('request');
    this.#responseWork = work.id('response');
  }

  start(): void {
    this.#documents.store();
    const listener = this.#net.listen(this.#context.config.port, BACKLOG);
    if (listener < 0) return;
    this.#connections.listener = listener;
    this.#acceptAll();
  }

  readonly handlers: ClientHandlers<typeof sockets> = {
    ready: (socket: number, what: number): void => {
      const isListener = socket === this.#connections.listener;
      const connection = isListener ? NO_CONNECTION : this.#connections.find(socket);
      if (isListener) this.#acceptAll();
      else if (connection !== NO_CONNECTION) this.#attend(connection, what);
    },
  };

  /** The backlog's own event comes but once: so it is looked at again when a full table gets room. */
  #attend(connection: number, what: number): void {
    const wasFull = this.#connections.isFull;
    const isOver = (what & ENDED) !== 0 && this.#connections.get(connection, c.PHASE) === LINGERING;
    if (isOver) this.#connections.free(connection);
    else this.#run(connection);
    if (wasFull) this.#acceptAll();
  }
  /** Takes what waits in the backlog, while there are records. */
  #acceptAll(): void {
    while (!this.#connections.isFull || this.#evict()) {
      const socket = this.#net.accept(this.#connections.listener);
      if (socket < 0) return;
      this.#context.work.spend(this.#acceptWork);
      const connection = this.#connections.open(socket);
      if (connection !== NO_CONNECTION) this.#run(connection);
    }
  }
  /** Ends the connection that was silent for longest, if that is long enough. @returns true when it made room. */
  #evict(): boolean {
    const { idleTimeoutUs } = this.#context.config;
    const nowUs = this.#context.nowUs();
    if (!this.#connections.mayScan(nowUs, idleTimeoutUs / SCANS_PER_TIMEOUT)) return false;
    const idlest = this.#connections.longestIdle(nowUs);
    if (this.#connections.idleUs(idlest, nowUs) < idleTimeoutUs) return false;
    this.#drop(idlest);
    return true;
  }

  /** Goes on with a connection as far as it goes. */
  #run(connection: number): void {
    this.#connections.set(connection, c.ACTIVE_US, this.#context.nowUs());
    this.#connections.loadParser(connection, this.#parser.words);
    this.#at = 0;
    this.#end = this.#connections.takePending(connection, this.#received);
    let goesOn = true;
    while (goesOn) goesOn = this.#step(connection);
  }
  /** @returns false when there is nothing more to do for now, or at all. */
  #step(connection: number): boolean {
    switch (this.#connections.get(connection, c.PHASE)) {
      case READING:
        return this.#at < this.#end ? this.#read(connection) : this.#receive(connection);
      case SENDING:
        return this.#send(connection);
      case LINGERING:
        return this.#discard(connection);
      default: // a record that somebody's wild store has hit
        return this.#drop(connection);
    }
  }
  /** Waits for the next event, with everything in the record. */
  #park(connection: number): false {
    this.#connections.storeParser(connection, this.#parser.words);
    this.#connections.putPending(connection, this.#received, this.#at, this.#end - this.#at);
    return false;
  }
  #drop(connection: number): false {
    this.#net.abort(this.#connections.socketOf(connection));
    this.#connections.free(connection);
    return false;
  }
  /** The stack refused. @returns false always. */
  #refused(connection: number, refusal: number): false {
    if (refusal === WOULD_BLOCK) return this.#park(connection);
    if (refusal === CONNECTION_RESET) return this.#drop(connection);
    this.#connections.free(connection);
    return false;
  }

  #receive(connection: number): boolean {
    const socket = this.#connections.socketOf(connection);
    const lenBytes = this.#net.receive(socket, 0 as BufferRef, c.RECEIVE_BYTES);
    if (lenBytes < 0) return this.#refused(connection, lenBytes);
    if (lenBytes === 0) return this.#farewell(connection);
    this.#at = 0;
    this.#end = Math.min(lenBytes, c.RECEIVE_BYTES);
    this.#shared.loadBytes(0, this.#received, 0, this.#end);
    return true;
  }
  /** The peer will ask nothing more, and has had all its answers. A request cut short is no request. */
  #farewell(connection: number): false {
    this.#net.close(this.#connections.socketOf(connection));
    this.#connections.free(connection);
    return false;
  }
  #read(connection: number): boolean {
    this.#at = this.#parser.feed(this.#received, this.#at, this.#end);
    if (this.#parser.isDone) this.#respond(connection);
    return true;
  }
  #respond(connection: number): void {
    this.#context.work.spend(this.#requestWork);
    const parser = this.#parser;
    const documents = this.#documents;
    const isGenerated = parser.status === 200 && parser.page === GENERATED;
    const served = isGenerated ? documents.generated : parser.page;
    const document = parser.status === 200 ? served : documents.refusal(parser.status);
    const statedLen = isGenerated ? parser.generatedLen : documents.bodyLen(document);
    this.#responder.begin(connection, document, tailFor(parser), parser.isHead ? 0 : statedLen, statedLen);
    this.#connections.set(connection, c.PHASE, SENDING);
    parser.reset();
  }
  #send(connection: number): boolean {
    this.#context.work.spend(this.#responseWork);
    const outcome = this.#responder.send(connection);
    if (outcome === BLOCKED) return this.#park(connection);
    if (outcome === BROKEN) return this.#drop(connection);
    const isLast = this.#connections.get(connection, c.TAIL) === CLOSE;
    this.#connections.set(connection, c.PHASE, isLast ? LINGERING : READING);
    if (isLast) this.#close(connection);
    return true;
  }

  /** RFC 9112 §9.6: first only our direction ends, or what the client still sends would reset our last response. */
  #close(connection: number): void {
    this.#net.close(this.#connections.socketOf(connection));
    this.#at = this.#end;
  }
  #discard(connection: number): boolean {
    const lenBytes = this.#net.receive(this.#connections.socketOf(connection), 0 as BufferRef, c.RECEIVE_BYTES);
    if (lenBytes < 0) return this.#refused(connection, lenBytes);
    const discarded = this.#connections.get(connection, c.DISCARDED) + lenBytes;
    this.#connections.set(connection, c.DISCARDED, discarded);
    if (discarded > MAX_DISCARDED_BYTES) return this.#drop(connection);
    if (lenBytes === 0) this.#connections.free(connection); // both directions are closed: the number is free
    return lenBytes > 0;
  }
}

function tailFor(parser: RequestParser): number {
  if (parser.closes) return CLOSE;
  return parser.isHttp10 ? STAY_HTTP_1_0 : STAY;
}
