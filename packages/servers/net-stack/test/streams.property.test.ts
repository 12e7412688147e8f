import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBuffers } from './invariants.ts';
import { stream } from './peers.ts';
import { CLIENT, chanceOf, type Impairment, SERVER, SERVER_ADDRESS, World } from './world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** The same runs every time: on a link this bad a connection attempt may rightly fail, once in many thousands. */
const SEED = 20_250_817;

const bytesOf = (seed: number, lenBytes: number): Uint8Array => {
  const chance = chanceOf(seed);
  return Uint8Array.from({ length: lenBytes }, () => chance(256));
};

const impairments: fc.Arbitrary<Impairment> = fc.record({
  loss: fc.integer({ min: 0, max: 80 }),
  duplicate: fc.integer({ min: 0, max: 50 }),
  reorder: fc.integer({ min: 0, max: 100 }),
  corrupt: fc.integer({ min: 0, max: 30 }),
  delayUs: fc.integer({ min: 1, max: 20_000 }),
  jitterUs: fc.integer({ min: 0, max: 2000 }),
});

describe('RFC 9293 §3.10: a connection is a reliable stream in both directions', () => {
  it('over a perfect link, byte for byte, and closes', () => {
    const world = new World();
    const server = world.add(SERVER);
    const client = world.add(CLIENT);
    const up = bytesOf(1, 200_000);
    const down = bytesOf(2, 300_000);
    const [atServer, atClient] = stream(server, client, SERVER_ADDRESS, up, down);
    world.run();
    expect(Buffer.compare(atServer.bytes, up)).toBe(0);
    expect(Buffer.compare(atClient.bytes, down)).toBe(0);
    for (const { lone } of world.hosts) {
      checkBuffers(lone.stack);
      expect(lone.stack.counter('retransmission')).toBe(0);
    }
  });

  it('over a link that loses, doubles, reorders, delays and corrupts', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        impairments,
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.constantFrom(17, 700, 4096, 20_000),
        fc.constantFrom(1024, 9000, 65_535, 200_000),
        (seed, impairment, upBytes, downBytes, chunk, receiveBufferBytes) => {
          const world = new World(seed, impairment, seed);
          const server = world.add({ ...SERVER, receiveBufferBytes });
          const client = world.add({ ...CLIENT, seed });
          const up = bytesOf(seed, upBytes);
          const down = bytesOf(seed + 1, downBytes);
          const [atServer, atClient] = stream(server, client, SERVER_ADDRESS, up, down, chunk);
          world.run();
          expect(atClient.failure).toBe(0);
          expect([atServer.receivedBytes, atClient.receivedBytes]).toEqual([up.length, down.length]);
          expect(Buffer.compare(atServer.bytes, up)).toBe(0);
          expect(Buffer.compare(atClient.bytes, down)).toBe(0);
          expect(atServer.sawEnd && atClient.sawEnd).toBe(true);
          for (const { lone } of world.hosts) checkBuffers(lone.stack);
        },
      ),
      { numRuns: 25 * EFFORT, seed: SEED },
    );
  });
});
