/** Bytes and text. */
export const CR = 0x0d;
export const LF = 0x0a;

/** @returns the bytes of a constant of the program. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
export const isPrinting = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e;
export const lowerCase = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** @returns true when `bytes[at…at + lenBytes]` is `word`, which is in lower case, in whatever case. */
export function isWord(word: Uint8Array, bytes: Uint8Array, at: number, lenBytes: number): boolean {
  if (word.length !== lenBytes) return false;
  for (let i = 0; i < lenBytes; i++) if (lowerCase(bytes[at + i]!) !== word[i]) return false;
  return true;
}

export const NOT_A_NUMBER: number = Number.NaN;

/**
 * A decimal integer as Redis takes one: no plus sign, no blanks, no leading zeros.
 *
 * DEVIATION: Redis counts in 64 bits. What a double does not hold exactly is no number here.
 *
 * @returns NOT_A_NUMBER when it is none.
 */
export function integerOf(bytes: Uint8Array, at: number, lenBytes: number): number {
  const isNegative = lenBytes > 0 && bytes[at] === 0x2d;
  const first = isNegative ? at + 1 : at;
  const end = at + lenBytes;
  if (end - first < 1 || end - first > 16) return NOT_A_NUMBER;
  if (bytes[first] === 0x30 && lenBytes > 1) return NOT_A_NUMBER;
  let number = 0;
  for (let i = first; i < end; i++) {
    if (!isDigit(bytes[i]!)) return NOT_A_NUMBER;
    number = number * 10 + (bytes[i]! - 0x30); // so grouped, no step leaves the exact integers
  }
  if (number > Number.MAX_SAFE_INTEGER) return NOT_A_NUMBER;
  return isNegative ? -number : number;
}

export const MAX_INTEGER_CHARACTERS = 17;

/** Writes an integer in decimal, from `at` on. @returns how many characters. */
export function writeInteger(value: number, into: Uint8Array, at: number): number {
  let count = 0;
  let rest = Math.abs(value);
  do {
    rest = Math.floor(rest / 10);
    count++;
  } while (rest > 0);
  if (value < 0) into[at] = 0x2d;
  const lenBytes = count + (value < 0 ? 1 : 0);
  rest = Math.abs(value);
  for (let i = at + lenBytes - 1; count > 0; i--, count--) {
    into[i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return lenBytes;
}
