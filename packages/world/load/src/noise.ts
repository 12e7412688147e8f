/**
 * Bytes for what is sent: a table that is read from different places, so that a message is told from every other and
 * a lost, doubled or displaced piece of it is seen.
 */
const PLACES = 65_536;

export class Noise {
  readonly bytes: Uint8Array;

  /** @param lenBytes of the longest message. */
  constructor(lenBytes: number) {
    this.bytes = Uint8Array.from({ length: PLACES + lenBytes }, (_, at) => Math.imul(at, 0x9e3779b1) >>> 24);
  }
  /** @returns where in `bytes` the message stands that is number `index` of `kind`. */
  placeOf(kind: number, index: number): number {
    return Math.imul(Math.imul(kind, 0x85ebca6b) ^ index, 0x9e3779b1) >>> 16;
  }
}
