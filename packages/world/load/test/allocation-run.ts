/**
 * One system under load in a process of its own, so that collecting garbage is exact: prints how many packets passed
 * the link after the warm-up, how much more the heap holds then, and how much garbage was made on the way.
 */
import { HttpLoad } from '../src/index.ts';
import { create, manyWalls, oneWall, target } from './systems.ts';

const [name, warmUp, measured] = process.argv.slice(2);
const warmUpRequests = Number(warmUp);
const requests = warmUpRequests + Number(measured);
const system = create(name === oneWall.name ? oneWall : manyWalls, 1);
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
const load = new HttpLoad({
  system,
  clients: 64,
  requests,
  path: '/bytes/100',
  ...target(1),
  onAnswer: (completed) => {
    if (completed === warmUpRequests) {
      packetsBefore = packets();
      look(0);
    } else if (completed === requests) look(2);
  },
});
system.runUntil(system.clock.cyclesOf(20_000_000));
load.start();
while (!load.isDone) system.runUntil(system.clock.now + system.clock.cyclesOf(1_000_000));

process.stdout.write(
  JSON.stringify({
    failed: load.failed,
    packets: packets() - packetsBefore,
    grownBytes: seen[3]! - seen[1]!,
    garbageBytes: seen[2]! - seen[3]!,
  }),
);
