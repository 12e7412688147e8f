/** What runs in a worker: one job, with its progress on a port of its own. */
import type { MessagePort } from 'node:worker_threads';
import type { MeasureAnswer, MeasureJob } from './job.ts';
import { measureJob } from './measure-job.ts';

const REPORT_EVERY_MS = 50;

export default async function work({ job, port }: { job: MeasureJob; port: MessagePort }): Promise<MeasureAnswer> {
  let reportedMs = 0;
  const answer = await measureJob(job, (share) => {
    const nowMs = performance.now();
    if (nowMs - reportedMs < REPORT_EVERY_MS) return;
    reportedMs = nowMs;
    port.postMessage(share);
  });
  port.close();
  return answer;
}
