/**
 * Errors of invocations, as negative numbers: the numbers of the seL4 reference manual 13.0.0 §10 "seL4 API
 * Reference", "Error Codes", negated, as in `@bulkhead/capabilities`. Which one wins is part of the interface.
 */
export const INVALID_ARGUMENT = -1;
export const INVALID_CAPABILITY = -2;
export const ILLEGAL_OPERATION = -3;
export const RANGE_ERROR = -4;

/** What an error says beside its number. One object, reused; a field holds only after the error that names it. */
export class ErrorDetails {
  /** INVALID_ARGUMENT: the argument's position. */
  argument = 0;
  /** INVALID_CAPABILITY: the capability's position; 0 is the invoked one. */
  capability = 0;
  /** RANGE_ERROR: what would have been allowed. */
  rangeMin = 0;
  rangeMax = 0;

  /** @returns INVALID_ARGUMENT */
  invalidArgument(argument: number): number {
    this.argument = argument;
    return INVALID_ARGUMENT;
  }
  /** @returns INVALID_CAPABILITY */
  invalidCapability(capability: number): number {
    this.capability = capability;
    return INVALID_CAPABILITY;
  }
  /** @returns RANGE_ERROR */
  range(min: number, max: number): number {
    this.rangeMin = min;
    this.rangeMax = max;
    return RANGE_ERROR;
  }
}
