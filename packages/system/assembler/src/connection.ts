/**
 * Two ends of one contract, and what stands between them. Which gate carries what follows from where the two components
 * stand; neither of them can tell.
 */
import type { CallSpec, CastSpec, Contract } from '@bulkhead/abi';
import type { CastQueue } from './cast-queue.ts';
import type { Inbound, Place } from './place.ts';

/** How calls, and casts to the server, travel. */
export type UpGate = 'direct' | 'system-call' | 'ipc' | 'ring' | 'upcall';
/** How events, casts to the client, travel: the client is always of lower level, so they are queued. */
export type DownGate = 'queue' | 'system-call' | 'outbox' | 'ring' | 'upcall';

export interface Method {
  readonly name: string;
  /** Number in queue entries. */
  readonly id: number;
  readonly spec: CallSpec | CastSpec;
}

export class Connection {
  readonly index: number;
  readonly contract: Contract;
  readonly client: Place;
  readonly server: Place;
  readonly clientPort: string;
  readonly serverPort: string;
  readonly up: UpGate;
  readonly down: DownGate;
  /** In the client's capability space: the right to the server's endpoint. 0 while there is none. */
  endpointRight = 0;
  /** Casts that wait for the server; only where the gate queues them. */
  upQueue: CastQueue | null = null;
  /** Events that wait for the client. */
  downQueue: CastQueue | null = null;
  /** The server's side of `upQueue`: a call first drains it, so that order on the connection is kept. */
  upInbound: Inbound | null = null;
  /** Bit in the server's, and in the client's, notification word. */
  upBit = 0;
  downBit = 0;
  /** In the client's, and in the server's, capability space: the right to signal the other end. 0 where none is needed. */
  signalServerRight = 0;
  signalClientRight = 0;
  /** Signals the other end of a ring. */
  signalServer: () => void = nothing;
  signalClient: () => void = nothing;

  constructor(
    index: number,
    contract: Contract,
    client: Place,
    clientPort: string,
    server: Place,
    serverPort: string,
    ring: boolean,
  ) {
    this.index = index;
    this.contract = contract;
    this.client = client;
    this.clientPort = clientPort;
    this.server = server;
    this.serverPort = serverPort;
    this.up = upGate(client, server, ring);
    this.down = downGate(client, server, ring);
  }
  get calls(): readonly Method[] {
    return methodsOf(this.contract.calls);
  }
  get casts(): readonly Method[] {
    return methodsOf(this.contract.casts);
  }
  get events(): readonly Method[] {
    return methodsOf(this.contract.events);
  }
  /** True when casts to the server are queued and not run at once. */
  get queuesUp(): boolean {
    return this.casts.length > 0 && (this.up === 'ring' || this.up === 'upcall');
  }
}

function nothing(): void {}

export const methodsOf = (methods: Readonly<Record<string, CallSpec | CastSpec>>): Method[] =>
  Object.entries(methods).map(([name, spec], id) => ({ name, id, spec }));

function upGate(client: Place, server: Place, ring: boolean): UpGate {
  if (client.seat.domain === server.seat.domain) return 'direct';
  if (server.seat.domain.isKernel) return 'system-call';
  if (client.seat.domain.isKernel) return 'upcall';
  return ring ? 'ring' : 'ipc';
}

function downGate(client: Place, server: Place, ring: boolean): DownGate {
  if (client.seat.domain === server.seat.domain) return 'queue';
  if (client.seat.domain.isKernel) return 'system-call';
  if (server.seat.domain.isKernel) return 'upcall';
  return ring ? 'ring' : 'outbox';
}
