/** The commands on keys and their values. Redis, command reference, groups "Generic" and "String". */
import type { Window, Work } from '@bulkhead/runtime';
import { NO_BLOCK } from './arena.ts';
import type { Replies } from './replies.ts';
import { OK } from './replies.ts';
import { MAX_BULK_BYTES, type RequestParser } from './request.ts';
import { NO_SLOT, type Store } from './store.ts';
import { ascii, integerOf, isWord, MAX_INTEGER_CHARACTERS, writeInteger } from './text.ts';

const OUT_OF_MEMORY: Uint8Array = ascii("-OOM command not allowed when used memory > 'maxmemory'.\r\n");
const SYNTAX: Uint8Array = ascii('-ERR syntax error\r\n');
const NO_EXPIRY: Uint8Array = ascii('-ERR this server keeps keys for ever: expiry is not supported\r\n');
const NOT_AN_INTEGER: Uint8Array = ascii('-ERR value is not an integer or out of range\r\n');
const OVERFLOW: Uint8Array = ascii('-ERR increment or decrement would overflow\r\n');
const TOO_LONG: Uint8Array = ascii('-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n');
const ODD_MSET: Uint8Array = ascii("-ERR wrong number of arguments for 'mset' command\r\n");
const TYPE_STRING: Uint8Array = ascii('+string\r\n');
const TYPE_NONE: Uint8Array = ascii('+none\r\n');

const NX: Uint8Array = ascii('nx');
const XX: Uint8Array = ascii('xx');
/** Options of SET that Redis knows and this server does not. */
const EXPIRIES: readonly Uint8Array[] = ['ex', 'px', 'exat', 'pxat'].map(ascii);

const ALWAYS = 0;
const IF_ABSENT = 1;
const IF_PRESENT = 2;
const REFUSED = -1;

export interface KeyCommandsOptions {
  readonly heap: Window;
  readonly work: Work;
  readonly store: Store;
  readonly request: RequestParser;
  readonly replies: Replies;
}

/** Each method answers the request that the parser holds, whose bytes are `bytes`. Argument 0 is the command's name. */
export class KeyCommands {
  readonly #heap: Window;
  readonly #work: Work;
  readonly #keyWork: number;
  readonly #store: Store;
  readonly #request: RequestParser;
  readonly #replies: Replies;
  /** Records of an MSET that are not committed yet, and the characters of a number. */
  readonly #prepared: Int32Array;
  readonly #digits: Uint8Array = new Uint8Array(MAX_INTEGER_CHARACTERS);

