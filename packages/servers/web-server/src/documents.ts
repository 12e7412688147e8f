/**
 * Everything that can be answered, prepared in the heap: heads up to where the connection's fields begin, and bodies.
 * RFC 9112 §4 "Status Line", RFC 9110 §15 "Status Codes".
 *
 * CHOICE: no Date field. Simulated time is no clock in the sense of RFC 9110 §6.6.1, which then forbids it.
 */
import { invariant } from '@bulkhead/result';
import type { Window } from '@bulkhead/runtime';
import { utf8 } from './grammar.ts';
import { bodyOf, type Page } from './pages.ts';

const REFUSALS: readonly (readonly [status: number, reason: string, fields: string])[] = [
  [400, 'Bad Request', ''],
  [404, 'Not Found', ''],
  [405, 'Method Not Allowed', 'Allow: GET, HEAD\r\n'],
  [411, 'Length Required', ''],
  [413, 'Content Too Large', ''],
  [414, 'URI Too Long', ''],
  [431, 'Request Header Fields Too Large', ''],
  [501, 'Not Implemented', ''],
  [505, 'HTTP Version Not Supported', ''],
];

/** What ends a head. RFC 9110 §7.6.1 "Connection". */
export const STAY = 0;
/** To a client of HTTP/1.0, which must be told. RFC 9112 appendix C.2.2 "Keep-Alive Connections". */
export const STAY_HTTP_1_0 = 1;
export const CLOSE = 2;
const TAILS: readonly string[] = ['\r\n', 'Connection: keep-alive\r\n\r\n', 'Connection: close\r\n\r\n'];

/** Room for the digits of a generated page's length. */
const MAX_DIGITS = 10;

export interface DocumentsOptions {
  readonly heap: Window;
  /** Where in the heap they may stand. */
  readonly at: number;
  readonly lenBytes: number;
  readonly pages: Readonly<Record<string, Page>>;
  readonly title: string;
}

export class Documents {
  readonly paths: readonly string[];
  /** The document of generated pages: its head ends where the digits of Content-Length begin, and it has no body. */
  readonly generated: number;
  readonly #heap: Window;
  readonly #at: number;
  readonly #lenBytes: number;
  /** What `store` writes, from `at` on. */
  readonly #bytes: number[] = [];
  /** Four words a document: where head and body stand, and how long they are. */
  readonly #table: number[] = [];
  readonly #byStatus: Int16Array = new Int16Array(600);
  readonly #tails: number[] = [];
  readonly #digits: Uint8Array = new Uint8Array(MAX_DIGITS);

  /** @throws InvariantError when they do not fit. */
  constructor({ heap, at, lenBytes, pages, title }: DocumentsOptions) {
    this.#heap = heap;
    this.#at = at;
    this.#lenBytes = lenBytes;
    this.paths = Object.keys(pages);
    for (const page of Object.values(pages)) this.#add('200 OK', page.type, '', utf8(bodyOf(page, title)));
    for (const [status, reason, fields] of REFUSALS) {
      const line = `${status} ${reason}`;
      this.#byStatus[status] = this.#add(line, 'text/plain; charset=utf-8', fields, utf8(`${line}\n`));
    }
    this.generated = this.#table.length / 4;
    const head = utf8(headOf('200 OK', 'application/octet-stream', ''));
    this.#table.push(this.#place(head), head.length, 0, 0);
    for (const tail of TAILS) this.#tails.push(this.#place(utf8(tail)), tail.length);
  }
  #add(line: string, type: string, fields: string, body: Uint8Array): number {
    const head = utf8(`${headOf(line, type, fields)}${body.length}\r\n`);
    return this.#table.push(this.#place(head), head.length, this.#place(body), body.length) / 4 - 1;
  }
  #place(bytes: Uint8Array): number {
    const at = this.#at + this.#bytes.length;
    for (const byte of bytes) this.#bytes.push(byte);
    invariant(
      this.#bytes.length <= this.#lenBytes,
      `the pages take more than the ${this.#lenBytes} bytes left for them`,
    );
    return at;
  }
  /** Writes them all into the heap. */
  store(): void {
    this.#heap.storeBytes(this.#at, Uint8Array.from(this.#bytes), 0, this.#bytes.length);
  }

  /** @returns the document that says what was wrong. */
  refusal(status: number): number {
    return this.#byStatus[status]!;
  }
  bodyLen(document: number): number {
    return this.#table[document * 4 + 3]!;
  }
  /** Writes a whole head. @returns its length. */
  writeHead(document: number, tail: number, bodyLen: number, to: Window, at: number): number {
    const headLen = this.#table[document * 4 + 1]!;
    to.copyFrom(at, this.#heap, this.#table[document * 4]!, headLen);
    const tailAt = document === this.generated ? this.#writeLength(bodyLen, to, at + headLen) : at + headLen;
    const tailLen = this.#tails[tail * 2 + 1]!;
    to.copyFrom(tailAt, this.#heap, this.#tails[tail * 2]!, tailLen);
    return tailAt + tailLen - at;
  }
  writeBody(document: number, from: number, lenBytes: number, to: Window, at: number): void {
    to.copyFrom(at, this.#heap, this.#table[document * 4 + 2]! + from, lenBytes);
  }
  /** Decimal digits and the end of the line. @returns where the next line begins. */
  #writeLength(bodyLen: number, to: Window, at: number): number {
    let first = MAX_DIGITS;
    let rest = bodyLen;
    do {
      this.#digits[--first] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    } while (rest > 0);
    const count = MAX_DIGITS - first;
    to.storeBytes(at, this.#digits, first, count);
    to.store8(at + count, 0x0d);
    to.store8(at + count + 1, 0x0a);
    return at + count + 2;
  }
}

const headOf = (line: string, type: string, fields: string): string =>
  `HTTP/1.1 ${line}\r\nServer: Bulkhead\r\n${fields}Content-Type: ${type}\r\nContent-Length: `;
