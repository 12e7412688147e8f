export { duration, type ProgressOptions, showProgress } from './progress.mjs';
export {
  type Failure,
  lastLine,
  type Message,
  NO_REASON,
  type Results,
  type Skip,
  skippedLines,
  sum,
  tell,
} from './results.ts';
