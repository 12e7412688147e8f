import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTION, SocketRecord } from '../src/socket-record.ts';
import { Trace } from './trace.ts';
import { chanceOf } from './world.ts';

/** Enough keys that buckets hold several, and enough steps that every record is reused many times. */
const KEYS = 420;
const STEPS = 6000;

describe('the socket table', () => {
  it('finds exactly what a map would, whatever was entered and released', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chance = chanceOf(seed);
        const { table } = new Trace({ maxConnections: KEYS }).lone.stack.inspection;
        const record = new SocketRecord(table.records);
        const model = new Map<number, number>();
        const wrong: number[] = [];
        for (let step = 0; step < STEPS; step++) {
          const key = chance(KEYS);
          const known = model.get(key);
          if (table.findConnection(key >> 4, key & 15, 80) !== (known ?? -1)) wrong.push(key);
          if (known !== undefined) {
            if (chance(3) > 0) continue; // the table stays crowded
            table.release(known);
            model.delete(key);
            continue;
          }
          const index = table.allocate(CONNECTION, 1);
          record.moveTo(index);
          record.remoteAddress = key >> 4;
          record.remotePort = key & 15;
          record.localPort = 80;
          table.chain(index);
          model.set(key, index);
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 10 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
  it('reuses the number that has been free longest', () => {
    const { table } = new Trace().lone.stack.inspection;
    const first = table.allocate(CONNECTION, 1);
    table.release(first);
    expect(table.allocate(CONNECTION, 1)).not.toBe(first);
  });
});
