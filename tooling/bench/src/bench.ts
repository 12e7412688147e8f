/**
 * `bench(name, run, options)` in a `*.bench.ts` file; `pnpm bench` finds the file, runs it in a process of its own,
 * and prints what one operation takes and its ratio to a yardstick.
 *
 * Yardstick and subject are measured by turns, round by round, and the median of the rounds' ratios is printed:
 * what else the machine does then falls on both. The time that is printed is the best round's: what others do on the
 * machine, or beside it on the same core, only ever adds to it.
 */
import { do_not_optimize, measure } from 'mitata';
import { cacheLine, copyOf } from './yardsticks.ts';

export interface Yardstick {
  readonly name: string;
  /** Operations in one call of `run`. */
  readonly per: number;
  /** What it returns is used, so that the work is not optimised away. */
  readonly run: () => unknown;
}
export interface BenchOptions {
  /** Operations in one call of the function: the figure is for one of them. @defaultValue 1 */
  readonly per?: number;
  /** Bytes that one operation moves: the yardstick is then a copy of as many. */
  readonly bytes?: number;
  /** Another yardstick. @defaultValue a copy of one cache line */
  readonly yardstick?: Yardstick;
}
export interface Measured {
  readonly name: string;
  readonly nsPerOperation: number;
  readonly yardstick: string;
  readonly yardstickNs: number;
  readonly ratio: number;
}

const ROUNDS = 5;
const ROUND_NS = 60_000_000;
/**
 * What one reading of the watch covers. Long enough that the watch does not count; short enough that many readings fall
 * between the turns that other programs get, so that the lower quartile is a time without them.
 */
const SAMPLE_NS = 2_000_000;
const LONGEST_BATCH = 4096;
/** The calls in a batch are written out by fours. */
const UNROLLED = 4;

const registered: (() => Promise<Measured>)[] = [];
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Calls of a function of this length that make a sample. */
const batchOf = (callNs: number): number =>
  Math.max(UNROLLED, Math.min(LONGEST_BATCH, Math.round(SAMPLE_NS / callNs / UNROLLED) * UNROLLED));

/** The first round warms up, and says how long a call takes; the figure is the second's. */
async function nsOf({ run, per }: Pick<Yardstick, 'run' | 'per'>): Promise<number> {
  const wait = (): unknown => do_not_optimize(run());
  const waitLonger = async (): Promise<void> => do_not_optimize(await run());
  const timed = run.constructor.name === 'AsyncFunction' ? waitLonger : wait;
  const { min } = await measure(timed, { min_cpu_time: ROUND_NS / 4, batch_samples: UNROLLED });
  const { p25 } = await measure(timed, { min_cpu_time: ROUND_NS, batch_samples: batchOf(min) });
  return p25 / per;
}

/** @param own one round: nanoseconds an operation. */
async function compare(name: string, own: () => number | Promise<number>, yardstick: Yardstick): Promise<Measured> {
  const rounds: { readonly own: number; readonly other: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push({ other: await nsOf(yardstick), own: await own() });
  return {
    name,
    nsPerOperation: Math.min(...rounds.map(({ own }) => own)),
    yardstick: yardstick.name,
    yardstickNs: Math.min(...rounds.map(({ other }) => other)),
    ratio: median(rounds.map(({ own, other }) => own / other)),
  };
}

const yardstickOf = ({ bytes, yardstick }: Omit<BenchOptions, 'per'>): Yardstick =>
  yardstick ?? (bytes === undefined ? cacheLine : copyOf(bytes));

/** An `async` function is waited for. */
export function bench(name: string, run: () => unknown, { per = 1, ...options }: BenchOptions = {}): void {
  registered.push(() => compare(name, () => nsOf({ run, per }), yardstickOf(options)));
}

/**
 * For what cannot be called from outside: it holds its own watch.
 * @param round warms up, works, and returns how many nanoseconds one operation took.
 */
export function timed(
  name: string,
  round: () => number | Promise<number>,
  options: Omit<BenchOptions, 'per'> = {},
): void {
  registered.push(() => compare(name, round, yardstickOf(options)));
}

/** Measures what the file has registered, in its order. */
export async function measureAll(report: (measured: Measured, left: number) => void): Promise<void> {
  for (let next = registered.shift(); next !== undefined; next = registered.shift())
    report(await next(), registered.length);
}
