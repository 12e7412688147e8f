/**
 * HTTP/1.1 requests, a byte at a time. RFC 9112 §2 "Message".
 *
 * The parser keeps no text, only integers (request-state.ts): so a request may be cut anywhere. `feed` ends at the end
 * of a request, and the rest belongs to the next.
 *
 * A request that cannot be read is answered at once and is the connection's last. One that can be read but not be
 * served (404, 405, 501) has its body skipped, and the connection goes on.
 *
 * CHOICE: a lone LF does not end a line (§2.2 allows both); the parts of the request line stand one SP apart (§3).
 * DEVIATION: §7.1 wants chunked bodies decoded. No page takes a body, so Transfer-Encoding is answered 411, and the end.
 * DEVIATION: 100 (Continue) is never sent: a request that waits for it is answered at once, and is the last.
 */

import { FieldLines } from './field-lines.ts';
import { LF } from './grammar.ts';
import { GENERATED, GET, HEAD, NO_PAGE, RequestLine } from './request-line.ts';
import * as s from './request-state.ts';
import { NO_WORD } from './words.ts';

export class RequestParser {
  readonly #state: s.RequestState = new s.RequestState();
  readonly #line: RequestLine;
  readonly #fields: FieldLines = new FieldLines(this.#state);

  /** @param paths of the static pages, decoded; at most 30. */
  constructor(paths: readonly string[]) {
    this.#line = new RequestLine(this.#state, paths);
  }

  /** What to store between two pieces of one request, and to put back. */
  get words(): Int32Array {
    return this.#state.words;
  }
  /** True when a request is complete, or beyond reading. */
  get isDone(): boolean {
    return this.words[s.AT] === s.DONE;
  }
  /** True when nothing of a request has come. */
  get isIdle(): boolean {
    return this.words[s.AT] === s.START;
  }
  /** 200, or what is wrong. */
  get status(): number {
    return this.words[s.STATUS]!;
  }
  /** The static page's number in `paths`, GENERATED or NO_PAGE. */
  get page(): number {
    return this.#line.page;
  }
  /** N of `/bytes/N`. */
  get generatedLen(): number {
    return this.words[s.GENERATED_LEN]!;
  }
  get isHead(): boolean {
    return this.words[s.METHOD_NUMBER] === HEAD;
  }
  get isHttp10(): boolean {
    return this.#state.has(s.HTTP_1_0);
  }
  /** True when the response is the connection's last. RFC 9112 §9.3 "Persistence". */
  get closes(): boolean {
    if (this.#state.has(s.MUST_CLOSE | s.ASKED_CLOSE)) return true;
    return this.isHttp10 && !this.#state.has(s.ASKED_KEEP_ALIVE);
  }
  /** Ready for the next request. */
  reset(): void {
    this.words.fill(0);
  }

  /** Reads `bytes[from…to]` up to the end of one request. @returns where it stopped. */
  feed(bytes: Uint8Array, from: number, to: number): number {
    const { words } = this;
    let i = from;
    while (i < to && words[s.AT] !== s.DONE) {
      if (words[s.AT] === s.BODY) i += this.#skipBody(to - i);
      else words[s.AT] = this.#byte(words[s.AT]!, bytes[i++]!);
    }
    return i;
  }

  /** @returns where the byte after this one stands. */
  #byte(at: number, byte: number): number {
    if (at < s.FIELD_START) return this.#line.byte(at, byte);
    if (at !== s.END_LF) return this.#fields.byte(at, byte);
    return byte === LF ? this.#endOfHead() : this.#state.fail(400);
  }
  #skipBody(available: number): number {
    const skipped = Math.min(available, this.words[s.BODY_LEN]!);
    this.words[s.BODY_LEN] = this.words[s.BODY_LEN]! - skipped;
    if (this.words[s.BODY_LEN] === 0) this.words[s.AT] = s.DONE;
    return skipped;
  }

  /** Checks in this order: what makes the request unreadable, what makes it unservable, what follows it. */
  #endOfHead(): number {
    const state = this.#state;
    if (!this.isHttp10 && !state.has(s.HOST_SEEN)) return state.fail(400); // RFC 9112 §3.2
    if (state.has(s.TRANSFER_CODED)) return state.fail(state.has(s.LENGTH_SEEN) ? 400 : 411); // §6.1, §6.3
    if (this.words[s.BODY_LEN]! > s.MAX_BODY_BYTES) return state.fail(413);
    this.words[s.STATUS] = this.#judge();
    const waits = state.has(s.EXPECTS_CONTINUE) && this.words[s.BODY_LEN]! > 0;
    if (waits) state.set(s.MUST_CLOSE);
    return waits || this.words[s.BODY_LEN] === 0 ? s.DONE : s.BODY;
  }
  #judge(): number {
    const method = this.words[s.METHOD_NUMBER]!;
    if (method === NO_WORD) return 501;
    if (method !== GET && method !== HEAD) return 405;
    return this.page === NO_PAGE ? 404 : 200;
  }
}

export { GENERATED };
