/** The commands: their names, and how many arguments they take, the name included; negative: at least so many. */
import { ascii, isWord, lowerCase } from './text.ts';

const ARITIES = {
  ping: -1,
  echo: 2,
  get: 2,
  set: -3,
  setnx: 3,
  del: -2,
  unlink: -2,
  exists: -2,
  incr: 2,
  decr: 2,
  incrby: 3,
  decrby: 3,
  append: 3,
  strlen: 2,
  mget: -2,
  mset: -3,
  type: 2,
  keys: 2,
  scan: -2,
  dbsize: 1,
  flushdb: -1,
  flushall: -1,
  ttl: 2,
  pttl: 2,
  persist: 2,
  expire: -3,
  pexpire: -3,
  config: -2,
  command: -1,
  client: -2,
  select: 2,
  hello: -1,
  info: -1,
  quit: -1,
} as const;

export type CommandName = keyof typeof ARITIES;
/** A command is named by its index here. */
export const COMMANDS: readonly CommandName[] = Object.keys(ARITIES) as CommandName[];
export const UNKNOWN = -1;

const NAMES: readonly Uint8Array[] = COMMANDS.map(ascii);
const TABLE_SIZE = 256;
/** Commands + 1 by name, with open addressing; 0 is empty. */
const TABLE: Uint8Array = new Uint8Array(TABLE_SIZE);
for (const [command, name] of NAMES.entries()) {
  let place = placeOf(name, 0, name.length);
  while (TABLE[place] !== 0) place = (place + 1) % TABLE_SIZE;
  TABLE[place] = command + 1;
}

/** @returns the command that `bytes[at…at + lenBytes]` names, in whatever case, or UNKNOWN. */
export function commandOf(bytes: Uint8Array, at: number, lenBytes: number): number {
  for (let place = placeOf(bytes, at, lenBytes); ; place = (place + 1) % TABLE_SIZE) {
    const command = TABLE[place]! - 1;
    if (command === UNKNOWN || isWord(NAMES[command]!, bytes, at, lenBytes)) return command;
  }
}
export const nameOf = (command: number): Uint8Array => NAMES[command]!;

const BY_NUMBER: Int8Array = Int8Array.from(COMMANDS, (name) => ARITIES[name]);
/** @returns true when a command takes so many arguments. */
export function takes(command: number, count: number): boolean {
  const arity = BY_NUMBER[command]!;
  return arity < 0 ? count >= -arity : count === arity;
}

function placeOf(bytes: Uint8Array, at: number, lenBytes: number): number {
  if (lenBytes === 0) return 0;
  const first = lowerCase(bytes[at]!);
  const last = lowerCase(bytes[at + lenBytes - 1]!);
  return (first * 31 + last * 7 + lenBytes) % TABLE_SIZE;
}
