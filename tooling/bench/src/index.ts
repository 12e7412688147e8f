export { type BenchOptions, bench, type Measured, timed, type Yardstick } from './bench.ts';
export { inIsolate } from './isolate.ts';
export { cacheLine, copyOf } from './yardsticks.ts';
