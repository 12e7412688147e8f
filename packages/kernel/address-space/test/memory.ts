/** RAM for tests: a little-endian array that holds its users to the port's contract, and nothing else of a machine. */
import type { PhysicalMemoryPort } from '@bulkhead/ports';

export const BASE = 0x80000;
const PAGE_WORDS = 1024;

export function createMemory(pageCount: number): PhysicalMemoryPort {
  const words = new Int32Array(pageCount * PAGE_WORDS);
  const at = (page: number, index: number): number => {
    if (!(page >= BASE && page < BASE + pageCount && index >= 0 && index < PAGE_WORDS))
      throw new Error(`word ${index} of page ${page} is not in RAM`);
    return (page - BASE) * PAGE_WORDS + index;
  };
  return {
    basePage: BASE,
    pageCount,
    bytes: new Uint8Array(words.buffer),
    words,
    holdsPage: (page) => page >= BASE && page < BASE + pageCount,
    word: (page, index) => words[at(page, index)]!,
    setWord: (page, index, value) => {
      words[at(page, index)] = value;
    },
  };
}
