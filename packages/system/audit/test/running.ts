/** Systems that run, and a load on them. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import { HttpLoad, type HttpLoadOptions } from '@bulkhead/load';
import { HTTP_PORT } from '@bulkhead/parts';
import { farEndConfig, guestAddress } from '@bulkhead/test-systems';

const BOOT_NS = 5_000_000;
const STEP_NS = 200_000;

export function booted(description: Description, options: AssembleOptions = {}): System {
  const system = assemble(description, options);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  return system;
}
export interface LoadOptions {
  readonly requests?: number;
  readonly lenBytes?: number;
  /** Simulated time after which nobody waits any more. */
  readonly patienceNs?: number;
  /** Shown every piece of every body. */
  readonly onBody?: HttpLoadOptions['onBody'];
}
/** Runs requests until all are answered or patience ends. */
export function serve(
  system: System,
  { requests = 12, lenBytes = 1000, patienceNs = 1e9, onBody }: LoadOptions = {},
): HttpLoad {
  const { clock } = system;
  const path = `/bytes/${lenBytes}`;
  const load = new HttpLoad({
    system,
    clients: Math.min(4, requests),
    requests,
    path,
    address: guestAddress,
    port: HTTP_PORT,
    config: farEndConfig(7),
    ...(onBody === undefined ? {} : { onBody }),
  });
  load.start();
  for (const end = clock.now + clock.cyclesOf(patienceNs); !load.isDone && clock.now < end && system.panic === null; )
    system.runUntil(clock.now + clock.cyclesOf(STEP_NS));
  return load;
}
