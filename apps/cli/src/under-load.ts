/** A system while it serves: stopped in the middle of a load that would go on. */
import type { System } from '@bulkhead/assembler';
import { HttpLoad } from '@bulkhead/load';
import { HTTP_PORT } from '@bulkhead/parts';
import { Failure } from './errors.ts';
import { farEndConfig, GUEST } from './network.ts';

export const CLIENTS = 64;
const PATH = '/bytes/100';
/** How finely a moment is met. */
const STEP_NS = 1000;
/** A step is too short to look at the time after each. */
const STEPS_A_REPORT = 1000;
/** Nobody waits longer for an answer. */
const PATIENCE_NS = 1_000_000_000;
/** That the load goes on when the last answer that is waited for has come: a batch may be long. */
const MORE_REQUESTS = 100_000;

/**
 * Runs a booted system under HTTP clients, each of which asks again when it is answered, up to an answer, and those that
 * come in one batch with it: a handler is not stopped on its way. Yields what share of the answers has come.
 *
 * @throws Failure when the system stops answering.
 */
export function* runToAnswer(system: System, answers: number): Generator<number, void> {
  const { clock } = system;
  const load = new HttpLoad({
    system,
    clients: CLIENTS,
    requests: answers + MORE_REQUESTS,
    path: PATH,
    address: GUEST,
    port: HTTP_PORT,
    config: farEndConfig(1),
  });
  load.start();
  const [step, patience] = [clock.cyclesOf(STEP_NS), clock.cyclesOf(PATIENCE_NS)];
  for (let seen = 0, answeredAt = clock.now; load.completed < answers; ) {
    for (let left = STEPS_A_REPORT; left > 0 && load.completed < answers; left--) system.runUntil(clock.now + step);
    if (load.completed > seen) answeredAt = clock.now;
    seen = load.completed;
    if (system.panic !== null) throw new Failure(`panicked after ${seen} answers: ${system.panic.message}`);
    if (load.isDone || clock.now - answeredAt > patience)
      throw new Failure(`gave ${seen} of ${answers} answers and no more; leave --requests out, or ask for fewer`);
    yield Math.min(1, seen / answers);
  }
}
