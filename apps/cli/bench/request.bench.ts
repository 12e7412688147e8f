/**
 * One HTTP request on a kept connection, clients and their network stack included: by the host's clock, through each
 * system; and by a bare Node server on loopback, with clients in the same process, as a yardstick.
 */
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assemble, type Description } from '@bulkhead/assembler';
import { copyOf, timed, type Yardstick } from '@bulkhead/bench';
import { HttpLoad } from '@bulkhead/load';
import monolithic from '@bulkhead/monolithic';
import multiserver from '@bulkhead/multiserver';
import { HTTP_PORT } from '@bulkhead/parts';
import { farEndConfig, GUEST } from '../src/network.ts';

const CLIENTS = 64;
const WARM_UP_REQUESTS = 5000;
const REQUESTS = 10_000;
const BODY_BYTES = 100;
/** What both directions carry for one request: heads and body. */
const MOVED_BYTES = 300;

function round(description: Description): number {
  const system = assemble(description);
  const { clock } = system;
  let startedAt = 0;
  let endedAt = 0;
  const load = new HttpLoad({
    system,
    clients: CLIENTS,
    requests: WARM_UP_REQUESTS + REQUESTS,
    path: `/bytes/${BODY_BYTES}`,
    address: GUEST,
    port: HTTP_PORT,
    config: farEndConfig(1),
    onAnswer: (completed) => {
      if (completed === WARM_UP_REQUESTS) startedAt = performance.now();
      if (completed === WARM_UP_REQUESTS + REQUESTS) endedAt = performance.now();
    },
  });
  system.runUntil(clock.cyclesOf(20_000_000));
  load.start();
  while (!load.isDone) {
    if (system.runUntil(clock.now + clock.cyclesOf(1_000_000)) === 'panic') throw system.panic;
  }
  return ((endedAt - startedAt) * 1e6) / REQUESTS;
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

for (const description of [monolithic, multiserver]) {
  timed(`request, ${description.name}`, () => round(description), { yardstick: bareNode });
  timed(`request, ${description.name}, by its bytes`, () => round(description), { yardstick: copyOf(MOVED_BYTES) });
}
