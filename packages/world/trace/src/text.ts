/** Text of files that may be long. */
const CHUNK_LENGTH = 0x10000;

/** @returns the same text in pieces of about 64 KiB. */
export function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

export const quoted = (text: string): string => JSON.stringify(text);
