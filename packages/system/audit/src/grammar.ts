/**
 * The grammar of questions: patterns of words and blanks. A small word stands for itself, `a|b` for either, a capital
 * for a blank; `?` says that a part may be missing, `*` that it may come several times, too.
 */
import type { NodeKind } from './model.ts';
import type { ScarceResource } from './starvation.ts';
import { ACTIVE, type Askable, GERUND, PASSIVE, TOGETHER } from './verbs.ts';

/** What stands in the blanks of a question; names as they were written. */
export interface Blanks {
  readonly a?: string;
  readonly b?: string;
  readonly verb?: Askable;
  /** What is asked for, where the question says so: "which devices". */
  readonly kind?: NodeKind;
  /** "of memory or time". */
  readonly of?: readonly ScarceResource[];
}

/** Questions never mean anything by these. */
const FILLERS: readonly string[] = ['the', 'else', 'ever', 'please', 'also', 'actually', 'own'];
const CONTRACTED: readonly (readonly [RegExp, string])[] = [
  [/\bcan['’]?t\b|\bcannot\b/g, 'can not'],
  [/n['’]t\b/g, ' not'],
  [/['’]s\b/g, ''],
];

/** @returns the words of a question that matter. */
export function wordsOf(question: string): string[] {
  const text = CONTRACTED.reduce((so, [found, put]) => so.replace(found, put), question.toLowerCase());
  return text.split(/[^a-z0-9]+/).filter((word) => word !== '' && !FILLERS.includes(word));
}

const phrases = <Value>(values: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> =>
  new Map(Object.entries(values).flatMap(([text, value]) => text.split('|').map((phrase) => [phrase, value] as const)));
const same = (text: string): ReadonlyMap<string, undefined> => phrases({ [text]: undefined });

const KINDS: ReadonlyMap<string, NodeKind> = phrases<NodeKind>({
  'component|components|other component|other components|process|processes|server|servers|driver|drivers': 'component',
  'device|devices|hardware': 'device',
  'memory|piece of memory|pieces of memory|region|regions|regions of memory': 'memory',
});
const RESOURCES: ReadonlyMap<string, ScarceResource> = phrases<ScarceResource>({
  'time|cpu|cpu time|processor|processor time|hart': 'time',
  'memory|ram': 'memory',
  'interrupts|interrupt': 'interrupts',
  'queue space|queues|queue': 'queue space',
  'device|devices|nic|card': 'device',
});

/** Blanks that a list of phrases fills, and what of the question each tells. */
const LISTS: Readonly<Record<string, readonly [ReadonlyMap<string, unknown>, keyof Blanks | null]>> = {
  CAN: [same('can|could|may|might|does|do|would|will'), null],
  MUST: [same('must|does|do|should|can|has to|have to|needs to|need to'), null],
  WHICH: [same('which|what'), null],
  WHOSE: [same('who|whom|what|anyone|anybody|anything|something|somebody|someone'), null],
  KIND: [KINDS, 'kind'],
  VERB: [ACTIVE, 'verb'],
  DONE: [PASSIVE, 'verb'],
  DOING: [GERUND, 'verb'],
  TOGETHER: [TOGETHER, 'verb'],
  TO: [same('to|into|in|on|at|with|from|of|onto|over|through'), null],
  FALLS: [
    same(
      'fall|falls|die|dies|fail|fails|crash|crashes|fell|died|failed|crashed|broke|go down|goes down|break|breaks|end|ends|misbehaves|is killed|is compromised|is gone|goes away',
    ),
    null,
  ],
  BASE: [same('trusted base|trusted computing base|tcb'), null],
  GETS: [
    same('get|gets|receive|receives|handle|handles|take|takes|serve|serves|have|has|own|owns|access|bind|binds'),
    null,
  ],
  ISOLATED: [same('isolated|protected|separated|shielded|safe|secure|insulated|walled off'), null],
  ISOLATES: [same('isolates|protects|separates|shields|secures|stands between|is between'), null],
  OWNS: [same('owns|own|holds|hold|has|drives|drive|possesses'), null],
  CHAIN: [same('chain|path|way|route|shortest chain|shortest path|shortest way|shortest route'), null],
  RUNS: [same('run|runs|stand|stands|live|lives|is|are|sit|sits'), null],
  RIGHTS: [same('rights|right|capabilities|authority|permissions|privileges'), null],
  NEVER: [same('never|not'), null],
};

interface Part {
  readonly text: string;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
}
/** One way to ask. */
export type Pattern = readonly Part[];

export const patternOf = (text: string): Pattern =>
  text.split(' ').map((part) => ({
    text: part.replace(/[?*]$/, ''),
    isOptional: /[?*]$/.test(part),
    isRepeated: part.endsWith('*'),
  }));

type Found = readonly [end: number, blanks: Blanks];

/** @returns all ways to read the words by the pattern, names as short as they can be first. */
export function* readings(pattern: Pattern, words: readonly string[], at = 0, blanks: Blanks = {}): Generator<Blanks> {
  const [part, ...rest] = pattern;
  if (part === undefined) {
    if (at === words.length) yield blanks;
    return;
  }
  for (const [end, more] of fillings(part.text, words, at))
    yield* readings(part.isRepeated ? pattern : rest, words, end, { ...blanks, ...more });
  if (part.isOptional) yield* readings(rest, words, at, blanks);
}

const fillings = (text: string, words: readonly string[], at: number): Found[] =>
  text.split('|').flatMap((one) => filling(one, words, at));
function filling(text: string, words: readonly string[], at: number): Found[] {
  const list = LISTS[text];
  if (list !== undefined) return inList(list, words, at);
  if (text === 'A' || text === 'B') return names(text === 'A' ? 'a' : 'b', words, at);
  if (text === 'OF') return resources(words, at);
  return text === words[at] ? [[at + 1, {}]] : [];
}
const LONGEST_PHRASE_WORDS = 3;
/** The longest first. */
function inList([list, key]: (typeof LISTS)[string], words: readonly string[], at: number): Found[] {
  const found: Found[] = [];
  for (let end = Math.min(words.length, at + LONGEST_PHRASE_WORDS); end > at; end--) {
    const phrase = words.slice(at, end).join(' ');
    if (list.has(phrase)) found.push([end, key === null ? {} : { [key]: list.get(phrase) }]);
  }
  return found;
}
/** A queue is named by the ends of its connection. */
const LONGEST_NAME_WORDS = 24;
const names = (key: 'a' | 'b', words: readonly string[], at: number): Found[] =>
  words
    .slice(at, at + LONGEST_NAME_WORDS)
    .map((_, i) => [at + i + 1, { [key]: words.slice(at, at + i + 1).join(' ') }]);
/** "of memory", "of memory or time". */
function resources(words: readonly string[], at: number): Found[] {
  const joint = words[at] ?? '';
  if (joint !== 'of' && joint !== 'or' && joint !== 'and') return [];
  return inList([RESOURCES, null], words, at + 1).flatMap(([end]): Found[] => {
    const of = RESOURCES.get(words.slice(at + 1, end).join(' '))!;
    const further = resources(words, end).map(([last, more]): Found => [last, { of: [of, ...more.of!] }]);
    return [...further, [end, { of: [of] }]];
  });
}
