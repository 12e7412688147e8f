/** UDP sockets. RFC 768; RFC 1122 §4.1. Datagrams wait in the buffers in which they arrived. */
import { FIRST_DYNAMIC_PORT, LAST_DYNAMIC_PORT, PROTOCOL_UDP, UDP_HEADER_BYTES } from '@bulkhead/internet-datasheet';
import { READABLE } from '@bulkhead/net-stack-api';
import type { Window, Work } from '@bulkhead/runtime';
import { type Buffers, DATAGRAM_QUEUE, NO_BUFFER } from './buffers.ts';
import type { Core } from './core.ts';
import { COUNT, type Counters } from './counters.ts';
import { NO_RECORD } from './fifo.ts';
import type { Icmp } from './icmp.ts';
import { IP_DATA_OFFSET, type Ip, MAX_IP_DATA_BYTES } from './ip.ts';
import type { Link } from './link.ts';
import type { Readiness } from './readiness.ts';
import { DATAGRAM_SOCKET, SocketRecord } from './socket-record.ts';
import type { SocketTable } from './socket-table.ts';
import { keyedHash } from './tcp/isn.ts';
import type { Ipv4Header } from './wire/ipv4.ts';
import { UdpHeader } from './wire/udp.ts';

export const MAX_DATAGRAM_BYTES: number = MAX_IP_DATA_BYTES - UDP_HEADER_BYTES;
/** So many unread datagrams a socket holds; the next are dropped. */
const MAX_UNREAD = 32;

export interface UdpOptions {
  readonly core: Core;
  readonly link: Link;
  readonly ip: Ip;
  readonly icmp: Icmp;
  readonly table: SocketTable;
  readonly readiness: Readiness;
}

export class Udp {
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #seed: number;
  readonly #link: Link;
  readonly #ip: Ip;
  readonly #icmp: Icmp;
  readonly #table: SocketTable;
  readonly #readiness: Readiness;
  readonly #work: Work;
  readonly #udpWork: number;
  readonly #record: SocketRecord;
  readonly #header: UdpHeader = new UdpHeader();

  constructor({ core, link, ip, icmp, table, readiness }: UdpOptions) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#seed = core.settings.seed;
    this.#link = link;
    this.#ip = ip;
    this.#icmp = icmp;
    this.#table = table;
    this.#readiness = readiness;
    this.#work = core.work;
    this.#udpWork = core.work.id('udp');
    this.#record = new SocketRecord(table.records);
  }

  /** A datagram stands behind the IP header at `ipAt`. Its buffer stays in the caller's hand unless a socket took it. */
  arrive(buffer: number, ipAt: number, ip: Ipv4Header): void {
    this.#work.spend(this.#udpWork);
    const at = ipAt + ip.headerLenBytes;
    const header = this.#header;
    if (!header.parse(this.#buffers.pool, at, ip.dataLenBytes, ip.source, ip.destination)) {
      this.#counters.count(COUNT.badUdp);
      return;
    }
    const index = this.#table.findPort(DATAGRAM_SOCKET, header.destinationPort);
    if (index === NO_RECORD) {
      this.#counters.count(COUNT.noSocket);
      this.#icmp.refusePort(ipAt, ip);
      return;
    }
    this.#queue(index, buffer, at + UDP_HEADER_BYTES - this.#buffers.at(buffer), ip.source);
  }
  #queue(index: number, buffer: number, offset: number, source: number): void {
    const record = this.#record;
    record.moveTo(index);
    if (record.receiveBytes >= MAX_UNREAD || this.#buffers.spareForPayload <= 0) {
      this.#counters.count(COUNT.datagramDropped);
      return;
    }
    this.#buffers.describe(buffer, offset, this.#header.dataLenBytes, 0);
    this.#buffers.setSender(buffer, source, this.#header.sourcePort);
    this.#buffers.push(record.table, record.receiveQueue, buffer, DATAGRAM_QUEUE);
    record.receiveBytes = record.receiveBytes + 1;
    if (record.receiveBytes === 1) this.#readiness.notify(record, READABLE);
  }

  /** @returns `port`, or one that is free when it is 0, or 0 when none is. */
  choosePort(port: number): number {
    if (port !== 0) return port;
    const range = LAST_DYNAMIC_PORT - FIRST_DYNAMIC_PORT + 1;
    const start = (keyedHash(this.#seed, 0, PROTOCOL_UDP, 0, 0) >>> 0) + this.#counters.next(COUNT.portChosen);
    for (let i = 0; i < range; i++) {
      const candidate = FIRST_DYNAMIC_PORT + ((start + i) % range);
      if (this.#table.findPort(DATAGRAM_SOCKET, candidate) === NO_RECORD) return candidate;
    }
    return 0;
  }

  /** @returns false when there is no buffer for it now. */
  send(record: SocketRecord, source: Window, offset: number, lenBytes: number, address: number, port: number): boolean {
    const buffer = this.#link.canTransmit ? this.#buffers.allocateForPayload() : NO_BUFFER;
    if (buffer === NO_BUFFER) {
      this.#table.writers.push(record.index);
      return false;
    }
    this.#work.spend(this.#udpWork);
    const at = this.#buffers.at(buffer) + IP_DATA_OFFSET;
    if (lenBytes > 0) this.#buffers.pool.copyFrom(at + UDP_HEADER_BYTES, source, offset, lenBytes);
    const header = this.#header;
    header.sourcePort = record.localPort;
    header.destinationPort = port;
    header.dataLenBytes = lenBytes;
    header.emit(this.#buffers.pool, at, this.#ip.ownAddress, address);
    this.#ip.send(buffer, PROTOCOL_UDP, address, UDP_HEADER_BYTES + lenBytes);
    return true;
  }

  /** Copies the oldest unread datagram, cut to `maxBytes`; its sender stands in `answer`. @returns its length, or -1. */
  receive(record: SocketRecord, destination: Window, offset: number, maxBytes: number, answer: Int32Array): number {
    const buffers = this.#buffers;
    const buffer = buffers.shift(record.table, record.receiveQueue);
    if (buffer === NO_BUFFER) return -1;
    record.receiveBytes = record.receiveBytes - 1;
    const lenBytes = buffers.length(buffer);
    const taken = Math.min(lenBytes, maxBytes);
    if (taken > 0) destination.copyFrom(offset, buffers.pool, buffers.at(buffer) + buffers.offset(buffer), taken);
    answer[1] = buffers.senderAddress(buffer);
    answer[2] = buffers.senderPort(buffer);
    buffers.release(buffer);
    return lenBytes;
  }
  close(record: SocketRecord): void {
    this.#buffers.releaseAll(record.table, record.receiveQueue);
    record.events = 0;
    this.#table.release(record.index);
  }
}
