/** Bytes and their classes. RFC 9110 §5.6 "Common Rules for Defining Field Values". */
export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const PERCENT = 0x25;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const ONE = 0x31;
export const COLON = 0x3a;
export const QUESTION = 0x3f;

const TOKEN = 1;
const FIELD = 2;
const VISIBLE = 4;
const HOST = 8;

const CLASSES: Uint8Array = new Uint8Array(256);

function mark(bits: number, characters: string): void {
  for (let i = 0; i < characters.length; i++) {
    const byte = characters.charCodeAt(i);
    CLASSES[byte] = CLASSES[byte]! | bits;
  }
}

const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
mark(TOKEN, `${ALPHANUMERIC}!#$%&'*+-.^_\`|~`);
mark(HOST, `${ALPHANUMERIC}-._~!$&'()*+,;=:%[]`);
for (let byte = 0x21; byte < 0x7f; byte++) CLASSES[byte] = CLASSES[byte]! | VISIBLE | FIELD;
for (let byte = 0x80; byte <= 0xff; byte++) CLASSES[byte] = CLASSES[byte]! | FIELD;
mark(FIELD, '\t ');

/** §5.6.2 "Tokens": tchar. */
export const isToken = (byte: number): boolean => (CLASSES[byte]! & TOKEN) !== 0;
/** §5.5 "Field Values": VCHAR, obs-text, SP and HTAB. */
export const isField = (byte: number): boolean => (CLASSES[byte]! & FIELD) !== 0;
/** RFC 5234 appendix B.1: VCHAR. */
export const isVisible = (byte: number): boolean => (CLASSES[byte]! & VISIBLE) !== 0;
/** RFC 3986 §3.2.2 "Host" and §3.2.3 "Port": what may stand in a Host field, without its order. */
export const isHost = (byte: number): boolean => (CLASSES[byte]! & HOST) !== 0;

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
export const toLower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** @returns the value of a hexadecimal digit, or -1. */
export function hexValue(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  const letter = toLower(byte) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

/** UTF-8, RFC 3629 §3. */
export function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >>> 6), continuation(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >>> 12), continuation(point >>> 6), continuation(point));
    else {
      bytes.push(0xf0 | (point >>> 18), continuation(point >>> 12), continuation(point >>> 6), continuation(point));
    }
  }
  return Uint8Array.from(bytes);
}
const continuation = (bits: number): number => 0x80 | (bits & 0x3f);
