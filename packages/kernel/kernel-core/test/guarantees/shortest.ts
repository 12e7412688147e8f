/** A story of what goes wrong without what is not needed for it. */
import type { Deed } from './deeds.ts';
import { type Spoil, Story } from './story.ts';

export interface Told {
  readonly story: Story;
  /** What went wrong in the end, in words. */
  readonly wrong: readonly string[];
  /** How many deeds it took. */
  readonly count: number;
}
/** Tells it to the end, or to where something goes wrong. */
export function tell(deeds: readonly Deed[], spoil?: Spoil): Told {
  const story = new Story(spoil);
  for (const [i, deed] of deeds.entries()) {
    const wrong = story.tell(deed);
    if (wrong === undefined) break;
    if (wrong.length > 0) return { story, wrong, count: i + 1 };
  }
  return { story, wrong: [], count: deeds.length };
}

/** Leaves out parts that are not needed, then smaller ones. @param deeds that go wrong @returns sentences */
export function shortest(deeds: readonly Deed[], spoil?: Spoil): string {
  let told = tell(deeds, spoil);
  let kept = deeds.slice(0, told.count);
  const tryOut = (tried: readonly Deed[]): boolean => {
    const next = tell(tried, spoil);
    if (next.wrong.length === 0 || next.story.lines.length > told.story.lines.length) return false;
    told = next;
    kept = tried.slice(0, told.count);
    return true;
  };
  for (let before = kept.length + 1; kept.filter(isSomething).length < before; ) {
    before = kept.filter(isSomething).length;
    for (let size = Math.max(kept.length >> 1, 1); size > 0; size >>= 1)
      for (let at = kept.length - 1; at >= 0; at -= size) {
        const isIn = (i: number): boolean => i > at - size && i <= at;
        if (!kept.some((deed, i) => isIn(i) && isSomething(deed))) continue;
        // Without its passes somebody else is next.
        if (!tryOut(kept.filter((_, i) => !isIn(i))))
          tryOut(kept.map((deed, i): Deed => (isIn(i) ? ['nothing', deed[1]] : deed)));
      }
  }
  return told.story.toString(told.wrong);
}
const isSomething = ([deed]: Deed): boolean => deed !== 'nothing';
