/**
 * What stands where in the heap. Everything has its place from the start, so that a full server says so and a wild store
 * hits somebody's record.
 *
 *     page 0     words: of the table of connections, counts, of the two arenas
 *     page 1     records of connections
 *     page 5     slots of the hash table
 *     page 261   maps of the arenas: a byte a unit
 *     page 285   arena of records: keys and their values
 *     page 1309  arena of what waits: requests that are not complete, replies that nobody takes
 */
const PAGE_BYTES = 4096;
const MIB = 1024 * 1024;

/** Words of page 0, beyond those of the table of connections. */
export const KEY_COUNT = 8;
export const LAST_CLIENT = 12;

export const MAX_CONNECTIONS = 256;
export const CONNECTION_BYTES = 64;
export const CONNECTIONS: number = PAGE_BYTES;

const RECORDS_BYTES: number = 4 * MIB;
const WAITING_BYTES: number = 2 * MIB;
export const UNIT_BYTES = 64;

/** Twice the records that there can be, so that probing ends soon, and always. */
export const SLOT_COUNT: number = 2 * (RECORDS_BYTES / UNIT_BYTES);
export const SLOT_BYTES = 8;
export const SLOTS: number = CONNECTIONS + MAX_CONNECTIONS * CONNECTION_BYTES;

/** Where an arena stands, and what belongs to it. */
export interface ArenaPlace {
  /** Its words: bytes that are free, then the head of a list of free blocks an order. */
  readonly words: number;
  readonly map: number;
  readonly at: number;
  readonly lenBytes: number;
}
const MAPS: number = SLOTS + SLOT_COUNT * SLOT_BYTES;
const ARENAS: number = MAPS + (RECORDS_BYTES + WAITING_BYTES) / UNIT_BYTES;
export const RECORDS: ArenaPlace = { words: 64, map: MAPS, at: ARENAS, lenBytes: RECORDS_BYTES };
export const WAITING: ArenaPlace = {
  words: 128,
  map: MAPS + RECORDS_BYTES / UNIT_BYTES,
  at: ARENAS + RECORDS_BYTES,
  lenBytes: WAITING_BYTES,
};
export const HEAP_PAGES: number = (WAITING.at + WAITING.lenBytes) / PAGE_BYTES;
