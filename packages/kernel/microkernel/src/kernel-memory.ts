/**
 * The kernel's own memory, and what everything else is made from.
 *
 *     page 0        slots of the kernel: the right to the root CNode, and one for what it makes to give away at once
 *     page 1        the kernel's root page table
 *     pages 2…30    interrupt table: a record of 64 bytes an identity
 *     page 31       IO spaces: a record of 16 bytes an IO domain
 *     pages 32…63   root CNode: 4096 slots for what exists at boot, and for the originals of what domains share
 *     from 32 MiB   untyped memory for thread control blocks and other things made at boot
 *     from 64 MiB   what domains may be promised: one untyped a domain
 */
import { type Capabilities, granuleOf, objects, SLOT_WORDS } from '@bulkhead/capabilities';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';

const PAGE_WORDS = 1024;
const ROOT_SLOT = 8;
const MINT_SLOT: number = ROOT_SLOT + SLOT_WORDS;
const ROOT_TABLE_PAGE = 1;
const INTERRUPT_TABLE_PAGE = 2;
const IO_SPACE_PAGE = 31;
const ROOT_CNODE_PAGE = 32;
const ROOT_CNODE_RADIX = 12;
const BOOT_UNTYPED_PAGE = 0x2000;
const BOOT_UNTYPED_BITS = 25;
/** 64 MiB from the start of RAM. */
export const RESERVABLE_PAGE = 0x4000;
export const RESERVABLE_BITS = 26;
export const RAM_PAGES = 0x8000;

export class KernelMemory {
  readonly capabilities: Capabilities;
  readonly memory: PhysicalMemoryPort;
  /** Physical page of the kernel's root table. */
  readonly rootTablePage: number;
  readonly interruptTableWord: number = INTERRUPT_TABLE_PAGE * PAGE_WORDS;
  /** How many words there are for it. */
  readonly interruptTableWords: number = (IO_SPACE_PAGE - INTERRUPT_TABLE_PAGE) * PAGE_WORDS;
  readonly ioSpaceWord: number = IO_SPACE_PAGE * PAGE_WORDS;
  readonly ioSpaceWords: number = PAGE_WORDS;
  /** Slot of the right to the root CNode. */
  readonly rootSlot: number = ROOT_SLOT;
  /** A slot that is empty but while the kernel makes a capability of which others get copies. */
  readonly mintSlot: number = MINT_SLOT;
  readonly bootUntyped: number;
  readonly irqControl: number;
  readonly schedControl: number;
  /** A slot that is empty unless the kernel maps for devices. */
  readonly ioSpaceControl: number;
  #nextBootSlot = 1;

  constructor(memory: PhysicalMemoryPort, capabilities: Capabilities) {
    invariant(memory.pageCount >= RAM_PAGES, 'the kernel wants 128 MiB of RAM');
    const { basePage } = memory;
    this.memory = memory;
    this.rootTablePage = basePage + ROOT_TABLE_PAGE;
    this.capabilities = capabilities;
    this.capabilities.install(ROOT_SLOT, objects.CNODE, granuleOf(basePage + ROOT_CNODE_PAGE, 0), ROOT_CNODE_RADIX);
    this.capabilities.installGuard(ROOT_SLOT, 0, 32 - ROOT_CNODE_RADIX);
    this.bootUntyped = this.installUntyped(basePage + BOOT_UNTYPED_PAGE, BOOT_UNTYPED_BITS, false);
    this.irqControl = this.bootSlot();
    this.capabilities.install(this.irqControl, objects.IRQ_CONTROL, 0, 0);
    this.schedControl = this.bootSlot();
    this.capabilities.install(this.schedControl, objects.SCHED_CONTROL, 0, 0);
    this.ioSpaceControl = this.bootSlot();
  }
  /** @returns a fresh slot of the root CNode. */
  bootSlot(): number {
    invariant(this.#nextBootSlot < 1 << ROOT_CNODE_RADIX, 'the root CNode is full');
    return ROOT_CNODE_PAGE * PAGE_WORDS + this.#nextBootSlot++ * SLOT_WORDS;
  }
  /** @returns the slot of an untyped right to 2^sizeBits bytes from a physical page. Boot only. */
  installUntyped(page: number, sizeBits: number, device: boolean): number {
    const slot = this.bootSlot();
    this.capabilities.install(slot, objects.UNTYPED, granuleOf(page, 0), sizeBits, device);
    return slot;
  }
  /** Makes one object at boot. @returns its slot. */
  make(untyped: number, type: number, sizeBits: number): number {
    const slot = this.bootSlot();
    const refused = this.makeIn(untyped, type, sizeBits, slot);
    invariant(refused === 0, `boot: object of type ${type} refused: ${refused}`);
    return slot;
  }
  /** The same into a given slot of the root CNode. @returns 0, or the refusal. */
  makeIn(untyped: number, type: number, sizeBits: number, slot: number): number {
    const index = (slot - ROOT_CNODE_PAGE * PAGE_WORDS) / SLOT_WORDS;
    return this.capabilities.retype(untyped, type, sizeBits, ROOT_SLOT, 0, 0, index, 1);
  }
}
