/**
 * Each system in a worker of its own, as many at once as there are processors: a fresh isolate has seen no other system's
 * shapes, which would slow it, and what a worker measures cannot depend on who runs beside it.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import type { SystemResult } from '@bulkhead/comparison';
import { Tinypool } from 'tinypool';
import { Failure, UsageError } from '../errors.ts';
import type { MeasureAnswer, MeasureJob } from './job.ts';

export const PROCESSORS: number = Math.max(1, availableParallelism());

export class MeasuringPool {
  readonly #pool: Tinypool;

  /** @param isolated a fresh worker for every system; many short runs are done sooner by workers that stay. */
  constructor(isolated = true) {
    this.#pool = new Tinypool({
      filename: fileURLToPath(new URL('./worker.ts', import.meta.url)),
      runtime: 'worker_threads',
      isolateWorkers: isolated,
      minThreads: isolated ? 0 : PROCESSORS,
      maxThreads: PROCESSORS,
    });
  }

  /** @throws UsageError for a mistake in the description, Failure when the system cannot be measured. */
  async measure(job: MeasureJob, report: (share: number) => void = () => {}): Promise<SystemResult> {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (share: number) => report(share));
    try {
      const answer: MeasureAnswer = await this.#pool.run({ job, port: port2 }, { transferList: [port2] });
      if (answer.kind === 'measured') return answer.result;
      throw answer.kind === 'mistake' ? new UsageError(answer.message) : new Failure(answer.message);
    } finally {
      port1.close();
    }
  }
  /** Ends every worker. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Runs something with a pool, and leaves no worker behind. */
export async function withPool<T>(act: (pool: MeasuringPool) => Promise<T>, isolated = true): Promise<T> {
  const pool = new MeasuringPool(isolated);
  try {
    return await act(pool);
  } finally {
    await pool.close();
  }
}
