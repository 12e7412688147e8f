/** Tasks and how far they are, on standard error: nothing of it is data. */
import { DefaultRenderer, Listr, ListrLogger, ProcessOutput, SilentRenderer, SimpleRenderer } from 'listr2';

export interface Step<T> {
  readonly title: string;
  /** `report` shows how far it is: a share from 0 to 1. */
  run(report: (share: number) => void): Promise<T>;
}

/** Where nothing can be drawn over, a line is printed as often. */
const LINE_EVERY_MS = 2000;
const DRAW_EVERY_MS = 100;
/** Before that, an estimate is a guess. */
const ESTIMATE_AFTER_MS = 300;
const ESTIMATE_AFTER_SHARE = 0.05;
const SHOW_CURSOR = '\x1b[?25h';
const INTERRUPTED_STATUS = 130;

/** The library asks standard output whether it is a terminal; what is drawn here is drawn on standard error. */
class TerminalRenderer extends DefaultRenderer {
  static override nonTTY = true as unknown as false;
}
const logger: { readonly logger: ListrLogger } = {
  logger: new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) }),
};

/** A terminal that does not know its width cannot be drawn on. */
const canDraw = (): boolean => process.stderr.isTTY === true && process.stderr.columns > 0;

/** @param quiet print nothing, unless there is a terminal to draw on. */
function rendererOf(quiet: boolean): object {
  if (canDraw()) return TerminalRenderer;
  return quiet ? SilentRenderer : SimpleRenderer;
}

/**
 * Runs steps, as many at once as is said; shows each, with an estimate of the time it still takes.
 * @returns what each gave, in the order of the steps.
 */
export async function runSteps<T>(steps: readonly Step<T>[], quiet: boolean, atOnce = 1): Promise<T[]> {
  const results: T[] = [];
  const tasks = steps.map(({ title, run }, index) => ({
    title,
    task: async (_context: unknown, task: { output: string }): Promise<void> => {
      results[index] = await run(reporter((text) => (task.output = text)));
    },
  }));
  const options = {
    concurrent: atOnce > 1 ? atOnce : false,
    renderer: rendererOf(quiet),
    rendererOptions: logger,
    registerSignalListeners: false,
  };
  process.once('SIGINT', interrupted);
  try {
    await new Listr(tasks, options as object).run();
  } finally {
    process.off('SIGINT', interrupted);
  }
  return results;
}

function interrupted(): void {
  if (canDraw()) process.stderr.write(SHOW_CURSOR);
  process.exit(INTERRUPTED_STATUS);
}

/** Passes on what it is told now and then. */
function reporter(show: (text: string) => void): (share: number) => void {
  const everyMs = canDraw() ? DRAW_EVERY_MS : LINE_EVERY_MS;
  const startedMs = performance.now();
  let shownMs = startedMs;
  return (share) => {
    const nowMs = performance.now();
    if (nowMs - shownMs < everyMs) return;
    shownMs = nowMs;
    show(estimate(share, nowMs - startedMs));
  };
}

/** `43 %, about 2 s left` */
export function estimate(share: number, elapsedMs: number): string {
  const percent = `${Math.floor(share * 100)} %`;
  if (share < ESTIMATE_AFTER_SHARE || elapsedMs < ESTIMATE_AFTER_MS) return percent;
  return `${percent}, about ${Math.max(1, Math.round((elapsedMs * (1 - share)) / share / 1000))} s left`;
}

/** Gives the event loop a turn, so that progress is drawn and signals are heard. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs something that yields how far it is, with a turn of the event loop after each step. */
export async function inSteps<T>(work: Generator<number, T>, report: (share: number) => void): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    report(step.value);
    await breathe();
  }
}
