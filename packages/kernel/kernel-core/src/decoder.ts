/**
 * What decodes the invocations of one kind of objects, and undoes what they did when they go. The objects of this
 * package have theirs here; those of address spaces, interrupts and IO spaces are handed in.
 */
import type { InvocationMessage } from '@bulkhead/capabilities';

export interface Decoder {
  /** The types whose capabilities it decodes and finalises. Two decoders may share a type. */
  readonly types: readonly number[];
  /** The first and the last label that it knows. */
  readonly labels: readonly [number, number];
  /** @returns 0, PREEMPTED, or a negative error of `@bulkhead/capabilities`, which says more in `capabilities.details`. */
  invoke(slot: number, label: number, message: InvocationMessage): number;
  /** A capability goes. */
  finalise(type: number, object: number, slot: number, final: boolean): void;
}
