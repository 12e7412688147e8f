/**
 * The neighbour table and ARP. RFC 826 "Packet Generation", "Packet Reception"; RFC 1122 §2.3.2.
 *
 * Four ways a set, in simulated memory. An entry that nobody confirmed for a while is asked again, by unicast, while
 * it stays in use (RFC 1122 §2.3.2.1 (2)); one that does not answer is forgotten. Each entry holds at most the latest
 * frame for an address that is not known yet (§2.3.2.2). Requests go at most once a second each (§2.3.2.1: flooding).
 */
import {
  ARP_PACKET_BYTES,
  ARP_REPLY,
  ARP_REQUEST,
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_ARP,
} from '@bulkhead/internet-datasheet';
import type { Window, Work } from '@bulkhead/runtime';
import type { Alarm } from './alarm.ts';
import { type Buffers, NO_BUFFER, OUT_AT_NEIGHBOUR } from './buffers.ts';
import type { Core } from './core.ts';
import { COUNT, type Counters } from './counters.ts';
import type { Link } from './link.ts';
import { ArpPacket } from './wire/arp.ts';
import { BROADCAST_HIGH, BROADCAST_LOW, EthernetHeader, emitDestination, isGroup } from './wire/ethernet.ts';

const SETS = 16;
const WAYS = 4;
const ENTRIES: number = SETS * WAYS;

const STATE = 0; // u8
const REQUESTS = 1; // u8: sent since the last answer
const ADDRESS = 4;
const HIGH = 8;
const LOW = 12;
const HELD = 16; // buffer + 1
const CONFIRMED_AT = 20;
const REQUESTED_AT = 24;
const ENTRY_BYTES = 32;

const UNUSED = 0;
const INCOMPLETE = 1;
const REACHABLE = 2;

const REQUEST_INTERVAL_US = 1_000_000;
const MAX_REQUESTS = 3;
const STALE_AFTER_US = 60_000_000;
/** Long idle entries are dropped well before differences of 32-bit time turn over. */
const FORGET_AFTER_US = 600_000_000;
const NOT_FOUND = -1;

export class Neighbours {
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #link: Link;
  readonly #alarm: Alarm;
  readonly #work: Work;
  readonly #arpWork: number;
  readonly #nowUs: () => number;
  readonly #ownAddress: number;
  readonly #table: Window;
  readonly #arp: ArpPacket = new ArpPacket();
  readonly #out: ArpPacket = new ArpPacket();
  readonly #ethernet: EthernetHeader = new EthernetHeader();

