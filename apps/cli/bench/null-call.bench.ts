/** A call that does nothing, through each gate: what the host pays for a wall. Every round is a system that runs alone. */
import { inIsolate, timed, type Yardstick } from '@bulkhead/bench';
import { NULL_PLACEMENTS } from '@bulkhead/parts';

const ROUND: URL = new URL('./null-call-round.ts', import.meta.url);

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

for (const placement of NULL_PLACEMENTS)
  timed(`null call, ${placement}`, () => inIsolate(ROUND, placement), { yardstick });
