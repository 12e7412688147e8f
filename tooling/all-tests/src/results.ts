/** What a check has to say about itself, and how it says it to the run that started it. */

export interface Failure {
  readonly name: string;
  readonly reason: string;
}
export interface Skip {
  readonly name: string;
  readonly reason: string;
}
export interface Results {
  readonly passed: number;
  readonly failed: readonly Failure[];
  readonly skipped: readonly Skip[];
}
export type Message =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly stage?: string }
  | { readonly kind: 'results'; readonly results: Results };

export const NO_REASON = 'no reason given';
/** What was printed in full before is only recalled at the end. */
const REASON_LENGTH = 160;

/** To the run that started this process with an IPC channel; silent when nobody listens. */
export function tell(message: Message): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

export const sum = (all: readonly Results[]): Results => ({
  passed: all.reduce((total, results) => total + results.passed, 0),
  failed: all.flatMap((results) => results.failed),
  skipped: all.flatMap((results) => results.skipped),
});

/** The last line of `npm test`. */
export const lastLine = ({ passed, failed, skipped }: Results): string =>
  `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;

export const failedLines = ({ failed }: Results): readonly string[] =>
  failed.map(({ name, reason }) => `failed: ${name} (${reason.split('\n')[0]!.slice(0, REASON_LENGTH)})`);

export const skippedLines = ({ skipped }: Results): readonly string[] =>
  skipped.map(({ name, reason }) => `skipped: ${name} (${reason})`);
