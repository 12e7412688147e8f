/** Capability addresses, and what is said when they lead nowhere. */
import type { Check } from '../check.ts';
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Answer } from '../stage.ts';
import { done } from '../stage.ts';
import type { Story } from '../story.ts';

const addressing = sectionOf('3.3.1 Capability Address Lookup');
const addresses = sectionOf('3.3.2 Addressing Capabilities');
const failures = sectionOf('3.4 Lookup Failure Description');

const GUARD = 5;
const BADGE = 9;

interface Guarded {
  readonly node: number;
  readonly guarded: number;
  readonly notification: number;
}

/** A CNode of 4 slots in the root CNode behind a guard of 3 bits, with a badged notification in its slot 2. */
function guardedNode(story: Story): Guarded {
  const node = story.make('CNode', 2);
  const notification = story.make('Notification');
  const words = [2, 2, notification, story.depth, story.all, BADGE];
  done(story.invoke(node, 'CNode_Mint', words, [story.boot.cnode]), 'a notification in the node');
  const guarded = story.minted(node, story.numbers.guardWord(GUARD, 3));
  return { node, guarded, notification };
}

/** Copies from `index`, `depth` of a root to a fresh slot. */
function take(story: Story, root: number, index: number, depth: number, to: number = story.empty()): Answer {
  const words = [to, story.depth, index, depth, story.all];
  return story.invoke(story.boot.cnode, 'CNode_Copy', words, [root]);
}

/** The address names what stands in the node's slot 2, and nothing else: a signal through a copy shows its badge. */
function finds(
  story: Story,
  check: Check,
  { notification }: Guarded,
  [root, index, depth]: readonly [root: number, index: number, depth: number],
  what = 'found',
): void {
  const copy = story.empty();
  answers(check, take(story, root, index, depth, copy), 'NoError', [], what);
  story.signal(copy);
  check.equal(story.polled(notification), [BADGE, 0], `${what}: the badge of what is there`);
}

export const lookups: readonly Clause[] = [
  addressing('the guard is compared, then the radix taken: exactly guard and index name the slot', (story, check) => {
    const node = guardedNode(story);
    finds(story, check, node, [node.guarded, (GUARD << 2) | 2, 5]);
  }),
  addressing('of an index only the low bits, as many as the depth says, are looked at', (story, check) => {
    const node = guardedNode(story);
    finds(story, check, node, [node.guarded, 1024 + ((GUARD << 2) | 2), 5]);
  }),
  addressing('a guard of no bits is always met', (story, check) => {
    const node = guardedNode(story);
    finds(story, check, node, [node.node, 2, 2]);
  }),
  addressing('levels follow each other: a CNode in a CNode is passed through', (story, check) => {
    const outer = story.make('CNode', 2);
    const node = guardedNode(story);
    const inside = [3, 2, node.guarded, story.depth, story.all];
    answers(
      check,
      story.invoke(outer, 'CNode_Copy', inside, [story.boot.cnode]),
      'NoError',
      [],
      'one inside the other',
    );
    finds(story, check, node, [outer, (3 << 5) | (GUARD << 2) | 2, 7], 'two levels');
    const between = story.empty();
    answers(check, take(story, outer, 3, 2, between), 'NoError', [], 'the CNode between, by a shorter depth');
    finds(story, check, node, [between, (GUARD << 2) | 2, 5], 'through the CNode between');
  }),
  addressing('of a pointer that is invoked, bits that are left behind the capability do not matter', (story, check) => {
    const notification = story.make('Notification');
    const node = story.make('CNode', 3);
    const words = [4, 3, notification, story.depth, story.all, 9];
    answers(check, story.invoke(node, 'CNode_Mint', words, [story.boot.cnode]), 'NoError', [], 'a badged capability');
    const space = story.minted(node, story.numbers.guardWord(0, story.depth - 3 - 4));
    const agent = story.thread({ cspace: space });
    story.signal(4 * 16 + 7);
    check.equal(story.current, agent.id, 'no fault');
    story.recv(4 * 16 + 11, 0);
    check.equal(story.message.badge, 9, 'it signalled, and waited, through the same capability');
  }),
  addressing('a guard and a radix beyond the pointer’s bits cannot be: IllegalOperation', (story, check) => {
    const node = story.make('CNode', 8);
    const tooLong = story.numbers.guardWord(0, story.depth - 7);
    answers(check, story.mint(story.empty(), node, story.all, tooLong), 'IllegalOperation');
    const justFits = story.numbers.guardWord(0, story.depth - 8);
    answers(check, story.mint(story.empty(), node, story.all, justFits), 'NoError');
  }),
  addresses('CNode_Mutate and CNode_Rotate set a guard, and keep it the same capability', (story, check) => {
    const all = guardedNode(story);
    const { node } = all;
    const to = story.empty();
    answers(check, story.mutate(to, node, story.numbers.guardWord(1, 1)), 'NoError', [], 'mutated');
    finds(story, check, all, [to, 4 | 2, 3], 'behind a guard of one bit');
    const other = story.make('CNode', 2);
    answers(check, story.rotate(node, to, other, 0, story.numbers.guardWord(0, 0)), 'NoError', [], 'rotated');
    finds(story, check, all, [node, 2, 2], 'without a guard again');
  }),
  addresses('CNode_Copy keeps the guard', (story, check) => {
    const node = guardedNode(story);
    finds(story, check, node, [story.copied(node.guarded), (GUARD << 2) | 2, 5]);
  }),
];

