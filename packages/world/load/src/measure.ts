/** One system under one load: boot, warm up, measure. The same system, seed and load give the same digest. */
import { type Metrics, metricsBetween, type System, snapshot } from '@bulkhead/assembler';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { HttpLoad } from './http-load.ts';
import { percentile } from './latencies.ts';

export interface MeasureOptions {
  readonly clients: number;
  readonly requests: number;
  /** Requests before those that are measured. */
  readonly warmUpRequests: number;
  readonly path: string;
  readonly address: number;
  readonly port: number;
  readonly config: NetStackConfig;
}

export interface Measurement {
  readonly requests: number;
  readonly failed: number;
  readonly requestsPerSecond: number;
  readonly latencyNs: { readonly p50: number; readonly p99: number };
  /** Over the measured requests. Divide by `requests` for figures a request. */
  readonly metrics: Metrics;
  readonly digest: string;
}

/** Why there is nothing to measure: the system panicked, nothing came for long, or answers were not 200. */
export interface Unfinished {
  readonly unfinished: 'panicked' | 'stalled' | 'refused';
  /** Answers that were not 200, and connections that broke. */
  readonly failed: number;
}

/** Time for the components to start and the link to come up. */
const BOOT_NS = 20_000_000;
/** How much simulated time passes between two looks at whether it is done. */
const STEP_NS = 1_000_000;
/** A load that makes no progress for so long never will. */
const STALL_NS = 30_000_000_000;

/**
 * Measures in steps, so that the caller may show progress: each `next()` runs a millisecond of simulated time and yields
 * what share of the requests is done.
 */
export function* measure(system: System, options: MeasureOptions): Generator<number, Measurement | Unfinished> {
  const { clock } = system;
  const { warmUpRequests, requests } = options;
  const total = warmUpRequests + requests;
  let from = snapshot(system);
  let to = from;
  system.runUntil(clock.cyclesOf(BOOT_NS));
  const load = new HttpLoad({
    ...options,
    system,
    requests: total,
    onAnswer: (completed) => {
      if (completed === warmUpRequests) from = snapshot(system);
      if (completed === total) to = snapshot(system);
    },
  });
  if (warmUpRequests === 0) from = snapshot(system);
  load.start();
  const step = clock.cyclesOf(STEP_NS);
  for (let seen = 0, progressAt = clock.now; !load.isDone; ) {
    const result = system.runUntil(clock.now + step);
    const done = load.completed + load.failed;
    if (done > seen) progressAt = clock.now;
    if (result === 'panic') return { unfinished: 'panicked', failed: load.failed };
    if (clock.now - progressAt > clock.cyclesOf(STALL_NS)) return { unfinished: 'stalled', failed: load.failed };
    seen = done;
    yield Math.min(1, done / total);
  }
  if (load.completed < total) return { unfinished: 'refused', failed: load.failed };
  return resultOf(system, load, warmUpRequests, metricsBetween(system, from, to));
}

function resultOf(system: System, load: HttpLoad, warmUpRequests: number, metrics: Metrics): Measurement {
  const { cyclesPerSecond } = system.clock;
  const latencies = load.latencies.subarray(Math.min(warmUpRequests, load.completed), load.completed);
  const toNs = 1e9 / cyclesPerSecond;
  return {
    requests: latencies.length,
    failed: load.failed,
    requestsPerSecond: (latencies.length * cyclesPerSecond) / metrics.elapsedCycles,
    latencyNs: { p50: percentile(latencies, 0.5) * toNs, p99: percentile(latencies, 0.99) * toNs },
    metrics,
    digest: system.digest(),
  };
}
