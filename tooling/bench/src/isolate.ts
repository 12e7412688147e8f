/**
 * One round in an isolate of its own, as a user's system runs. In one process an earlier round's system is collected in
 * the middle of a later round, and with it goes all code that was compiled for its objects.
 */
import { Worker } from 'node:worker_threads';

export interface IsolatedJob {
  /** A module whose default export does the round. */
  readonly module: string;
  readonly argument: unknown;
}

/** @param module its default export takes the argument and returns nanoseconds an operation. */
export function inIsolate(module: URL, argument: unknown): Promise<number> {
  const job: IsolatedJob = { module: module.href, argument };
  const worker = new Worker(new URL('./isolated.ts', import.meta.url), { workerData: job });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
