/**
 * Domains: their capability spaces and address spaces, made from the untyped memory that each was promised.
 *
 * A user domain has a root CNode of 4096 slots and a root page table of its own, and maps from page 16 upward. The
 * kernel's domain has a CNode like any other; its address space is the kernel's, in which all memory is mapped already,
 * so that `map` there only tells where.
 *
 * CHOICE: the kernel finds the free slot for a new right, where the book lets the user name it; the user's own
 * bookkeeping would do the same search.
 */
import { type AddressSpaces, kernelPage } from '@bulkhead/address-space';
import { type Capabilities, errors, objects, SLOT_WORDS } from '@bulkhead/capabilities';
import type { Charge } from '@bulkhead/ledger';
import { invariant } from '@bulkhead/result';
import type { KernelMemory } from './kernel-memory.ts';
import type { KernelPrimitives } from './primitives.ts';
import { type Domain, TCB_SEAT_WORD } from './seat.ts';

export const CNODE_RADIX = 12;
const FIRST_USER_PAGE = 16;
const MEGA_BITS = 21;
const MEGA_PAGES = 512;
/** Bits of an access as the ABI states it: R 2, W 4, and X 8, which only the loader asks for. */
export const ACCESS_EXECUTE = 8;

export interface SpacesOptions {
  readonly kernelMemory: KernelMemory;
  readonly addressSpaces: AddressSpaces;
  readonly charge: Charge;
  readonly primitives: KernelPrimitives;
}

export class Spaces {
  readonly #capabilities: Capabilities;
  readonly #kernelMemory: KernelMemory;
  readonly #addressSpaces: AddressSpaces;
  readonly #charge: Charge;
  readonly #primitives: KernelPrimitives;
  /** Slot of the pool from which domains have their ASIDs. */
  readonly #asidPool: number;
  /** Where the last successful `map` put its first frame. */
  mappedPage = 0;

