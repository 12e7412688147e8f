/**
 * The pattern of RFC 864: lines of 72 printing characters, each line one character further on in the ring of 95, and
 * CR LF behind it. After 95 lines it begins again.
 */
const LINE_CHARACTERS = 72;
const LINE_BYTES: number = LINE_CHARACTERS + 2;
const RING = 95;
const FIRST_PRINTING = 0x20;
const CR = 0x0d;
const LF = 0x0a;

export const PATTERN_PERIOD_BYTES: number = LINE_BYTES * RING;

/** @returns the byte at `offset` of every connection's stream. */
export function patternByte(offset: number): number {
  const at = offset % PATTERN_PERIOD_BYTES;
  const column = at % LINE_BYTES;
  if (column === LINE_CHARACTERS) return CR;
  if (column > LINE_CHARACTERS) return LF;
  return FIRST_PRINTING + ((Math.floor(at / LINE_BYTES) + column) % RING);
}
