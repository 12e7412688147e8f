/**
 * verdaccio in a process of its own, on a port of the loopback interface that the system chooses.
 *
 * Ours are kept in a temporary folder and asked for nowhere else; all others come from the registry this machine
 * is set up for. It ends with its parent, however the parent ends.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';
import { SCOPE } from './packages.ts';

const [storage = '', upstream = ''] = process.argv.slice(2);

const config = {
  configPath: join(storage, 'config.yaml'),
  storage: join(storage, 'packages'),
  self_path: storage,
  auth: { htpasswd: { file: join(storage, 'htpasswd') } },
  uplinks: { upstream: { url: upstream, maxage: '60m', timeout: '60s' } },
  packages: {
    [`${SCOPE}*`]: { access: '$all', publish: '$all' },
    '**': { access: '$all', proxy: 'upstream' },
  },
  log: { type: 'stdout', format: 'pretty', level: 'error' },
  max_body_size: '100mb',
  web: { enable: false },
};

process.on('disconnect', () => process.exit(0));
const server = (await runServer(config as unknown as Parameters<typeof runServer>[0])) as Server;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
