/**
 * One HTTP request on a kept connection, clients and their network stack included: by the host's clock, through one
 * system; and by a bare Node server on loopback, with its clients in the same process, as a yardstick.
 *
 * A process holds one system, which is measured while it runs on: a second one in the same isolate brings new closures
 * to the call sites of the first, and both become several times slower.
 */
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assemble, type Description } from '@bulkhead/assembler';
import { copyOf, timed, type Yardstick } from '@bulkhead/bench';
import { HttpLoad } from '@bulkhead/load';
import { HTTP_PORT } from '@bulkhead/parts';
import { farEndConfig, GUEST } from '../src/network.ts';

const CLIENTS = 64;
const WARM_UP_REQUESTS = 20_000;
const REQUESTS = 10_000;
/** At the start of every round, while its connections are made. */
const SETTLING_REQUESTS = 1000;
const BODY_BYTES = 100;
/** What both directions carry for one request: heads and body. */
const MOVED_BYTES = 300;

/** @returns a function that serves so many more requests to new clients, and returns how many nanoseconds each took. */
function loadOf(description: Description): (requests: number) => number {
  const system = assemble(description);
  const { clock } = system;
  const millisecond = clock.cyclesOf(1_000_000);
  let seed = 1;
  system.runUntil(20 * millisecond);
  return (requests) => {
    let startedAt = 0;
    let endedAt = 0;
    const load = new HttpLoad({
      system,
      clients: CLIENTS,
      requests: SETTLING_REQUESTS + requests,
      path: `/bytes/${BODY_BYTES}`,
      address: GUEST,
      port: HTTP_PORT,
      config: farEndConfig(seed++),
      onAnswer: (completed) => {
        if (completed === SETTLING_REQUESTS) startedAt = performance.now();
        if (completed === SETTLING_REQUESTS + requests) endedAt = performance.now();
      },
    });
    load.start();
    while (!load.isDone) {
      if (system.runUntil(clock.now + millisecond) === 'panic') throw system.panic;
    }
    if (load.failed > 0) throw new Error(`${load.failed} requests failed`);
    system.runUntil(clock.now + 500 * millisecond); // the last connections are closed
    return ((endedAt - startedAt) * 1e6) / requests;
  };
}

const body: Buffer = Buffer.alloc(BODY_BYTES, 'x');
const server = createServer((_request, response) => response.end(body));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
server.unref();
const { port } = server.address() as AddressInfo;
const request = (agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent, path: '/' }, (response) => response.resume().on('end', resolve)).on(
      'error',
      reject,
    );
  });
const REQUESTS_A_CLIENT = 16;
/** Connections last one run: what rests while a system is measured may be closed meanwhile. */
const bareNode: Yardstick = {
  name: 'bare Node server on loopback',
  per: CLIENTS * REQUESTS_A_CLIENT,
  run: async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    for (let i = 0; i < REQUESTS_A_CLIENT; i++)
      await Promise.all(Array.from({ length: CLIENTS }, () => request(agent)));
    agent.destroy();
  },
};

export function benchRequests(description: Description): void {
  const serve = loadOf(description);
  serve(WARM_UP_REQUESTS);
  timed(`request, ${description.name}`, () => serve(REQUESTS), { yardstick: bareNode });
  timed(`request, ${description.name}, by its bytes`, () => serve(REQUESTS), { yardstick: copyOf(MOVED_BYTES) });
}
