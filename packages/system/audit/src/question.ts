/** Questions in plain words, answered with the shortest chain. */
import { anything, chainsFrom, controlThen, learning, type Rule } from './chain.ts';
import { containment, endedBy, fate } from './containment.ts';
import { type Audit, type AuditEdge, type AuditNode, componentsOf, domainId, VERBS } from './model.ts';
import { findName, namesOf } from './names.ts';
import { GUARANTEES, type ScarceResource, starvation } from './starvation.ts';

/** What can be asked about two names. */
export const ASKABLE = [
  'read',
  'write',
  'reach',
  'call',
  'signal',
  'interrupt',
  'end',
  'start',
  'starve',
  'DMA',
] as const;
export type Askable = (typeof ASKABLE)[number];

export type Answer =
  | { readonly kind: 'yes' | 'no'; readonly text: string; readonly chain: readonly AuditEdge[] }
  | { readonly kind: 'list'; readonly text: string; readonly names: readonly string[] }
  | { readonly kind: 'not-understood'; readonly text: string };

export const FORMS: readonly string[] = [
  `can A ${ASKABLE.join('|')} B`,
  'who can write B',
  'what can A reach',
  'what falls if A falls',
];

const SYNONYMS: Readonly<Record<Askable, string>> = {
  read: 'read|see|load|spy on|leak',
  write: 'write|corrupt|modify|change|overwrite|store|damage|spoil',
  reach: 'reach|affect|influence|touch|access|get',
  call: 'call|invoke|cast|message|talk|ask|send',
  signal: 'signal|notify|wake',
  interrupt: 'interrupt',
  end: 'end|kill|stop|crash|terminate|take down',
  start: 'start|restart',
  starve: 'starve|stall|block|hog|delay|slow',
  DMA: 'dma',
};
const verbOf = (word: string): Askable | undefined =>
  ASKABLE.find((verb) => SYNONYMS[verb].split('|').includes(word.replace(/\s+/g, ' ')));
const ANY_VERB: string = ASKABLE.map((verb) => SYNONYMS[verb])
  .join('|')
  .replaceAll(' ', '\\s+');
const TAIL = '(?:\\s+(?:to|into|in|on|at|with|from|of))*';

const CAN = new RegExp(`^can\\s+(.+?)\\s+(${ANY_VERB})${TAIL}(?:\\s+(.+))?$`, 'i');
const WHO = new RegExp(`^who\\s+can\\s+(${ANY_VERB})${TAIL}\\s+(.+)$`, 'i');
const WHAT = new RegExp(`^(?:what|whom?)\\s+can\\s+(.+?)\\s+(${ANY_VERB})${TAIL}$`, 'i');
const FALLS =
  /^(?:what|who)\s+(?:falls|dies|fails|goes\s+down|crashes)\s+(?:if|when|with)\s+(.+?)(?:\s+(?:falls|dies|fails|goes\s+down|crashes))?$/i;

