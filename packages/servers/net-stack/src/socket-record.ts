/**
 * One socket's record in simulated memory: 256 bytes, whatever its kind. The cursor is moved from record to record and
 * allocates nothing. What a kind does not use is 0.
 */
import type { Window } from '@bulkhead/runtime';

export const RECORD_BYTES = 256;

/** KIND. */
export const FREE_RECORD = 0;
export const LISTENER = 1;
export const CONNECTION = 2;
export const DATAGRAM_SOCKET = 3;
/** Nothing is left of it but events that its owner has not been told yet. */
export const GONE = 4;

const KIND = 0; // u8
const STATE = 1; // u8
const LOCAL_PORT = 2; // u16
const REMOTE_PORT = 4; // u16
const REMOTE_ADDRESS = 8; // i32
const OWNER = 12; // i32: identity of the client that made it
const HASH_NEXT = 16; // i32: index + 1 of the next record of the bucket
export const FREE_LINK = 20; // i32: owned by the table's list of that name
export const READY_LINK = 24; // i32: owned by the table's list of that name
export const OUTPUT_LINK = 28; // i32: owned by the table's list of that name
const EVENTS = 32; // i32: bits of `ready` that its owner has not been told
const FLAGS = 36; // i32
const ERROR = 40; // i32: the refusal that the next call tells; 0 for none
const RECEIVE_QUEUE_AT = 44; // 2 × i32: head and tail of a queue of buffers
const RECEIVE_BYTES = 52; // i32: bytes, or datagrams, unread
/** Where the fields of a connection or a listener start, and end. */
export const TCB_FIELDS = 56;
export const WRITERS_LINK = 252; // i32: owned by the table's list of that name
export const TCB_FIELDS_END: number = WRITERS_LINK;

export class SocketRecord {
  readonly table: Window;
  /** Byte offset of the record at hand. */
  base = 0;
  index = 0;

  constructor(table: Window) {
    this.table = table;
  }
  moveTo(index: number): void {
    this.index = index;
    this.base = index * RECORD_BYTES;
  }
  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }
  raise(flag: number): void {
    this.flags = this.flags | flag;
  }
  clear(flag: number): void {
    this.flags = this.flags & ~flag;
  }

  get kind(): number {
    return this.table.load8(this.base + KIND);
  }
  set kind(value: number) {
    this.table.store8(this.base + KIND, value);
  }
  get state(): number {
    return this.table.load8(this.base + STATE);
  }
  set state(value: number) {
    this.table.store8(this.base + STATE, value);
  }
  get localPort(): number {
    return this.table.load16(this.base + LOCAL_PORT);
  }
  set localPort(value: number) {
    this.table.store16(this.base + LOCAL_PORT, value);
  }
  get remotePort(): number {
    return this.table.load16(this.base + REMOTE_PORT);
  }
  set remotePort(value: number) {
    this.table.store16(this.base + REMOTE_PORT, value);
  }
  get remoteAddress(): number {
    return this.table.load32(this.base + REMOTE_ADDRESS);
  }
  set remoteAddress(value: number) {
    this.table.store32(this.base + REMOTE_ADDRESS, value);
  }
  get owner(): number {
    return this.table.load32(this.base + OWNER);
  }
  set owner(value: number) {
    this.table.store32(this.base + OWNER, value);
  }
  get hashNext(): number {
    return this.table.load32(this.base + HASH_NEXT);
  }
  set hashNext(value: number) {
    this.table.store32(this.base + HASH_NEXT, value);
  }
  get events(): number {
    return this.table.load32(this.base + EVENTS);
  }
  set events(value: number) {
    this.table.store32(this.base + EVENTS, value);
  }
  get flags(): number {
    return this.table.load32(this.base + FLAGS);
  }
  set flags(value: number) {
    this.table.store32(this.base + FLAGS, value);
  }
  get error(): number {
    return this.table.load32(this.base + ERROR);
  }
  set error(value: number) {
    this.table.store32(this.base + ERROR, value);
  }
  get receiveQueue(): number {
    return this.base + RECEIVE_QUEUE_AT;
  }
  get receiveBytes(): number {
    return this.table.load32(this.base + RECEIVE_BYTES);
  }
  set receiveBytes(value: number) {
    this.table.store32(this.base + RECEIVE_BYTES, value);
  }
}
