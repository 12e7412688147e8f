import { FlatMemory, Window } from '@bulkhead/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, MAX_BLOCK_BYTES, NO_BLOCK } from '../src/arena.ts';
import { HEAP_PAGES, WAITING } from '../src/layout.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

function fresh(): { arena: Arena; heap: Window } {
  const heap = new Window(new FlatMemory(HEAP_PAGES), 0, 0, HEAP_PAGES * 4096);
  const arena = new Arena(heap, WAITING);
  arena.format();
  return { arena, heap };
}

describe('the arena', () => {
  it('gives blocks that hold what was asked for, lie within it and never overlap, and takes all of them back', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: MAX_BLOCK_BYTES }));
    const step = fc.oneof(fc.record({ take: size }), fc.record({ give: fc.nat() }));
    const property = fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const { arena, heap } = fresh();
      const taken: { block: number; capacity: number }[] = [];
      for (const wish of steps) {
        if ('take' in wish) {
          const block = arena.take(wish.take);
          if (block === NO_BLOCK) continue;
          const capacity = arena.capacity(block);
          expect(capacity).toBeGreaterThanOrEqual(wish.take);
          expect(block >= WAITING.at && block + capacity <= WAITING.at + WAITING.lenBytes).toBe(true);
          for (const other of taken)
            expect(block + capacity <= other.block || other.block + other.capacity <= block).toBe(true);
          heap.fill(block, 0xff, capacity); // whoever has a block may write all of it
          taken.push({ block, capacity });
        } else if (taken.length > 0) {
          arena.give(taken.splice(wish.give % taken.length, 1)[0]!.block);
        }
        expect(arena.freeBytes).toBe(WAITING.lenBytes - taken.reduce((sum, { capacity }) => sum + capacity, 0));
      }
      for (const { block } of taken) arena.give(block);
      // All of it merges again: the largest blocks are there, every one.
      for (let i = 0; i < WAITING.lenBytes / MAX_BLOCK_BYTES; i++)
        expect(arena.take(MAX_BLOCK_BYTES)).not.toBe(NO_BLOCK);
      expect([arena.take(1), arena.freeBytes]).toEqual([NO_BLOCK, 0]);
    });
    fc.assert(property, { numRuns: 40 * EFFORT });
  });
  it('has no block larger than its largest', () => {
    expect(fresh().arena.take(MAX_BLOCK_BYTES + 1)).toBe(NO_BLOCK);
  });
  it('leaves a block that was given back twice as it is', () => {
    const { arena } = fresh();
    const block = arena.take(64);
    arena.give(block);
    arena.give(block);
    expect(arena.freeBytes).toBe(WAITING.lenBytes);
  });
});
