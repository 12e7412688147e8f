/** One system of two components, and the time that a call between them takes. The caller holds the watch. */
import { assemble } from '@bulkhead/assembler';
import { type NullPlacement, nullCall } from '@bulkhead/parts';

/** The host's compiler needs as many until it has seen enough. */
const WARM_UP_CALLS = 300_000;
const BATCHES = 200;
const CALLS = 1000;
const BOOT_CYCLES = 1e7;

function repeat(nothing: () => number, count: number): void {
  for (let i = 0; i < count; i++) nothing();
}
/** The lower quartile of batches, as in every bench: during the others the host may have done something else. */
function measure(nothing: () => number): number {
  const ns = new Float64Array(BATCHES);
  for (let batch = 0; batch < BATCHES; batch++) {
    const startedAt = performance.now();
    repeat(nothing, CALLS);
    ns[batch] = ((performance.now() - startedAt) * 1e6) / CALLS;
  }
  return ns.sort()[BATCHES >> 2]!;
}

export default function round(placement: NullPlacement): number {
  let ns = Number.NaN;
  const description = nullCall({
    placement,
    run: (nothing) => {
      repeat(nothing, WARM_UP_CALLS);
      ns = measure(nothing);
    },
  });
  assemble(description).runUntil(BOOT_CYCLES);
  return ns;
}
