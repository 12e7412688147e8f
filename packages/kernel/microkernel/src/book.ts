/**
 * The kernel of the book (`@bulkhead/kernel-core`) under this one, with address spaces, interrupts and IO spaces:
 * components are threads of it that it does not run.
 */
import { type AddressSpaces, labels as addressSpaceLabels } from '@bulkhead/address-space';
import { errors, objects } from '@bulkhead/capabilities';
import { labels as interruptLabels } from '@bulkhead/interrupts';
import { type IoSpaceInvocations, labels as ioLabels } from '@bulkhead/io-spaces';
import { type Decoder, KernelCore, type NativeThreads } from '@bulkhead/kernel-core';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import type { Interrupts } from './interrupts.ts';

/** What is put together after it, and called by it. */
export interface Above {
  readonly addressSpaces: () => AddressSpaces;
  readonly interrupts: () => Interrupts;
  /** Null where somebody else maps for devices. */
  readonly ioSpaces: () => IoSpaceInvocations | null;
  readonly native: NativeThreads;
  /** Whether a long operation must make way. */
  readonly preempt: () => boolean;
  readonly onCorruption: () => void;
}

export function makeCore(memory: PhysicalMemoryPort, above: Above): KernelCore {
  const { native, preempt, onCorruption } = above;
  return new KernelCore({
    memory,
    decoders: [addressSpaceDecoder(above), interruptDecoder(above), ioSpaceDecoder(above)],
    isAddressSpace: (slot) => above.addressSpaces().rootOf(slot) >= 0,
    native,
    preempt,
    onCorruption,
  });
}

const addressSpaceDecoder = ({ addressSpaces }: Above): Decoder => ({
  types: [objects.PAGE_TABLE, objects.FRAME, objects.ASID_CONTROL, objects.ASID_POOL],
  labels: [addressSpaceLabels.PAGE_TABLE_MAP, addressSpaceLabels.ASID_POOL_ASSIGN],
  invoke: (slot, label, message) => addressSpaces().invoke(slot, label, message),
  finalise: (type, object, slot, final) => addressSpaces().finalise(type, object, slot, final),
});
const interruptDecoder = ({ interrupts }: Above): Decoder => ({
  types: [objects.IRQ_CONTROL, objects.IRQ_HANDLER],
  labels: [interruptLabels.IRQ_CONTROL_GET, interruptLabels.IRQ_CONTROL_GET_TRIGGER],
  invoke: (slot, label, message) => interrupts().decoder.invoke(slot, label, message),
  finalise: (type, object, slot, final) => interrupts().decoder.finalise(type, object, slot, final),
});
const ioSpaceDecoder = ({ ioSpaces }: Above): Decoder => ({
  types: [objects.IO_SPACE_CONTROL, objects.IO_SPACE, objects.IO_PAGE_TABLE, objects.FRAME],
  labels: [ioLabels.IO_SPACE_CONTROL_ISSUE, ioLabels.PAGE_UNMAP_IO],
  invoke: (slot, label, message) => ioSpaces()?.invoke(slot, label, message) ?? errors.ILLEGAL_OPERATION,
  finalise: (type, object, slot, final) => ioSpaces()?.finalise(type, object, slot, final),
});