  constructor({ kernelMemory, addressSpaces, charge, primitives }: SpacesOptions) {
    this.#kernelMemory = kernelMemory;
    this.#capabilities = kernelMemory.capabilities;
    this.#addressSpaces = addressSpaces;
    this.#charge = charge;
    this.#primitives = primitives;
    this.#asidPool = kernelMemory.bootSlot();
    const page = kernelMemory.make(kernelMemory.bootUntyped, objects.UNTYPED, objects.ASID_POOL_BITS);
    invariant(addressSpaces.makePool(page, this.#asidPool) === 0, 'the first ASID pool');
  }

  /** Makes a domain's CNode and root table from its untyped. @returns 0 or an error of capabilities. */
  open(domain: Domain): number {
    const memory = this.#kernelMemory;
    if (domain.cnodeSlot === 0) domain.cnodeSlot = memory.bootSlot();
    const refused = memory.makeIn(domain.untypedSlot, objects.CNODE, CNODE_RADIX, domain.cnodeSlot);
    if (refused < 0) return refused;
    this.#capabilities.installGuard(domain.cnodeSlot, 0, 32 - CNODE_RADIX);
    domain.nextSlot = 1;
    domain.nextPage = FIRST_USER_PAGE;
    if (domain.isKernel) {
      domain.rootPage = memory.rootTablePage;
      return 0;
    }
    domain.tableCount = 0;
    const root = this.#makeTable(domain);
    if (root < 0) return root;
    domain.rootSlot = root;
    const assigned = this.#addressSpaces.assign(this.#asidPool, domain.rootSlot);
    if (assigned < 0) return assigned;
    domain.asid = this.#addressSpaces.asidOf(domain.rootSlot);
    domain.rootPage = this.#addressSpaces.rootOf(domain.rootSlot);
    return 0;
  }
  /**
   * Rights to a domain's page tables are the kernel's: nobody takes the ground from under its own feet.
   * @returns the slot, or a negative error
   */
  #makeTable(domain: Domain): number {
    const memory = this.#kernelMemory;
    if (domain.tableSlots.length === domain.tableCount) domain.tableSlots.push(memory.bootSlot());
    const slot = domain.tableSlots[domain.tableCount]!;
    const refused = memory.makeIn(domain.untypedSlot, objects.PAGE_TABLE, 0, slot);
    if (refused < 0) return refused;
    domain.tableCount++;
    return slot;
  }
  /** Takes back what the domain was lent, everything made from its untyped, and every translation of its address space. */
  close(domain: Domain): void {
    for (const slot of domain.lent.splice(0)) this.#capabilities.revoke(slot);
    this.#capabilities.revoke(domain.untypedSlot);
  }

  // ---------------------------------------------------------------- capability space

  /** @returns the slot that a right names, or a negative error. */
  lookup(domain: Domain, right: number): number {
    return this.#capabilities.lookup(domain.cnodeSlot, right);
  }
  /** @returns the slot of index `right`, empty or not. */
  slotAt(domain: Domain, right: number): number {
    return this.#capabilities.wordOf(domain.cnodeSlot) + right * SLOT_WORDS;
  }
  /** @returns the first of `count` free slots side by side, or -1. */
  freeSlots(domain: Domain, count: number): number {
    const total = 1 << CNODE_RADIX;
    const first = this.#scan(domain, count, domain.nextSlot, total);
    const found = first >= 0 ? first : this.#scan(domain, count, 1, domain.nextSlot + count);
    if (found >= 0) domain.nextSlot = found + count;
    return found;
  }
  #scan(domain: Domain, count: number, from: number, to: number): number {
    let run = 0;
    for (let right = from; right < Math.min(to, 1 << CNODE_RADIX); right++) {
      run = this.#capabilities.typeOf(this.slotAt(domain, right)) === objects.NULL ? run + 1 : 0;
      if (run === count) return right - count + 1;
    }
    return -1;
  }
  /** @returns whether a domain holds a right to a thread of another. */
  holdsThread(domain: Domain, other: Domain): boolean {
    for (let right = 1; right < 1 << CNODE_RADIX; right++) {
      const slot = this.slotAt(domain, right);
      if (this.#capabilities.typeOf(slot) !== objects.TCB) continue;
      const word = this.#capabilities.wordOf(slot) + TCB_SEAT_WORD;
      if (other.seats.some(({ tcb }) => tcb === word)) return true;
    }
    return false;
  }
  /** Makes objects from an untyped of the domain's. @returns the first right, or an error of capabilities. */
  make(domain: Domain, type: number, sizeBits: number, count: number): number {
    return this.makeFrom(domain, domain.untypedSlot, type, sizeBits, count);
  }
  makeFrom(domain: Domain, untyped: number, type: number, sizeBits: number, count: number): number {
    const first = this.freeSlots(domain, count);
    if (first < 0) return errors.DELETE_FIRST;
    const refused = this.#capabilities.retype(untyped, type, sizeBits, domain.cnodeSlot, 0, 0, first, count);
    return refused < 0 ? refused : first;
  }
  /** Makes one object of the domain's untyped into a free slot. @returns 0, or an error of capabilities. */
  makeAt(domain: Domain, right: number, type: number, sizeBits: number): number {
    return this.#capabilities.retype(domain.untypedSlot, type, sizeBits, domain.cnodeSlot, 0, 0, right, 1);
  }
  /** Derives `count` rights, that follow each other from `slot`, into another domain. @returns the first, or an error. */
  grant(slot: number, to: Domain, count = 1, badge = 0, rights: number = objects.ALL_RIGHTS): number {
    const first = this.freeSlots(to, count);
    if (first < 0) return errors.DELETE_FIRST;
    for (let i = 0; i < count; i++) {
      const source = slot + i * SLOT_WORDS;
      const target = this.slotAt(to, first + i);
      const refused =
        badge === 0
          ? this.#capabilities.copy(target, source, rights)
          : this.#capabilities.mint(target, source, rights, badge);
      if (refused < 0) return refused;
    }
    return first;
  }

  // ---------------------------------------------------------------- address space

  /**
   * Maps `count` frames of one size, whose rights follow each other, side by side. All or none.
   * @param at where, for what was mapped there before; -1 lets the domain's next free pages be taken.
   * @returns 0, or an error of capabilities: INVALID_ARGUMENT when the frames are not of one size, or in the kernel's
   * domain, where memory is mapped already, not side by side.
   */
  map(domain: Domain, right: number, count: number, access: number, at = -1): number {
    const first = this.slotAt(domain, right);
    const sizeBits = this.#capabilities.sizeOf(first);
    const step = sizeBits === MEGA_BITS ? MEGA_PAGES : 1;
    const firstPpn = this.#capabilities.pageOf(first);
    for (let i = 1; i < count; i++) {
      const slot = this.slotAt(domain, right + i);
      if (this.#capabilities.sizeOf(slot) !== sizeBits) return errors.INVALID_ARGUMENT;
      if (domain.isKernel && this.#capabilities.pageOf(slot) !== firstPpn + i * step) return errors.INVALID_ARGUMENT;
    }
    if (domain.isKernel) {
      this.mappedPage = kernelPage(firstPpn);
      return 0;
    }
    const page = at >= 0 ? at : Math.ceil(domain.nextPage / step) * step;
    for (let i = 0; i < count; i++) {
      const refused = this.#mapOne(domain, this.slotAt(domain, right + i), page + i * step, access);
      if (refused < 0) return this.#undo(domain, right, i, refused);
    }
    // A page between two mappings stays free, so that an access that runs over faults.
    if (at < 0) domain.nextPage = page + count * step + 1;
    this.mappedPage = page;
    return 0;
  }
  #undo(domain: Domain, right: number, count: number, refused: number): number {
    for (let i = 0; i < count; i++) this.unmapSlot(this.slotAt(domain, right + i));
    return refused;
  }
  #mapOne(domain: Domain, slot: number, page: number, access: number): number {
    const rights = (access & 4) !== 0 ? objects.READ | objects.WRITE : objects.READ;
    const executable = (access & ACCESS_EXECUTE) !== 0;
    let refused = this.#addressSpaces.map(domain.rootSlot, slot, page, rights, executable);
    while (refused === errors.FAILED_LOOKUP) {
      const table = this.#makeTable(domain);
      if (table < 0) return table;
      this.#addressSpaces.mapTable(domain.rootSlot, table, page);
      refused = this.#addressSpaces.map(domain.rootSlot, slot, page, rights, executable);
    }
    if (refused < 0) return refused;
    this.#charge.spend(this.#primitives.pageMap);
    return 0;
  }
  /** Undoes the mapping that a frame's capability records, and fences it. */
  unmapSlot(slot: number): void {
    this.#addressSpaces.unmap(slot);
  }
  /** Of a right to an address space, wherever it lies: the page of its root table, or -1 when it names none. */
  rootOf(slot: number): number {
    return this.#addressSpaces.rootOf(slot);
  }
  /** Holds while `rootOf` answers with a page. */
  asidOf(slot: number): number {
    return this.#addressSpaces.asidOf(slot);
  }
  /** @throws InvariantError when a domain cannot even be opened: a description that promises too little. */
  mustOpen(domain: Domain): void {
    const refused = this.open(domain);
    invariant(refused === 0, `domain ${domain.name}: ${errors.NAMES[-refused]}`);
  }
}
