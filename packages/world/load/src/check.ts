/** What a load may be asked for. A mistake is told where the load is made, with what may be used instead. */
import type { NetStackConfig } from '@bulkhead/net-stack';
import { WORKLOADS, type WorkloadName, type WorkloadOptions } from './workload.ts';

/** What a workload takes. `usual` is what to use when nobody says otherwise. */
export interface WorkloadLimits {
  readonly clients: { readonly most: number; readonly usual: number };
  readonly sizeBytes: { readonly least: number; readonly most: number; readonly usual: number };
  /** False when there is nothing that could arrive: a stream comes unasked, and a call has one caller. */
  readonly hasOpenLoop: boolean;
}

/** The machine's stack has 256 connections by default, and some of them linger when they are over. */
const MOST_CLIENTS = 200;
const clients = { most: MOST_CLIENTS, usual: 64 };

export const WORKLOAD_LIMITS: Readonly<Record<WorkloadName, WorkloadLimits>> = {
  'null-call': { clients: { most: 1, usual: 1 }, sizeBytes: { least: 0, most: 0, usual: 0 }, hasOpenLoop: false },
  // The number of the request, and an Ethernet's 1500 bytes without the headers of IPv4 and UDP.
  // CHOICE: fewer clients than datagrams that one of our sockets holds unread, which is 32.
  'udp-echo': {
    clients: { most: MOST_CLIENTS, usual: 16 },
    sizeBytes: { least: 4, most: 1472, usual: 64 },
    hasOpenLoop: true,
  },
  'tcp-stream': {
    clients: { most: MOST_CLIENTS, usual: 8 },
    sizeBytes: { least: 1, most: 2 ** 24, usual: 4096 },
    hasOpenLoop: false,
  },
  http: { clients, sizeBytes: { least: 0, most: 2 ** 24, usual: 100 }, hasOpenLoop: true },
  // All values of the most clients fit the 4 MiB of our server.
  kv: { clients, sizeBytes: { least: 1, most: 2048, usual: 100 }, hasOpenLoop: true },
};

/** Of each an arrival and a latency may be kept. */
const MOST_REQUESTS = 10_000_000;
const MOST_REQUESTS_PER_SECOND = 1e9;
/** What a stack holds when its configuration does not say. */
const DEFAULT_CONNECTIONS = 256;

/** @throws RangeError that says what to use instead. */
export function checkWorkload(options: WorkloadOptions, config: NetStackConfig): void {
  const { workload, loop, requests, warmUpRequests, sizeBytes } = options;
  if (!WORKLOADS.includes(workload))
    throw new RangeError(`there is no workload '${workload}': use one of ${WORKLOADS.join(', ')}`);
  const limits = WORKLOAD_LIMITS[workload];
  within('clients', options.clients, 1, Math.min(limits.clients.most, connectionsOf(config)), workload);
  within('requests', requests, 1, MOST_REQUESTS, workload);
  within('warm-up requests', warmUpRequests, 0, MOST_REQUESTS, workload);
  within('bytes', sizeBytes, limits.sizeBytes.least, limits.sizeBytes.most, workload);
  if (loop.kind === 'open') checkRate(workload, loop.requestsPerSecond);
}
function checkRate(workload: WorkloadName, requestsPerSecond: number): void {
  const { hasOpenLoop } = WORKLOAD_LIMITS[workload];
  if (!hasOpenLoop) throw new RangeError(`'${workload}' has no requests that could arrive: use a closed loop`);
  if (requestsPerSecond >= 1 && requestsPerSecond <= MOST_REQUESTS_PER_SECOND) return;
  throw new RangeError(`${requestsPerSecond} requests a second: use a number from 1 to ${MOST_REQUESTS_PER_SECOND}`);
}

/** @throws RangeError when a load of HTTP alone cannot be. */
export function checkHttpLoad(clientCount: number, requests: number, config: NetStackConfig): void {
  within('clients', clientCount, 1, connectionsOf(config), 'http');
  within('requests', requests, 1, MOST_REQUESTS, 'http');
}

const connectionsOf = (config: NetStackConfig): number => config.maxConnections ?? DEFAULT_CONNECTIONS;

function within(name: string, value: number, least: number, most: number, workload: WorkloadName): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const mend = least === most ? `${least}` : `a whole number from ${least} to ${most}`;
  throw new RangeError(`a load '${workload}' of ${value} ${name}: use ${mend}`);
}
