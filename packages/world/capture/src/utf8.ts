/** UTF-8, RFC 3629 §3: libraries of this project know no TextEncoder. A lone surrogate becomes U+FFFD. */
const REPLACEMENT = 0xfffd;

export function utf8(text: string): number[] {
  return Array.from(text).flatMap((character) => {
    const point = character.codePointAt(0)!;
    return bytesOf(point >= 0xd800 && point < 0xe000 ? REPLACEMENT : point);
  });
}

const continuation = (bits: number): number => 0x80 | (bits & 0x3f);

function bytesOf(point: number): number[] {
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >>> 6), continuation(point)];
  if (point < 0x10000) return [0xe0 | (point >>> 12), continuation(point >>> 6), continuation(point)];
  return [0xf0 | (point >>> 18), continuation(point >>> 12), continuation(point >>> 6), continuation(point)];
}
