import { FlatMemory, Window } from '@bulkhead/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionTable, NO_CONNECTION } from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const SIZE = 8;
const RECORD_BYTES = 16;
const AT = 64;
const WORD = 4;

const made = (clearedBytes = RECORD_BYTES): { table: ConnectionTable; heap: Window } => {
  const heap = new Window(new FlatMemory(1), 0, 0, 4096);
  return { heap, table: new ConnectionTable({ heap, at: AT, recordBytes: RECORD_BYTES, size: SIZE, clearedBytes }) };
};

describe('the table', () => {
  it('is a map from sockets to records, and holds as many as there are', () => {
    const socket = fc.nat(30);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('open' as const), socket }),
      fc.record({ kind: fc.constant('free' as const), socket }),
    );
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { table } = made();
      const model = new Map<number, number>();
      for (const { kind, socket } of steps) {
        const isKnown = model.delete(socket);
        if (kind === 'free' && isKnown) table.free(table.find(socket));
        if (kind === 'open') {
          const connection = table.open(socket);
          expect(connection === NO_CONNECTION).toBe(model.size === SIZE);
          if (connection !== NO_CONNECTION) model.set(socket, connection);
        }
        expect(table.isFull).toBe(model.size === SIZE);
        for (let each = 0; each <= 30; each++) expect(table.find(each)).toBe(model.get(each) ?? NO_CONNECTION);
      }
      const records = Array.from({ length: SIZE }, (_, index) => table.at(index));
      const taken = records.filter((connection) => connection !== NO_CONNECTION);
      expect(taken.sort((a, b) => a - b)).toEqual([...model.values()].sort((a, b) => a - b));
      for (const [socket, connection] of model) expect(table.socketOf(connection)).toBe(socket);
    });
    fc.assert(property, { numRuns: 100 * EFFORT });
  });
  it('gives a socket a cleared record, also when it had one', () => {
    const { table } = made();
    for (let times = 0; times < 2; times++) {
      const connection = table.open(3);
      expect(table.get(connection, WORD)).toBe(0);
      table.set(connection, WORD, 7);
    }
    table.free(table.find(3));
    expect(table.isFull).toBe(false);
    expect(table.get(table.open(3), WORD)).toBe(0);
  });
  it('leaves what is not to be cleared as it is', () => {
    const { table, heap } = made(0);
    const connection = table.open(5);
    table.set(connection, WORD, 7);
    table.free(connection);
    expect([table.open(5), table.get(connection, WORD)]).toEqual([connection, 7]);
    expect(connection).toBe(AT + 5 * RECORD_BYTES);
    expect(heap.load32(connection)).toBe(6);
  });
  it('knows no listener in a heap of zeros, and socket 0 as any other', () => {
    const { table } = made();
    expect([table.listener, table.find(0)]).toEqual([-1, NO_CONNECTION]);
    table.listener = 0;
    expect([table.listener, table.find(0)]).toEqual([0, NO_CONNECTION]);
    expect(table.socketOf(table.open(0))).toBe(0);
  });
});