/** @returns the answer, or one line with the forms that are understood. */
export function ask(audit: Audit, question: string): Answer {
  const text = question.replace(/[?.!'"]+/g, ' ').trim();
  const falls = FALLS.exec(text);
  if (falls !== null) return withName(audit, falls[1]!, (a) => whatFalls(audit, a));
  const who = WHO.exec(text);
  if (who !== null) return withName(audit, who[2]!, (b) => whoCan(audit, verbOf(who[1]!.toLowerCase())!, b));
  const what = WHAT.exec(text);
  if (what !== null) return withName(audit, what[1]!, (a) => whatCan(audit, a, verbOf(what[2]!.toLowerCase())!));
  const can = CAN.exec(text);
  if (can === null || can[3] === undefined)
    return notUnderstood(audit, `'${question}' is no question that is understood`);
  const [, from = '', verb = '', to = ''] = can;
  return withName(audit, from, (a) => withName(audit, to, (b) => canIt(audit, a, verbOf(verb.toLowerCase())!, b)));
}

function withName(audit: Audit, text: string, then: (found: AuditNode) => Answer): Answer {
  const found = findName(audit, text);
  return found === null ? notUnderstood(audit, `there is no '${text.trim()}' in ${audit.system}`) : then(found);
}
const notUnderstood = (audit: Audit, why: string): Answer => ({
  kind: 'not-understood',
  text: `${why}: ask ${FORMS.map((form) => `'${form}'`).join(', ')}; names: ${namesOf(audit).join(', ')}`,
});

const RULES: Readonly<Record<Exclude<Askable, 'starve' | 'DMA' | 'end'>, Rule>> = {
  read: learning,
  write: controlThen('carries-data-of'),
  reach: anything,
  call: controlThen('calls', 'casts'),
  signal: controlThen('signals'),
  interrupt: controlThen('interrupts'),
  start: controlThen('starts'),
};
/** The verbs by which a chain that answers a question may end; other chains lead there by another way. */
const LAST: Readonly<Partial<Record<Askable, readonly string[]>>> = {
  call: ['calls', 'casts'],
  signal: ['signals'],
  interrupt: ['interrupts'],
  start: ['starts'],
};

/** The shortest chain by which one can do it to the other; null when it cannot. */
export function chainFor(audit: Audit, a: AuditNode, verb: Askable, b: AuditNode): readonly AuditEdge[] | null {
  if (verb === 'starve') return starving(audit, a, b);
  if (verb === 'DMA') return throughDevice(audit, a, b);
  if (verb === 'write') return chainsFrom(audit, a.id, controlThen()).get(b.id) ?? withRule(audit, a, verb, b);
  if (verb === 'end') return ending(audit, a, b);
  return withRule(audit, a, verb, b) ?? (LAST[verb] === undefined ? null : throughControl(audit, a, b));
}
function withRule(audit: Audit, a: AuditNode, verb: keyof typeof RULES, b: AuditNode): readonly AuditEdge[] | null {
  const last = LAST[verb];
  const target = verb === 'start' && b.kind === 'component' ? domainId(b.domain!) : b.id;
  const rule = RULES[verb];
  const chain = chainsFrom(audit, a.id, last === undefined ? rule : endingWith(rule, last, target)).get(target);
  return chain === undefined || (last !== undefined && !last.includes(chain.at(-1)!.verb)) ? null : chain;
}
/** No other way into the target counts. */
const endingWith =
  (rule: Rule, last: readonly string[], target: string): Rule =>
  (next, before) =>
    rule(next, before) && (next.to !== target || last.includes(next.verb));
/** Whoever has another under control does to it what it likes. */
const throughControl = (audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null =>
  chainsFrom(audit, a.id, controlThen()).get(b.id) ?? null;

function ending(audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null {
  const shared = a.kind === 'component' && b.kind === 'component' ? fate(a, b) : null;
  const controlled = chainsFrom(audit, a.id, controlThen());
  return (
    shared ?? (a.domain === null || b.domain === null ? null : endedBy(audit, a, b)) ?? controlled.get(b.id) ?? null
  );
}
function starving(audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null {
  const found = starvation(audit).find(({ starver, starved }) => starver === a.id && starved === b.id);
  if (found === undefined) return throughControl(audit, a, b);
  return [{ from: a.id, verb: 'stalls', to: b.id, reason: `${found.resource}: ${found.reason}` }];
}
/** First to a device, and from there by its own accesses. */
function throughDevice(audit: Audit, a: AuditNode, b: AuditNode): readonly AuditEdge[] | null {
  const byDevice: Rule = ({ verb }, before) =>
    before === null ? verb.startsWith('dma-') : ['contains', 'holds-state-of', 'carries-data-of'].includes(verb);
  const ways: (readonly AuditEdge[])[] = [];
  const control = chainsFrom(audit, a.id, controlThen());
  for (const { id, kind } of audit.nodes) {
    const there = id === a.id ? [] : control.get(id);
    const on = kind === 'device' && there !== undefined ? chainsFrom(audit, id, byDevice).get(b.id) : undefined;
    if (there !== undefined && on !== undefined) ways.push([...there, ...on]);
  }
  return ways.sort((one, other) => one.length - other.length)[0] ?? null;
}

function canIt(audit: Audit, a: AuditNode, verb: Askable, b: AuditNode): Answer {
  const can = `${a.id} can ${verb} ${b.id}`;
  if (a.id === b.id) return { kind: 'yes', text: `yes: ${can}: it is itself`, chain: [] };
  const chain = chainFor(audit, a, verb, b);
  if (chain === null) return { kind: 'no', text: `no: nothing lets ${a.id} ${verb} ${b.id}${hint(verb)}`, chain: [] };
  const only =
    chain.at(-1)!.verb === 'carries-data-of' ? ', but only memory that carries data between two components' : '';
  return { kind: 'yes', text: [`yes: ${can}${only}`, ...stepsOf(chain)].join('\n'), chain };
}
const hint = (verb: Askable): string => {
  const resource: ScarceResource = 'memory';
  return verb === 'starve' ? `. ${GUARANTEES[resource]}` : '';
};
/** Numbered steps in words. */
export const stepsOf = (chain: readonly AuditEdge[]): string[] =>
  chain.map(({ from, verb, to, reason }, i) => `  ${i + 1}. ${from} ${verb.replaceAll('-', ' ')} ${to}: ${reason}`);

function whoCan(audit: Audit, verb: Askable, b: AuditNode): Answer {
  const names = componentsOf(audit)
    .filter((a) => a.id !== b.id && chainFor(audit, a, verb, b) !== null)
    .map(({ id }) => id);
  return listed(`who can ${verb} ${b.id}`, names);
}
/** What it does by itself, then what others do for it. */
function whatCan(audit: Audit, a: AuditNode, verb: Askable): Answer {
  const others = audit.nodes.filter((b) => b.id !== a.id && b.kind !== 'domain');
  const all = others.filter((b) => chainFor(audit, a, verb, b) !== null).map(({ id }) => id);
  if (verb !== 'reach') return listed(`what ${a.id} can ${verb}`, all);
  const own = chainsFrom(audit, a.id, controlThen(...VERBS));
  const names = all.filter((id) => own.has(id));
  const through = others.filter(({ id, kind }) => kind !== 'memory' && all.includes(id) && !own.has(id));
  const more = through.length === 0 ? [] : [`only through others: ${through.map(({ id }) => id).join(', ')}`];
  return { kind: 'list', text: [listed(`what ${a.id} can reach`, names).text, ...more].join('\n'), names };
}
function whatFalls(audit: Audit, a: AuditNode): Answer {
  if (a.kind !== 'component') return notUnderstood(audit, `'${a.id}' is no component`);
  const { cells, components } = containment(audit);
  const row = cells[components.indexOf(a.id)]!;
  const others = componentsOf(audit).filter((b) => b.id !== a.id && fate(a, b) !== null);
  const lines = row
    .filter(({ affected, effect }) => affected !== a.id && effect !== 'untouched')
    .map(({ affected, effect }) => `  ${affected}: ${effect}`);
  const head = others.length === 0 ? 'nothing else' : others.map(({ id }) => id).join(', ');
  const worst = lines.length === 0 ? [] : ['at the worst, if it misbehaves first:', ...lines];
  return {
    kind: 'list',
    text: [`what falls if ${a.id} falls: ${head}`, ...worst].join('\n'),
    names: others.map(({ id }) => id),
  };
}
const listed = (what: string, names: readonly string[]): Answer & { readonly kind: 'list' } => ({
  kind: 'list',
  text: `${what}: ${names.length === 0 ? 'nobody' : names.join(', ')}`,
  names,
});
