import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { assemble } from '@bulkhead/assembler';
import { injectBitFlip } from '@bulkhead/faults';
import { describe, expect, it } from 'vitest';
import { Gateway } from '../src/index.ts';
import { expectedBytes, fetchPage, RawClient, serving, sha256, until } from './serving.ts';
import { byName, SYSTEMS } from './systems.ts';

const CLOSE_GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const MB = 1_000_000;

describe.each(SYSTEMS)('A real client of $name (RFC 9112, RFC 9293)', (description) => {
  it('sends many requests over one connection that is kept alive', () =>
    serving(description, async ({ gateway, port }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let i = 0; i < 20; i++) {
        const { status, body } = await fetchPage(port, `/bytes/${i * 100}`, agent);
        expect(status).toBe(200);
        expect(body.equals(expectedBytes(i * 100))).toBe(true);
      }
      expect(gateway.accepted).toBe(1);
      agent.destroy();
      await until('the connection is gone', () => gateway.connections === 0);
    }));

  it('opens many connections at once, and each gets its own answer', () =>
    serving(description, async ({ gateway, port }) => {
      const lengths = Array.from({ length: 64 }, (_, i) => 1000 + i * 37);
      const answers = await Promise.all(lengths.map((lenBytes) => fetchPage(port, `/bytes/${lenBytes}`)));
      for (const [i, { body }] of answers.entries()) expect(body.equals(expectedBytes(lengths[i]!))).toBe(true);
      expect(gateway.accepted).toBe(64);
    }));

  it('downloads a megabyte with the right SHA-256', () =>
    serving(description, async ({ port }) => {
      const { body } = await fetchPage(port, `/bytes/${MB}`);
      expect(sha256(body)).toBe(sha256(expectedBytes(MB)));
    }));

  it('stops the machine by not reading, and then gets every byte', () =>
    serving(description, async ({ system, port }) => {
      const lenBytes = 6 * MB;
      const carriedBytes = (): number => system.board.link.carriedBytes(0);
      const client = await RawClient.connect(port);
      client.socket.pause();
      client.socket.write(`GET /bytes/${lenBytes} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      let seen = -1;
      while (seen !== carriedBytes()) {
        seen = carriedBytes();
        await sleep(100);
      }
      expect(seen).toBeGreaterThan(0);
      expect(seen).toBeLessThan(lenBytes);
      client.socket.resume();
      expect(await client.closed).toBeNull();
      expect(sha256(client.received.subarray(-lenBytes))).toBe(sha256(expectedBytes(lenBytes)));
    }));

  it('is stopped by the machine when it sends more than the machine takes', () =>
    serving(description, async ({ gateway, port }) => {
      const client = await RawClient.connect(port);
      client.socket.pause();
      client.socket.write('GET /bytes/100000 HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200_000));
      await sleep(300);
      expect(client.socket.writableLength).toBeGreaterThan(0);
      client.socket.resetAndDestroy();
      await until('the connection is gone', () => gateway.connections === 0);
      expect((await fetchPage(port, '/')).status).toBe(200);
    }));

  it('resets in the middle of a download, and nobody else notices', () =>
    serving(description, async ({ gateway, port }) => {
      const client = await RawClient.connect(port);
      client.socket.write(`GET /bytes/${50 * MB} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await until('some of it came', () => client.received.length > 100_000);
      client.socket.resetAndDestroy();
      await until('the connection is gone', () => gateway.connections === 0);
      expect((await fetchPage(port, '/')).status).toBe(200);
    }));

  it('resets more often than the far end has sockets, before the machine has accepted it or after', () =>
    serving(
      description,
      async ({ gateway, port }) => {
        for (let i = 0; i < 40; i++) {
          const client = await RawClient.connect(port);
          if (i % 2 === 1) client.socket.write('GET /bytes/9000000 HTTP/1.1\r\nHost: a\r\n\r\n');
          if (i % 2 === 1) await until('some of it came', () => client.received.length > 0);
          client.socket.resetAndDestroy();
          await until('the connection is gone', () => gateway.connections === 0);
        }
        expect((await fetchPage(port, '/')).status).toBe(200);
      },
      { maxConnections: 8 },
    ));

  it('closes its side after the request and still gets the answer, then the end', () =>
    serving(description, async ({ port }) => {
      const client = await RawClient.connect(port, true);
      client.socket.end('GET /bytes/300000 HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(await client.closed).toBeNull();
      expect(client.received.subarray(-300_000).equals(expectedBytes(300_000))).toBe(true);
    }));

  it('sends 2,000 requests without waiting or reading, and gets the answers in their order', () =>
    serving(description, async ({ port }) => {
      const count = 2000;
      const client = await RawClient.connect(port);
      client.socket.pause();
      const requests = Array.from(
        { length: count },
        (_, i) => `GET /bytes/${i % 10} HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(200)}\r\n\r\n`,
      );
      client.socket.write(`${requests.join('')}${CLOSE_GET}`);
      await sleep(50);
      client.socket.resume();
      expect(await client.closed).toBeNull();
      const lengths = [...client.text.matchAll(/^Content-Length: (\d+)/gm)].map(([, length]) => Number(length));
      expect(lengths.slice(0, count)).toEqual(requests.map((_, i) => i % 10));
      expect(lengths).toHaveLength(count + 1);
    }));

  it('is closed with the gateway, and nothing runs afterwards', async () => {
    const resources = (): string[] =>
      process
        .getActiveResourcesInfo()
        .filter((kind) => /^(TCP|Timeout|Immediate)/.test(kind))
        .sort();
    await new Promise((resolve) => setImmediate(resolve));
    const before = resources();
    await serving(description, async ({ system, gateway, port }) => {
      const client = await RawClient.connect(port);
      client.socket.write(`GET /bytes/${50 * MB} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await until('some of it came', () => client.received.length > 100_000);
      await gateway.close();
      const stoppedAt = system.clock.now;
      await client.closed;
      await until('nothing runs', () => resources().length <= before.length);
      expect(gateway.connections).toBe(0);
      expect(system.clock.now).toBe(stoppedAt);
      await expect(RawClient.connect(port)).rejects.toThrow('ECONNREFUSED');
    });
  });
});

describe('A gateway', () => {
  const [description] = SYSTEMS;

  it('refuses a port that is in use, and can be closed then', () =>
    serving(description!, async ({ port }) => {
      const config = { address: '10.0.2.2', prefixBits: 24, gateway: 0, seed: 1 };
      const second = new Gateway({
        system: assemble(description!),
        nowMs: () => 0,
        config,
        address: 0x0a00020f,
        port: 80,
      });
      await expect(second.listen(port)).rejects.toThrow('EADDRINUSE');
      await second.close();
    }));

  it('resets every connection when the system panics, and those that come later', async () => {
    const system = assemble(byName('monolithic'));
    injectBitFlip(system, { component: 'nic-driver', bit: 30, afterFrames: 200 });
    await serving(
      byName('monolithic'),
      async ({ port, panics, gateway }) => {
        const idle = await RawClient.connect(port);
        await expect(fetchPage(port, `/bytes/${4 * MB}`)).rejects.toThrow();
        expect(system.panic?.message).toContain('nic-driver');
        expect(panics()).toBe(1);
        expect(await idle.closed).toMatchObject({ code: 'ECONNRESET' });
        await expect(fetchPage(port, '/')).rejects.toThrow();
        await until('the connections are gone', () => gateway.connections === 0);
      },
      { system },
    );
  });

  it('keeps its connections when the driver dies and is started again', async () => {
    const system = assemble(byName('multiserver'));
    injectBitFlip(system, { component: 'nic-driver', bit: 30, afterFrames: 200 });
    await serving(
      byName('multiserver'),
      async ({ port, panics }) => {
        const { body } = await fetchPage(port, `/bytes/${2 * MB}`);
        expect(sha256(body)).toBe(sha256(expectedBytes(2 * MB)));
        expect(system.faults).toHaveLength(1);
        expect(panics()).toBe(0);
      },
      { system },
    );
  });
});
