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
