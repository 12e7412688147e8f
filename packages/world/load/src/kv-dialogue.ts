/**
 * `SET key value` and `GET key` in RESP2 (Redis serialization protocol specification, "RESP protocol description"):
 * a command is an array of bulk strings; SET is answered by the simple string OK, GET by a bulk string.
 *
 * Each client has keys of its own, so what each is answered is known beforehand, to the byte, whoever is faster. One
 * command in five is a SET, by seeded chance, and the key is any of them; a key that was never set is set first, so that
 * no GET comes to nothing. What became of a SET that failed is not known, so it is asked again before anything else.
 */
import { Chance } from '@bulkhead/clock';
import { ANSWERED, bytesOf, type Dialogue, MORE, type Outcome, WRONG } from './dialogue.ts';
import { Noise } from './noise.ts';

export interface KvDialogueOptions {
  readonly clients: number;
  readonly valueBytes: number;
  readonly seed: number;
}

const KEYS_A_CLIENT = 4;
const COMMANDS_A_SET = 5;
const NEVER_SET = 0;
const NO_KEY = -1;
const ZERO = 0x30;
/** Where the digits of a key stand in `client:000:00`. */
const CLIENT_DIGITS = 3;
const KEY_DIGITS = 2;
const KEY = 'client:000:00';
const CR_LF: Uint8Array = bytesOf('\r\n');
const OK: Uint8Array = bytesOf('+OK\r\n');

/** What one client has set, and what it waits for. */
class Conversation {
  readonly chance: Chance;
  /** By key: how often it was set. */
  readonly versions: Int32Array = new Int32Array(KEYS_A_CLIENT);
  key = 0;
  isSet = false;
  /** The key whose SET failed. */
  keyInDoubt = NO_KEY;
  /** How much of the answer has come. */
  at = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }
}

export class KvDialogue implements Dialogue {
  readonly isStream = false;
  outcome: Outcome = MORE;
  readonly #valueBytes: number;
  readonly #conversations: readonly Conversation[];
  readonly #noise: Noise;
  readonly #setHead: Uint8Array;
  readonly #get: Uint8Array;
  readonly #valueHead: Uint8Array;
  readonly #keyAt: number;

  constructor({ clients, valueBytes, seed }: KvDialogueOptions) {
    this.#valueBytes = valueBytes;
    this.#noise = new Noise(valueBytes);
    this.#conversations = Array.from({ length: clients }, (_, client) => new Conversation(seed + client));
    const key = `\r\n$3\r\nSET\r\n$${KEY.length}\r\n`;
    this.#keyAt = '*3'.length + key.length;
    this.#setHead = bytesOf(`*3${key}${KEY}\r\n$${valueBytes}\r\n`);
    this.#get = bytesOf(`*2${key.replace('SET', 'GET')}${KEY}\r\n`);
    this.#valueHead = bytesOf(`$${valueBytes}\r\n`);
  }
  connected(client: number): void {
    this.#conversations[client]!.at = 0;
  }
  failed(client: number): void {
    const conversation = this.#conversations[client]!;
    if (conversation.isSet) conversation.keyInDoubt = conversation.key;
  }

  ask(client: number, _index: number, into: Uint8Array): number {
    const conversation = this.#conversations[client]!;
    choose(conversation);
    conversation.at = 0;
    const head = conversation.isSet ? this.#setHead : this.#get;
    into.set(head);
    this.#writeKey(client, conversation.key, into);
    if (!conversation.isSet) return head.length;
    const place = this.#placeOf(client, conversation);
    for (let i = 0; i < this.#valueBytes; i++) into[head.length + i] = this.#noise.bytes[place + i]!;
    into.set(CR_LF, head.length + this.#valueBytes);
    return head.length + this.#valueBytes + CR_LF.length;
  }
  #writeKey(client: number, key: number, into: Uint8Array): void {
    let rest = client;
    const at = this.#keyAt + KEY.length - KEY_DIGITS;
    for (let digit = 1; digit <= CLIENT_DIGITS; digit++) {
      into[at - 1 - digit] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    into[at] = ZERO + Math.floor(key / 10);
    into[at + 1] = ZERO + (key % 10);
  }
  #placeOf(client: number, { key, versions }: Conversation): number {
    return this.#noise.placeOf(client * KEYS_A_CLIENT + key, versions[key]!);
  }

  feed(client: number, bytes: Uint8Array, from: number, to: number): number {
    const conversation = this.#conversations[client]!;
    const lenBytes = conversation.isSet ? OK.length : this.#valueHead.length + this.#valueBytes + CR_LF.length;
    const taken = Math.min(to - from, lenBytes - conversation.at);
    const isRight = conversation.isSet
      ? isPart(bytes, from, from + taken, OK, conversation.at)
      : this.#isValue(client, conversation, bytes, from, from + taken);
    conversation.at += taken;
    if (!isRight) this.outcome = WRONG;
    else this.outcome = conversation.at === lenBytes ? ANSWERED : MORE;
    return taken;
  }
  #isValue(client: number, conversation: Conversation, bytes: Uint8Array, from: number, to: number): boolean {
    const headBytes = this.#valueHead.length;
    const place = this.#placeOf(client, conversation);
    for (let at = from, offset = conversation.at; at < to; at++, offset++) {
      const inValue = offset - headBytes;
      const behind = inValue - this.#valueBytes;
      const expected =
        inValue < 0 ? this.#valueHead[offset] : behind < 0 ? this.#noise.bytes[place + inValue] : CR_LF[behind];
      if (bytes[at] !== expected) return false;
    }
    return true;
  }
}

/** What the client asks next. A new version of a key is its next. */
function choose(conversation: Conversation): void {
  const { chance, versions, keyInDoubt } = conversation;
  conversation.keyInDoubt = NO_KEY;
  conversation.key = keyInDoubt === NO_KEY ? chance.below(KEYS_A_CLIENT) : keyInDoubt;
  const isByChance = chance.below(COMMANDS_A_SET) === 0;
  conversation.isSet = isByChance || keyInDoubt !== NO_KEY || versions[conversation.key] === NEVER_SET;
  if (conversation.isSet) versions[conversation.key] = versions[conversation.key]! + 1;
}

function isPart(bytes: Uint8Array, from: number, to: number, whole: Uint8Array, start: number): boolean {
  for (let at = from, offset = start; at < to; at++, offset++) if (bytes[at] !== whole[offset]) return false;
  return true;
}
