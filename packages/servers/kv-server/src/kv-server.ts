/** The key-value server as a component: an application that uses sockets and provides nothing. */
import { sockets } from '@bulkhead/net-stack-api';
import { type ComponentDefinition, component, LEVELS, portNumber } from '@bulkhead/runtime';
import { HEAP_PAGES } from './layout.ts';
import { KvServer, type KvServerConfig } from './server.ts';

/** Where clients of Redis look for a server. */
export const KV_PORT = 6379;

export const kvServer: ComponentDefinition<
  { readonly net: typeof sockets },
  Record<never, never>,
  KvServerConfig
> = component({
  name: 'kv-server',
  level: LEVELS.application,
  uses: { net: sockets },
  provides: {},
  // Assumed: parser, dispatcher, commands and table in four pages of code; globals and stack. Data is touched as it is used.
  footprint: { codePages: 4, dataPages: 2 },
  heapPages: HEAP_PAGES,
  // Ten times and more what the longest handler takes in any system and profile that `compare` has, and room for a
  // command that looks at every key.
  limitUs: 100_000,
  work: ['accept', 'request', 'response', 'key', 'scan'],
  config: { port: KV_PORT },
  accepts: { port: portNumber },
  create: (context, { net }) => {
    const server = new KvServer(context, net);
    return { handlers: { net: server.handlers }, start: () => server.start() };
  },
});
