/**
 * Initial sequence numbers and chosen ports: RFC 6528 §3 "Proposed Initial Sequence Number Generation Algorithm",
 * ISN = M + F(localip, localport, remoteip, remoteport, secretkey).
 *
 * DEVIATION: F is integer mixing keyed by the configured seed, not a cryptographic hash: a run must be the same every
 * time, and nobody who could gain from guessing is on a simulated wire. Give a secret seed where somebody is.
 */

/** One round of a 32-bit finalizer: every bit of the input reaches every bit of the result. */
function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  return h ^ (h >>> 16);
}

/** F: the four-tuple under the key. */
export function keyedHash(
  seed: number,
  localAddress: number,
  localPort: number,
  remoteAddress: number,
  remotePort: number,
): number {
  let h = mix(seed ^ 0x3c6ef372);
  h = mix(h ^ localAddress);
  h = mix((h + remoteAddress) | 0);
  h = mix(h ^ ((localPort << 16) | remotePort));
  return mix((h + seed) | 0);
}

/** M: "a timer that is incremented once every 4 microseconds". */
export const clockOf = (nowUs: number): number => nowUs >>> 2;

/** @returns an initial send sequence number, signed. */
export const initialSequence = (hash: number, nowUs: number): number => (hash + clockOf(nowUs)) | 0;
