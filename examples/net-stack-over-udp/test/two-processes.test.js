import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, test } from 'node:test';
import { get } from '../src/get.js';
import { Host } from '../src/host.js';
import { startServer } from '../src/start-server.js';
import { Wire } from '../src/wire.js';

const LIMIT = { timeout: 30_000 };
const open = [];
after(() => {
  for (const close of open) close();
});

async function pair(options, loseEvery = 0) {
  const server = await startServer(options);
  open.push(server.stop);
  const wire = await Wire.open(server.port, loseEvery);
  const client = new Host(wire, '10.0.0.2', 2);
  open.push(() => wire.closed || client.close());
  return { server, wire, client };
}

test('a page crosses two processes in Ethernet frames, and the server ends by itself', LIMIT, async () => {
  const { server, wire, client } = await pair({ requests: 2 });
  assert.equal(await get(client, '10.0.0.1', '/hello'), 'You asked for /hello\n');
  assert.equal((await get(client, '10.0.0.1', '/bytes/300000')).length, 300_000);
  assert.ok(wire.received > 300_000 / 1460, 'no frame carries more than a segment');
  assert.equal(await server.ended, 0);
  client.close();
});

test('what the wire loses, in either direction, is sent again', LIMIT, async () => {
  const { server, wire, client } = await pair({ requests: 1, loseEvery: 20 }, 20);
  assert.equal((await get(client, '10.0.0.1', '/bytes/200000')).length, 200_000);
  assert.ok(wire.lost > 0);
  assert.equal(await server.ended, 0);
  client.close();
});

test('several connections share the wire', LIMIT, async () => {
  const { server, client } = await pair({ requests: 8 });
  const paths = Array.from({ length: 8 }, (_, index) => `/page/${index}`);
  const bodies = await Promise.all(paths.map((path) => get(client, '10.0.0.1', path)));
  assert.deepEqual(
    bodies,
    paths.map((path) => `You asked for ${path}\n`),
  );
  assert.equal(await server.ended, 0);
  client.close();
});

test('a connection to a port where nobody listens is refused', LIMIT, async () => {
  const { server, client } = await pair({ requests: 1 });
  const stream = client.connect('10.0.0.1', 81);
  await assert.rejects(stream.write(Buffer.from('hello')), /connection-refused|connection-reset/);
  client.close();
  server.stop();
});

test('a datagram from a stranger is not a frame of this wire', LIMIT, async () => {
  const { server, wire, client } = await pair({ requests: 1 });
  const stranger = createSocket('udp4');
  stranger.send(Buffer.alloc(60, 0xff), wire.port, '127.0.0.1', () => stranger.close());
  assert.equal(await get(client, '10.0.0.1', '/'), 'You asked for /\n');
  assert.equal(await server.ended, 0);
  client.close();
});
