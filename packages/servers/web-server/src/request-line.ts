/** The first line of a request. RFC 9112 §3 "Request Line". */
import {
  CR,
  DOT,
  hexValue,
  isDigit,
  isToken,
  isVisible,
  LF,
  ONE,
  PERCENT,
  QUESTION,
  SLASH,
  SP,
  toLower,
  ZERO,
} from './grammar.ts';
import * as s from './request-state.ts';
import { NO_WORD, Words } from './words.ts';

/** The largest N of `/bytes/N`. */
export const MAX_GENERATED_BYTES: number = 2 ** 30;
/** The path under which generated pages stand; word 0 of the paths. */
const PREFIX = '/bytes/';

/** Those of RFC 9110 §9.3 and RFC 5789: known, so 405; any other is 501. */
export const METHODS: Words = new Words([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);
export const GET = 0;
export const HEAD = 1;

const SCHEMES = new Words(['http://']);
const PROTOCOL = new Words(['HTTP/']);

/** What `page` holds beside the number of a static page. */
export const NO_PAGE = -1;
export const GENERATED = -2;

export class RequestLine {
  readonly #state: s.RequestState;
  readonly #paths: Words;

  /** @param paths of the static pages, decoded; at most 30. */
  constructor(state: s.RequestState, paths: readonly string[]) {
    this.#state = state;
    this.#paths = new Words([PREFIX, ...paths]);
  }

  /** The static page's number in `paths`, GENERATED or NO_PAGE. */
  get page(): number {
    const words = this.#state.words;
    if (this.#state.has(s.IN_NUMBER)) {
      const digits = words[s.PATH_LEN]! - PREFIX.length;
      const known = words[s.PAGE_SET] !== 0 && digits > 0 && words[s.GENERATED_LEN]! <= MAX_GENERATED_BYTES;
      return known ? GENERATED : NO_PAGE;
    }
    const word = this.#paths.exact(words[s.PAGE_SET]!, words[s.PATH_LEN]!);
    return word > 0 ? word - 1 : NO_PAGE;
  }

  /** @returns where the byte after this one stands. */
  byte(at: number, byte: number): number {
    switch (at) {
      case s.START:
        return this.#start(byte);
      case s.START_LF:
        return this.#state.expect(byte, LF, s.START);
      case s.METHOD:
        return this.#method(byte);
      case s.VERSION:
        return this.#version(byte);
      case s.LINE_LF:
        return this.#state.expect(byte, LF, s.FIELD_START);
      default:
        return this.#target(at, byte);
    }
  }

  /** §2.2 "Message Parsing": empty lines before a request line are ignored. */
  #start(byte: number): number {
    if (byte === CR) return s.START_LF;
    this.#state.beginWord(METHODS);
    this.#state.words[s.METHOD_NUMBER] = NO_WORD;
    return this.#method(byte);
  }

  /** §3.1 "Method". A longer one than any that we know is 501 (§3). */
  #method(byte: number): number {
    const state = this.#state;
    if (isToken(byte)) {
      state.narrow(METHODS, byte);
      return state.words[s.WORD_LEN]! > s.MAX_METHOD_BYTES ? state.fail(501) : s.METHOD;
    }
    if (byte !== SP || state.words[s.WORD_LEN] === 0) return state.fail(400);
    state.words[s.METHOD_NUMBER] = state.word(METHODS);
    state.words[s.PAGE_SET] = this.#paths.all;
    return s.TARGET;
  }

  /** §3.2 "Request Target". */
  #target(at: number, byte: number): number {
    const { words } = this.#state;
    if (byte === SP) return this.#endOfTarget(at);
    if (!isVisible(byte)) return this.#state.fail(400);
    words[s.PART_LEN] = words[s.PART_LEN]! + 1;
    if (words[s.PART_LEN]! > s.MAX_TARGET_BYTES) return this.#state.fail(414);
    switch (at) {
      case s.TARGET:
        return this.#firstOfTarget(byte);
      case s.SCHEME:
        return this.#scheme(byte);
      case s.AUTHORITY:
        return byte === SLASH || byte === QUESTION ? this.#beginPath(byte) : s.AUTHORITY;
      case s.PATH:
        return this.#path(byte);
      case s.ESCAPE_HIGH:
      case s.ESCAPE_LOW:
        return this.#escape(at, byte);
      default:
        return s.QUERY; // not looked at
    }
  }
  /** Only GET and HEAD have their target understood; any other method is 405 or 501, whatever it is for. */
  #firstOfTarget(byte: number): number {
    const method = this.#state.words[s.METHOD_NUMBER];
    if (method !== GET && method !== HEAD) return s.QUERY;
    if (byte === SLASH) return this.#beginPath(byte);
    this.#state.beginWord(SCHEMES);
    return this.#scheme(byte);
  }
  /** §3.2.2 "absolute-form": the authority is not looked at, for we serve one. */
  #scheme(byte: number): number {
    this.#state.narrow(SCHEMES, toLower(byte));
    if (this.#state.words[s.WORD_SET] === 0) return this.#state.fail(400);
    return this.#state.word(SCHEMES) === NO_WORD ? s.SCHEME : s.AUTHORITY;
  }
  /** An empty path is `/`. RFC 9110 §4.2.3 "http(s) Normalization and Comparison". */
  #beginPath(byte: number): number {
    this.#decoded(SLASH);
    return byte === QUESTION ? s.QUERY : s.PATH;
  }
  #path(byte: number): number {
    if (byte === QUESTION) return s.QUERY;
    if (byte === PERCENT) return s.ESCAPE_HIGH;
    this.#decoded(byte);
    return s.PATH;
  }
  /** RFC 3986 §2.1 "Percent-Encoding". */
  #escape(at: number, byte: number): number {
    const { words } = this.#state;
    const digit = hexValue(byte);
    if (digit < 0) return this.#state.fail(400);
    if (at === s.ESCAPE_HIGH) {
      words[s.ESCAPED] = digit * 16;
      return s.ESCAPE_LOW;
    }
    this.#decoded(words[s.ESCAPED]! + digit);
    return s.PATH;
  }
  /** One byte of the decoded path: it narrows the set of pages, or is a digit of N. */
  #decoded(byte: number): void {
    const { words } = this.#state;
    const index = words[s.PATH_LEN]!;
    words[s.PATH_LEN] = index + 1;
    if (this.#state.has(s.IN_NUMBER)) {
      this.#digit(byte);
      return;
    }
    words[s.PAGE_SET] = this.#paths.narrow(words[s.PAGE_SET]!, index, byte);
    if (index + 1 === PREFIX.length && (words[s.PAGE_SET]! & 1) !== 0) this.#state.set(s.IN_NUMBER);
  }
  #digit(byte: number): void {
    const { words } = this.#state;
    if (isDigit(byte)) {
      words[s.GENERATED_LEN] = Math.min(words[s.GENERATED_LEN]! * 10 + byte - 0x30, MAX_GENERATED_BYTES + 1);
    } else words[s.PAGE_SET] = 0;
  }
  #endOfTarget(at: number): number {
    if (at === s.AUTHORITY) this.#beginPath(SLASH);
    else if (at !== s.PATH && at !== s.QUERY) return this.#state.fail(400);
    this.#state.words[s.PART_LEN] = 0;
    this.#state.beginWord(PROTOCOL);
    return s.VERSION;
  }

  /** §2.3 "HTTP Version": `HTTP/`, digit, dot, digit. A higher minor version than 1 is served as 1. */
  #version(byte: number): number {
    const state = this.#state;
    const index = state.words[s.WORD_LEN]!;
    if (index < 5) {
      state.narrow(PROTOCOL, byte);
      return state.words[s.WORD_SET] === 0 ? state.fail(400) : s.VERSION;
    }
    state.words[s.WORD_LEN] = index + 1;
    if (index === 8) return state.expect(byte, CR, s.LINE_LF);
    if (index === 6 ? byte !== DOT : !isDigit(byte)) return state.fail(400);
    if (index === 5 && byte !== ONE) return state.fail(505);
    if (index === 7 && byte === ZERO) state.set(s.HTTP_1_0);
    return s.VERSION;
  }
}
