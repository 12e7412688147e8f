/**
 * What components share is made into slots of the kernel's, which no component can name: frames of connections, the
 * endpoint and the notification at which others find a component. Who is to have it holds a copy. A copy revokes
 * nothing (seL4 reference manual §3.1.5 "Capability Derivation Tree") and deleting it deletes no other, so whatever a
 * component does with its copies, it takes nothing from a neighbour, and keeps none from being started again.
 *
 * The memory is that which the owner was promised. Everything goes when the kernel takes that back; the slots are then
 * used for the owner's next life.
 */
import { SLOT_WORDS } from '@bulkhead/capabilities';
import type { Domain, Kernel } from '@bulkhead/microkernel';
import { checked, OutOfMemory } from './frames.ts';

/** Slots of the kernel's that this may take. The rest is for threads, domains and devices. */
const SLOTS_MAX = 3072;

export class Originals {
  readonly #kernelMemory: Kernel['kernelMemory'];
  /** First slots, by a name that is the same in every life of the owner. */
  readonly #slots = new Map<string, number>();
  #slotCount = 0;

  constructor({ kernelMemory }: Kernel) {
    this.#kernelMemory = kernelMemory;
  }
  /** Makes objects of a domain's promised memory. @returns the first of as many slots side by side. @throws OutOfMemory */
  make(name: string, owner: Domain, type: number, sizeBits: number, count: number): number {
    const first = this.#slots.get(name) ?? this.#newSlots(name, count);
    for (let i = 0; i < count; i++)
      checked(this.#kernelMemory.makeIn(owner.untypedSlot, type, sizeBits, first + i * SLOT_WORDS));
    return first;
  }
  #newSlots(name: string, count: number): number {
    if (this.#slotCount + count > SLOTS_MAX) throw new OutOfMemory('more is shared than the kernel has slots for');
    this.#slotCount += count;
    const first = this.#kernelMemory.bootSlot();
    for (let i = 1; i < count; i++) this.#kernelMemory.bootSlot();
    this.#slots.set(name, first);
    return first;
  }
}
