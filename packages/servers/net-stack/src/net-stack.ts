/**
 * The network stack. Knows its context and its ports: a driver below, clients above, an alarm.
 *
 * Every handler follows one pattern: take what came, change the tables, and leave sending and telling to `settle`, which
 * does both once for everything that waited. A call from a client ends in `settle` by itself.
 */
import type { ClientHandlers, ClientPort, kernel, ServerHandlers, ServerPort } from '@bulkhead/abi';
import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '@bulkhead/internet-datasheet';
import type { sockets } from '@bulkhead/net-stack-api';
import type { netDevice } from '@bulkhead/nic-driver-api';
import type { Context, Work } from '@bulkhead/runtime';
import { NO_BUFFER, NOT_OUT, NOWHERE } from './buffers.ts';
import { Clients } from './clients.ts';
import type { NetStackConfig } from './config.ts';
import { Core } from './core.ts';
import { COUNT, type CounterName } from './counters.ts';
import { Icmp } from './icmp.ts';
import { Ip } from './ip.ts';
import { Link } from './link.ts';
import { Neighbours } from './neighbours.ts';
import { NOBODY, Readiness } from './readiness.ts';
import { SocketTable } from './socket-table.ts';
import { Sockets } from './sockets.ts';
import { Tcp } from './tcp/tcp.ts';
import { Udp } from './udp.ts';
import { BROADCAST_HIGH, BROADCAST_LOW, EthernetHeader } from './wire/ethernet.ts';
import { Ipv4Header } from './wire/ipv4.ts';
import { TcpSegment } from './wire/tcp.ts';
import { Writers } from './writers.ts';

export interface NetStackPorts {
  readonly device: ClientPort<typeof netDevice>;
  /** Of the kernel, the alarm is all that is used. */
  readonly kernel: Pick<ClientPort<typeof kernel.contractOfKernel>, 'setAlarm'>;
  readonly sockets: ServerPort<typeof sockets>;
}

export interface NetStackHandlers {
  readonly device: ClientHandlers<typeof netDevice>;
  readonly kernel: ClientHandlers<typeof kernel.contractOfKernel>;
  readonly sockets: ServerHandlers<typeof sockets>;
}

export class NetStack {
  readonly handlers: NetStackHandlers;
  readonly #core: Core;
  readonly #link: Link;
  readonly #neighbours: Neighbours;
  readonly #ip: Ip;
  readonly #icmp: Icmp;
  readonly #udp: Udp;
  readonly #tcp: Tcp;
  readonly #table: SocketTable;
  readonly #readiness: Readiness;
  readonly #sockets: Sockets;
  readonly #writers: Writers;
  readonly #work: Work;
  readonly #ethernetWork: number;
  readonly #ipWork: number;
  readonly #timerWork: number;
  readonly #ethernet: EthernetHeader = new EthernetHeader();
  readonly #ipHeader: Ipv4Header = new Ipv4Header();
  readonly #segment: TcpSegment = new TcpSegment();

  constructor(context: Context<NetStackConfig>, ports: NetStackPorts) {
    const setAlarm = (token: number, delayUs: number): number => ports.kernel.setAlarm(token, delayUs);
    const core = new Core(context, { pool: context.shared('device').window, setAlarm });
    const link = new Link(core, ports.device);
    this.#core = core;
    this.#link = link;
    this.#neighbours = new Neighbours(core, link);
    this.#ip = new Ip(core, link, this.#neighbours);
    this.#icmp = new Icmp(core, this.#ip);
    this.#table = new SocketTable(core);
    this.#readiness = new Readiness(this.#table, ports.sockets);
    const shared = { core, link, ip: this.#ip, table: this.#table, readiness: this.#readiness };
    this.#udp = new Udp({ ...shared, icmp: this.#icmp });
    this.#tcp = new Tcp(shared);
    this.#sockets = new Sockets({ ...shared, clients: new Clients(context), tcp: this.#tcp, udp: this.#udp });
    this.#writers = new Writers({ ...shared, buffers: core.buffers });
    this.#work = core.work;
    this.#ethernetWork = core.work.id('ethernet');
    this.#ipWork = core.work.id('ip');
    this.#timerWork = core.work.id('timer');
    this.handlers = { device: this.#deviceHandlers(), kernel: this.#kernelHandlers(), sockets: this.#socketHandlers() };
  }

  /** Sends what is to be sent, lends the driver what it lacks, tells clients what they wait for. */
  settle(): void {
    this.#tcp.run();
    this.#link.supply();
    this.#writers.offer();
    for (let dead = this.#readiness.flush(); dead !== NOBODY; dead = this.#readiness.flush())
      this.#sockets.forget(dead);
  }
  /** How often something was dropped, refused or done again since the start. */
  counter(name: CounterName): number {
    return this.#core.counters.read(name);
  }
  /** For whoever watches the stack from outside: its buffers and the arrows of the state diagram that were taken. */
  get inspection(): Pick<Core, 'buffers'> & Pick<Tcp['connections'], 'transitions'> & { readonly table: SocketTable } {
    return { buffers: this.#core.buffers, transitions: this.#tcp.connections.transitions, table: this.#table };
  }

  #deviceHandlers(): NetStackHandlers['device'] {
    return {
      ready: (addressHigh, addressLow) => this.#ready(addressHigh, addressLow),
      linkChanged: () => {}, // CHOICE: a link that is down loses frames, and retransmission deals with lost frames
      arrived: (ref, lenBytes) => this.#arrived(ref, lenBytes),
      completed: (ref) => this.#link.completed(ref),
    };
  }
  #kernelHandlers(): NetStackHandlers['kernel'] {
    return { notified: () => this.#notified() };
  }
  #socketHandlers(): NetStackHandlers['sockets'] {
    const calls = this.#sockets;
    const settled = (result: number): number => {
      this.settle();
      return result;
    };
    return {
      listen: (from, port, backlog) => settled(calls.listen(from, port, backlog)),
      accept: (from, listener) => settled(calls.accept(from, listener)),
      connect: (from, address, port) => settled(calls.connect(from, address, port)),
      receive: (from, socket, buffer, maxBytes) => settled(calls.receive(from, socket, buffer, maxBytes)),
      send: (from, socket, buffer, lenBytes) => settled(calls.send(from, socket, buffer, lenBytes)),
      close: (from, socket) => settled(calls.close(from, socket)),
      abort: (from, socket) => settled(calls.abort(from, socket)),
      bind: (from, port) => settled(calls.bind(from, port)),
      sendTo: (from, socket, buffer, lenBytes, address, port) =>
        settled(calls.sendTo(from, socket, buffer, lenBytes, address, port)),
      receiveFrom: (from, socket, buffer, maxBytes) => settled(calls.receiveFrom(from, socket, buffer, maxBytes)),
    };
  }

  #ready(addressHigh: number, addressLow: number): void {
    this.#link.ready(addressHigh, addressLow);
    this.#link.supply();
    this.#neighbours.resume();
    this.#tcp.resume();
  }
  #notified(): void {
    this.#work.spend(this.#timerWork);
    this.#core.alarm.rang();
    this.#neighbours.tick();
    this.#tcp.tick();
  }

