export { type BenchOptions, bench, type Measured, type Yardstick } from './bench.ts';
export { cacheLine, copyOf } from './yardsticks.ts';
