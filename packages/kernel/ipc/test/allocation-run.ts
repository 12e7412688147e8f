/** Many calls in a process of its own, so that collecting garbage is exact: prints the garbage that they made. */
import { CLIENT, calls, ENDPOINT, NOTIFICATION, REPLY, SERVER } from './short-calls.ts';

const rounds = Number(process.argv[2]);
const { gc } = globalThis as unknown as { readonly gc: () => void };

function run(count: number): void {
  for (let i = 0; i < count; i++) {
    calls.call(CLIENT, ENDPOINT);
    calls.replyReceive(SERVER, ENDPOINT, REPLY);
    calls.callSlowly(CLIENT, ENDPOINT);
    calls.replyReceiveSlowly(SERVER, ENDPOINT, REPLY);
    calls.send(CLIENT, NOTIFICATION);
    calls.poll(CLIENT, NOTIFICATION);
  }
}
run(50_000);
gc();
const before = process.memoryUsage().heapUsed;
run(rounds);
const after = process.memoryUsage().heapUsed;
process.stdout.write(JSON.stringify({ garbageBytes: after - before, taken: calls.misses.of('taken') }));
