/** Every slot that holds a capability, wherever in memory it is, found from the kernel's root slot. */
import type { System } from '@bulkhead/assembler';
import { objects, SLOT_WORDS } from '@bulkhead/capabilities';
import { KERNEL_CORE } from './owners.ts';

/** Slots at the start of every TCB: what the kernel makes them with. */
const TCB_SLOTS = 5;
const DIRECT = 'root slot';
const ROOT = 'root CNode';
const INTERRUPTS = 'interrupt table';

export interface HeldSlot {
  /** The index of its first word in RAM: what the capabilities package calls the slot. */
  readonly slot: number;
  /** A domain, or the kernel's core. */
  readonly holder: string;
  /** The object in which the slot lies. */
  readonly space: string;
  /** Its number there: for a domain's own CNode, the right. */
  readonly index: number;
}

interface Space {
  readonly name: string;
  readonly holder: string;
  readonly firstSlot: number;
  readonly count: number;
}

/**
 * @returns the occupied slots: the root slot, the root CNode's, then each other CNode's and TCB's as they are found, and
 * what interrupt handlers hold.
 */
export function heldSlotsOf({ kernel }: System): HeldSlot[] {
  const { capabilities, kernelMemory, memory } = kernel;
  const held: HeldSlot[] = [];
  const seen = new Set<number>();
  const spaces: Space[] = [{ name: DIRECT, holder: KERNEL_CORE, firstSlot: kernelMemory.rootSlot, count: 1 }];
  for (let space = spaces.shift(); space !== undefined; space = spaces.shift()) {
    const end = Math.min(space.firstSlot + space.count * SLOT_WORDS, memory.words.length);
    for (let slot = space.firstSlot; slot < end; slot += SLOT_WORDS) {
      if (capabilities.typeOf(slot) === objects.NULL) continue;
      const { name, holder } = space;
      held.push({ slot, holder, space: name, index: (slot - space.firstSlot) / SLOT_WORDS });
      const inner = spaceIn(kernel, slot, holder);
      if (inner === null || seen.has(inner.firstSlot)) continue;
      seen.add(inner.firstSlot);
      spaces.push(inner);
    }
  }
  return [...held, ...toldByInterrupts(kernel)];
}
/** Each handler's record holds a capability to what is signalled; its number is the identity. */
function toldByInterrupts({ capabilities, interrupts }: System['kernel']): HeldSlot[] {
  return Array.from({ length: interrupts.identities + 1 }, (_, identity) => ({
    slot: interrupts.slotOf(identity),
    holder: KERNEL_CORE,
    space: INTERRUPTS,
    index: identity,
  })).filter(({ slot }) => capabilities.typeOf(slot) !== objects.NULL);
}

/** @returns the slots that the object of a capability holds, or null. */
function spaceIn(kernel: System['kernel'], slot: number, holder: string): Space | null {
  const { capabilities, domains, kernelMemory, seats } = kernel;
  const firstSlot = capabilities.wordOf(slot);
  if (firstSlot <= 0 || firstSlot >= kernel.memory.words.length) return null;
  switch (capabilities.typeOf(slot)) {
    case objects.CNODE: {
      const count = 2 ** capabilities.sizeOf(slot);
      if (slot === kernelMemory.rootSlot) return { name: ROOT, holder, firstSlot, count };
      const domain = domains.find(({ cnodeSlot }) => cnodeSlot === slot);
      const name = domain === undefined ? `CNode at slot ${slot}` : `CNode of ${domain.name}`;
      return { name, holder: domain?.name ?? holder, firstSlot, count };
    }
    case objects.TCB: {
      const seat = seats.find(({ tcbSlot }) => capabilities.objectOf(tcbSlot) === capabilities.objectOf(slot));
      return { name: `TCB of ${seat?.name ?? slot}`, holder: seat?.domain.name ?? holder, firstSlot, count: TCB_SLOTS };
    }
    default:
      return null;
  }
}
