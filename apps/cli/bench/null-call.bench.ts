/** A call that does nothing, through each gate: what the host pays for a wall. The caller holds the watch. */
import { assemble } from '@bulkhead/assembler';
import { timed, type Yardstick } from '@bulkhead/bench';
import { NULL_PLACEMENTS, type NullPlacement, nullCall } from '@bulkhead/parts';

const WARM_UP_CALLS = 50_000;
const CALLS = 200_000;
const BOOT_CYCLES = 1e7;

function round(placement: NullPlacement): number {
  let ns = Number.NaN;
  const repeat = (nothing: () => number, count: number): void => {
    for (let i = 0; i < count; i++) nothing();
  };
  const description = nullCall({
    placement,
    run: (nothing) => {
      repeat(nothing, WARM_UP_CALLS);
      const startedAt = performance.now();
      repeat(nothing, CALLS);
      ns = ((performance.now() - startedAt) * 1e6) / CALLS;
    },
  });
  assemble(description).runUntil(BOOT_CYCLES);
  return ns;
}

/** What a call costs that neither charges nor switches anything. */
class Callee {
  calls = 0;
  nothing(): number {
    return this.calls++;
  }
}
const callees: readonly Callee[] = [new Callee(), new Callee()];
const PER = 4096;
const yardstick: Yardstick = {
  name: 'a method call',
  per: PER,
  run: () => {
    let sum = 0;
    for (let i = 0; i < PER; i++) sum += callees[i & 1]!.nothing();
    return sum;
  },
};

for (const placement of NULL_PLACEMENTS) timed(`null call, ${placement}`, () => round(placement), { yardstick });
