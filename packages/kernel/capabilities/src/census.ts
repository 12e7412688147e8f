/** Counts what a capability space is made of: for whoever compares spaces, not for a kernel's path. */
import type { Capabilities } from './capabilities.ts';
import { CNODE, NULL, power } from './object-types.ts';
import { isSlot, SLOT_WORDS } from './slot.ts';

const SLOT_BYTES = 32;

export interface Census {
  readonly cnodes: number;
  readonly bytes: number;
  readonly slots: number;
  /** Slots that lead to a CNode of the space. */
  readonly leading: number;
  readonly held: number;
  /** Slots that hold nothing. */
  readonly empty: number;
}

/** @param root slot of the capability to the root CNode. Every CNode that is reached counts once, as part of the space. */
export function censusOf(capabilities: Capabilities, root: number): Census {
  const seen = new Set<number>();
  const todo = [root];
  const count = { slots: 0, leading: 0, held: 0, empty: 0 };
  for (let holder = todo.pop(); holder !== undefined; holder = todo.pop()) {
    const first = capabilities.wordOf(holder);
    if (!isCNode(capabilities, holder) || seen.has(first)) continue;
    seen.add(first);
    const end = first + power(capabilities.sizeOf(holder)) * SLOT_WORDS;
    for (let slot = first; slot < end && isSlot(capabilities.words, slot); slot += SLOT_WORDS) {
      count.slots++;
      if (capabilities.typeOf(slot) === NULL) count.empty++;
      else if (isCNode(capabilities, slot)) {
        count.leading++;
        todo.push(slot);
      } else count.held++;
    }
  }
  return { cnodes: seen.size, bytes: count.slots * SLOT_BYTES, ...count };
}
const isCNode = (capabilities: Capabilities, slot: number): boolean =>
  capabilities.typeOf(slot) === CNODE && !capabilities.isZombie(slot);
