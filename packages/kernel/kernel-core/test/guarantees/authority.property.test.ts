import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemCalls } from '../../src/index.ts';
import * as broken from './broken.ts';
import { DESK, FIRST_FREE, SELF, threadOf } from './cast.ts';
import { DEEDS, type Deed, type Spoil, Story } from './story.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const seed = 20260107;

const choice = fc.noBias(fc.nat(9999));
const deed = fc
  .tuple(fc.constantFrom(...DEEDS), choice, fc.array(choice, { minLength: 24, maxLength: 24 }))
  .map(([name, passes, choices]): Deed => [name, passes, ...choices]);
const deeds = fc.array(deed, { minLength: 1, maxLength: 250, size: 'max' });

function holds(sequence: readonly Deed[], spoil?: Spoil): Story {
  const story = new Story(spoil);
  for (const each of sequence) {
    const wrong = story.tell(each);
    if (wrong === undefined) break;
    if (wrong.length > 0) throw new Error(story.toString(wrong));
  }
  return story;
}

describe('no sequence of invocations gives a thread a capability that it was not given', () => {
  it('every slot, every error and every thread is as the model says, and all invariants hold', () => {
    const answers = new Set<number>();
    let [steps, transferred] = [0, 0];
    fc.assert(
      fc.property(deeds, (sequence) => {
        const story = holds(sequence);
        steps += story.lines.length;
        transferred += story.transferred;
        for (const each of story.answers) answers.add(each);
      }),
      { numRuns: 12 * effort, seed },
    );
    expect(steps).toBeGreaterThan(1000);
    expect(transferred).toBeGreaterThan(2);
    expect(answers.size).toBeGreaterThan(8);
  });
});

describe('a kernel that is wrong', () => {
  /** @returns the shortest story that was found of what goes wrong. */
  function storyOf(spoil: Spoil): string[] {
    const result = fc.check(
      fc.property(deeds, (sequence) => {
        holds(sequence, spoil);
      }),
      { numRuns: 200, seed },
    );
    expect(result.failed).toBe(true);
    return (result.errorInstance as Error).message.trim().split('\n');
  }
  it('is told of in sentences: what somebody did, and what is wrong then', () => {
    const story = new Story(broken.rightsNotMasked);
    const [, ann] = story.cast.threads as [number, number];
    story.cast.w.rest();
    while (story.cast.current !== ann) story.cast.pass();
    story.model
      .threads()
      .find(({ tcb }) => story.cast.w.kernel.tcbs.threadAt(tcb.object) === story.cast.threads[0])!.state = 'inactive';
    const words = [FIRST_FREE, 32, DESK, 32, objects.READ];
    const t = threadOf(story.cast, story.model, ann);
    const wrong = story.do(t, ann, {
      number: systemCalls.CALL,
      pointer: SELF,
      label: slotLabels.CNODE_COPY,
      words,
      extras: [SELF],
    });
    expect(story.toString(wrong).trim().split('\n')).toEqual([
      '1. Ann does CNODE_COPY on 1 (CNode) with 12 32 4 32 2 and 1 (CNode): NoError',
      expect.stringMatching(
        /^ {3}But slot \d+ holds Endpoint \d+, rights 15, .*; it should be Endpoint \d+, rights 2, /,
      ),
    ]);
  });
  const cases: readonly (readonly [name: string, spoil: Spoil, what: RegExp])[] = [
    ['badges change', broken.badgeCanBeSetAgain, /CNODE_MUTATE .*badge 1, .*it should be/s],
    ['capabilities go along without Grant', broken.transferWithoutGrant, /(SEND|CALL|RECEIVE).* on .*nothing should/s],
    ['rights are not masked', broken.rightsNotMasked, /CNODE_COPY .*rights \d+, .*it should be/s],
    ['copies are originals', broken.copiesBecomeOriginals, /CNODE_COPY .*from slot \d+; it should be/s],
    ['revoke misses a copy', broken.revokeMissesOne, /CNODE_REVOKE .*nothing should be there/s],
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
