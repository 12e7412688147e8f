/** The commands about the server and the connection: what clients ask for before and beside their work. */

import { COMMANDS } from './names.ts';
import type { Replies } from './replies.ts';
import { OK } from './replies.ts';
import type { RequestParser } from './request.ts';
import type { Store } from './store.ts';
import { ascii, integerOf, isWord } from './text.ts';

const PONG: Uint8Array = ascii('+PONG\r\n');
const NO_SUCH_DATABASE: Uint8Array = ascii('-ERR DB index is out of range\r\n');
const NOT_AN_INTEGER: Uint8Array = ascii('-ERR value is not an integer or out of range\r\n');
/** As a server answers that speaks RESP2 only. */
const NO_RESP3: Uint8Array = ascii('-NOPROTO unsupported protocol version\r\n');
const PING_ARITY: Uint8Array = ascii("-ERR wrong number of arguments for 'ping' command\r\n");
const CONFIG_ARITY: Uint8Array = ascii("-ERR wrong number of arguments for 'config|get' command\r\n");
const UNKNOWN_SUBCOMMAND: Uint8Array = ascii("-ERR unknown subcommand '");
const QUOTE: Uint8Array = ascii("'");

const GET: Uint8Array = ascii('get');
const COUNT: Uint8Array = ascii('count');
const DOCS: Uint8Array = ascii('docs');
const INFO: Uint8Array = ascii('info');
const SET_NAME: Uint8Array = ascii('setname');
const SET_INFO: Uint8Array = ascii('setinfo');
const GET_NAME: Uint8Array = ascii('getname');
const ID: Uint8Array = ascii('id');

/** What CONFIG GET knows: this server saves nothing. */
const PARAMETERS: readonly (readonly [name: Uint8Array, value: Uint8Array])[] = [
  [ascii('save'), ascii('')],
  [ascii('appendonly'), ascii('no')],
];
/** HELLO, as a flat array of names and values. */
const HELLO_TEXTS: readonly (readonly [name: Uint8Array, value: Uint8Array])[] = [
  [ascii('server'), ascii('bulkhead')],
  [ascii('mode'), ascii('standalone')],
  [ascii('role'), ascii('master')],
];
const PROTO: Uint8Array = ascii('proto');
const HELLO_ID: Uint8Array = ascii('id');
const MODULES: Uint8Array = ascii('modules');

const SUBJECT_BYTES = 128;

export interface ServerCommandsOptions {
  readonly store: Store;
  readonly request: RequestParser;
  readonly replies: Replies;
}

export class ServerCommands {
  readonly #store: Store;
  readonly #request: RequestParser;
  readonly #replies: Replies;

  constructor({ store, request, replies }: ServerCommandsOptions) {
    this.#store = store;
    this.#request = request;
    this.#replies = replies;
  }
  #is(bytes: Uint8Array, argument: number, word: Uint8Array): boolean {
    return isWord(word, bytes, this.#request.at[argument]!, this.#request.len[argument]!);
  }
  #repeat(bytes: Uint8Array, argument: number): void {
    this.#replies.bulk(bytes, this.#request.at[argument]!, this.#request.len[argument]!);
  }
  #text(text: Uint8Array): void {
    this.#replies.bulk(text, 0, text.length);
  }

  ping(bytes: Uint8Array): void {
    const { count } = this.#request;
    if (count > 2) this.#replies.raw(PING_ARITY);
    else if (count === 2) this.#repeat(bytes, 1);
    else this.#replies.raw(PONG);
  }
  echo(bytes: Uint8Array): void {
    this.#repeat(bytes, 1);
  }
  select(bytes: Uint8Array): void {
    const database = integerOf(bytes, this.#request.at[1]!, this.#request.len[1]!);
    if (Number.isNaN(database)) this.#replies.raw(NOT_AN_INTEGER);
    else this.#replies.raw(database === 0 ? OK : NO_SUCH_DATABASE);
  }
  quit(): void {
    this.#replies.raw(OK);
  }
  hello(bytes: Uint8Array, client: number): void {
    const { count, at, len } = this.#request;
    if (count > 1 && integerOf(bytes, at[1]!, len[1]!) !== 2) {
      this.#replies.raw(NO_RESP3);
      return;
    }
    this.#replies.array(2 * (HELLO_TEXTS.length + 3));
    for (const [name, value] of HELLO_TEXTS) {
      this.#text(name);
      this.#text(value);
    }
    this.#text(PROTO);
    this.#replies.integer(2);
    this.#text(HELLO_ID);
    this.#replies.integer(client);
    this.#text(MODULES);
    this.#replies.array(0);
  }

  config(bytes: Uint8Array): void {
    if (!this.#is(bytes, 1, GET)) this.#unknownSubcommand(bytes);
    else if (this.#request.count < 3) this.#replies.raw(CONFIG_ARITY);
    else {
      let found = 0;
      for (const [name] of PARAMETERS) if (this.#isAskedFor(bytes, name)) found++;
      this.#replies.array(2 * found);
      for (const [name, value] of PARAMETERS) {
        if (!this.#isAskedFor(bytes, name)) continue;
        this.#text(name);
        this.#text(value);
      }
    }
  }
  #isAskedFor(bytes: Uint8Array, name: Uint8Array): boolean {
    for (let i = 2; i < this.#request.count; i++) if (this.#is(bytes, i, name)) return true;
    return false;
  }
  /** No command is described: a client then does without hints. */
  command(bytes: Uint8Array): void {
    if (this.#request.count === 1 || this.#is(bytes, 1, DOCS) || this.#is(bytes, 1, INFO)) this.#replies.array(0);
    else if (this.#is(bytes, 1, COUNT)) this.#replies.integer(COMMANDS.length);
    else this.#unknownSubcommand(bytes);
  }
  /** Names and libraries of clients are taken and forgotten. */
  client(bytes: Uint8Array, client: number): void {
    if (this.#is(bytes, 1, SET_NAME) || this.#is(bytes, 1, SET_INFO)) this.#replies.raw(OK);
    else if (this.#is(bytes, 1, GET_NAME)) this.#replies.nil();
    else if (this.#is(bytes, 1, ID)) this.#replies.integer(client);
    else this.#unknownSubcommand(bytes);
  }
  info(): void {
    const text = ascii(
      [
        '# Server',
        'server_name:bulkhead kv-server',
        '# Memory',
        `free_memory:${this.#store.freeBytes}`,
        '# Keyspace',
        `db0:keys=${this.#store.keyCount},expires=0,avg_ttl=0`,
        '',
      ].join('\r\n'),
    );
    this.#text(text);
  }
  #unknownSubcommand(bytes: Uint8Array): void {
    const replies = this.#replies;
    const begun = replies.beginText(UNKNOWN_SUBCOMMAND);
    const named = replies.addText(begun, bytes, this.#request.at[1]!, Math.min(this.#request.len[1]!, SUBJECT_BYTES));
    replies.endText(replies.addText(named, QUOTE, 0, 1));
  }
}
