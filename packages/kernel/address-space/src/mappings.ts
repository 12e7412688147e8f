/**
 * What page tables and frames may be mapped where, and what must be forgotten when they no longer are.
 *
 * Invariants:
 * - The capabilities to a page table all record the same place, or none: a table that is nowhere has one capability only.
 * - A table that is nowhere is empty. So whatever hangs in a live address space is known to a capability that records it.
 * - After each change of an entry comes a fence that covers it (Privileged ISA 20211203 §4.2.1 "Supervisor
 *   Memory-Management Fence Instruction"): the page, for a leaf; all of the ASID, for a pointer.
 *
 * A capability may record a place in an address space that is gone, and whose ASID has another owner since. So entries
 * are changed only where they hold the very frame or table that the capability names.
 */
import { type Capabilities, errors, objects } from '@bulkhead/capabilities';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { PTE_V, PTE_X } from '@bulkhead/riscv-datasheet';
import type { AsidPools } from './asid-pools.ts';
import {
  ACCESS_READ,
  ACCESS_USER,
  ACCESS_WRITE,
  LEVEL_GIGA,
  LEVEL_MEGA,
  LEVEL_PAGE,
  leafFlags,
} from './page-tables.ts';
import { isLeaf, isPointer, spanOf, TableWalk } from './table-walk.ts';

/** Where translations are cached: `sfence.vma` of one leaf, or with -1 of all pages, or with -1 of all ASIDs. */
export interface FencePort {
  fence(vpn: number, asid: number): void;
}

/** User addresses lie below 2^38: the lower half of Sv39. */
const USER_PAGES: number = 2 ** 26;
const PAGE_BITS = 12;
const VPN_BITS = 9;
const ALL = -1;

export class Mappings {
  readonly #capabilities: Capabilities;
  readonly #memory: PhysicalMemoryPort;
  readonly #pools: AsidPools;
  readonly #fence: FencePort;
  readonly #walk: TableWalk;
  /** Whether entries that become valid are fenced too. */
  readonly #fencesNew: boolean;

  constructor(
    capabilities: Capabilities,
    memory: PhysicalMemoryPort,
    pools: AsidPools,
    fence: FencePort,
    fencesNew: boolean,
  ) {
    this.#capabilities = capabilities;
    this.#memory = memory;
    this.#pools = pools;
    this.#fence = fence;
    this.#walk = new TableWalk(memory);
    this.#fencesNew = fencesNew;
  }

