export { WORKLOAD_LIMITS, type WorkloadLimits } from './check.ts';
export { HttpLoad, type HttpLoadOptions } from './http-load.ts';
export { latencyHistogram } from './latency-histogram.ts';
export { type Measurement, type MeasureOptions, measure, type Saturation, type Unfinished } from './measure.ts';
export { TIME_FREE_STACK, timeFree } from './time-free.ts';
export { type LatencyHistogram, WORKLOADS, type WorkloadName, type WorkloadOptions } from './workload.ts';
