/** The stream server as a component: an application that uses sockets and provides nothing. */
import { sockets } from '@bulkhead/net-stack-api';
import { type ComponentDefinition, component, LEVELS, portNumber } from '@bulkhead/runtime';
import { HEAP_PAGES } from './connections.ts';
import { StreamServer, type StreamServerConfig } from './server.ts';

/** RFC 864: "listens for TCP connections on TCP port 19". */
export const STREAM_PORT = 19;

export const streamServer: ComponentDefinition<
  { readonly net: typeof sockets },
  Record<never, never>,
  StreamServerConfig
> = component({
  name: 'stream-server',
  level: LEVELS.application,
  uses: { net: sockets },
  provides: {},
  // Assumed: one loop and a table; words and records.
  footprint: { codePages: 1, dataPages: 2 },
  heapPages: HEAP_PAGES,
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 20_000,
  work: ['accept', 'block'],
  config: { port: STREAM_PORT },
  accepts: { port: portNumber },
  create: (context, { net }) => {
    const server = new StreamServer(context, net);
    return { handlers: { net: server.handlers }, start: () => server.start() };
  },
});
