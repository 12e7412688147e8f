/**
 * One system under load in a process of its own, so that collecting garbage is exact: prints how many packets passed
 * the link after the warm-up, how much more the heap holds then, and how much garbage was made on the way.
 */
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { WORKLOAD_LIMITS, type WorkloadName, type WorkloadOptions } from '../src/index.ts';
import { createLoad } from '../src/loads.ts';
import { create, loadOf, serving } from './systems.ts';

const [name, workloadName, rate, warmUp, measured] = process.argv.slice(2);
const workload = workloadName as WorkloadName;
const { clients, sizeBytes } = WORKLOAD_LIMITS[workload];
const requestsPerSecond = Number(rate);
const loop: WorkloadOptions['loop'] = requestsPerSecond > 0 ? { kind: 'open', requestsPerSecond } : { kind: 'closed' };
const warmUpRequests = Number(warmUp);
const total = warmUpRequests + Number(measured);
const system = create(serving(name === monolithic.name ? monolithic : multiserver, workload), 1);
const { link } = system.board;
const packets = (): number => link.carried(0) + link.carried(1);
const { gc } = globalThis as unknown as { readonly gc: () => void };
const heldBytes = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;
const seen = new Float64Array(4).fill(heldBytes());

/** The heap without garbage, and with it: what was made since the last collection. */
function look(at: number): void {
  seen[at] = heldBytes();
  gc();
  seen[at + 1] = heldBytes();
}

let packetsBefore = 0;
const options = loadOf(1, {
  workload,
  loop,
  clients: clients.usual,
  sizeBytes: sizeBytes.usual,
  warmUpRequests,
  requests: Number(measured),
});
const load = createLoad(system, options, (ended) => {
  if (ended === warmUpRequests) {
    packetsBefore = packets();
    look(0);
  } else if (ended === total) look(2);
});
const { requests } = load;
system.runUntil(system.clock.cyclesOf(20_000_000));
load.start();
while (!requests.isDone) system.runUntil(system.clock.now + system.clock.cyclesOf(1_000_000));

process.stdout.write(
  JSON.stringify({
    failed: requests.failed,
    packets: packets() - packetsBefore,
    grownBytes: seen[3]! - seen[1]!,
    garbageBytes: seen[2]! - seen[3]!,
  }),
);
