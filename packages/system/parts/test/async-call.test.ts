import {
  assemble,
  checkDescription,
  type Description,
  metricsBetween,
  type System,
  snapshot,
} from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { castBatches, longCall, MAX_BATCH } from '../src/index.ts';

function quiet(description: Description): System {
  expect(checkDescription(description)).toEqual([]);
  const system = assemble(description);
  expect(system.runUntil(NEVER)).toBe('dead-quiet');
  expect(system.faults).toEqual([]);
  return system;
}

describe('a call of more words than there are registers', () => {
  it('brings all of them there, and the answer back, on the slow path', () => {
    let answer = 0;
    const system = quiet(
      longCall({
        run: (carry) => {
          answer = carry();
        },
      }),
    );
    expect(answer).toBe(36);
    const countOf = (name: string): number =>
      system.ledger.countOf(system.ledger.primitives.findIndex((primitive) => primitive.name === name));
    expect([countOf('ipc-slow-path'), countOf('ipc-path'), countOf('message-word')]).toEqual([1, 1, 4]);
  });
});

describe.each([false, true])('casts in batches, asynchronous: %s', (asynchronous) => {
  it('come all, in order, up to the largest batch', () => {
    const sizes = [1, 0, MAX_BATCH, 3];
    const words: number[] = [];
    let next = 0;
    const produce = (round: number, send: (word: number) => number): void => {
      for (let i = 0; i < sizes[round]!; i++) expect(send(next++)).toBe(0);
    };
    quiet(castBatches({ asynchronous, rounds: sizes.length, produce, consume: (word) => words.push(word) }));
    expect(next).toBe(MAX_BATCH + 4);
    expect(words).toEqual(Array.from({ length: next }, (_, i) => i));
  });
  it('are each an IPC, or all of them a signal', () => {
    const BATCH = 10;
    const moments: ReturnType<typeof snapshot>[] = [];
    const description = castBatches({
      asynchronous,
      rounds: 3,
      produce: (_round, send) => {
        moments.push(snapshot(system));
        for (let i = 0; i < BATCH; i++) send(i);
      },
    });
    const system: System = assemble(description);
    system.runUntil(NEVER);
    const { ipcs, addressSpaceSwitches } = metricsBetween(system, moments[1]!, moments[2]!);
    expect([ipcs, addressSpaceSwitches]).toEqual(asynchronous ? [0, 2] : [BATCH, 2 * BATCH]);
  });
});
