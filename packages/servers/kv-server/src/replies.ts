/**
 * Replies, composed in the shared region one behind the other, to be sent together. RESP protocol specification,
 * "RESP protocol description": simple strings, simple errors, integers, bulk strings, arrays and nulls of RESP2.
 *
 * A reply that has no room is refused as a whole: `finish` puts an error in its place.
 */
import type { Window } from '@bulkhead/runtime';
import { ascii, isPrinting, MAX_INTEGER_CHARACTERS, writeInteger } from './text.ts';

const CRLF: Uint8Array = ascii('\r\n');
const NULL_BULK: Uint8Array = ascii('$-1\r\n');
const TOO_LARGE: Uint8Array = ascii('-ERR the reply is larger than this server composes at once\r\n');

export const OK: Uint8Array = ascii('+OK\r\n');

export class Replies {
  readonly #shared: Window;
  readonly #start: number;
  readonly #limit: number;
  /** Where the next byte goes, and where the reply at hand began. */
  #at: number;
  #mark: number;
  #isTooLarge = false;
  readonly #header: Uint8Array = new Uint8Array(MAX_INTEGER_CHARACTERS + 3);
  readonly #text: Uint8Array;

  /** @param lenBytes of the place for replies, from `start` on. @param textBytes of the longest error with arguments. */
  constructor(shared: Window, start: number, lenBytes: number, textBytes: number) {
    this.#shared = shared;
    this.#start = start;
    this.#limit = start + lenBytes;
    this.#at = start;
    this.#mark = start;
    this.#text = new Uint8Array(textBytes);
  }
  get start(): number {
    return this.#start;
  }
  get lenBytes(): number {
    return this.#at - this.#start;
  }
  get roomBytes(): number {
    return this.#limit - this.#at;
  }
  /** What was composed is on its way, or kept elsewhere. */
  clear(): void {
    this.#at = this.#start;
  }
  begin(): void {
    this.#mark = this.#at;
    this.#isTooLarge = false;
  }
  finish(): void {
    if (!this.#isTooLarge) return;
    this.#at = this.#mark;
    this.#isTooLarge = false;
    this.raw(TOO_LARGE);
  }

  /** A reply that is ready, or a piece of one. */
  raw(bytes: Uint8Array): void {
    this.#bytes(bytes, 0, bytes.length);
  }
  integer(value: number): void {
    this.#number(0x3a, value);
  }
  array(count: number): void {
    this.#number(0x2a, count);
  }
  nil(): void {
    this.raw(NULL_BULK);
  }
  bulk(bytes: Uint8Array, at: number, lenBytes: number): void {
    this.#number(0x24, lenBytes);
    this.#bytes(bytes, at, lenBytes);
    this.raw(CRLF);
  }
  bulkInteger(value: number): void {
    const lenBytes = writeInteger(value, this.#text, 0);
    this.bulk(this.#text, 0, lenBytes);
  }
  /** From memory to memory: nothing of it is seen here. */
  bulkFrom(source: Window, offset: number, lenBytes: number): void {
    this.#number(0x24, lenBytes);
    if (!this.#hasRoom(lenBytes)) return;
    if (lenBytes > 0) this.#shared.copyFrom(this.#at, source, offset, lenBytes);
    this.#at += lenBytes;
    this.raw(CRLF);
  }

  /** An error of several pieces: text, then words of the client's, of which only what prints is repeated. */
  beginText(text: Uint8Array): number {
    this.#text.set(text);
    return text.length;
  }
  addText(end: number, bytes: Uint8Array, at: number, lenBytes: number): number {
    const count = Math.max(0, Math.min(lenBytes, this.#text.length - end));
    for (let i = 0; i < count; i++) {
      const byte = bytes[at + i]!;
      this.#text[end + i] = isPrinting(byte) ? byte : 0x20;
    }
    return end + count;
  }
  endText(end: number): void {
    this.#bytes(this.#text, 0, end);
    this.raw(CRLF);
  }

  /** Type, number, CR LF. */
  #number(type: number, value: number): void {
    this.#header[0] = type;
    const lenBytes = writeInteger(value, this.#header, 1);
    this.#header[lenBytes + 1] = 0x0d;
    this.#header[lenBytes + 2] = 0x0a;
    this.#bytes(this.#header, 0, lenBytes + 3);
  }
  #bytes(bytes: Uint8Array, at: number, lenBytes: number): void {
    if (!this.#hasRoom(lenBytes)) return;
    if (lenBytes > 0) this.#shared.storeBytes(this.#at, bytes, at, lenBytes);
    this.#at += lenBytes;
  }
  /** A length out of a record that a wild store has hit may be anything. */
  #hasRoom(lenBytes: number): boolean {
    if (this.#isTooLarge || lenBytes < 0 || lenBytes > this.#limit - this.#at) this.#isTooLarge = true;
    return !this.#isTooLarge;
  }
}
