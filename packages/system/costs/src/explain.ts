/** Prices by name, for ledgers and for people. */
import type { Primitive } from '@bulkhead/ledger';
import type { Constant } from './constant.ts';
import { PRIMITIVES, type PrimitiveName } from './primitives.ts';
import type { Profile } from './profile.ts';
import { PIECES, priceOfWork } from './work.ts';

const isPrimitive = (profile: Profile, name: string): name is PrimitiveName => Object.hasOwn(profile.constants, name);

/** @returns the constant of a primitive or of a piece of work `<component>.<piece>`. */
export const constantOf = (profile: Profile, name: string): Constant =>
  isPrimitive(profile, name) ? profile.constants[name] : priceOfWork(profile, name);

/** @returns what this machine calls the primitive, or its own name. */
export const labelOf = (profile: Profile, name: string): string =>
  (isPrimitive(profile, name) ? profile.labels[name] : undefined) ?? name;

/** @returns whole cycles, one a primitive, in the same order: what a ledger takes. */
export const pricesOf = (profile: Profile, primitives: readonly Primitive[]): number[] =>
  primitives.map(({ name }) => constantOf(profile, name).cycles);

/** @returns one line: label, cycles, certainty, source. */
export function explainConstant(profile: Profile, name: string): string {
  const { cycles, unit, source, certainty, evidence } = constantOf(profile, name);
  const of = unit === undefined ? '' : ` (${unit})`;
  return `${labelOf(profile, name)}${of}: ${cycles} cycles, ${certainty}, ${evidence}: ${source}`;
}

/** A line of a profile's table: a price that is charged, or a figure that stands beside the prices. */
export interface ProfileEntry extends Constant {
  readonly kind: 'primitive' | 'work' | 'reference';
  /** What a ledger calls it; of a reference, its label. */
  readonly name: string;
  readonly label: string;
  /** The upper end, where a range was published. */
  readonly toCycles?: number;
}

/** @returns everything that the profile knows: primitives, then pieces of work that have a price of their own, then references. */
export function entriesOf(profile: Profile): ProfileEntry[] {
  const priced = (kind: 'primitive' | 'work', name: string): ProfileEntry => ({
    kind,
    name,
    label: labelOf(profile, name),
    ...constantOf(profile, name),
  });
  const pieces = new Set([...Object.keys(PIECES), ...Object.keys(profile.work)]);
  return [
    ...PRIMITIVES.map(({ name }) => priced('primitive', name)),
    ...[...pieces].map((name) => priced('work', name)),
    ...profile.reference.map((reference) => ({ kind: 'reference' as const, name: reference.label, ...reference })),
  ];
}
