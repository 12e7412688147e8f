/** What runs in the isolate: one round. */
import { parentPort, workerData } from 'node:worker_threads';
import type { IsolatedJob } from './isolate.ts';

const { module, argument } = workerData as IsolatedJob;
const { default: round } = (await import(module)) as { default: (argument: unknown) => number };
parentPort!.postMessage(round(argument));
