/**
 * ICMP: answers to echo requests, and port unreachable. RFC 792; RFC 1122 §3.2.2.
 *
 * UNIMPLEMENTED: errors that arrive are counted as received and reach no socket (RFC 1122 §4.2.3.9).
 */
import { ICMP_ECHO, ICMP_HEADER_BYTES, ICMP_RETURNED_DATA_BYTES, PROTOCOL_ICMP } from '@bulkhead/internet-datasheet';
import type { Window, Work } from '@bulkhead/runtime';
import { type Buffers, NO_BUFFER } from './buffers.ts';
import type { Core } from './core.ts';
import { COUNT, type Counters } from './counters.ts';
import { IP_DATA_OFFSET, type Ip } from './ip.ts';
import { RateLimit } from './rate-limit.ts';
import { emitEchoReply, emitPortUnreachable, IcmpHeader } from './wire/icmp.ts';
import type { Ipv4Header } from './wire/ipv4.ts';

/** RFC 1812 §4.3.2.8 "Rate Limiting" asks for a limit and leaves it open. */
const ERRORS_PER_SECOND = 100;

export class Icmp {
  readonly #buffers: Buffers;
  readonly #pool: Window;
  readonly #counters: Counters;
  readonly #ip: Ip;
  readonly #work: Work;
  readonly #icmpWork: number;
  readonly #errors: RateLimit;
  readonly #header: IcmpHeader = new IcmpHeader();

  constructor(core: Core, ip: Ip) {
    this.#buffers = core.buffers;
    this.#pool = core.buffers.pool;
    this.#counters = core.counters;
    this.#ip = ip;
    this.#work = core.work;
    this.#icmpWork = core.work.id('icmp');
    this.#errors = new RateLimit(core, ERRORS_PER_SECOND);
  }

  /** A message stands at `at` in the pool. */
  arrive(at: number, ip: Ipv4Header): void {
    this.#work.spend(this.#icmpWork);
    if (!this.#header.parse(this.#pool, at, ip.dataLenBytes)) {
      this.#counters.count(COUNT.badIcmp);
      return;
    }
    // RFC 1122 §3.2.2.6: an echo request to a broadcast address may be discarded.
    if (this.#header.type === ICMP_ECHO && ip.destination === this.#ip.ownAddress) this.#reply(at, ip);
  }
  #reply(at: number, ip: Ipv4Header): void {
    const buffer = this.#allocate();
    if (buffer === NO_BUFFER) return;
    const to = this.#buffers.at(buffer) + IP_DATA_OFFSET;
    this.#pool.copyFrom(to, this.#pool, at, ip.dataLenBytes);
    emitEchoReply(this.#pool, to, ip.dataLenBytes);
    this.#ip.send(buffer, PROTOCOL_ICMP, ip.source, ip.dataLenBytes);
  }

  /** RFC 1122 §4.1.3.1: nobody listens on the port of the datagram whose IP header stands at `ipAt`. */
  refusePort(ipAt: number, ip: Ipv4Header): void {
    if (ip.destination !== this.#ip.ownAddress || !this.#errors.take()) return;
    const buffer = this.#allocate();
    if (buffer === NO_BUFFER) return;
    this.#work.spend(this.#icmpWork);
    const to = this.#buffers.at(buffer) + IP_DATA_OFFSET;
    const returned = ip.headerLenBytes + Math.min(ip.dataLenBytes, ICMP_RETURNED_DATA_BYTES);
    this.#pool.copyFrom(to + ICMP_HEADER_BYTES, this.#pool, ipAt, returned);
    emitPortUnreachable(this.#pool, to, ICMP_HEADER_BYTES + returned);
    this.#ip.send(buffer, PROTOCOL_ICMP, ip.source, ICMP_HEADER_BYTES + returned);
  }
  #allocate(): number {
    const buffer = this.#buffers.allocate();
    if (buffer === NO_BUFFER) this.#counters.count(COUNT.noBuffer);
    return buffer;
  }
}
