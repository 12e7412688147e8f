/** The echo server as a component: an application that uses sockets and provides nothing. */
import { sockets } from '@bulkhead/net-stack-api';
import { type ComponentDefinition, component, LEVELS, portNumber } from '@bulkhead/runtime';
import { EchoServer, type EchoServerConfig } from './server.ts';

/** RFC 862: "listening for UDP datagrams on UDP port 7". */
export const ECHO_PORT = 7;

export const echoServer: ComponentDefinition<
  { readonly net: typeof sockets },
  Record<never, never>,
  EchoServerConfig
> = component({
  name: 'echo-server',
  level: LEVELS.application,
  uses: { net: sockets },
  provides: {},
  // Assumed: one loop; the heap's page and the first page of the shared region.
  footprint: { codePages: 1, dataPages: 2 },
  heapPages: 1,
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 20_000,
  work: ['datagram'],
  config: { port: ECHO_PORT },
  accepts: { port: portNumber },
  create: (context, { net }) => {
    const server = new EchoServer(context, net);
    return { handlers: { net: server.handlers }, start: () => server.start() };
  },
});