  constructor(core: Core, link: Link) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#link = link;
    this.#alarm = core.alarm;
    this.#work = core.work;
    this.#arpWork = core.work.id('arp');
    this.#nowUs = () => core.nowUs();
    this.#ownAddress = core.settings.address;
    this.#table = core.arena.take(ENTRIES * ENTRY_BYTES);
  }

  /** Sends a frame, complete but for its destination, to a neighbour: now, or when its address is known. */
  send(buffer: number, lenBytes: number, address: number): boolean {
    const found = this.#find(address);
    const entry = found === NOT_FOUND ? this.#create(address) : found;
    if (this.#state(entry) === REACHABLE) {
      this.#refresh(entry);
      return this.#transmitTo(entry, buffer, lenBytes);
    }
    this.#hold(entry, buffer, lenBytes);
    this.#request(entry);
    return true;
  }

  /** RFC 826 "Packet Reception", its algorithm. `at` is where the packet starts in the pool. */
  arrive(at: number, lenBytes: number): void {
    this.#work.spend(this.#arpWork);
    const arp = this.#arp;
    if (!arp.parse(this.#buffers.pool, at, lenBytes) || isGroup(arp.senderHigh)) {
      this.#counters.count(COUNT.badArp);
      return;
    }
    if (arp.senderAddress === this.#ownAddress) {
      this.#counters.count(COUNT.addressConflict); // UNIMPLEMENTED: RFC 5227 §2.4 defence
      return;
    }
    const known = arp.senderAddress === 0 ? NOT_FOUND : this.#find(arp.senderAddress); // 0: a probe, RFC 5227 §1.1
    if (known !== NOT_FOUND) this.#learn(known); // "Merge_flag := true"
    if (arp.targetAddress !== this.#ownAddress) return; // "Am I the target protocol address?"
    if (known === NOT_FOUND && arp.senderAddress !== 0) this.#learn(this.#create(arp.senderAddress));
    if (arp.operation === ARP_REQUEST) this.#emit(ARP_REPLY, arp.senderAddress, arp.senderHigh, arp.senderLow);
  }

  /** Nothing comes back from what goes this way: the entry must prove itself anew. RFC 1122 §2.3.2.1 (4). */
  doubt(address: number): void {
    const entry = this.#find(address);
    if (entry === NOT_FOUND || this.#state(entry) !== REACHABLE) return;
    this.#table.store8(entry + STATE, INCOMPLETE);
    this.#table.store8(entry + REQUESTS, 0);
  }

  /**
   * A new driver: tells the link who has our address (RFC 5227 §2.3 "Announcing an Address"), and asks again at once for
   * what was asked through the old one.
   */
  resume(): void {
    this.#emit(ARP_REQUEST, this.#ownAddress, BROADCAST_HIGH, BROADCAST_LOW);
    for (let index = 0; index < ENTRIES; index++) {
      const entry = index * ENTRY_BYTES;
      if (this.#state(entry) !== INCOMPLETE) continue;
      this.#table.store8(entry + REQUESTS, 0);
      this.#request(entry);
    }
  }

  /** Asks again, or gives up, wherever an answer is overdue. */
  tick(): void {
    for (let index = 0; index < ENTRIES; index++) {
      const entry = index * ENTRY_BYTES;
      if (this.#state(entry) === INCOMPLETE) this.#retry(entry);
    }
  }

  #retry(entry: number): void {
    if (this.#table.load8(entry + REQUESTS) < MAX_REQUESTS || !this.#isOver(entry, REQUESTED_AT, REQUEST_INTERVAL_US)) {
      this.#request(entry);
      return;
    }
    this.#counters.count(COUNT.neighbourUnreachable);
    this.#forget(entry);
  }
  #refresh(entry: number): void {
    if (!this.#isOver(entry, CONFIRMED_AT, STALE_AFTER_US)) return;
    if (this.#table.load8(entry + REQUESTS) < MAX_REQUESTS && !this.#isOver(entry, CONFIRMED_AT, FORGET_AFTER_US)) {
      this.#request(entry);
    } else if (this.#isOver(entry, REQUESTED_AT, REQUEST_INTERVAL_US)) {
      this.#table.store8(entry + STATE, INCOMPLETE);
      this.#table.store8(entry + REQUESTS, 0);
      this.#request(entry);
    }
  }
  #isOver(entry: number, since: number, intervalUs: number): boolean {
    return ((this.#nowUs() - this.#table.load32(entry + since)) | 0) >= intervalUs;
  }

  /** Sends a request unless one went less than a second ago; by unicast when there is somebody to ask. */
  #request(entry: number): void {
    const table = this.#table;
    const requests = table.load8(entry + REQUESTS);
    if (requests === 0 || this.#isOver(entry, REQUESTED_AT, REQUEST_INTERVAL_US)) {
      table.store8(entry + REQUESTS, requests + 1);
      table.store32(entry + REQUESTED_AT, this.#nowUs());
      const known = this.#state(entry) === REACHABLE;
      const high = known ? table.load32(entry + HIGH) : BROADCAST_HIGH;
      this.#emit(ARP_REQUEST, table.load32(entry + ADDRESS), high, known ? table.load32(entry + LOW) : BROADCAST_LOW);
    }
    if (this.#state(entry) === INCOMPLETE)
      this.#alarm.request((table.load32(entry + REQUESTED_AT) + REQUEST_INTERVAL_US) | 0);
  }
  #emit(operation: number, targetAddress: number, high: number, low: number): void {
    const buffer = this.#buffers.allocate();
    if (buffer === NO_BUFFER) {
      this.#counters.count(COUNT.noBuffer);
      return;
    }
    const at = this.#buffers.at(buffer);
    const { macHigh, macLow } = this.#link;
    const ethernet = this.#ethernet;
    ethernet.destinationHigh = high;
    ethernet.destinationLow = low;
    ethernet.sourceHigh = macHigh;
    ethernet.sourceLow = macLow;
    ethernet.type = ETHERTYPE_ARP;
    ethernet.emit(this.#buffers.pool, at);
    const arp = this.#out;
    arp.operation = operation;
    arp.senderHigh = macHigh;
    arp.senderLow = macLow;
    arp.senderAddress = this.#ownAddress;
    arp.targetHigh = operation === ARP_REPLY ? high : 0;
    arp.targetLow = operation === ARP_REPLY ? low : 0;
    arp.targetAddress = targetAddress;
    arp.emit(this.#buffers.pool, at + ETHERNET_HEADER_BYTES);
    this.#link.transmit(buffer, ETHERNET_HEADER_BYTES + ARP_PACKET_BYTES);
    this.#buffers.settleReturned(buffer);
  }

  /** Takes the sender of the packet at hand into the table, and sends what waited for it. */
  #learn(entry: number): void {
    const table = this.#table;
    table.store8(entry + STATE, REACHABLE);
    table.store8(entry + REQUESTS, 0);
    table.store32(entry + HIGH, this.#arp.senderHigh);
    table.store32(entry + LOW, this.#arp.senderLow);
    table.store32(entry + CONFIRMED_AT, this.#nowUs());
    const held = this.#takeHeld(entry);
    if (held === NO_BUFFER) return;
    this.#transmitTo(entry, held, this.#buffers.frameLength(held));
    this.#buffers.settleReturned(held);
  }
  #transmitTo(entry: number, buffer: number, lenBytes: number): boolean {
    const at = this.#buffers.at(buffer);
    emitDestination(this.#buffers.pool, at, this.#table.load32(entry + HIGH), this.#table.load32(entry + LOW));
    return this.#link.transmit(buffer, lenBytes);
  }
  #hold(entry: number, buffer: number, lenBytes: number): void {
    const older = this.#takeHeld(entry);
    if (older !== NO_BUFFER) this.#buffers.settleReturned(older);
    this.#buffers.setFrameLength(buffer, lenBytes);
    this.#buffers.lend(buffer, OUT_AT_NEIGHBOUR);
    this.#table.store32(entry + HELD, buffer + 1);
  }
  /** @returns what waits at the entry, no longer out but still where it belongs. */
  #takeHeld(entry: number): number {
    const buffer = this.#table.load32(entry + HELD) - 1;
    if (buffer === NO_BUFFER) return NO_BUFFER;
    this.#table.store32(entry + HELD, 0);
    this.#buffers.takeBack(buffer);
    return buffer;
  }

  #state(entry: number): number {
    return this.#table.load8(entry + STATE);
  }
  #find(address: number): number {
    const set = setOf(address);
    for (let way = 0; way < WAYS; way++) {
      const entry = (set * WAYS + way) * ENTRY_BYTES;
      if (this.#state(entry) !== UNUSED && this.#table.load32(entry + ADDRESS) === address) return entry;
    }
    return NOT_FOUND;
  }
  /** @returns a fresh entry of the set, in place of the one that was confirmed or asked for longest ago. */
  #create(address: number): number {
    const set = setOf(address);
    let victim = set * WAYS * ENTRY_BYTES;
    for (let way = 0; way < WAYS && this.#state(victim) !== UNUSED; way++) {
      const entry = (set * WAYS + way) * ENTRY_BYTES;
      const isOlder = ((this.#lastSeen(entry) - this.#lastSeen(victim)) | 0) < 0;
      if (this.#state(entry) === UNUSED || isOlder) victim = entry;
    }
    this.#forget(victim);
    this.#table.store8(victim + STATE, INCOMPLETE);
    this.#table.store32(victim + ADDRESS, address);
    this.#table.store32(victim + CONFIRMED_AT, this.#nowUs());
    return victim;
  }
  #lastSeen(entry: number): number {
    return this.#table.load32(entry + (this.#state(entry) === REACHABLE ? CONFIRMED_AT : REQUESTED_AT));
  }
  #forget(entry: number): void {
    const held = this.#takeHeld(entry);
    if (held !== NO_BUFFER) this.#buffers.settleReturned(held);
    this.#table.fill(entry, 0, ENTRY_BYTES);
  }
}

const setOf = (address: number): number => (address ^ (address >>> 8)) & (SETS - 1);
