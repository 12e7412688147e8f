/** What stands and falls with what: isolation, failures, and trust. */
import { type Answer, briefly, enumerated, listed, no, type Question, refusal, yes } from './answer.ts';
import { chainFor } from './asking.ts';
import { chainTo, controlThen, learning, type Rule } from './chain.ts';
import { type Cell, containment, EFFECTS, type Effect, endedBy, fate, MEANINGS } from './containment.ts';
import { type Audit, type AuditEdge, type AuditNode, componentsOf } from './model.ts';
import { trustedBy } from './trusted-base.ts';

/** Without memory that carries data: that both ends of a connection share, and neither believes. */
const secrets: Rule = (next, before) => next.verb !== 'carries-data-of' && learning(next, before);

type Breach = readonly [what: string, chain: readonly AuditEdge[]];
/** How one breaks into the other; null when walls keep it out. */
function breach(audit: Audit, intruder: AuditNode, kept: AuditNode): Breach | null {
  const isPair = intruder.kind === 'component' && kept.kind === 'component';
  const ended = isPair ? (fate(intruder, kept) ?? endedBy(audit, intruder, kept)) : null;
  const ways: readonly (readonly [string, readonly AuditEdge[] | null | undefined])[] = [
    ['write', chainTo(audit, intruder.id, kept.id, controlThen())],
    ['end', ended],
    ['read', chainTo(audit, intruder.id, kept.id, secrets)],
  ];
  for (const [verb, chain] of ways) if (chain) return [`${intruder.id} can ${verb} ${kept.id}`, chain];
  return null;
}
const cellOf = (audit: Audit, failing: AuditNode, affected: AuditNode): Cell | undefined =>
  containment(audit)
    .cells.flat()
    .find((cell) => cell.failing === failing.id && cell.affected === affected.id);
const worstOf = (audit: Audit, failing: AuditNode, affected: AuditNode): string => {
  const cell = cellOf(audit, failing, affected);
  return cell === undefined
    ? ''
    : `. At the worst, if ${failing.id} misbehaves, ${affected.id}: ${cell.effect}. ${MEANINGS[cell.effect]}`;
};

export function isolated({ audit, a, b }: Question): Answer {
  if (a.id === b.id) return no(`${a.id} is not isolated from itself`);
  const found = breach(audit, b, a);
  if (found !== null) return no(`${a.id} is not isolated from ${b.id}: ${found[0]}`, found[1]);
  return yes(
    `${a.id} is isolated from ${b.id}: nothing lets ${b.id} write it, end it or read what is its own${worstOf(audit, b, a)}`,
    [],
  );
}
export function apart(question: Question): Answer {
  const { a, b } = question;
  const there = isolated(question);
  const back = isolated({ ...question, a: b, b: a });
  if (there.kind === 'no' || back.kind === 'no') return there.kind === 'no' ? there : back;
  return { kind: 'yes', text: `${there.text}\n${back.text}`, chain: [] };
}

const isComponent = ({ kind }: AuditNode): boolean => kind === 'component';
const noComponent = (audit: Audit, { id }: AuditNode): Answer =>
  refusal(
    `'${id}' is no component, and only components fall: ask of ${enumerated(componentsOf(audit).map((one) => one.id))}`,
  );

/** The row of the containment matrix. */
export function falls({ audit, a }: Question): Answer {
  if (!isComponent(a)) return noComponent(audit, a);
  const { cells, components } = containment(audit);
  const names = componentsOf(audit)
    .filter((b) => b.id !== a.id && fate(a, b) !== null)
    .map(({ id }) => id);
  const lines = cells[components.indexOf(a.id)]!.filter(
    ({ affected, effect }) => affected !== a.id && effect !== 'untouched',
  ).map(({ affected, effect }) => `  ${affected}: ${effect}`);
  const worst = lines.length === 0 ? [] : ['at the worst, if it misbehaves first:', ...lines];
  return {
    kind: 'list',
    text: [`what falls if ${a.id} falls: ${names.length === 0 ? 'nothing else' : names.join(', ')}`, ...worst].join(
      '\n',
    ),
    names,
  };
}
/** Its column: by effect, the worst first. */
export function depends({ audit, a }: Question): Answer {
  if (!isComponent(a)) return noComponent(audit, a);
  const cells = containment(audit).cells.flatMap((row) =>
    row.filter(({ affected, failing }) => affected === a.id && failing !== a.id),
  );
  const by = (effect: Effect): string[] => cells.filter((cell) => cell.effect === effect).map(({ failing }) => failing);
  const met = EFFECTS.filter((effect) => effect !== 'untouched' && by(effect).length > 0);
  return listed(
    `whose failure ${a.id} may meet`,
    met.flatMap(by),
    met.map((effect) => `  ${effect}, with ${by(effect).join(', ')}: ${MEANINGS[effect]}`),
  );
}
/** Whether one ends when the other ends: what a failure may do before is told beside it. */
export function fallsWith({ audit, a, b }: Question): Answer {
  if (!isComponent(a) || !isComponent(b)) return noComponent(audit, isComponent(a) ? b : a);
  if (a.id === b.id) return yes(`${a.id} falls: it is itself`, []);
  const shared = fate(b, a);
  if (shared !== null) return yes(`${a.id} falls if ${b.id} falls`, shared);
  return no(`${a.id} does not fall if ${b.id} falls: each has a domain of its own${worstOf(audit, b, a)}`);
}
export function survives(question: Question): Answer {
  const found = fallsWith(question);
  if (found.kind !== 'yes' && found.kind !== 'no') return found;
  const { a, b, audit } = question;
  if (found.kind === 'no') return yes(`${a.id} survives if ${b.id} falls${worstOf(audit, b, a)}`, []);
  return no(`${a.id} falls if ${b.id} falls`, found.chain);
}

/** The trusted computing base, each with the chain by which it could corrupt it. */
export function trusted({ audit, facts, a }: Question): Answer {
  const base = trustedBy(audit, a.id);
  const size = facts.trustedBases?.find(({ component }) => component === a.id);
  const lines =
    size === undefined
      ? []
      : [
          `  ${size.lines} lines of code: ${size.kernelLines} of the kernel, ${size.componentLines} of others; its own left out`,
        ];
  return listed(
    `what ${a.id} must trust`,
    base.map(({ name }) => name),
    [...lines, ...base.map(({ chain }) => `  ${briefly(chain)}`)],
  );
}
export const trusting = ({ audit, a }: Question): Answer =>
  listed(
    `who must trust ${a.id}, which could corrupt it`,
    componentsOf(audit)
      .filter(({ id }) => id !== a.id && chainTo(audit, a.id, id, controlThen()) !== undefined)
      .map(({ id }) => id),
  );
export function trusts(question: Question): Answer {
  const { audit, a, b } = question;
  const chain = chainTo(audit, b.id, a.id, controlThen());
  if (chain !== undefined) return yes(`${a.id} must trust ${b.id}, which could corrupt it`, chain);
  const nearest = chainFor(audit, b, 'reach', a);
  const near = nearest === null ? '' : `. What comes nearest: ${briefly(nearest)}`;
  return no(`${a.id} need not trust ${b.id}: nothing lets ${b.id} write it${near}`);
}
