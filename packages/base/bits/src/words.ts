/** Exchanges the two bytes of a 16-bit word: network order to the machine's and back. */
export const swap16 = (word: number): number => ((word & 0xff) << 8) | ((word >>> 8) & 0xff);

/** Reverses the four bytes of a 32-bit word; the result is signed. */
export const swap32 = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);

/** @returns true for the whole numbers 1, 2, 4, …, 2^31, of whole numbers. */
export const isPowerOfTwo = (value: number): boolean => value > 0 && value <= 0x80000000 && ((value - 1) & value) === 0;

/** @returns the exponent of a power of two up to 2^31. */
export const log2 = (powerOfTwo: number): number => 31 - Math.clz32(powerOfTwo);

/** @returns the smallest multiple of `alignment` (any positive integer) that is not below `value`. */
export const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;
