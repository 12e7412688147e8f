/**
 * The derivation tree of the moment: who was derived from whom, across domains. The kernel keeps it as lists in prefix
 * order without depths; a capability stands under the nearest before it that is its parent by the rule of revocation
 * (seL4 reference manual §3.1.5 "Capability Derivation Tree"): revoking a capability deletes what stands under it.
 */
import type { System } from '@bulkhead/assembler';
import type { HeldSlot } from './held-slots.ts';

export interface Derivation {
  readonly slot: number;
  /** The slot from whose capability it was derived; null for one that exists since boot, or that survived its parent. */
  readonly parent: number | null;
  /** 0 without a parent. */
  readonly depth: number;
}

/** @returns every held slot once, in prefix order, the lists in the order in which their first slots are held. */
export function derivationsOf(system: System, held: readonly HeldSlot[]): Derivation[] {
  const { capabilities } = system.kernel;
  const known = new Set(held.map(({ slot }) => slot));
  const derivations: Derivation[] = [];
  const walk = (first: number): void => {
    const ancestors: number[] = [];
    for (let slot = first; known.delete(slot); slot = capabilities.nextOf(slot)) {
      while (ancestors.length > 0 && !capabilities.isDerived(ancestors.at(-1)!, slot)) ancestors.pop();
      derivations.push({ slot, parent: ancestors.at(-1) ?? null, depth: ancestors.length });
      ancestors.push(slot);
    }
  };
  for (const { slot } of held) if (capabilities.previousOf(slot) === 0) walk(slot);
  // Only where a stray store bent the links: what no list reaches is shown all the same.
  for (const { slot } of held) walk(slot);
  return derivations;
}
