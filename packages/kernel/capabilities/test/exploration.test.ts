/**
 * All sequences of operations up to a depth, over a few objects: an endpoint, two CNodes that can be put into each other
 * and into themselves, an untyped inside the untyped. Deletions stop after each unit of work. States that were seen
 * before are not gone into again.
 */
import { describe, expect, it } from 'vitest';
import { Capabilities, errors, granuleOf, guardWord, objects } from '../src/index.ts';
import { checkInvariants } from './invariants.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const DEPTH = EFFORT > 9 ? 8 : EFFORT > 1 ? 6 : 5;
const { CNODE, ENDPOINT, UNTYPED, ALL_RIGHTS, READ } = objects;
const HOLDER = 8;
const FIRST = 64;
const BOOT_END = 512;
const UNTYPED_BITS = 9;
const at = (index: number): number => FIRST + index * 8;

interface World {
  readonly words: Int32Array;
  readonly capabilities: Capabilities;
}
/** 512 bytes for the boot's slots (a CNode of 8), and 512 of untyped memory, in slot 0. */
function world(): World {
  const words = new Int32Array((BOOT_END + 2 ** UNTYPED_BITS) / 4);
  const capabilities = new Capabilities({ words, finalise: () => {} });
  capabilities.install(HOLDER, CNODE, granuleOf(0, FIRST * 4), 3);
  capabilities.install(at(0), UNTYPED, granuleOf(0, BOOT_END), UNTYPED_BITS);
  return { words, capabilities };
}

type Operation = readonly [name: string, run: (c: Capabilities) => number];
const retype = (type: number, size: number, to: number, from = 0): Operation => [
  `retype ${from} to ${to} as ${objects.NAMES[type]}`,
  (c) => c.retype(at(from), type, size, HOLDER, 0, 0, to, 1),
];
/** A slot inside the CNode in slot 2 or 3; if there is none, a slot of the boot's. */
const inside = (c: Capabilities, holder: number, index: number): number =>
  c.typeOf(at(holder)) === CNODE && !c.isZombie(at(holder)) ? c.wordOf(at(holder)) + index * 8 : at(7);

const OPERATIONS: readonly Operation[] = [
  retype(ENDPOINT, 0, 1),
  retype(CNODE, 1, 2),
  retype(CNODE, 1, 3),
  retype(UNTYPED, 7, 4),
  retype(CNODE, 1, 3, 4),
  retype(ENDPOINT, 0, 1, 4),
  ['copy 1 to 5', (c) => c.copy(at(5), at(1), READ)],
  ['mint 1 to 6', (c) => c.mint(at(6), at(1), ALL_RIGHTS, 1)],
  ['copy 5 into 2', (c) => c.copy(inside(c, 2, 1), at(5), ALL_RIGHTS)],
  ['copy 2 to 5', (c) => c.copy(at(5), at(2), 0)],
  ['mint 3 to 6 with a guard', (c) => c.mint(at(6), at(3), 0, guardWord(1, 1))],
  ['move 2 into 3', (c) => c.move(inside(c, 3, 0), at(2))],
  ['move 3 into 2', (c) => c.move(inside(c, 2, 0), at(3))],
  ['move 3 into 3', (c) => c.move(inside(c, 3, 1), at(3))],
  ['move 4 into 2', (c) => c.move(inside(c, 2, 1), at(4))],
  ['move out of 2', (c) => c.move(at(3), inside(c, 2, 0))],
  ['rotate 2, 3', (c) => c.rotate(at(2), at(3), at(2), guardWord(0, 1), 0)],
  ['rotate 2, 3 to 5', (c) => c.rotate(at(5), at(3), at(2), 0, 0)],
  ...[1, 2, 3, 4, 5].map((slot): Operation => [`delete ${slot}`, (c) => c.delete(at(slot), 1)]),
  ['delete inside 2', (c) => c.delete(inside(c, 2, 0), 1)],
  ['delete inside 3', (c) => c.delete(inside(c, 3, 1), 1)],
  ...[0, 1, 4, 6].map((slot): Operation => [`revoke ${slot}`, (c) => c.revoke(at(slot), 1)]),
];

describe('all sequences of a few operations', () => {
  it(`keep the invariants, refuse without a change, and leave nothing that revoking the untyped does not take`, () => {
    const { words, capabilities } = world();
    const start = words.slice();
    const seen = new Set<string>([start.join()]);
    let frontier: { readonly memory: Int32Array; readonly story: readonly string[] }[] = [{ memory: start, story: [] }];
    const answers = new Set<number>();
    const explore = (memory: Int32Array, story: readonly string[]): typeof frontier =>
      OPERATIONS.flatMap(([name, run]) => {
        words.set(memory);
        const answer = run(capabilities);
        answers.add(answer);
        const key = words.join();
        if (answer < 0 && key !== memory.join())
          expect.fail(`${name} was refused and changed something: ${story.join(', ')}`);
        if (seen.has(key)) return [];
        seen.add(key);
        const next = { memory: words.slice(), story: [...story, name] };
        try {
          checkInvariants(words, 0, BOOT_END);
          for (let parts = 0; capabilities.revoke(at(0), 2) === errors.PREEMPTED; parts++)
            expect(parts).toBeLessThan(99);
          checkInvariants(words, 0, BOOT_END);
          expect(words.subarray(at(1)).some((word) => word !== 0)).toBe(false);
        } catch (error) {
          throw new Error(next.story.join(', '), { cause: error });
        }
        return [next];
      });
    for (let depth = 0; depth < DEPTH; depth++)
      frontier = frontier.flatMap(({ memory, story }) => explore(memory, story));
    expect(seen.size).toBeGreaterThan(1000);
    const wanted = [0, errors.PREEMPTED, errors.DELETE_FIRST, errors.REVOKE_FIRST, errors.FAILED_LOOKUP];
    expect([...answers]).toEqual(
      expect.arrayContaining([...wanted, errors.ILLEGAL_OPERATION, errors.NOT_ENOUGH_MEMORY]),
    );
    expect(answers).not.toContain(errors.CORRUPTED);
  });
});
