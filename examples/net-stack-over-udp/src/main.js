/** Starts the server in a process of its own and fetches two pages from it. */
import { get } from './get.js';
import { Host } from './host.js';
import { startServer } from './start-server.js';
import { Wire } from './wire.js';

const server = await startServer({ requests: 2 });
const wire = await Wire.open(server.port);
const client = new Host(wire, '10.0.0.2', 2);
process.stdout.write(await get(client, '10.0.0.1', '/hello'));
console.log(`${(await get(client, '10.0.0.1', '/bytes/1000000')).length} bytes`);
console.log(`${wire.sent} frames sent, ${wire.received} received, one a datagram`);
await server.ended;
client.close();
