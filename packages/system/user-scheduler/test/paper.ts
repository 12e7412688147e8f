/** Earliest deadline first on paper: one processor, no overhead, preemption at once. It shares no code with the server. */
export interface Task {
  readonly work: number;
  readonly period: number;
}
export interface PaperJob {
  readonly task: number;
  readonly release: number;
  readonly deadline: number;
  left: number;
  finish: number;
}

/** @returns all jobs released before `end`, in the order of their finish. */
export function onPaper(tasks: readonly Task[], end: number): PaperJob[] {
  const jobs: PaperJob[] = tasks.flatMap(({ work, period }, task) =>
    Array.from({ length: Math.ceil(end / period) }, (_, k) => ({
      task,
      release: k * period,
      deadline: (k + 1) * period,
      left: work,
      finish: Number.POSITIVE_INFINITY,
    })),
  );
  let now = 0;
  for (;;) {
    const left = jobs.filter((job) => job.left > 0);
    if (left.length === 0) break;
    const next = Math.min(...left.filter(({ release }) => release > now).map(({ release }) => release));
    const ready = left.filter(({ release }) => release <= now);
    ready.sort((a, b) => a.deadline - b.deadline || a.release - b.release || a.task - b.task);
    const job = ready[0];
    if (job === undefined) {
      now = next;
      continue;
    }
    const ran = Math.min(job.left, next - now);
    now += ran;
    job.left -= ran;
    if (job.left === 0) job.finish = now;
  }
  return jobs.sort((a, b) => a.finish - b.finish);
}
