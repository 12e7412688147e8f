/** Measures one system in the thread in which it is called. */
import { DescriptionError } from '@bulkhead/assembler';
import { measureSystem } from '@bulkhead/comparison';
import { createTracer } from '@bulkhead/trace';
import { Failure, UsageError } from '../errors.ts';
import { farEndConfig, GUEST } from '../network.ts';
import { privilegedLines } from '../privileged-lines.ts';
import { loadSystemWith } from '../systems.ts';
import { writeTrace } from '../tracing.ts';
import type { MeasureAnswer, MeasureJob } from './job.ts';

export async function measureJob(job: MeasureJob, report: (share: number) => void): Promise<MeasureAnswer> {
  try {
    const description = await loadSystemWith(job.system, job.nic);
    const tracer = job.trace === undefined ? null : createTracer();
    const run = measureSystem(description, {
      ...job,
      ...(tracer === null ? {} : { watcher: tracer }),
      address: GUEST,
      farEnd: farEndConfig(job.seed),
      privilegedLines: privilegedLines(description),
    });
    for (;;) {
      const step = run.next();
      if (step.done !== true) report(step.value);
      else if (step.value.ok) {
        if (tracer !== null) await writeTrace(tracer, job.trace!);
        return { kind: 'measured', result: step.value.value };
      } else return { kind: 'failure', message: step.value.error };
    }
  } catch (error) {
    if (error instanceof UsageError || error instanceof DescriptionError)
      return { kind: 'mistake', message: error.message };
    if (error instanceof Failure) return { kind: 'failure', message: error.message };
    throw error;
  }
}
