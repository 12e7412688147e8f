/** One system under one load: boot, warm up, measure. The same system, seed and load give the same digests. */
import { type Metrics, metricsBetween, type Snapshot, type System, snapshot } from '@bulkhead/assembler';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { checkWorkload } from './check.ts';
import { latencyHistogram } from './latency-histogram.ts';
import type { Load } from './load.ts';
import { createLoad } from './loads.ts';
import { NullCalls } from './null-calls.ts';
import { NO_ANSWER, NO_CONNECTION } from './requests.ts';
import type { LatencyHistogram, WorkloadOptions } from './workload.ts';

export interface MeasureOptions extends WorkloadOptions {
  /** The machine's IPv4 address. */
  readonly address: number;
  /** @defaultValue the workload's own */
  readonly port?: number;
  /** Of `http`: what is asked for instead of `/bytes/SIZE`. What comes is then not looked at. */
  readonly path?: string;
  /** The clients' own stack. Its seed is also that of arrivals and of what is asked for. */
  readonly config: NetStackConfig;
}

export interface Measurement {
  /** Those that were answered. */
  readonly requests: number;
  readonly failed: number;
  readonly requestsPerSecond: number;
  /** Everything above TCP and UDP, of answered requests, both directions. */
  readonly applicationBytes: number;
  readonly bytesPerSecond: number;
  readonly latency: LatencyHistogram;
  /** Over the measured requests. Divide by `requests` for figures a request. */
  readonly metrics: Metrics;
  /** Of every frame with its time, and every cell of the ledger. */
  readonly digest: string;
  /** Of what every client received, from the first byte to the last of its last answer: the same in every system. */
  readonly applicationDigest: string;
  /** Open loop, when requests arrived faster than they were answered: latencies then tell how long it was measured. */
  readonly saturated?: Saturation;
}
export interface Saturation {
  readonly offeredPerSecond: number;
  readonly answeredPerSecond: number;
  /** How many had arrived and were not asked yet, when the last one arrived. */
  readonly waiting: number;
}

/** Why there is nothing to measure: the system panicked, nothing came for long, or what came was no. */
export interface Unfinished {
  readonly unfinished: 'panicked' | 'stalled' | 'refused';
  readonly failed: number;
  /** The same in words, to be put after the system's name. */
  readonly reason: string;
}

/** Time for the components to start and the link to come up. */
const BOOT_NS = 20_000_000;
/** How much simulated time passes between two looks at whether it is done. */
const STEP_NS = 1_000_000;
/** A load that makes no progress for so long never will. */
const STALL_NS = 30_000_000_000;
/** CHOICE: a system that keeps up has less than a twentieth of the requests waiting in the end, or one a client. */
const WAITING_SHARE = 0.05;

/** What there was at the beginning and at the end of the measured requests. */
class Interval {
  readonly system: System;
  from: Moment;
  to: Moment;

  constructor(system: System) {
    this.system = system;
    this.from = { snapshot: snapshot(system), answered: 0, failed: 0, bytes: 0 };
    this.to = this.from;
  }
}
interface Moment {
  readonly snapshot: Snapshot;
  readonly answered: number;
  readonly failed: number;
  readonly bytes: number;
}
const momentOf = (system: System, { requests }: Load): Moment => ({
  snapshot: snapshot(system),
  answered: requests.answered,
  failed: requests.failed,
  bytes: requests.bytes,
});

/**
 * Measures in steps, so that the caller may show progress: each `next()` runs a millisecond of simulated time and yields
 * what share of the requests is done. What is measured lies between the end of the last request of the warm-up and the
 * end of the last of all.
 *
 * @throws RangeError when the load cannot be; the message says what to use instead.
 */
