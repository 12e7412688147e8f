/**
 * A change of cycles, as contributions.
 *
 * A cause whose occurrences are counted has two reasons to change: it happens more often, or each time costs more. With
 * n times p cycles each, the change n₁p₁ − n₀p₀ is exactly (n₁ − n₀)(p₀ + p₁)/2 + (p₁ − p₀)(n₀ + n₁)/2: the first term
 * is by how often, the second by how dear. p is the cause's cycles by its count, an average over everything charged
 * to the cause.
 */
import { type Change, changeOf } from './diff-change.ts';
import type { PerRequest } from './result.ts';

export interface NamedChange extends Change {
  readonly name: string;
}
export interface CauseChange extends NamedChange {
  /** Within the cause, largest first. */
  readonly byComponent: readonly NamedChange[];
  readonly why?: HowOften;
}
/** `byCount + byPrice` is the cause's whole change. */
export interface HowOften {
  /** What is counted: a field of PerRequest. */
  readonly count: CountName;
  readonly times: Change;
  readonly byCount: number;
  readonly byPrice: number;
}
export type CountName =
  | 'modeSwitches'
  | 'addressSpaceSwitches'
  | 'ipcs'
  | 'interrupts'
  | 'tlbRefills'
  | 'deviceAccesses'
  | 'bytesCopied';

/** What is counted of a cause. Of `compute` and `kernel`, which are many things, nothing. */
const COUNT_OF: Readonly<Record<string, CountName>> = {
  trap: 'modeSwitches',
  switch: 'addressSpaceSwitches',
  ipc: 'ipcs',
  interrupt: 'interrupts',
  tlb: 'tlbRefills',
  device: 'deviceAccesses',
  copy: 'bytesCopied',
};

type Figures = Readonly<Record<string, number>>;

/** @returns what changed, largest first; names in their own order among equals. */
export const namedChanges = (before: Figures, after: Figures): readonly NamedChange[] =>
  namesOf(before, after)
    .map((name) => ({ name, ...changeOf(figure(before, name), figure(after, name)) }))
    .filter(({ change }) => change !== 0)
    .sort((one, other) => Math.abs(other.change) - Math.abs(one.change));

export const sumOf = (changes: readonly Change[]): number => changes.reduce((sum, { change }) => sum + change, 0);

/** @returns the causes that contribute to the change, largest first. */
export const causeChanges = (before: PerRequest, after: PerRequest): readonly CauseChange[] =>
  namedChanges(before.byCause, after.byCause).map((change) => {
    const why = howOften(change, before, after);
    const byComponent = namedChanges(within(before, change.name), within(after, change.name));
    return { ...change, byComponent, ...(why === null ? {} : { why }) };
  });

/** One cause's cycles by component. */
const within = ({ byComponentAndCause }: PerRequest, cause: string): Figures =>
  Object.fromEntries(Object.entries(byComponentAndCause).map(([name, causes]) => [name, figure(causes, cause)]));

/** @returns null when nothing is counted, or there are cycles without a count: they cannot be divided by it. */
function howOften(change: NamedChange, before: PerRequest, after: PerRequest): HowOften | null {
  const count = Object.hasOwn(COUNT_OF, change.name) ? COUNT_OF[change.name] : undefined;
  if (count === undefined) return null;
  const times = changeOf(before[count], after[count]);
  if (times.before === 0 && times.after === 0) return null;
  if ((times.before === 0 && change.before !== 0) || (times.after === 0 && change.after !== 0)) return null;
  // What never happened has no price; the other side's makes the whole change one of how often.
  const priceAfter = times.after === 0 ? change.before / times.before : change.after / times.after;
  const priceBefore = times.before === 0 ? priceAfter : change.before / times.before;
  const byCount = (times.change * (priceBefore + priceAfter)) / 2;
  return { count, times, byCount, byPrice: change.change - byCount };
}

const namesOf = (before: Figures, after: Figures): readonly string[] => [
  ...new Set([...Object.keys(before), ...Object.keys(after)]),
];
/** A component may be called `constructor`. */
const figure = (figures: Figures, name: string): number => (Object.hasOwn(figures, name) ? figures[name]! : 0);
