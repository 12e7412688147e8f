/** A NIC on a bench: what can be done to it and seen of it, whoever made it. */

export type Width = 1 | 2 | 4;

export interface NicRig {
  /** As after power on; RAM is zero, nothing is on its way. */
  reset(): void;
  /** Enables MSI-X, every vector unmasked. */
  enableMsix(): void;
  read(offset: number, width?: Width): number;
  write(offset: number, value: number, width?: Width): void;
  readRam(address: number, lenBytes: number): Uint8Array;
  writeRam(address: number, bytes: Uint8Array): void;
  /** A frame from the wire. The device has done with it what it will when this returns. */
  receive(frame: Uint8Array): void;
  /** @returns the frames that left since the last call. */
  sent(): Uint8Array[];
  /** @returns the vectors that sent a message since the last call, each once, in ascending order. */
  messages(): number[];
}

/** What of RAM a script may use; it is zero after a reset. */
export const RIG_RAM_BYTES = 0x10_0000;
export const RIG_RAM_START = 0x10_0000;
