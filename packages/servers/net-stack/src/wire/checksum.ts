/** The Internet checksum. RFC 1071 §1; its pseudo header: RFC 9293 §3.1, RFC 768 "Checksum". */
import type { Window } from '@bulkhead/runtime';

/** Folds a sum of 16-bit words to 16 bits. */
export const fold = (sum: number): number => {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
};

/** The sum of source, destination, protocol and length. Addresses in either sign. */
export const pseudoHeaderSum = (source: number, destination: number, protocol: number, lenBytes: number): number =>
  fold((source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + lenBytes);

/** @returns what the checksum field must hold so that the whole sums to all ones; the field is taken as it stands. */
export const checksum = (window: Window, offset: number, lenBytes: number, sum: number): number =>
  ~fold(window.sum16(offset, lenBytes, sum)) & 0xffff;

/** @returns true when the range, its checksum included, sums to all ones. */
export const sumsUp = (window: Window, offset: number, lenBytes: number, sum: number): boolean =>
  fold(window.sum16(offset, lenBytes, sum)) === 0xffff;
