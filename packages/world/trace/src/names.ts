/** What the numbers of a log mean: taken from the system when it has been assembled. */
import type { System } from '@bulkhead/assembler';
import { labelOf } from '@bulkhead/costs';

export interface Names {
  readonly system: string;
  readonly profile: string;
  readonly cyclesPerSecond: number;
  /** The kernel's domain comes first. */
  readonly domains: readonly string[];
  /** By the ledger's numbers; the kernel comes last. */
  readonly components: readonly NamedComponent[];
  readonly primitives: readonly NamedPrimitive[];
}
export interface NamedComponent {
  readonly name: string;
  /** Index in `domains`. */
  readonly domain: number;
  readonly level: number;
}
export interface NamedPrimitive {
  readonly name: string;
  /** What this profile calls it. */
  readonly label: string;
  readonly cause: string;
}

/** Above every component's. */
const KERNEL_LEVEL = 1000;

export function namesOf({ description, profile, clock, kernel, ledger, places }: System): Names {
  const kernelDomain = kernel.domains.findIndex(({ isKernel }) => isKernel);
  return {
    system: description.name,
    profile: profile.name,
    cyclesPerSecond: clock.cyclesPerSecond,
    domains: kernel.domains.map(({ name }) => name),
    components: ledger.components.map((name, index) => {
      const seat = places[index]?.seat;
      if (seat === undefined) return { name, domain: kernelDomain, level: KERNEL_LEVEL };
      return { name, domain: kernel.domains.indexOf(seat.domain), level: seat.level };
    }),
    primitives: ledger.primitives.map(({ name, cause }) => ({ name, cause, label: labelOf(profile, name) })),
  };
}