  #arrived(ref: number, lenBytes: number): void {
    const { buffers, counters } = this.#core;
    const buffer = this.#link.arrived(ref, lenBytes);
    if (buffer === NO_BUFFER) return;
    counters.count(COUNT.frameIn);
    this.#frame(buffer, lenBytes);
    if (buffers.place(buffer) === NOWHERE && buffers.out(buffer) === NOT_OUT) buffers.release(buffer);
  }
  /** RFC 894; RFC 1122 §2.3.3. Our own address or everybody's, or not for us. */
  #frame(buffer: number, lenBytes: number): void {
    this.#work.spend(this.#ethernetWork);
    const { buffers, counters } = this.#core;
    const at = buffers.at(buffer);
    const ethernet = this.#ethernet;
    if (!ethernet.parse(buffers.pool, at, lenBytes)) {
      counters.count(COUNT.badEthernet);
      return;
    }
    const { destinationHigh, destinationLow, type } = ethernet;
    const isOurs = destinationHigh === this.#link.macHigh && destinationLow === this.#link.macLow;
    const isBroadcast = destinationHigh === BROADCAST_HIGH && destinationLow === BROADCAST_LOW;
    const dataLenBytes = lenBytes - ETHERNET_HEADER_BYTES;
    if (!isOurs && !isBroadcast) counters.count(COUNT.notForUs);
    else if (type === ETHERTYPE_ARP) this.#neighbours.arrive(at + ETHERNET_HEADER_BYTES, dataLenBytes);
    else if (type === ETHERTYPE_IPV4) this.#datagram(buffer, at + ETHERNET_HEADER_BYTES, dataLenBytes, isBroadcast);
    else counters.count(COUNT.unknownProtocol);
  }
  /** RFC 1122 §3.2.1. */
  #datagram(buffer: number, at: number, lenBytes: number, isBroadcast: boolean): void {
    this.#work.spend(this.#ipWork);
    const { buffers, counters } = this.#core;
    const ip = this.#ipHeader;
    if (!ip.parse(buffers.pool, at, lenBytes)) {
      counters.count(COUNT.badIpv4);
      return;
    }
    const isUnicast = ip.destination === this.#ip.ownAddress;
    if (!isUnicast && !this.#ip.isBroadcast(ip.destination)) counters.count(COUNT.notForUs);
    else if (!this.#isHost(ip.source)) counters.count(COUNT.badIpv4);
    else if (ip.isFragment)
      counters.count(COUNT.fragment); // UNIMPLEMENTED: reassembly
    else this.#deliver(buffer, at, isUnicast && !isBroadcast);
  }
  /** RFC 1122 §3.2.1.3: a source address is that of one host, and not ours. */
  #isHost(address: number): boolean {
    const firstOctet = address >>> 24;
    const isOneHost = firstOctet !== 0 && firstOctet !== 127 && firstOctet < 224 && !this.#ip.isBroadcast(address);
    return isOneHost && address !== this.#ip.ownAddress;
  }
  #deliver(buffer: number, at: number, isUnicast: boolean): void {
    const { buffers, counters } = this.#core;
    const ip = this.#ipHeader;
    const dataAt = at + ip.headerLenBytes;
    switch (ip.protocol) {
      case PROTOCOL_TCP:
        if (!isUnicast)
          counters.count(COUNT.badTcp); // RFC 9293 §3.9.2.3: MUST-57
        else if (this.#segment.parse(buffers.pool, dataAt, ip.dataLenBytes, ip.source, ip.destination)) {
          this.#tcp.arrive(this.#segment, ip.source, buffer, dataAt);
        } else counters.count(COUNT.badTcp);
        return;
      case PROTOCOL_UDP:
        this.#udp.arrive(buffer, at, ip);
        return;
      case PROTOCOL_ICMP:
        this.#icmp.arrive(dataAt, ip);
        return;
      default:
        counters.count(COUNT.unknownProtocol);
    }
  }
}
