/** One operation, charge by charge: what a system really did between two moments, in order. */
import { constantOf, labelOf, type Profile } from '@bulkhead/costs';
import type { Primitive, TraceSink } from '@bulkhead/ledger';

export interface Step {
  readonly component: string;
  readonly primitive: string;
  /** What the profile's machine calls it. */
  readonly label: string;
  readonly cause: string;
  readonly count: number;
  readonly cycles: number;
  readonly certainty: string;
  readonly source: string;
}

/** Collects charges while it is `on`. */
export class Recorder {
  on = false;
  readonly #charges: { component: number; primitive: number; count: number }[] = [];

  readonly sink: TraceSink = (component, primitive, count) => {
    if (this.on) this.#charges.push({ component, primitive, count });
  };
  /** What was collected, with prices and their sources. */
  steps(profile: Profile, components: readonly string[], primitives: readonly Primitive[]): Step[] {
    return this.#charges.map(({ component, primitive, count }) => {
      const { name, cause } = primitives[primitive]!;
      const { cycles, certainty, source } = constantOf(profile, name);
      return {
        component: components[component]!,
        primitive: name,
        label: labelOf(profile, name),
        cause,
        count,
        cycles: cycles * count,
        certainty,
        source,
      };
    });
  }
}
