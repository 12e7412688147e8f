/** Systems of the same parts behind walls of several shapes, under a short load. */
import { type AssembleOptions, assemble, type Description, type System } from '@bulkhead/assembler';
import { measure } from '@bulkhead/load';
import { HTTP_PORT } from '@bulkhead/parts';
import {
  exokernel,
  farEndConfig,
  guestAddress,
  monolithic,
  multiserver,
  multiserverRings,
} from '@bulkhead/test-systems';

export const SHAPES: readonly Description[] = [monolithic, multiserver, multiserverRings, exokernel];

/** Boots it and asks for a few pages. @param attach what happens between the two */
export function runUnderLoad(
  description: Description,
  options: AssembleOptions = {},
  attach: (system: System) => void = () => {},
): System {
  const system = assemble(description, { seed: 5, ...options });
  attach(system);
  const run = measure(system, {
    workload: 'http',
    clients: 3,
    requests: 12,
    warmUpRequests: 2,
    sizeBytes: 3000,
    loop: { kind: 'closed' },
    address: guestAddress,
    port: HTTP_PORT,
    config: farEndConfig(7),
  });
  let step = run.next();
  while (step.done !== true) step = run.next();
  if ('unfinished' in step.value) throw new Error(`the load did not end: ${step.value.unfinished}`);
  return system;
}
