/** Profiles under changed assumptions. A published profile is never tuned; what is made here says so in every source. */
import { invariant } from '@bulkhead/result';
import { type Certainty, type Constant, timesFactor } from './constant.ts';
import { constantOf, labelOf } from './explain.ts';
import type { Profile } from './profile.ts';

/**
 * The same machine with some prices multiplied, and rounded to whole cycles. Counts are not told: who wants to know
 * what a changed price does runs the system again, for prices change batching, and so what happens.
 *
 * @param factors by primitive or piece of work `<component>.<piece>`. Idle time has no price that could change.
 */
export function scaled(profile: Profile, factors: Readonly<Record<string, number>>): Profile {
  const constants: Record<string, Constant> = { ...profile.constants };
  const work: Record<string, Constant> = { ...profile.work };
  const kept: Record<string, number> = { ...profile.factors };
  for (const [name, factor] of Object.entries(factors)) {
    const isPrimitive = Object.hasOwn(constants, name);
    invariant(isPrimitive || name.includes('.'), `no price '${name}' to scale`);
    invariant(name !== 'idle' && factor >= 0 && Number.isFinite(factor), `'${name}' by ${factor}`);
    (isPrimitive ? constants : work)[name] = timesFactor(constantOf(profile, name), factor);
    kept[name] = (kept[name] ?? 1) * factor;
  }
  return { ...profile, constants: constants as Profile['constants'], work, factors: kept };
}

/** A price that may be doubted. */
export interface Assumption {
  /** Primitive or piece of work. */
  readonly name: string;
  readonly label: string;
  readonly constant: Constant;
}

/**
 * @param names of primitives and pieces of work, as a ledger has them.
 * @param certainties which to doubt. @defaultValue only what is assumed. A `derived` price rests on published figures,
 * of another machine or by a formula; whoever doubts those too adds it.
 * @returns the doubtful among `names`, each once, without those of no cycles: no factor changes them.
 */
export const assumptionsOf = (
  profile: Profile,
  names: readonly string[],
  certainties: readonly Certainty[] = ['assumed'],
): Assumption[] =>
  [...new Set(names)]
    .filter((name) => name !== 'idle')
    .map((name) => ({ name, label: labelOf(profile, name), constant: constantOf(profile, name) }))
    .filter(({ constant }) => constant.cycles > 0 && certainties.includes(constant.certainty));