  /** @returns the page of an address space's root, or -1 when the capability names none that has an ASID. */
  rootOf(slot: number): number {
    const capabilities = this.#capabilities;
    if (!this.#isAssigned(slot)) return -1;
    const root = this.#pools.rootOf(capabilities.mappedAsidOf(slot));
    return root === capabilities.pageOf(slot) ? root : -1;
  }

  /**
   * Hangs a table where the first is missing on the way to `vpn`. INVALID_CAPABILITY 0 (table is mapped) and 1 (no
   * table, or without an ASID), INVALID_ARGUMENT 0 (kernel's range), what else the address space refuses, DELETE_FIRST
   * (none is missing, or a larger page is in the way).
   */
  mapTable(root: number, table: number, vpn: number): number {
    const capabilities = this.#capabilities;
    if (capabilities.isMapped(table)) return capabilities.details.invalidCapability(0);
    if (!this.#isAssigned(root)) return capabilities.details.invalidCapability(1);
    if (!isUserRange(vpn, 1)) return capabilities.details.invalidArgument(0);
    const rootPage = this.#spaceOf(root);
    if (rootPage < 0) return rootPage;
    const page = capabilities.pageOf(table);
    if (!this.#memory.holdsPage(page)) return errors.CORRUPTED;
    const low = this.#walk.descend(rootPage, vpn, 0);
    const { level } = this.#walk;
    if (level === 0 || low !== 0) return errors.DELETE_FIRST;
    const asid = capabilities.mappedAsidOf(root);
    this.#walk.write(page, PTE_V);
    capabilities.setMapping(table, asid, vpn & -spanOf(level));
    if (this.#fencesNew) this.#fence.fence(ALL, asid);
    return 0;
  }
  /** Takes a table out and empties it. REVOKE_FIRST (another capability names it, or it is the root of an address space). */
  unmapTable(table: number): number {
    const capabilities = this.#capabilities;
    if (!capabilities.isFinal(table) || this.rootOf(table) >= 0) return errors.REVOKE_FIRST;
    if (!capabilities.isMapped(table)) return 0;
    const page = capabilities.pageOf(table);
    if (!this.#memory.holdsPage(page)) return errors.CORRUPTED;
    this.detach(table);
    this.#walk.clearTable(page);
    capabilities.clearMapping(table);
    return 0;
  }
  /** Takes a table out of where its capability says that it hangs, if it does. */
  detach(table: number): void {
    const capabilities = this.#capabilities;
    const asid = capabilities.mappedAsidOf(table);
    const root = this.#pools.rootOf(asid);
    if (root < 0) return;
    const vpn = capabilities.mappedVpnOf(table);
    if (!isUserRange(vpn, 1)) return;
    for (let level = LEVEL_GIGA; level > LEVEL_PAGE; level--) {
      const low = this.#walk.descend(root, vpn, level);
      if (this.#walk.level !== level || !isPointer(low)) return;
      if (this.#walk.ppn !== capabilities.pageOf(table)) continue;
      this.#walk.clear();
      this.#fence.fence(ALL, asid);
      return;
    }
  }

  /**
   * Maps a frame, or maps it again where it is with other rights. The address space's errors, ILLEGAL_OPERATION (in an IO
   * space), INVALID_CAPABILITY 1 (mapped in another address space), INVALID_ARGUMENT 0 (mapped elsewhere, or the kernel's
   * range), ALIGNMENT_ERROR, FAILED_LOOKUP (table missing), DELETE_FIRST (something else is there).
   * @param offset bytes by which the address lies behind page `vpn`: anything but 0 is an error.
   */
  mapPage(root: number, frame: number, vpn: number, offset: number, rights: number, executable: boolean): number {
    const capabilities = this.#capabilities;
    const rootPage = this.#spaceOf(root);
    if (rootPage < 0) return rootPage;
    const asid = capabilities.mappedAsidOf(root);
    const level = this.#levelOf(frame);
    const error = this.#checkPlace(frame, asid, vpn, offset, level);
    if (error < 0) return error;
    const ppn = capabilities.pageOf(frame);
    const low = this.#walk.descend(rootPage, vpn, level);
    if (this.#walk.level !== level) return this.#missingTable();
    const isHere = capabilities.isMapped(frame) && isLeaf(low) && this.#walk.ppn === ppn;
    if (low !== 0 && !isHere) return errors.DELETE_FIRST;
    this.#walk.write(ppn, leafFlags(this.#access(frame, rights, executable)));
    capabilities.setMapping(frame, asid, vpn);
    if (low !== 0 || this.#fencesNew) this.#fence.fence(vpn, asid);
    return 0;
  }
  #checkPlace(frame: number, asid: number, vpn: number, offset: number, level: number): number {
    const capabilities = this.#capabilities;
    const { details } = capabilities;
    if (capabilities.isIoMapped(frame)) return errors.ILLEGAL_OPERATION;
    if (capabilities.isMapped(frame)) {
      if (capabilities.mappedAsidOf(frame) !== asid) return details.invalidCapability(1);
      if (capabilities.mappedVpnOf(frame) !== vpn || offset !== 0) return details.invalidArgument(0);
    }
    if (level < 0) return errors.CORRUPTED;
    const span = spanOf(level);
    if (!isUserRange(vpn, span)) return details.invalidArgument(0);
    if (offset !== 0 || (vpn & (span - 1)) !== 0) return errors.ALIGNMENT_ERROR;
    return (capabilities.pageOf(frame) & (span - 1)) === 0 ? 0 : errors.CORRUPTED;
  }
  #missingTable(): number {
    const { details } = this.#capabilities;
    details.wasSource = false;
    return details.lookup(errors.MISSING_CAPABILITY, PAGE_BITS + VPN_BITS * this.#walk.level, 0, 0);
  }
  /**
   * What was asked, as far as the capability's rights go. CHOICE: without the right to read there is neither writing nor
   * fetching; a page without any access is a leaf of the supervisor's.
   */
  #access(frame: number, rights: number, executable: boolean): number {
    const effective = rights & this.#capabilities.rightsOf(frame);
    if ((effective & objects.READ) === 0) return ACCESS_READ;
    const access = (effective & objects.WRITE) !== 0 ? ACCESS_WRITE : ACCESS_READ;
    return ACCESS_USER | access | (executable ? PTE_X : 0);
  }

  /** Takes a frame out of where its capability says that it is mapped, if it is. 0 also when it is nowhere. */
  unmapPage(frame: number): number {
    const capabilities = this.#capabilities;
    if (!capabilities.isMapped(frame)) return 0;
    if (capabilities.isIoMapped(frame)) return errors.ILLEGAL_OPERATION;
    this.#removeLeaf(frame, capabilities.mappedAsidOf(frame), capabilities.mappedVpnOf(frame));
    capabilities.clearMapping(frame);
    return 0;
  }
  #removeLeaf(frame: number, asid: number, vpn: number): void {
    const root = this.#pools.rootOf(asid);
    const level = this.#levelOf(frame);
    if (root < 0 || level < 0 || !isUserRange(vpn, 1)) return;
    const low = this.#walk.descend(root, vpn, level);
    if (this.#walk.level !== level || !isLeaf(low)) return;
    if (this.#walk.ppn !== this.#capabilities.pageOf(frame)) return;
    this.#walk.clear();
    this.#fence.fence(vpn, asid);
  }

  /** @returns the root's page, or INVALID_CAPABILITY 1, or FAILED_LOOKUP when its ASID is gone. */
  #spaceOf(slot: number): number {
    const capabilities = this.#capabilities;
    const { details } = capabilities;
    if (!this.#isAssigned(slot)) return details.invalidCapability(1);
    const root = this.#pools.rootOf(capabilities.mappedAsidOf(slot));
    if (root === capabilities.pageOf(slot)) return root;
    if (root >= 0) return details.invalidCapability(1);
    details.wasSource = false;
    return details.lookup(errors.INVALID_ROOT, 0, 0, 0);
  }
  /** @returns whether a capability says that its table is a root with an ASID, or hangs under one. */
  #isAssigned(slot: number): boolean {
    return this.#capabilities.typeOf(slot) === objects.PAGE_TABLE && this.#capabilities.isMapped(slot);
  }
  /** @returns the level of a frame's leaf, or -1 for a size of none. */
  #levelOf(frame: number): number {
    switch (this.#capabilities.sizeOf(frame)) {
      case objects.FRAME_4K_BITS:
        return LEVEL_PAGE;
      case objects.FRAME_2M_BITS:
        return LEVEL_MEGA;
      case objects.FRAME_1G_BITS:
        return LEVEL_GIGA;
      default:
        return -1;
    }
  }
}

const isUserRange = (vpn: number, span: number): boolean => vpn >= 0 && vpn + span <= USER_PAGES;
