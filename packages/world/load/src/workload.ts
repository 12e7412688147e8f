/** What a load asks of a system, and how often. */

export type WorkloadName = 'null-call' | 'udp-echo' | 'tcp-stream' | 'http' | 'kv';
export const WORKLOADS: readonly WorkloadName[] = ['null-call', 'udp-echo', 'tcp-stream', 'http', 'kv'];

export interface WorkloadOptions {
  readonly workload: WorkloadName;
  /** How many are measured. A request is a call, a datagram and its echo, a block of a stream, a page, a command. */
  readonly requests: number;
  /** Requests before those that are measured. */
  readonly warmUpRequests: number;
  readonly clients: number;
  /** Bytes of a datagram, of a block, of a page, of a value. */
  readonly sizeBytes: number;
  /** Of `http`: what is asked for instead of `/bytes/SIZE`. */
  readonly path?: string;
  /** Closed: each client asks again when it is answered. Open: requests arrive at a rate, whoever waits. */
  readonly loop: { readonly kind: 'closed' } | { readonly kind: 'open'; readonly requestsPerSecond: number };
}

/** Every latency, in buckets whose width grows with the value. Nanoseconds of simulated time. */
export interface LatencyHistogram {
  readonly count: number;
  readonly minNs: number;
  readonly meanNs: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly maxNs: number;
  /** In rising order, none empty: how many latencies were above `fromNs` (0 for the first) and at most `toNs`. */
  readonly buckets: readonly { readonly fromNs: number; readonly toNs: number; readonly count: number }[];
}
