/**
 * What decodes the invocations of one kind of objects, and undoes what they did when they go. The objects of this
 * package have theirs here; those of address spaces, interrupts and IO spaces are handed in.
 */

/** An invocation as it arrives: words of two lanes, and the slots of its extra capabilities. One object, reused. */
export interface InvocationMessage {
  /** 128 words, of which `length` count. */
  readonly low: Int32Array;
  readonly high: Int32Array;
  length: number;
  /** A slot that is empty stands for no capability. */
  readonly extras: Int32Array;
  extraCount: number;
  /** `length` is 0 before the invocation. */
  readonly answer: { readonly low: Int32Array; readonly high: Int32Array; length: number };
}

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
