import { DescriptionError } from '@bulkhead/assembler';

/** A mistake of the user's: a message that names the mend, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
/** What was asked could not be done: one line, exit status 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

const isMistake = (error: unknown): error is Error => error instanceof UsageError || error instanceof DescriptionError;

export const exitStatusOf = (error: unknown): number => (isMistake(error) ? 2 : 1);

/** @returns the message for people; a stack trace only for a bug of ours. */
export function describeError(error: unknown): string {
  if (isMistake(error) || error instanceof Failure) return `bulkhead: ${error.message}`;
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `bulkhead: a bug in Bulkhead, please report it\n${what}`;
}

/** @returns what went wrong, in one line. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
