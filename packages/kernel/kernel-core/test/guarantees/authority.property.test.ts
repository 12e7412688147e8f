import { labels as spaceLabels } from '@bulkhead/address-space';
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemCalls } from '../../src/index.ts';
import * as broken from './broken.ts';
import { CONTROL, DESK, FIRST_FREE, IDENTITY, MEMORY, ROOM, SELF } from './cast.ts';
import { threadOf } from './comparison.ts';
import { DEEDS, type Deed } from './deeds.ts';
import { LABELS } from './labels.ts';
import type { SystemCall } from './model/things.ts';
import { shortest, tell } from './shortest.ts';
import { type Spoil, Story } from './story.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const seed = 20260107;

const choice = fc.noBias(fc.nat(9999));
const deed = fc
  .tuple(fc.constantFrom(...DEEDS), choice, fc.array(choice, { minLength: 24, maxLength: 24 }))
  .map(([name, passes, choices]): Deed => [name, passes, ...choices]);
const deeds = fc.array(deed, { minLength: 1, maxLength: 250, size: 'max' });

/** Something of every family must succeed, or the stories say nothing of it. */
const DONE: readonly string[] = [
  ...['CNODE_COPY', 'CNODE_MINT', 'CNODE_REVOKE', 'CNODE_DELETE', 'TCB_CONFIGURE', 'TCB_BIND_NOTIFICATION'],
  ...['PAGE_MAP', 'PAGE_UNMAP', 'PAGE_TABLE_UNMAP', 'ASID_POOL_ASSIGN', 'ASID_CONTROL_MAKE_POOL', 'PAGE_MAP_IO'],
  ...['IRQ_CONTROL_GET', 'IRQ_HANDLER_SET_NOTIFICATION', 'IRQ_HANDLER_ACK', 'IO_SPACE_CONTROL_ISSUE'],
];

describe('no sequence of invocations gives a thread a capability that it was not given', () => {
  it('every slot, every error and every thread is as the model says, and all invariants hold', () => {
    const answers = new Set<number>();
    const done = new Set<number>();
    let [steps, transferred, cuts, bound] = [0, 0, 0, 0];
    const result = fc.check(
      fc.property(deeds, (sequence) => {
        const { story, wrong } = tell(sequence);
        steps += story.lines.length;
        transferred += story.transferred;
        cuts += story.cuts;
        bound += story.model.deletion.boundCount;
        for (const each of story.answers) answers.add(each);
        for (const each of story.done) done.add(each);
        return wrong.length === 0;
      }),
      { numRuns: 12 * effort, seed, endOnFailure: true },
    );
    if (result.counterexample !== null) throw new Error(shortest(...result.counterexample));
    expect(steps).toBeGreaterThan(1000);
    expect(transferred).toBeGreaterThan(2);
    expect(answers.size).toBeGreaterThan(8);
    expect(cuts).toBeGreaterThan(5);
    expect(bound).toBeGreaterThan(3);
    const names = [...LABELS].flatMap(([label, name]) => (done.has(label) ? [name] : []));
    expect(names).toEqual(expect.arrayContaining([...DONE]));
  });
});

