/** The commands on the keyspace as a whole. */
import type { Window, Work } from '@bulkhead/runtime';
import { Glob } from './glob.ts';
import { SLOT_COUNT } from './layout.ts';
import { OK, type Replies } from './replies.ts';
import { MAX_BULK_BYTES, type RequestParser } from './request.ts';
import type { Store } from './store.ts';
import { ascii, integerOf, isWord } from './text.ts';

const SYNTAX: Uint8Array = ascii('-ERR syntax error\r\n');
const INVALID_CURSOR: Uint8Array = ascii('-ERR invalid cursor\r\n');
const NOT_AN_INTEGER: Uint8Array = ascii('-ERR value is not an integer or out of range\r\n');
const MATCH: Uint8Array = ascii('match');
const COUNT: Uint8Array = ascii('count');
/** The piece of work `scan` is a look at so many slots: a page of them. */
const SLOTS_A_SCAN = 512;
const EVERYTHING: Uint8Array = ascii('*');
const DEFAULT_COUNT = 10;
/** So many keys SCAN returns at most, whatever COUNT says, but for the rest of a cluster. */
const MAX_COUNT = 1000;

export interface ScanCommandsOptions {
  readonly heap: Window;
  readonly work: Work;
  readonly store: Store;
  readonly request: RequestParser;
  readonly replies: Replies;
}

export class ScanCommands {
  readonly #heap: Window;
  readonly #work: Work;
  readonly #scanWork: number;
  readonly #keyWork: number;
  readonly #store: Store;
  readonly #request: RequestParser;
  readonly #replies: Replies;
  readonly #glob: Glob = new Glob();
  readonly #key: Uint8Array = new Uint8Array(MAX_BULK_BYTES);
  #count = DEFAULT_COUNT;

  constructor({ heap, work, store, request, replies }: ScanCommandsOptions) {
    this.#heap = heap;
    this.#work = work;
    this.#scanWork = work.id('scan');
    this.#keyWork = work.id('key');
    this.#store = store;
    this.#request = request;
    this.#replies = replies;
  }
  size(): void {
    this.#replies.integer(this.#store.keyCount);
  }
  flush(): void {
    this.#work.spendMany(this.#scanWork, SLOT_COUNT / SLOTS_A_SCAN);
    this.#store.removeAll();
    this.#replies.raw(OK);
  }

  /** Two passes: the number of keys comes before the keys. */
  keys(bytes: Uint8Array): void {
    this.#glob.use(bytes, this.#request.at[1]!, this.#request.len[1]!);
    this.#replies.array(this.#matching(0, SLOT_COUNT, false));
    this.#matching(0, SLOT_COUNT, true);
  }
  /**
   * The cursor is a slot. It always stands on an empty one, or at the end: what lies behind an empty slot has its home
   * there and never moves before it, so that a key that stays is told, whatever comes and goes.
   */
  scan(bytes: Uint8Array): void {
    const from = integerOf(bytes, this.#request.at[1]!, this.#request.len[1]!);
    if (!(from >= 0 && from < SLOT_COUNT)) {
      this.#replies.raw(INVALID_CURSOR);
      return;
    }
    const problem = this.#scanOptions(bytes);
    if (problem !== null) {
      this.#replies.raw(problem);
      return;
    }
    const to = this.#endOf(from);
    this.#replies.array(2);
    this.#replies.bulkInteger(to === SLOT_COUNT ? 0 : to);
    this.#replies.array(this.#matching(from, to, false));
    this.#matching(from, to, true);
  }
  #scanOptions(bytes: Uint8Array): Uint8Array | null {
    const { count, at, len } = this.#request;
    this.#glob.use(EVERYTHING, 0, 1);
    this.#count = DEFAULT_COUNT;
    for (let i = 2; i < count; i += 2) {
      if (i + 1 === count) return SYNTAX;
      if (isWord(MATCH, bytes, at[i]!, len[i]!)) this.#glob.use(bytes, at[i + 1]!, len[i + 1]!);
      else if (isWord(COUNT, bytes, at[i]!, len[i]!)) this.#count = integerOf(bytes, at[i + 1]!, len[i + 1]!);
      else return SYNTAX;
    }
    if (Number.isNaN(this.#count)) return NOT_AN_INTEGER;
    return this.#count < 1 ? SYNTAX : null;
  }
  /** @returns the empty slot at which so many keys were passed as were asked for. */
  #endOf(from: number): number {
    const wanted = Math.min(this.#count, MAX_COUNT);
    let passed = 0;
    let slot = from;
    for (; slot < SLOT_COUNT; slot++) {
      this.#payForSlot(from, slot);
      const isEmpty = this.#store.recordAt(slot) === 0;
      if (isEmpty && passed >= wanted && slot > from) return slot;
      if (!isEmpty) passed++;
    }
    return slot;
  }
  #payForSlot(from: number, slot: number): void {
    if ((slot - from) % SLOTS_A_SCAN === 0) this.#work.spend(this.#scanWork);
  }
  /** @returns how many keys of the slots match; they are told if so wished. */
  #matching(from: number, to: number, isTold: boolean): number {
    let found = 0;
    for (let slot = from; slot < to; slot++) {
      this.#payForSlot(from, slot);
      const record = this.#store.recordAt(slot);
      if (record === 0) continue;
      const lenBytes = this.#store.keyLen(record);
      if (lenBytes < 0 || lenBytes > MAX_BULK_BYTES) continue; // a record that a wild store has hit
      this.#work.spend(this.#keyWork);
      this.#heap.loadBytes(this.#store.keyOffset(record), this.#key, 0, lenBytes);
      if (!this.#glob.matches(this.#key, lenBytes)) continue;
      if (isTold) this.#replies.bulk(this.#key, 0, lenBytes);
      found++;
    }
    return found;
  }
}
