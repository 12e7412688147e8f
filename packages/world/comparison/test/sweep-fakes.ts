/** Systems that are nothing but counts: what a run of them costs is arithmetic, or a little more than that. */
import { constantOf, createProfile, type Profile } from '@bulkhead/costs';
import type { Measured } from '../src/index.ts';

const made = createProfile('haswell');
if (!made.ok) throw new Error(made.error);
export const haswell: Profile = made.value;

export type Counts = Readonly<Record<string, number>>;
export type Fakes = Readonly<Record<string, Counts>>;

/** @returns what a system costs that does the same whatever it is charged. */
export function linear(systems: Fakes): (profile: Profile, system: string) => Measured {
  return (profile, system) => {
    const counts = systems[system]!;
    const cycles = Object.entries(counts).reduce((sum, [name, n]) => sum + n * constantOf(profile, name).cycles, 0);
    return { system, cycles, counts };
  };
}

/** @returns one whose batches grow as register writes get dearer: it rings half as often at twice the price. */
export function batching(systems: Fakes): (profile: Profile, system: string) => Measured {
  const rung = 'mmio-write';
  return (profile, system) => {
    const counts = { ...systems[system]! };
    const rise = constantOf(profile, rung).cycles / constantOf(haswell, rung).cycles;
    counts[rung] = (counts[rung] ?? 0) / rise;
    return linear({ [system]: counts })(profile, system);
  };
}
