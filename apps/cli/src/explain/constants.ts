/** Every constant of a profile: what a ledger can charge, and why it costs what it costs. */
import type { Description } from '@bulkhead/assembler';
import { type Constant, constantOf, labelOf, PRIMITIVES, type Profile } from '@bulkhead/costs';
import { kindOf } from '@bulkhead/runtime';

export interface ExplainedConstant extends Constant {
  readonly name: string;
  /** What the profile's machine calls it. */
  readonly label: string;
  readonly unit: string;
}
export interface ConstantsReport {
  readonly operation: 'constants';
  readonly profile: string;
  readonly profileTitle: string;
  readonly cyclesPerSecond: number;
  readonly constants: readonly ExplainedConstant[];
  /** Published figures beside the prices: told, never spent. */
  readonly reference: Profile['reference'];
}

const WORK_UNIT = 'one piece of the work of a component';

/** Primitives first, then the work of the components of these systems, each once. */
export function explainConstants(profile: Profile, systems: readonly Description[]): ConstantsReport {
  const work = systems.flatMap(({ components }) =>
    components.flatMap((definition) => definition.work.map((piece) => `${kindOf(definition)}.${piece}`)),
  );
  const names = [...PRIMITIVES.map(({ name }) => name), ...new Set([...work, ...Object.keys(profile.work)])];
  return {
    operation: 'constants',
    profile: profile.name,
    profileTitle: profile.title,
    cyclesPerSecond: profile.cyclesPerSecond,
    constants: names.map((name) => ({
      name,
      label: labelOf(profile, name),
      unit: WORK_UNIT,
      ...constantOf(profile, name),
    })),
    reference: profile.reference,
  };
}
