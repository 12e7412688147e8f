/** One operation, moment by moment: what a system really did, in order. */
import { constantOf, labelOf, type Profile } from '@bulkhead/costs';
import type { Primitive, TraceSink } from '@bulkhead/ledger';
import type { Observer } from '@bulkhead/microkernel';
import { unreachable } from '@bulkhead/result';
import type { AssembleOptions } from './assemble.ts';

/** One charge. */
export interface Step {
  /** Who was charged. */
  readonly component: string;
  readonly primitive: string;
  /** What the profile's machine calls it. */
  readonly label: string;
  readonly cause: string;
  /** 0 for time without a price. */
  readonly count: number;
  readonly cycles: number;
  readonly certainty: string;
  readonly source: string;
}

/** What happens at one time; between two charges no time passes. */
export type Moment =
  | { readonly kind: 'charge'; readonly atCycles: number; readonly step: Step }
  /** A handler begins. `caller` waits for it; null when it was woken. */
  | { readonly kind: 'entered'; readonly atCycles: number; readonly component: string; readonly caller: string | null }
  | { readonly kind: 'left'; readonly atCycles: number; readonly component: string }
  /** A frame has come, at the machine or at the other end of the wire. */
  | {
      readonly kind: 'frame';
      readonly atCycles: number;
      readonly toMachine: boolean;
      readonly nic: number;
      readonly lenBytes: number;
    };

type Tap = NonNullable<AssembleOptions['tap']>;

/** The same with numbers for names. */
type Recorded =
  | { readonly kind: 'charge'; atCycles: number; component: number; primitive: number; count: number; cycles: number }
  | { readonly kind: 'entered'; atCycles: number; component: number; caller: number }
  | { readonly kind: 'left'; atCycles: number; component: number }
  | Extract<Moment, { readonly kind: 'frame' }>;

/** From the end of the link that is the world's. */
const FROM_WORLD = 1;
const NOBODY = -1;

/**
 * Collects charges, handlers and frames while it is `on`: `trace`, `observer` and `tap` of one system's options.
 * Charges follow each other without a gap, so each began when the one before it ended.
 */
export class Recorder {
  on = false;
  readonly #recorded: Recorded[] = [];
  #now = 0;

  readonly sink: TraceSink = (component, primitive, count, endCycles) => {
    const atCycles = this.#now;
    this.#now = endCycles;
    if (this.on)
      this.#recorded.push({ kind: 'charge', atCycles, component, primitive, count, cycles: endCycles - atCycles });
  };
  readonly observer: Observer = {
    entered: (component, caller) => {
      if (this.on) this.#recorded.push({ kind: 'entered', atCycles: this.#now, component, caller });
    },
    left: (component) => {
      if (this.on) this.#recorded.push({ kind: 'left', atCycles: this.#now, component });
    },
  };
  readonly tap: Tap = (from, atCycles, _frame, lenBytes, nic) => {
    if (this.on) this.#recorded.push({ kind: 'frame', atCycles, toMachine: from === FROM_WORLD, nic, lenBytes });
  };

  /** How many moments were collected. */
  get count(): number {
    return this.#recorded.length;
  }
  /** What was collected, with prices and their sources. */
  moments(profile: Profile, components: readonly string[], primitives: readonly Primitive[]): Moment[] {
    return this.#recorded.map((recorded) => named(recorded, profile, components, primitives));
  }
  /** The charges alone. */
  steps(profile: Profile, components: readonly string[], primitives: readonly Primitive[]): Step[] {
    return this.moments(profile, components, primitives).flatMap((moment) =>
      moment.kind === 'charge' ? [moment.step] : [],
    );
  }
}

function named(
  recorded: Recorded,
  profile: Profile,
  components: readonly string[],
  primitives: readonly Primitive[],
): Moment {
  switch (recorded.kind) {
    case 'charge': {
      const { kind, atCycles, component, primitive } = recorded;
      return { kind, atCycles, step: stepOf(profile, components[component]!, primitives[primitive]!, recorded) };
    }
    case 'entered': {
      const caller = recorded.caller === NOBODY ? null : components[recorded.caller]!;
      return { ...recorded, component: components[recorded.component]!, caller };
    }
    case 'left':
      return { ...recorded, component: components[recorded.component]! };
    case 'frame':
      return recorded;
    default:
      return unreachable(recorded);
  }
}

function stepOf(
  profile: Profile,
  component: string,
  { name, cause }: Primitive,
  { count, cycles }: { readonly count: number; readonly cycles: number },
): Step {
  const { certainty, source } = constantOf(profile, name);
  return { component, primitive: name, label: labelOf(profile, name), cause, count, cycles, certainty, source };
}
