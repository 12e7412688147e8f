/** What can be asked, and in which words: the first form that a question fits is what it asks. */
import { type Blanks, type Pattern, patternOf, readings } from './grammar.ts';
import { ASKABLE } from './verbs.ts';

/** What a question asks for. */
export type Asked =
  | 'trusted'
  | 'trusting'
  | 'trusts'
  | 'owner'
  | 'interrupts'
  | 'interrupted'
  | 'all-interrupts'
  | 'isolated'
  | 'apart'
  | 'falls'
  | 'falls-with'
  | 'survives'
  | 'depends'
  | 'place'
  | 'beside'
  | 'unused'
  | 'all-unused'
  | 'rights'
  | 'pairs'
  | 'can'
  | 'who'
  | 'what';

interface Form {
  readonly asked: Asked;
  /** How it is told to people, A and B standing for names. */
  readonly told: string;
  readonly patterns: readonly Pattern[];
}
const form = (asked: Asked, told: string, ...patterns: readonly string[]): Form => ({
  asked,
  told,
  patterns: patterns.map(patternOf),
});

/** In the order in which they are tried: those of fewer words, which fit more, come last. */
const ORDERED: readonly Form[] = [
  form(
    'trusted',
    'what must A trust',
    'WHICH? is? BASE of|for A',
    'how large|big|much|many is? BASE of|for A',
    'how much|many code|lines MUST A trust',
    'WHOSE MUST A trust|trusts',
    'WHICH KIND MUST A trust',
    'WHOSE is|are trusted by A',
    'WHOSE is in BASE of A',
    'WHICH KIND is|are in BASE of A',
    'what must be right|correct for A to be right|correct',
  ),
  form('trusting', 'who trusts A', 'WHOSE MUST? trust|trusts A', 'WHICH KIND MUST? trust|trusts A'),
  form('trusts', 'does A trust B', 'MUST A trust B', 'is B trusted by A', 'is B in|part of? BASE of A'),
  form(
    'owner',
    'who owns B',
    'WHOSE OWNS B',
    'WHICH KIND OWNS B',
    'who|what is owner|driver|holder of B',
    'who|whom does B belong to',
    'to whom does B belong',
    'whose is B',
  ),
  form('interrupts', 'which interrupts does A get', 'WHICH interrupts|interrupt CAN A GETS', 'interrupts of A'),
  form(
    'interrupted',
    'who gets the interrupts of B',
    'WHOSE CAN? GETS interrupts|interrupt of|from B',
    'WHOSE CAN? GETS B interrupts|interrupt',
    'WHICH KIND CAN? GETS interrupts|interrupt of|from B',
    'WHICH KIND CAN? GETS B interrupts|interrupt',
  ),
  form(
    'all-interrupts',
    'who gets which interrupts',
    'WHICH KIND CAN? GETS WHICH interrupts|interrupt',
    'WHOSE CAN? GETS WHICH interrupts|interrupt',
  ),
  form(
    'apart',
    'are A and B isolated from each other',
    'is|are A and B ISOLATED from? each? other?',
    'what ISOLATES A and B',
  ),
  form(
    'isolated',
    'is A isolated from B',
    'how? is|are A ISOLATED from|against B',
    'what ISOLATES A from|and|against B',
  ),
  form(
    'falls',
    'what falls if A falls',
    'WHOSE CAN? FALLS if|when|with A FALLS?',
    'CAN WHOSE FALLS if|when|with A FALLS?',
    'WHICH KIND FALLS if|when|with A FALLS?',
    'what happens if|when A FALLS',
    'what happens if|when A is? ended|killed|compromised|crashed',
    'WHOSE depends|depend|relies|rely on A',
    'WHICH KIND depends|depend|relies|rely on A',
  ),
  form('falls-with', 'does A fall if B falls', 'CAN A FALLS if|when|with B FALLS?', 'if|when B FALLS CAN A FALLS'),
  form(
    'survives',
    'does A survive if B falls',
    'CAN A survive if|when? B FALLS',
    'CAN A survive a? crash|failure|fall|death|end|loss of B',
    'CAN A survive B',
  ),
  form('depends', 'what does A depend on', 'on? WHOSE CAN A depend|rely on?', 'WHICH KIND CAN A depend|rely on'),
  form(
    'place',
    'where does A run',
    'where CAN? A RUNS',
    'where is A',
    'in? WHICH domain CAN A RUNS in?',
    'in? WHICH domain is|are A in?',
  ),
  form(
    'beside',
    'who runs in the domain of A',
    'WHOSE RUNS in|inside|with|beside same? domain? of|as|with? A',
    'WHICH KIND RUNS in|inside|with|beside same? domain? of|as|with? A',
    'WHOSE shares domain of|with A',
  ),
  form(
    'unused',
    'which rights does A never use',
    'WHICH RIGHTS CAN A have? but? NEVER use|used',
    'WHICH RIGHTS has A NEVER used',
    'WHICH? RIGHTS of A is|are|were NEVER used',
    'WHICH? is|are? unused RIGHTS of A',
  ),
  form(
    'all-unused',
    'which rights are never used',
    'WHICH? RIGHTS is|are|were|was? granted? but? NEVER used',
    'what is|are|were|was granted but? NEVER used',
    'WHICH? is|are? unused RIGHTS',
    'WHICH RIGHTS is|are unused',
  ),
  form(
    'rights',
    'what rights does A have',
    'WHICH RIGHTS CAN|has A have|has|hold|use?',
    'WHICH RIGHTS has A',
    'RIGHTS of A',
    'what CAN A do',
  ),
  form(
    'pairs',
    'who can starve whom of time',
    'WHOSE CAN? VERB TO* WHOSE OF?',
    'WHOSE CAN? VERB TO* WHICH KIND OF?',
    'WHICH KIND CAN? VERB TO* WHICH KIND OF?',
    'WHICH KIND CAN? VERB TO* WHOSE OF?',
  ),
  form(
    'what',
    'which devices|memory|components can A reach',
    'TO? WHOSE CAN A VERB TO* OF?',
    'TO? WHICH KIND CAN A VERB TO* OF?',
    'where CAN A VERB TO* OF?',
  ),
  form(
    'who',
    'who can write B',
    'WHOSE CAN? VERB TO* B OF?',
    'WHICH KIND CAN? VERB TO* B OF?',
    'CAN WHOSE VERB TO* B OF?',
    'WHOSE is able|allowed|permitted to VERB TO* B OF?',
    'by whom|who CAN|is B be? DONE',
  ),
  form(
    'can',
    `can A ${ASKABLE.join('|')} B`,
    'how|why? CAN A VERB TO* B OF?',
    'why CAN A not VERB TO* B OF?',
    'why CAN not A VERB TO* B OF?',
    'through|by WHICH CHAIN CAN A VERB TO* B OF?',
    'WHICH stops|keeps|prevents A from DOING TO* B OF?',
    'is|are A able|allowed|permitted to VERB TO* B OF?',
    'CAN A and B TOGETHER with? each? other?',
    'CAN|is|are B be? DONE by|from|for A',
    'WHICH? is? CHAIN leads? from A to B',
    'is there a? CHAIN from A to B',
  ),
];

/** What is asked most comes first. */
export const FORMS: readonly string[] = ORDERED.map(({ told }) => told).reverse();

/** @returns what the words may ask, the likeliest first. */
export function* meaningsOf(words: readonly string[]): Generator<readonly [Asked, Blanks]> {
  for (const { asked, patterns } of ORDERED)
    for (const pattern of patterns) for (const blanks of readings(pattern, words)) yield [asked, blanks];
}
