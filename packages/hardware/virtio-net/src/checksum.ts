/** The Internet checksum over bytes. RFC 1071 §1. */

/** @returns `sum` plus the big-endian 16-bit words of the range, unfolded; an odd last byte is the high one of a word. */
export function add16(bytes: Uint8Array, at: number, lenBytes: number, sum: number): number {
  let total = sum;
  const end = at + lenBytes;
  let i = at;
  for (; i + 1 < end; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  if (i < end) total += bytes[i]! << 8;
  return total;
}

/** Folds to 16 bits. Sums of frames stay far below 2^31. */
export function fold(sum: number): number {
  let total = sum;
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

export const load16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
export function store16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value & 0xff;
}
export const load32 = (bytes: Uint8Array, at: number): number => (load16(bytes, at) << 16) | load16(bytes, at + 2);
export function store32(bytes: Uint8Array, at: number, value: number): void {
  store16(bytes, at, value >>> 16);
  store16(bytes, at + 2, value & 0xffff);
}