export const lookupFailures: readonly Clause[] = [
  failures('1 InvalidRoot: the root is no CNode', (story, check) => {
    const endpoint = story.make('Endpoint');
    answers(check, take(story, endpoint, 2, 2), 'FailedLookup', [1, 1], 'an endpoint');
  }),
  failures('2 MissingCapability: the source’s slot is empty; it says how many bits were left', (story, check) => {
    const { node } = guardedNode(story);
    answers(check, take(story, node, 1, 2), 'FailedLookup', [1, 2, 2]);
  }),
  failures('3 DepthMismatch: the level has more bits than are left', (story, check) => {
    const { node, guarded } = guardedNode(story);
    answers(check, take(story, node, 0, 1), 'FailedLookup', [1, 3, 1, 2], 'without a guard');
    answers(check, take(story, guarded, GUARD << 1, 4), 'FailedLookup', [1, 3, 4, 5], 'with a guard that is met');
  }),
  failures('3 DepthMismatch: the slot was reached before all bits were used', (story, check) => {
    const { node } = guardedNode(story);
    answers(check, take(story, node, 2 << 4, 6), 'FailedLookup', [1, 3, 4, 0]);
  }),
  failures('4 GuardMismatch: it says how many bits were left, the guard and its size', (story, check) => {
    const { guarded } = guardedNode(story);
    answers(check, take(story, guarded, (2 << 2) | 2, 5), 'FailedLookup', [1, 4, 5, GUARD, 3]);
  }),
  failures('4 GuardMismatch: fewer bits are left than the guard has', (story, check) => {
    const { guarded } = guardedNode(story);
    answers(check, take(story, guarded, GUARD >> 1, 2), 'FailedLookup', [1, 4, 2, GUARD, 3]);
  }),
  failures('a failed look-up says whether it was the source’s', (story, check) => {
    const { node } = guardedNode(story);
    const endpoint = story.make('Endpoint');
    answers(check, take(story, node, 0, 1), 'FailedLookup', [1, 3], 'the source');
    const words = [0, 1, endpoint, story.depth, story.all];
    answers(
      check,
      story.invoke(node, 'CNode_Copy', words, [story.boot.cnode]),
      'FailedLookup',
      [0, 3],
      'the destination',
    );
  }),
];
