/**
 * What an error says beside its label. seL4 reference manual 13.0.0 §10 "seL4 API Reference", "Error Codes"; §3.4
 * "Lookup Failure Description".
 */
import { errors } from '@bulkhead/capabilities';
import type { Answer } from './message.ts';

type Details = InstanceType<typeof errors.ErrorDetails>;

/** Writes the words that go with an error of an invocation. */
export function explain(details: Details, error: number, answer: Answer): void {
  answer.length = 0;
  switch (error) {
    case errors.INVALID_ARGUMENT:
      answer.addNumber(details.argument);
      break;
    case errors.INVALID_CAPABILITY:
      answer.addNumber(details.capability);
      break;
    case errors.RANGE_ERROR:
      answer.addNumber(details.rangeMin);
      answer.addNumber(details.rangeMax);
      break;
    case errors.FAILED_LOOKUP:
      answer.addNumber(details.wasSource ? 1 : 0);
      explainLookup(details, answer);
      break;
    case errors.NOT_ENOUGH_MEMORY:
      answer.addNumber(details.bytesLeft);
      break;
    default:
      break;
  }
}

/** Kind of the failure, then its fields in the order of the manual's table. */
export function explainLookup(details: Details, answer: Answer): void {
  answer.addNumber(details.lookupFailure);
  switch (details.lookupFailure) {
    case errors.MISSING_CAPABILITY:
      answer.addNumber(details.bitsLeft);
      break;
    case errors.DEPTH_MISMATCH:
      answer.addNumber(details.bitsLeft);
      answer.addNumber(details.bitsFound);
      break;
    case errors.GUARD_MISMATCH:
      answer.addNumber(details.bitsLeft);
      answer.add(details.guardFound, 0);
      answer.addNumber(details.bitsFound);
      break;
    default:
      break;
  }
}
