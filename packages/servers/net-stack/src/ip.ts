/**
 * Sending of IPv4 datagrams: header in front of the data, route, neighbour. RFC 791 §3.2, RFC 1122 §3.3.1.
 *
 * UNIMPLEMENTED: options, fragmentation and reassembly, sending to our own address.
 */
import {
  ETHERNET_HEADER_BYTES,
  ETHERNET_MTU_BYTES,
  ETHERTYPE_IPV4,
  IPV4_HEADER_BYTES,
  LIMITED_BROADCAST,
} from '@bulkhead/internet-datasheet';
import type { Work } from '@bulkhead/runtime';
import type { Buffers } from './buffers.ts';
import type { Core } from './core.ts';
import { COUNT, type Counters } from './counters.ts';
import type { Link } from './link.ts';
import type { Neighbours } from './neighbours.ts';
import { BROADCAST_HIGH, BROADCAST_LOW, EthernetHeader } from './wire/ethernet.ts';
import { Ipv4Header } from './wire/ipv4.ts';

/** Where the data of a datagram that we send starts in its buffer. */
export const IP_DATA_OFFSET: number = ETHERNET_HEADER_BYTES + IPV4_HEADER_BYTES;
export const MAX_IP_DATA_BYTES: number = ETHERNET_MTU_BYTES - IPV4_HEADER_BYTES;
const NOWHERE_TO_GO = 0;

export class Ip {
  readonly #buffers: Buffers;
  readonly #counters: Counters;
  readonly #link: Link;
  readonly #neighbours: Neighbours;
  readonly #work: Work;
  readonly #ipWork: number;
  readonly #ethernetWork: number;
  readonly #gateway: number;
  readonly #mask: number;
  readonly ownAddress: number;
  readonly #ethernet: EthernetHeader = new EthernetHeader();
  readonly #header: Ipv4Header = new Ipv4Header();

  constructor(core: Core, link: Link, neighbours: Neighbours) {
    this.#buffers = core.buffers;
    this.#counters = core.counters;
    this.#link = link;
    this.#neighbours = neighbours;
    this.#work = core.work;
    this.#ipWork = core.work.id('ip');
    this.#ethernetWork = core.work.id('ethernet');
    this.#gateway = core.settings.gateway;
    this.#mask = core.settings.networkMask;
    this.ownAddress = core.settings.address;
  }

  /** @returns true for an address that every host on the link takes for itself. RFC 919 §7. */
  isBroadcast(address: number): boolean {
    return (
      address === LIMITED_BROADCAST || ((address | this.#mask) === -1 && this.#isOnLink(address) && this.#mask !== -1)
    );
  }

  /**
   * Sends `dataLenBytes` that stand at IP_DATA_OFFSET of the buffer. A buffer without a place is free again when this
   * could not lend it.
   * @returns true when it was lent: to the driver, or to a neighbour entry that waits for an answer.
   */
  send(buffer: number, protocol: number, destination: number, dataLenBytes: number): boolean {
    this.#emit(buffer, protocol, destination, dataLenBytes);
    const isLent = this.#route(buffer, destination, IP_DATA_OFFSET + dataLenBytes);
    if (!isLent) this.#buffers.settleReturned(buffer);
    return isLent;
  }

  /** A transport's advice: what it sends to `destination` brings no answer. RFC 1122 §3.3.1.4. */
  doubt(destination: number): void {
    this.#neighbours.doubt(this.#nextHop(destination));
  }

  #emit(buffer: number, protocol: number, destination: number, dataLenBytes: number): void {
    this.#work.spend(this.#ipWork);
    const at = this.#buffers.at(buffer);
    const header = this.#header;
    header.protocol = protocol;
    header.source = this.ownAddress;
    header.destination = destination;
    header.dataLenBytes = dataLenBytes;
    header.emit(this.#buffers.pool, at + ETHERNET_HEADER_BYTES);
    this.#work.spend(this.#ethernetWork);
    const ethernet = this.#ethernet;
    ethernet.destinationHigh = BROADCAST_HIGH;
    ethernet.destinationLow = BROADCAST_LOW;
    ethernet.sourceHigh = this.#link.macHigh;
    ethernet.sourceLow = this.#link.macLow;
    ethernet.type = ETHERTYPE_IPV4;
    ethernet.emit(this.#buffers.pool, at);
  }
  /** RFC 1122 §3.3.1.1 "Local/Remote Decision". */
  #route(buffer: number, destination: number, lenBytes: number): boolean {
    if (this.isBroadcast(destination)) return this.#link.transmit(buffer, lenBytes);
    const nextHop = this.#nextHop(destination);
    if (nextHop !== NOWHERE_TO_GO) return this.#neighbours.send(buffer, lenBytes, nextHop);
    this.#counters.count(COUNT.noRoute);
    return false;
  }
  #nextHop(destination: number): number {
    return this.#isOnLink(destination) ? destination : this.#gateway;
  }
  #isOnLink(address: number): boolean {
    return ((address ^ this.ownAddress) & this.#mask) === 0;
  }
}
