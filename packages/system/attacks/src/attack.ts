/** One attack on one system that has just booted. */
import type { AssembleOptions, Description } from '@bulkhead/assembler';
import { aftermathOf, now, reportsSince } from './reports.ts';
import { Turncoat } from './turncoat.ts';
import type { Verdict, Wall } from './verdict.ts';

export interface Attack {
  readonly name: string;
  /** What the driver tries, in words. */
  readonly title: string;
  /** What should stop it. */
  readonly wall: Wall;
  /** Does it. @returns the damage in words, or null. */
  readonly act: (turncoat: Turncoat) => string | null;
}

/** What everything costs, and what everything by chance comes from. */
export type AttemptOptions = Pick<AssembleOptions, 'profile' | 'seed'>;

/** Time in which those who are told of an attack deal with it. */
const AFTERWARDS_NS = 4_000_000;

/**
 * Lets the system's driver of the first network card turn, and sees what becomes of it.
 * @throws TypeError for a system without one that is known here, and for an attack that its card cannot do.
 */
export function attempt(description: Description, { name, wall, act }: Attack, options: AttemptOptions = {}): Verdict {
  const turncoat = new Turncoat(description, options);
  const since = now(turncoat);
  const damage = act(turncoat);
  const { beats } = turncoat.witness;
  turncoat.run(AFTERWARDS_NS);
  const panic = turncoat.system.panic === null ? null : `the system panicked: ${turncoat.system.panic.message}`;
  const all = [damage, panic].filter((one) => one !== null);
  return {
    attack: name,
    system: description.name,
    outcome: all.length > 0 ? 'damage' : 'stopped',
    wall,
    reports: reportsSince(turncoat, since),
    damage: all.length > 0 ? all.join('; ') : null,
    aftermath: aftermathOf(turncoat, since),
    bystanderLives: turncoat.witness.beats > beats,
  };
}

/** The description with one of its walls taken away. @throws TypeError for a wall that is no switch. */
export function without(description: Description, wall: Wall): Description {
  const { budgets, ...unbudgeted } = description;
  switch (wall) {
    case 'iommu':
      return { ...description, iommu: 'off' };
    case 'ownership':
      return { ...description, ownership: 'off' };
    case 'messages':
      return { ...description, messages: 'off' };
    case 'budgets':
      return unbudgeted;
    default:
      throw new TypeError(`attacks: '${wall}' is no switch: use one of ${SWITCHES.join(', ')}`);
  }
}
/** The walls that a description can leave out. */
export const SWITCHES: readonly Wall[] = ['iommu', 'ownership', 'messages', 'budgets'];
