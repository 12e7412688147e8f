/** Many null calls in a process of its own, so that collecting garbage is exact: prints the garbage that they made. */
import { assemble } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import { type NullPlacement, nullCall } from '../src/index.ts';

const WARM_UP_CALLS = 100_000;
const placement = process.argv[2] as NullPlacement;
const calls = Number(process.argv[3]);
const { gc } = globalThis as unknown as { readonly gc: () => void };

let garbageBytes = Number.NaN;
let answered = 0;
function repeat(nothing: () => number, count: number): void {
  for (let i = 0; i < count; i++) if (nothing() === 0) answered++;
}
const description = nullCall({
  placement,
  run: (nothing) => {
    repeat(nothing, WARM_UP_CALLS);
    answered = 0;
    gc();
    const before = process.memoryUsage().heapUsed;
    repeat(nothing, calls);
    garbageBytes = process.memoryUsage().heapUsed - before;
  },
});
assemble(description).runUntil(NEVER);
process.stdout.write(JSON.stringify({ garbageBytes, answered }));
