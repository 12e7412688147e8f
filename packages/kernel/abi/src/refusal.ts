/**
 * Refusals cross a gate as negative numbers. Those below FIRST_OWN_REFUSAL's magnitude mean the same in every
 * contract; from there on a contract numbers its own, in the order in which it checks them.
 */
import type { Contract } from './contract.ts';

/** The component at the other end is dead. */
export const PEER_DIED = -1;
/** The cast's queue holds as many as its contract declares. */
export const QUEUE_FULL = -2;
/** A right in the arguments is not in the caller's capability space, or not of the kind that is asked for. */
export const NO_SUCH_RIGHT = -3;

export const FIRST_OWN_REFUSAL = -16;

const COMMON: readonly string[] = ['', 'peer-died', 'queue-full', 'no-such-right'];

/** @returns the refusal's name in `contract`, for people. */
export function refusalName(contract: Contract, refusal: number): string {
  return COMMON[-refusal] ?? contract.refusals[FIRST_OWN_REFUSAL - refusal] ?? `refusal ${refusal}`;
}