  constructor({ heap, work, store, request, replies }: KeyCommandsOptions) {
    this.#heap = heap;
    this.#work = work;
    this.#keyWork = work.id('key');
    this.#store = store;
    this.#request = request;
    this.#replies = replies;
    this.#prepared = new Int32Array(request.at.length);
  }
  /** The price of a request has the first key in it. */
  #payForKey(argument: number): void {
    if (argument > 1) this.#work.spend(this.#keyWork);
  }
  #find(bytes: Uint8Array, argument: number): number {
    this.#payForKey(argument);
    return this.#store.find(bytes, this.#request.at[argument]!, this.#request.len[argument]!);
  }

  get(bytes: Uint8Array): void {
    this.#value(this.#find(bytes, 1));
  }
  mget(bytes: Uint8Array): void {
    const { count } = this.#request;
    this.#replies.array(count - 1);
    for (let i = 1; i < count; i++) this.#value(this.#find(bytes, i));
  }
  #value(slot: number): void {
    if (slot === NO_SLOT) {
      this.#replies.nil();
      return;
    }
    const store = this.#store;
    const record = store.recordAt(slot);
    this.#replies.bulkFrom(this.#heap, store.valueOffset(record), store.valueLen(record));
  }
  strlen(bytes: Uint8Array): void {
    const slot = this.#find(bytes, 1);
    this.#replies.integer(slot === NO_SLOT ? 0 : this.#store.valueLen(this.#store.recordAt(slot)));
  }
  type(bytes: Uint8Array): void {
    this.#replies.raw(this.#find(bytes, 1) === NO_SLOT ? TYPE_NONE : TYPE_STRING);
  }
  exists(bytes: Uint8Array): void {
    let found = 0;
    for (let i = 1; i < this.#request.count; i++) if (this.#find(bytes, i) !== NO_SLOT) found++;
    this.#replies.integer(found);
  }
  del(bytes: Uint8Array): void {
    let removed = 0;
    for (let i = 1; i < this.#request.count; i++) {
      const slot = this.#find(bytes, i);
      if (slot === NO_SLOT) continue;
      this.#store.remove(slot);
      removed++;
    }
    this.#replies.integer(removed);
  }
  /** No key ever expires: -1 for one that is there, -2 for one that is not. */
  timeToLive(bytes: Uint8Array): void {
    this.#replies.integer(this.#find(bytes, 1) === NO_SLOT ? -2 : -1);
  }
  persist(): void {
    this.#replies.integer(0);
  }
  expire(): void {
    this.#replies.raw(NO_EXPIRY);
  }

  set(bytes: Uint8Array): void {
    const condition = this.#conditionOfSet(bytes);
    if (condition === REFUSED) return;
    const slot = this.#find(bytes, 1);
    if (condition !== ALWAYS && (slot === NO_SLOT) !== (condition === IF_ABSENT)) this.#replies.nil();
    else if (this.#put(bytes, 1, slot, 2)) this.#replies.raw(OK);
  }
  setIfAbsent(bytes: Uint8Array): void {
    const isAbsent = this.#find(bytes, 1) === NO_SLOT;
    if (!isAbsent || this.#put(bytes, 1, NO_SLOT, 2)) this.#replies.integer(isAbsent ? 1 : 0);
  }
  #conditionOfSet(bytes: Uint8Array): number {
    let condition = ALWAYS;
    for (let i = 3; i < this.#request.count; i++) {
      const isAbsent = this.#is(bytes, i, NX);
      if (!isAbsent && !this.#is(bytes, i, XX)) return this.#refuse(this.#isExpiry(bytes, i) ? NO_EXPIRY : SYNTAX);
      if (condition !== ALWAYS) return this.#refuse(SYNTAX);
      condition = isAbsent ? IF_ABSENT : IF_PRESENT;
    }
    return condition;
  }
  #isExpiry(bytes: Uint8Array, argument: number): boolean {
    for (const option of EXPIRIES) if (this.#is(bytes, argument, option)) return true;
    return false;
  }
  #is(bytes: Uint8Array, argument: number, word: Uint8Array): boolean {
    return isWord(word, bytes, this.#request.at[argument]!, this.#request.len[argument]!);
  }
  #refuse(error: Uint8Array): number {
    this.#replies.raw(error);
    return REFUSED;
  }
  /** Sets the key of one argument, which stands in `slot`, to another. @returns false when it said that it cannot. */
  #put(bytes: Uint8Array, key: number, slot: number, value: number): boolean {
    return this.#putValue(bytes, key, slot, bytes, this.#request.at[value]!, this.#request.len[value]!);
  }
  #putValue(bytes: Uint8Array, key: number, slot: number, from: Uint8Array, at: number, lenBytes: number): boolean {
    const store = this.#store;
    if (slot !== NO_SLOT && store.overwrite(store.recordAt(slot), from, at, lenBytes)) return true;
    const record = store.prepare(bytes, this.#request.at[key]!, this.#request.len[key]!, lenBytes);
    if (record === NO_BLOCK) this.#replies.raw(OUT_OF_MEMORY);
    if (record === NO_BLOCK) return false;
    store.overwrite(record, from, at, lenBytes);
    store.commit(record, bytes, this.#request.at[key]!, this.#request.len[key]!);
    return true;
  }

  /** "MSET is atomic": all records are there before the first is put in its place. */
  mset(bytes: Uint8Array): void {
    const { count, at, len } = this.#request;
    if (count % 2 === 0) {
      this.#replies.raw(ODD_MSET);
      return;
    }
    for (let i = 1; i < count; i += 2) {
      this.#payForKey(i);
      const record = this.#store.prepare(bytes, at[i]!, len[i]!, len[i + 1]!);
      if (record === NO_BLOCK) {
        this.#discardUpTo(i);
        return;
      }
      this.#store.overwrite(record, bytes, at[i + 1]!, len[i + 1]!);
      this.#prepared[i] = record;
    }
    for (let i = 1; i < count; i += 2) this.#store.commit(this.#prepared[i]!, bytes, at[i]!, len[i]!);
    this.#replies.raw(OK);
  }
  #discardUpTo(end: number): void {
    for (let i = 1; i < end; i += 2) this.#store.discard(this.#prepared[i]!);
    this.#replies.raw(OUT_OF_MEMORY);
  }

  append(bytes: Uint8Array): void {
    const { at, len } = this.#request;
    const store = this.#store;
    const slot = this.#find(bytes, 1);
    const before = slot === NO_SLOT ? 0 : store.valueLen(store.recordAt(slot));
    const lenBytes = before + len[2]!;
    if (lenBytes > MAX_BULK_BYTES) this.#replies.raw(TOO_LONG);
    else if (slot !== NO_SLOT && store.extend(store.recordAt(slot), bytes, at[2]!, len[2]!))
      this.#replies.integer(lenBytes);
    else this.#appendMoved(bytes, slot, lenBytes);
  }
  /** Twice the room that is needed, where there is so much: who appends once appends again. */
  #appendMoved(bytes: Uint8Array, slot: number, lenBytes: number): void {
    const { at, len } = this.#request;
    const store = this.#store;
    const ample = store.prepare(bytes, at[1]!, len[1]!, slot === NO_SLOT ? lenBytes : 2 * lenBytes);
    const record = ample === NO_BLOCK ? store.prepare(bytes, at[1]!, len[1]!, lenBytes) : ample;
    if (record === NO_BLOCK) {
      this.#replies.raw(OUT_OF_MEMORY);
      return;
    }
    if (slot !== NO_SLOT) store.copyValue(record, store.recordAt(slot));
    store.extend(record, bytes, at[2]!, len[2]!);
    store.commit(record, bytes, at[1]!, len[1]!);
    this.#replies.integer(lenBytes);
  }

  /** @param sign 1 to add, -1 to subtract; the amount is argument 2, or 1. */
  add(bytes: Uint8Array, sign: number): void {
    const amount = this.#request.count > 2 ? integerOf(bytes, this.#request.at[2]!, this.#request.len[2]!) : 1;
    const slot = this.#find(bytes, 1);
    const before = slot === NO_SLOT ? 0 : this.#integerAt(slot);
    const after = before + sign * amount;
    if (Number.isNaN(after)) this.#replies.raw(NOT_AN_INTEGER);
    else if (!Number.isSafeInteger(after)) this.#replies.raw(OVERFLOW);
    else {
      const lenBytes = writeInteger(after, this.#digits, 0);
      if (this.#putValue(bytes, 1, slot, this.#digits, 0, lenBytes)) this.#replies.integer(after);
    }
  }
  #integerAt(slot: number): number {
    const record = this.#store.recordAt(slot);
    const lenBytes = this.#store.valueLen(record);
    if (lenBytes < 0 || lenBytes > MAX_INTEGER_CHARACTERS) return Number.NaN;
    this.#heap.loadBytes(this.#store.valueOffset(record), this.#digits, 0, lenBytes);
    return integerOf(this.#digits, 0, lenBytes);
  }
}
