/** Tasks and how far they are, on standard error: nothing of it is data. */
import { Listr, ListrLogger, ProcessOutput } from 'listr2';

export interface Step<T> {
  readonly title: string;
  /** `report` shows how far it is: a share from 0 to 1, or a few words. */
  run(report: (progress: number | string) => void): Promise<T>;
}

const stderr = new ProcessOutput(process.stderr, process.stderr);

/** Runs steps one after another; shows each, with an estimate of the time it still takes. */
export async function runSteps<T>(steps: readonly Step<T>[], quiet: boolean): Promise<T[]> {
  const results: T[] = [];
  const isTerminal = process.stderr.isTTY === true;
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (_context: unknown, task: { output: string }): Promise<void> => {
        const started = performance.now();
        results.push(
          await step.run((progress) => {
            if (isTerminal) task.output = typeof progress === 'string' ? progress : estimate(progress, started);
          }),
        );
      },
    })),
    {
      renderer: quiet ? 'silent' : isTerminal ? 'default' : 'simple',
      rendererOptions: { logger: new ListrLogger({ processOutput: stderr }) } as object,
      fallbackRendererCondition: false,
    } as object,
  );
  await list.run();
  return results;
}

function estimate(share: number, startedMs: number): string {
  const elapsedMs = performance.now() - startedMs;
  const percent = `${Math.round(share * 100)} %`;
  if (share < 0.05 || elapsedMs < 500) return percent;
  return `${percent}, about ${Math.max(1, Math.round((elapsedMs * (1 - share)) / share / 1000))} s left`;
}

/** Gives the event loop a turn, so that progress is drawn and signals are heard. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
