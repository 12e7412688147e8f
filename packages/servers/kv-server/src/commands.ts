/** Answers requests: which command it is, whether it has its arguments, and who does it. */
import type { Window, Work } from '@bulkhead/runtime';
import { KeyCommands } from './key-commands.ts';
import { COMMANDS, type CommandName, commandOf, nameOf, takes, UNKNOWN } from './names.ts';
import type { Replies } from './replies.ts';
import type { RequestParser } from './request.ts';
import { ScanCommands } from './scan-commands.ts';
import { ServerCommands } from './server-commands.ts';
import type { Store } from './store.ts';
import { ascii } from './text.ts';

const WRONG_NUMBER: Uint8Array = ascii("-ERR wrong number of arguments for '");
const COMMAND: Uint8Array = ascii("' command");
const UNKNOWN_COMMAND: Uint8Array = ascii("-ERR unknown command '");
const WITH_ARGUMENTS: Uint8Array = ascii("', with args beginning with: ");
const OPEN: Uint8Array = ascii("'");
const CLOSE: Uint8Array = ascii("' ");
/** As much of a name, and of all arguments together, is repeated. */
const SUBJECT_BYTES = 128;
/** The longest error. */
export const ERROR_BYTES = 512;

/** Whether the connection goes on. */
export const STAY = 0;
export const LEAVE = 1;

const QUIT: number = COMMANDS.indexOf('quit');

export interface CommandsOptions {
  readonly heap: Window;
  readonly work: Work;
  readonly store: Store;
  readonly request: RequestParser;
  readonly replies: Replies;
}

type Handler = (bytes: Uint8Array, client: number) => void;

/** `Record` makes a missing or misspelt handler a compile error. */
function handlersOf(options: CommandsOptions): Readonly<Record<CommandName, Handler>> {
  const keys = new KeyCommands(options);
  const scans = new ScanCommands(options);
  const server = new ServerCommands(options);
  return {
    ping: (bytes) => server.ping(bytes),
    echo: (bytes) => server.echo(bytes),
    get: (bytes) => keys.get(bytes),
    set: (bytes) => keys.set(bytes),
    setnx: (bytes) => keys.setIfAbsent(bytes),
    del: (bytes) => keys.del(bytes),
    unlink: (bytes) => keys.del(bytes),
    exists: (bytes) => keys.exists(bytes),
    incr: (bytes) => keys.add(bytes, 1),
    decr: (bytes) => keys.add(bytes, -1),
    incrby: (bytes) => keys.add(bytes, 1),
    decrby: (bytes) => keys.add(bytes, -1),
    append: (bytes) => keys.append(bytes),
    strlen: (bytes) => keys.strlen(bytes),
    mget: (bytes) => keys.mget(bytes),
    mset: (bytes) => keys.mset(bytes),
    type: (bytes) => keys.type(bytes),
    keys: (bytes) => scans.keys(bytes),
    scan: (bytes) => scans.scan(bytes),
    dbsize: () => scans.size(),
    flushdb: () => scans.flush(),
    flushall: () => scans.flush(),
    ttl: (bytes) => keys.timeToLive(bytes),
    pttl: (bytes) => keys.timeToLive(bytes),
    persist: () => keys.persist(),
    expire: () => keys.expire(),
    pexpire: () => keys.expire(),
    config: (bytes) => server.config(bytes),
    command: (bytes) => server.command(bytes),
    client: (bytes, client) => server.client(bytes, client),
    select: (bytes) => server.select(bytes),
    hello: (bytes, client) => server.hello(bytes, client),
    info: () => server.info(),
    quit: () => server.quit(),
  };
}

export class Commands {
  readonly #request: RequestParser;
  readonly #replies: Replies;
  /** By command. */
  readonly #handlers: readonly Handler[];

  constructor(options: CommandsOptions) {
    const handlers = handlersOf(options);
    this.#request = options.request;
    this.#replies = options.replies;
    this.#handlers = COMMANDS.map((name) => handlers[name]);
  }

  /** Answers the request that the parser holds. @param client its number. @returns STAY or LEAVE. */
  execute(bytes: Uint8Array, client: number): number {
    const request = this.#request;
    const command = commandOf(bytes, request.at[0]!, request.len[0]!);
    this.#replies.begin();
    if (command === UNKNOWN) this.#unknown(bytes);
    else if (!takes(command, request.count)) this.#wrongNumber(command);
    else this.#handlers[command]!(bytes, client);
    this.#replies.finish();
    return command === QUIT ? LEAVE : STAY;
  }

  #wrongNumber(command: number): void {
    const replies = this.#replies;
    const name = nameOf(command);
    const named = replies.addText(replies.beginText(WRONG_NUMBER), name, 0, name.length);
    replies.endText(replies.addText(named, COMMAND, 0, COMMAND.length));
  }
  /** In the form of Redis 7, which clients look for. */
  #unknown(bytes: Uint8Array): void {
    const { count, at, len } = this.#request;
    const replies = this.#replies;
    let end = replies.beginText(UNKNOWN_COMMAND);
    end = replies.addText(end, bytes, at[0]!, Math.min(len[0]!, SUBJECT_BYTES));
    end = replies.addText(end, WITH_ARGUMENTS, 0, WITH_ARGUMENTS.length);
    const limit = end + SUBJECT_BYTES;
    for (let i = 1; i < count && end < limit; i++) {
      end = replies.addText(end, OPEN, 0, OPEN.length);
      end = replies.addText(end, bytes, at[i]!, Math.min(len[i]!, Math.max(0, limit - end)));
      end = replies.addText(end, CLOSE, 0, CLOSE.length);
    }
    replies.endText(end);
  }
}
