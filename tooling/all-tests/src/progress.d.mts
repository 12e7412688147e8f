export interface ProgressOptions {
  /** What to say now. Called again and again; must be cheap. */
  readonly text: () => string;
  /** Silence for this long: quick work says nothing. @defaultValue 800 */
  readonly quietMs?: number;
  /** How often a log that is no terminal gets a line. @defaultValue 15000 */
  readonly everyMs?: number;
}
/** Says on standard error what is going on, until the returned function is called. */
export function showProgress(options: ProgressOptions): () => void;
/** `65_000` is `1 min 5 s`. */
export function duration(ms: number): string;