describe('a kernel that is wrong', () => {
  /** @returns the shortest story that was found of what goes wrong. */
  function storyOf(spoil: Spoil): string[] {
    const isSound = (sequence: readonly Deed[]): boolean => tell(sequence, spoil).wrong.length === 0;
    const { counterexample } = fc.check(fc.property(deeds, isSound), { numRuns: 200, seed, endOnFailure: true });
    return shortest(counterexample?.[0] ?? [], spoil)
      .trim()
      .split('\n');
  }
  /** Ann alone does one thing after the other. @returns what is told of it, and what is wrong at the end. */
  function annDoes(spoil: Spoil, calls: readonly SystemCall[], cutAfter?: number): string[] {
    const story = new Story(spoil);
    const { cast, model } = story;
    const ann = cast.threads[1]!;
    cast.w.rest();
    while (cast.current !== ann) cast.pass();
    threadOf(cast, model, cast.threads[0]!).state = 'inactive';
    let wrong: string[] = [];
    for (const [i, call] of calls.entries()) {
      expect(wrong).toEqual([]);
      wrong = story.do(threadOf(cast, model, ann), ann, call, i === calls.length - 2 ? cutAfter : undefined);
    }
    return story.toString(wrong).trim().split('\n');
  }
  const ask = (pointer: number, label: number, words: readonly number[], extras: readonly number[]): SystemCall => ({
    number: systemCalls.CALL,
    pointer,
    label,
    words,
    extras,
  });
  const make = (type: number, size: number, slot: number, count: number): SystemCall =>
    ask(MEMORY, slotLabels.UNTYPED_RETYPE, [type, size, 0, 0, slot, count], [SELF]);

  it('is told of in sentences: what somebody did, and what is wrong then', () => {
    const words = [FIRST_FREE, 32, DESK, 32, objects.READ];
    expect(annDoes(broken.rightsNotMasked, [ask(SELF, slotLabels.CNODE_COPY, words, [SELF])])).toEqual([
      '1. Ann does CNODE_COPY on 1 (CNode) with 17 32 4 32 2 and 1 (CNode): NoError',
      expect.stringMatching(
        /^ {3}But slot \d+ holds Endpoint \d+, rights 15, .*; it should be Endpoint \d+, rights 2, /,
      ),
    ]);
  });
  it('is told of when a mapped copy of a frame survives the revocation', () => {
    const [frame, copy] = [FIRST_FREE, FIRST_FREE + 1];
    const told = annDoes(broken.mappingSurvivesRevoke, [
      make(objects.FRAME, 12, frame, 1),
      ask(SELF, slotLabels.CNODE_COPY, [copy, 32, frame, 32, 3], [SELF]),
      ask(copy, spaceLabels.PAGE_MAP, [0x1000, 3, 0], [ROOM]),
      ask(SELF, slotLabels.CNODE_REVOKE, [frame, 32], []),
    ]);
    expect(told.slice(3)).toEqual([
      '4. Ann does CNODE_REVOKE on 1 (CNode) with 17 32: NoError',
      expect.stringMatching(
        /^ {3}But page 1 of address space 2 reaches \d+ with rwxu at level 0: that should not be\.$/,
      ),
    ]);
  });
  it('is told of when an interrupt gets a second handler', () => {
    const words = [IDENTITY, FIRST_FREE, 32];
    expect(annDoes(broken.handlerIssuedTwice, [ask(CONTROL, irqLabels.IRQ_CONTROL_GET, words, [SELF])])).toEqual([
      '1. Ann does IRQ_CONTROL_GET on 15 (IRQControl) with 3 17 32 and 1 (CNode): RevokeFirst',
      '   But the kernel answers NoError, the model RevokeFirst.',
      expect.stringMatching(/^ {3}But slot \d+ holds IRQHandler 3, .*: nothing should be there\.$/),
      expect.stringMatching(/^ {3}But slot \d+ holds IRQHandler 3, .*; it should be IRQHandler 3, /),
    ]);
  });
  it('is told of when a revoke that was cut short does not go on', () => {
    const revoke = ask(SELF, slotLabels.CNODE_REVOKE, [MEMORY, 32], []);
    const told = annDoes(broken.cutRevokeIsForgotten, [make(objects.ENDPOINT, 0, FIRST_FREE, 3), revoke, revoke], 0);
    expect(told.slice(1)).toEqual([
      '2. Ann does CNODE_REVOKE on 1 (CNode) with 3 32, and is cut short',
      '3. Ann goes on with CNODE_REVOKE on 1 (CNode) with 3 32: NoError',
      ...[1, 2].map(() => expect.stringMatching(/^ {3}But slot \d+ holds Endpoint .*: nothing should be there\.$/)),
    ]);
  });
  const cases: readonly (readonly [name: string, spoil: Spoil, what: RegExp])[] = [
    ['badges change', broken.badgeCanBeSetAgain, /CNODE_MUTATE .*badge 1, .*it should be/s],
    ['capabilities go along without Grant', broken.transferWithoutGrant, /(SEND|CALL|RECEIVE).* on .*nothing should/s],
    ['rights are not masked', broken.rightsNotMasked, /CNODE_COPY .*rights \d+, .*it should be/s],
    ['copies are originals', broken.copiesBecomeOriginals, /CNODE_COPY .*from slot \d+.*; it should be/s],
    ['revoke misses a copy', broken.revokeMissesOne, /CNODE_REVOKE .*nothing should be there/s],
    ['mappings survive a revoke', broken.mappingSurvivesRevoke, /PAGE_MAP .*CNODE_REVOKE .*that should not be/s],
    ['an interrupt has two handlers', broken.handlerIssuedTwice, /IRQ_CONTROL_GET .*the model RevokeFirst/s],
    ['a revoke that was cut short is forgotten', broken.cutRevokeIsForgotten, /cut short.*goes on.*nothing should be/s],
  ];
  it.each(effort < 10 ? [] : cases)(
    'is told of in a few sentences: %s',
    (_name, spoil, what) => {
      const story = storyOf(spoil);
      expect(story.join('\n')).toMatch(what);
      expect(story[0]).toMatch(/^1\. (Root|Ann|Bob|Cid) (does|is woken)/);
      expect(story.length).toBeLessThan(16);
    },
    600_000,
  );
});
