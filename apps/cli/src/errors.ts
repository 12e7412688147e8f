/** A mistake of the user's: one line that names the mend, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
/** What was asked could not be done: one line, exit status 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** @returns the line for people; a stack trace only for a bug of ours. */
export function describeError(error: unknown): string {
  if (error instanceof UsageError || error instanceof Failure) return `bulkhead: ${error.message}`;
  if (error instanceof Error) return `bulkhead: a bug in Bulkhead, please report it\n${error.stack ?? error.message}`;
  return `bulkhead: a bug in Bulkhead, please report it\n${String(error)}`;
}
