import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTION, SocketRecord } from '../src/socket-record.ts';
import { Trace } from './trace.ts';

describe('the socket table', () => {
  it('finds exactly what a map would, whatever was entered and released, in crowded buckets too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ address: fc.nat(40), port: fc.nat(40), releases: fc.boolean() }), { maxLength: 900 }),
        (steps) => {
          const { table } = new Trace({ maxConnections: 900 }).lone.stack.inspection;
          const record = new SocketRecord(table.records);
          const model = new Map<string, number>();
          for (const { address, port, releases } of steps) {
            const key = `${address} ${port}`;
            const known = model.get(key);
            expect(table.findConnection(address, port, 80)).toBe(known ?? -1);
            if (known !== undefined && releases) {
              table.release(known);
              model.delete(key);
            } else if (known === undefined) {
              const index = table.allocate(CONNECTION, 1);
              record.moveTo(index);
              record.remoteAddress = address;
              record.remotePort = port;
              record.localPort = 80;
              table.chain(index);
              model.set(key, index);
            }
          }
          for (const [key, index] of model) {
            const [address, port] = key.split(' ').map(Number);
            expect(table.findConnection(address!, port!, 80)).toBe(index);
          }
        },
      ),
      { numRuns: 10 * Number(process.env.BULKHEAD_EFFORT ?? 1), size: 'max' },
    );
  });
  it('reuses the number that has been free longest', () => {
    const { table } = new Trace().lone.stack.inspection;
    const first = table.allocate(CONNECTION, 1);
    table.release(first);
    expect(table.allocate(CONNECTION, 1)).not.toBe(first);
  });
});
