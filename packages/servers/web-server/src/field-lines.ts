/** The lines after the first, up to the empty one. RFC 9112 §5 "Field Syntax", §6 "Message Body". */
import { COLON, COMMA, CR, HTAB, isDigit, isField, isHost, isToken, LF, SP, toLower, ZERO } from './grammar.ts';
import * as s from './request-state.ts';
import { Words } from './words.ts';

/** The fields that a server of fixed pages must understand. */
const FIELDS = new Words(['host', 'content-length', 'transfer-encoding', 'connection', 'expect']);
const HOST = 0;
const CONTENT_LENGTH = 1;
const TRANSFER_ENCODING = 2;
const CONNECTION = 3;
const EXPECT = 4;

const CONNECTION_OPTIONS = new Words(['close', 'keep-alive']);
const CLOSE = 0;
const KEEP_ALIVE = 1;
const EXPECTATIONS = new Words(['100-continue']);

export class FieldLines {
  readonly #state: s.RequestState;

  constructor(state: s.RequestState) {
    this.#state = state;
  }

  /** @returns where the byte after this one stands. */
  byte(at: number, byte: number): number {
    const { words } = this.#state;
    words[s.PART_LEN] = words[s.PART_LEN]! + 1;
    if (words[s.PART_LEN]! > s.MAX_FIELDS_BYTES) return this.#state.fail(431);
    switch (at) {
      case s.FIELD_START:
        return this.#start(byte);
      case s.NAME:
        return this.#name(byte);
      case s.VALUE_LF:
        return this.#state.expect(byte, LF, s.FIELD_START);
      default:
        return this.#value(at, byte);
    }
  }

  /** §5.2 "Obsolete Line Folding" and whitespace before the first field are refused: a name begins with a tchar. */
  #start(byte: number): number {
    if (byte === CR) return s.END_LF;
    this.#state.beginWord(FIELDS);
    return this.#name(byte);
  }
  /** §5.1 "Field Line Parsing": no whitespace between name and colon. */
  #name(byte: number): number {
    const state = this.#state;
    if (isToken(byte)) {
      state.narrow(FIELDS, toLower(byte));
      return s.NAME;
    }
    if (byte !== COLON || state.words[s.WORD_LEN] === 0) return state.fail(400);
    const field = state.word(FIELDS);
    state.words[s.FIELD_NUMBER] = field;
    return this.#isRepeated(field) ? state.fail(400) : this.#beginValue(field);
  }
  /** More than one Host is 400 (RFC 9112 §3.2); more than one Content-Length may be refused, equal or not (§6.3). */
  #isRepeated(field: number): boolean {
    if (field === HOST) return this.#state.has(s.HOST_SEEN);
    return field === CONTENT_LENGTH && this.#state.has(s.LENGTH_SEEN);
  }
  #beginValue(field: number): number {
    const state = this.#state;
    if (field === HOST) state.set(s.HOST_SEEN);
    if (field === TRANSFER_ENCODING) state.set(s.TRANSFER_CODED);
    if (field === CONNECTION) state.beginWord(CONNECTION_OPTIONS);
    if (field === EXPECT) state.beginWord(EXPECTATIONS);
    return s.VALUE_START;
  }

  /** The whitespace around a value is not part of it: VALUE_START before, VALUE_END after a first blank within. */
  #value(at: number, byte: number): number {
    if (byte === CR) return this.#endOfValue();
    if (!isField(byte)) return this.#state.fail(400);
    if (byte === SP || byte === HTAB) return at === s.VALUE ? s.VALUE_END : at;
    return this.#valueByte(byte, at === s.VALUE_END) ? s.VALUE : this.#state.fail(400);
  }
  /** @returns false when the byte may not stand there. */
  #valueByte(byte: number, afterBlank: boolean): boolean {
    switch (this.#state.words[s.FIELD_NUMBER]) {
      case HOST:
        return !afterBlank && isHost(byte);
      case CONTENT_LENGTH:
        return !afterBlank && this.#lengthDigit(byte);
      case CONNECTION:
        this.#option(byte, afterBlank);
        return true;
      case EXPECT:
        this.#state.narrow(EXPECTATIONS, toLower(byte));
        return true;
      default:
        return true;
    }
  }
  /** RFC 9110 §8.6 "Content-Length". Beyond the limit it only has to stay beyond it. */
  #lengthDigit(byte: number): boolean {
    const { words } = this.#state;
    this.#state.set(s.LENGTH_SEEN);
    words[s.BODY_LEN] = Math.min(words[s.BODY_LEN]! * 10 + byte - ZERO, s.MAX_BODY_BYTES + 1);
    return isDigit(byte);
  }
  /** RFC 9110 §7.6.1 "Connection": a list of options. A blank within one makes it none that we know. */
  #option(byte: number, afterBlank: boolean): void {
    const state = this.#state;
    if (byte === COMMA) {
      this.#endOfOption();
      return;
    }
    if (afterBlank && state.words[s.WORD_LEN] !== 0) state.words[s.WORD_SET] = 0;
    state.narrow(CONNECTION_OPTIONS, toLower(byte));
  }
  #endOfOption(): void {
    const option = this.#state.word(CONNECTION_OPTIONS);
    if (option === CLOSE) this.#state.set(s.ASKED_CLOSE);
    if (option === KEEP_ALIVE) this.#state.set(s.ASKED_KEEP_ALIVE);
    this.#state.beginWord(CONNECTION_OPTIONS);
  }
  #endOfValue(): number {
    const state = this.#state;
    const field = state.words[s.FIELD_NUMBER];
    if (field === CONNECTION) this.#endOfOption();
    if (field === EXPECT && state.word(EXPECTATIONS) === 0) state.set(s.EXPECTS_CONTINUE);
    const isEmptyLength = field === CONTENT_LENGTH && !state.has(s.LENGTH_SEEN);
    return isEmptyLength ? state.fail(400) : s.VALUE_LF;
  }
}
