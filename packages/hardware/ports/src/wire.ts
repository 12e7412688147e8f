/** The sending side of an Ethernet attachment. */
export interface WirePort {
  /** Sends one frame, without preamble and FCS. `frame` is the caller's again when this returns. */
  transmit(frame: Uint8Array, lenBytes: number): void;
}
