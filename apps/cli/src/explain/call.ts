/** One call and its reply on the machine, charge by charge. */
import { assemble, type Description, Recorder } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import type { Profile } from '@bulkhead/costs';
import { longCall, type NullPlacement, nullCall } from '@bulkhead/parts';
import { invariant } from '@bulkhead/result';
import { type Explanation, explanationOf } from './parts.ts';

const WARM_UP_CALLS = 8;

export type CallGate = NullPlacement | 'slow';

/** Runs one call after a few to warm up. `slow` carries more words than there are registers; the others carry none. */
export function explainCall(profile: Profile, gate: CallGate): Explanation {
  const recorder = new Recorder();
  let elapsed = 0;
  const run = (call: () => number): void => {
    for (let i = 0; i < WARM_UP_CALLS; i++) call();
    const start = system.clock.now;
    recorder.on = true;
    call();
    recorder.on = false;
    elapsed = system.clock.now - start;
  };
  const description: Description = gate === 'slow' ? longCall({ run }) : nullCall({ placement: gate, run });
  const system = assemble(description, { profile, trace: recorder.sink });
  system.runUntil(NEVER);
  const { components, primitives } = system.ledger;
  const explanation = explanationOf(profile, gate, recorder.steps(profile, components, primitives));
  invariant(explanation.totalCycles === elapsed, 'the steps add up to the time that passed');
  return explanation;
}
