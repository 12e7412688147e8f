/** What a figure is compared with, in the same run on the same machine: a ratio travels, a nanosecond does not. */
import type { Yardstick } from './bench.ts';

const CACHE_LINE_BYTES = 64;
const COPIES = 256;

/** Copying `bytes` bytes once, memory to memory. */
export function copyOf(bytes: number): Yardstick {
  const from = new Uint8Array(bytes).fill(1);
  const to = new Uint8Array(bytes);
  return {
    name: `copy of ${bytes} bytes`,
    per: COPIES,
    run: () => {
      for (let copy = 0; copy < COPIES; copy++) {
        from[0] = copy;
        to.set(from);
      }
      return to[0];
    },
  };
}

/** The smallest thing that a machine moves. */
export const cacheLine: Yardstick = copyOf(CACHE_LINE_BYTES);
