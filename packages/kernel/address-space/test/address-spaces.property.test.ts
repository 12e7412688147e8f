import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPS, type Op, Story, type StoryOptions, step } from './story.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** What the random sequences must meet at least, so that they say something. */
const ANSWERS: string[] = [
  ...OPS.map((op) => `${op} NoError`),
  ...['InvalidCapability', 'IllegalOperation', 'DeleteFirst', 'FailedLookup'].map((error) => `mapTable ${error}`),
  ...['InvalidCapability', 'InvalidArgument', 'AlignmentError', 'FailedLookup', 'DeleteFirst'].map(
    (error) => `mapPage ${error}`,
  ),
  'unmapTable RevokeFirst',
  'makePool RevokeFirst',
  'copy IllegalOperation',
  'retypeTable NotEnoughMemory',
];

/** @returns what is wrong in the first counterexample, or '' @param shrinks whether to look for a shorter one */
function counterexample(options: StoryOptions, numRuns: number, shrinks: boolean): string {
  const property = fc.property(fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }), (steps) => {
    const story = new Story(options);
    for (const taken of steps) {
      const wrong = story.take(taken);
      if (wrong !== '') throw new Error(wrong);
    }
  });
  const parameters = { numRuns, seed: 82574, endOnFailure: !shrinks };
  const { failed, counterexample: found, errorInstance } = fc.check(property, parameters);
  return failed ? `${String(errorInstance)} after ${JSON.stringify(found)}` : '';
}

describe('any sequence of invocations', () => {
  it('answers and translates as the model does, and leaves no stale translation', () => {
    const met = new Set<string>();
    expect(counterexample({ met }, 150 * EFFORT, true)).toBe('');
    expect([...met]).toEqual(expect.arrayContaining(ANSWERS));
  });
  it('leaves no stale translation to a hart that reads ahead, either', () => {
    expect(counterexample({ looksAhead: true }, 100 * EFFORT, true)).toBe('');
  });
});

describe('without a fence the property finds what is stale: the fence', () => {
  const isDeletion = (op: Op): boolean => op === 'delete' || op === 'revoke';
  const swallowed: readonly (readonly [string, StoryOptions])[] = [
    ['of a page that is unmapped', { swallows: (op, vpn) => op === 'unmapPage' && vpn >= 0 }],
    ['of a page that is mapped', { swallows: (op, vpn) => op === 'mapPage' && vpn >= 0 }],
    ['of a page whose capability is deleted', { swallows: (op, vpn) => isDeletion(op) && vpn >= 0 }],
    ['of a table that is unmapped', { swallows: (op, vpn) => op === 'unmapTable' && vpn < 0 }],
    ['of a table that is mapped', { swallows: (op, vpn) => op === 'mapTable' && vpn < 0 }],
    ['of a table or root that is deleted', { swallows: (op, vpn, asid) => isDeletion(op) && vpn < 0 && asid >= 0 }],
    ['of a pool that is deleted', { swallows: (op, _, asid) => isDeletion(op) && asid < 0 }],
    ['of an ASID that is given again', { looksAhead: true, swallows: (op) => op === 'assign' }],
  ];
  it.each(swallowed)('%s', (_name, options) => {
    expect(counterexample(options, 400, false)).toMatch(/stale|gone and remembered/);
  });
});