export function* measure(system: System, options: MeasureOptions): Generator<number, Measurement | Unfinished> {
  checkWorkload(options, options.config);
  if (options.workload === 'null-call') return measureNullCalls(system, options);
  const { clock } = system;
  system.runUntil(clock.cyclesOf(BOOT_NS));
  const total = options.warmUpRequests + options.requests;
  const interval = new Interval(system);
  const load = createLoad(system, options, (ended) => {
    if (ended === options.warmUpRequests) interval.from = momentOf(system, load);
    if (ended === total) interval.to = momentOf(system, load);
  });
  const { requests } = load;
  load.start();
  const step = clock.cyclesOf(STEP_NS);
  for (let seen = 0, progressAt = clock.now; !requests.isDone; seen = requests.ended) {
    const result = system.runUntil(clock.now + step);
    if (result === 'panic') return panicked(system, requests.failed);
    if (requests.ended > seen) progressAt = clock.now;
    else if (clock.now - progressAt > clock.cyclesOf(STALL_NS)) return stalled(requests.failed);
    yield requests.ended / total;
  }
  if (requests.isHopeless || interval.to.answered === interval.from.answered) return gaveUp(load);
  return resultOf(interval, load, options);
}

const panicked = ({ panic }: System, failed: number): Unfinished => ({
  unfinished: 'panicked',
  failed,
  reason: `panicked under the load: ${panic?.message}`,
});
const stalled = (failed: number): Unfinished => ({
  unfinished: 'stalled',
  failed,
  reason: 'stopped answering under the load',
});
function gaveUp({ requests: { lastFailure, failed } }: Load): Unfinished {
  if (lastFailure === NO_ANSWER) return stalled(failed);
  const what = lastFailure === NO_CONNECTION ? 'refused or broke the connections of' : 'gave no right answer to';
  return { unfinished: 'refused', failed, reason: `${what} ${failed} requests` };
}

function resultOf({ system, from, to }: Interval, load: Load, options: MeasureOptions): Measurement {
  const metrics = metricsBetween(system, from.snapshot, to.snapshot);
  const figures = figuresOf(system, metrics, load.requests.latencies.subarray(from.answered, to.answered));
  return {
    ...figures,
    failed: to.failed - from.failed,
    ...bytesOf(system, metrics, to.bytes - from.bytes),
    digest: system.digest(),
    applicationDigest: load.digest(),
    ...saturationOf(load, options, figures.requestsPerSecond),
  };
}

type Figures = Pick<Measurement, 'requests' | 'requestsPerSecond' | 'latency' | 'metrics'>;

/** @param latencies of the measured requests, in cycles. */
function figuresOf({ clock }: System, metrics: Metrics, latencies: Float64Array): Figures {
  return {
    requests: latencies.length,
    requestsPerSecond: (latencies.length * clock.cyclesPerSecond) / elapsedOf(metrics),
    latency: latencyHistogram(latencies, clock.cyclesPerSecond),
    metrics,
  };
}
const bytesOf = ({ clock }: System, metrics: Metrics, applicationBytes: number) => ({
  applicationBytes,
  bytesPerSecond: (applicationBytes * clock.cyclesPerSecond) / elapsedOf(metrics),
});
/** Blocks of a stream that came in one segment came at one moment. */
const elapsedOf = ({ elapsedCycles }: Metrics): number => Math.max(1, elapsedCycles);

function saturationOf(
  { requests }: Load,
  { loop, clients, ...options }: MeasureOptions,
  answeredPerSecond: number,
): Pick<Measurement, 'saturated'> {
  const waiting = requests.waitingAtLastArrival;
  const total = options.warmUpRequests + options.requests;
  if (loop.kind === 'closed' || waiting <= Math.max(clients, total * WAITING_SHARE)) return {};
  return { saturated: { offeredPerSecond: loop.requestsPerSecond, answeredPerSecond, waiting } };
}

function measureNullCalls(system: System, { warmUpRequests, requests }: MeasureOptions): Measurement | Unfinished {
  const calls = new NullCalls(system, warmUpRequests, requests);
  if (!calls.run()) return panicked(calls.system, calls.failed);
  const metrics = metricsBetween(calls.system, calls.from, calls.to);
  return {
    ...figuresOf(calls.system, metrics, calls.latencies),
    failed: calls.failed,
    ...bytesOf(calls.system, metrics, 0),
    digest: calls.system.digest(),
    applicationDigest: calls.digest(),
  };
}
