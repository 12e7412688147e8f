/** The web server as a component: an application that uses sockets and provides nothing. */
import { sockets } from '@bulkhead/net-stack-api';
import { type ComponentDefinition, component, LEVELS } from '@bulkhead/runtime';
import { DEFAULT_PAGES } from './pages.ts';
import { ACCEPTS } from './parameters.ts';
import { HEAP_PAGES, WebServer, type WebServerConfig } from './server.ts';

export const webServer: ComponentDefinition<
  { readonly net: typeof sockets },
  Record<never, never>,
  WebServerConfig
> = component({
  name: 'web-server',
  level: LEVELS.application,
  uses: { net: sockets },
  provides: {},
  // Assumed: parser, responder and table in four pages of code; globals, record, document and shared region.
  footprint: { codePages: 4, dataPages: 4 },
  heapPages: HEAP_PAGES,
  // Ten times and more what the longest handler takes, in any system, workload and profile that `compare` has.
  limitUs: 20_000,
  work: ['accept', 'request', 'response'],
  config: { port: 80, title: 'Bulkhead', pages: DEFAULT_PAGES, idleTimeoutUs: 30_000_000 },
  accepts: ACCEPTS,
  create: (context, { net }) => {
    const server = new WebServer(context, net);
    return { handlers: { net: server.handlers }, start: () => server.start() };
  },
});
