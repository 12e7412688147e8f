export { HttpLoad, type HttpLoadOptions } from './http-load.ts';
export { percentile } from './latencies.ts';
export { type Measurement, type MeasureOptions, measure, type Unfinished } from './measure.ts';
export { type LatencyHistogram, WORKLOADS, type WorkloadName, type WorkloadOptions } from './workload.ts';
