/**
 * Errors of invocations, as negative numbers. Which one wins is part of the interface: every operation documents
 * the order of its checks. Numbers and names are those of the seL4 reference manual 13.0.0 §10 "seL4 API Reference",
 * "Error Codes", negated.
 */
export const INVALID_ARGUMENT = -1;
export const INVALID_CAPABILITY = -2;
export const ILLEGAL_OPERATION = -3;
export const RANGE_ERROR = -4;
export const ALIGNMENT_ERROR = -5;
export const FAILED_LOOKUP = -6;
export const TRUNCATED_MESSAGE = -7;
export const DELETE_FIRST = -8;
export const REVOKE_FIRST = -9;
export const NOT_ENOUGH_MEMORY = -10;
/** Ours: the lent memory holds what no operation wrote there. The caller should stop trusting all of it. */
export const CORRUPTED = -11;

/**
 * Not an error: delete, revoke or retype did as much as it was allowed and is not done. Calling again goes on. Manual §2.4.1
 * "Reusing Memory", and the preemption points of the reference kernel.
 */
export const PREEMPTED = 1;

/** Names, for people: the name of error `e` is `NAMES[-e]`. */
export const NAMES: readonly string[] = [
  'NoError',
  'InvalidArgument',
  'InvalidCapability',
  'IllegalOperation',
  'RangeError',
  'AlignmentError',
  'FailedLookup',
  'TruncatedMessage',
  'DeleteFirst',
  'RevokeFirst',
  'NotEnoughMemory',
  'Corrupted',
];

/** Why a look-up failed. Manual §3.4 "Lookup Failure Description". */
export const INVALID_ROOT = 1;
export const MISSING_CAPABILITY = 2;
export const DEPTH_MISMATCH = 3;
export const GUARD_MISMATCH = 4;

/** What an error says beside its number. One object, reused; a field holds only after the error that names it. */
export class ErrorDetails {
  /** INVALID_ARGUMENT: the argument's position. */
  argument = 0;
  /** INVALID_CAPABILITY: which one, 0 for the invoked, 1 and on for the extra ones. */
  capability = 0;
  /** RANGE_ERROR: what would have been allowed. */
  rangeMin = 0;
  rangeMax = 0;
  /** FAILED_LOOKUP: whether the source, and not the destination, was looked up. */
  wasSource = false;
  /** FAILED_LOOKUP: INVALID_ROOT … GUARD_MISMATCH. */
  lookupFailure = 0;
  bitsLeft = 0;
  bitsFound = 0;
  /** GUARD_MISMATCH: the guard in the way, as a signed word. */
  guardFound = 0;
  /** NOT_ENOUGH_MEMORY: holes that alignment would make are counted as free. */
  bytesLeft = 0;

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
  /** @returns FAILED_LOOKUP */
  lookup(failure: number, bitsLeft: number, bitsFound: number, guardFound: number): number {
    this.lookupFailure = failure;
    this.bitsLeft = bitsLeft;
    this.bitsFound = bitsFound;
    this.guardFound = guardFound;
    return FAILED_LOOKUP;
  }
  /** @returns NOT_ENOUGH_MEMORY */
  memory(bytesLeft: number): number {
    this.bytesLeft = bytesLeft;
    return NOT_ENOUGH_MEMORY;
  }
}
