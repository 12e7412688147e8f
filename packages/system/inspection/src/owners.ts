/** Whose memory a physical address is: what each domain was promised, and what the kernel's core keeps for itself. */
import type { System } from '@bulkhead/assembler';
import { objects } from '@bulkhead/capabilities';
import type { Domain } from '@bulkhead/microkernel';

/** The holder of what exists before any domain does. Not the domain `kernel`, which is a domain like any other. */
export const KERNEL_CORE = 'kernel core';

const PAGE_BYTES = 4096;

/** A stretch of RAM that was promised to one domain, or to the kernel's core for what it makes at boot. */
export interface Reservation {
  readonly owner: string;
  /** Slot of the untyped capability. */
  readonly slot: number;
  readonly address: number;
  readonly lenBytes: number;
}

/** @returns every promise, in rising order of addresses. */
export function reservationsOf({ kernel }: System): Reservation[] {
  const { capabilities, kernelMemory, domains } = kernel;
  const promise = (owner: string, slot: number): Reservation => ({
    owner,
    slot,
    address: capabilities.pageOf(slot) * PAGE_BYTES,
    lenBytes: 2 ** capabilities.sizeOf(slot),
  });
  const promised = domains.filter((domain) => hasReservation(kernel, domain));
  return [
    promise(KERNEL_CORE, kernelMemory.bootUntyped),
    ...promised.map(({ name, untypedSlot }) => promise(name, untypedSlot)),
  ].sort((a, b) => a.address - b.address);
}

/** @returns whether a domain was promised memory at all. */
export const hasReservation = ({ capabilities }: System['kernel'], { untypedSlot }: Domain): boolean =>
  untypedSlot !== 0 && capabilities.typeOf(untypedSlot) === objects.UNTYPED;

/** @returns the owner of an address in RAM, or null when nobody was promised it; what is in no reservation is the core's. */
export function ownerOf(system: System, reservations: readonly Reservation[], address: number): string | null {
  const found = reservations.find((r) => address >= r.address && address < r.address + r.lenBytes);
  if (found !== undefined) return found.owner;
  const { ram } = system.board;
  const page = Math.floor(address / PAGE_BYTES);
  const boot = reservations.find(({ owner }) => owner === KERNEL_CORE)!;
  return ram.holdsPage(page) && address < boot.address ? KERNEL_CORE : null;
}
