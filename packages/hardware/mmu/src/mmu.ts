/**
 * A memory management unit for Sv39, Sv48 and Sv57: page-table walk, a TLB of pages and one of superpages, the fences.
 *
 * It knows no hart: whoever uses it says which address space is current, whether the access is the user's, and what
 * SUM and MXR are. Those take effect at once and need no fence; a changed page table does (Privileged ISA 20211203
 * §4.2.1 "Supervisor Memory-Management Fence Instruction").
 *
 * CHOICE: only leaves are cached, only after a walk that did not fault, and an entry is believed until it is flushed
 * or replaced: an access that a cached leaf forbids faults without another walk. So a forgotten fence shows.
 * CHOICE: an entry of a 4 KiB page is preferred to one of a superpage that holds the same page.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { ASID_MAX_BITS, LEVELS, PPN_BITS, SATP_MODE_BARE, SATP_MODE_SV57 } from '@bulkhead/riscv-datasheet';
import { canonicalLimitOf, isCanonical, levelsOf, SPAN_PAGES } from './modes.ts';
import * as permissions from './permissions.ts';
import { RecentAnswers } from './recent.ts';
import type { MmuStatistics } from './statistics.ts';
import { SuperpageTlb } from './superpage-tlb.ts';
import { ANY_SPACE, NO_PAGE, PageTlb } from './tlb.ts';
import * as walking from './walk.ts';

export interface MmuOptions {
  /** Where page tables stand. */
  readonly memory: PhysicalMemoryPort;
  /** @defaultValue 64 */
  readonly tlbEntries?: number;
  /** `tlbEntries / tlbWays` is a power of two. @defaultValue 4 */
  readonly tlbWays?: number;
  /** @defaultValue 16 */
  readonly superpageTlbEntries?: number;
  /** False for a machine without ASIDs, where every change of address space flushes what is not global. @defaultValue true */
  readonly tagged?: boolean;
  /** The widest `satp.MODE`; those below it are there too. §4.5, §4.6. @defaultValue SATP_MODE_SV57 */
  readonly widestMode?: number;
  /** What a clear A or D does: a page fault, or the walk sets it. §4.3.1 allows both. @defaultValue 'fault' */
  readonly marks?: 'fault' | 'update';
  /** Pages of `memory` that no store reaches, as ROM: an A or D that stands there cannot be set. @defaultValue none */
  readonly isReadOnly?: (page: number) => boolean;
}

/** In place of an ASID while there is no translation. */
const BARE = -1;
const PPN_LIMIT: number = 2 ** PPN_BITS;
// What a module imports costs the host a look-up at each use.
const FREE = NO_PAGE;
const GLOBAL = ANY_SPACE;
const { PAGE_FAULT, ACCESS_FAULT, offsetIn } = walking;
const { CLEAN, STORES } = permissions;

export class Mmu {
  /** ASIDLEN: implemented bits of an ASID. §4.1.11. */
  readonly asidBits: number;
  /** Walks since construction, those that faulted included. */
  missCount = 0;
  readonly #walker: walking.Walker;
  readonly #recent: RecentAnswers = new RecentAnswers();
  readonly #pages: PageTlb;
  readonly #superpages: SuperpageTlb;
  readonly #asidMask: number;
  readonly #widestLevels: number;
  readonly #widestMode: number;
  readonly #updatesMarks: boolean;
  /** The current ASID, or BARE. */
  #space = BARE;
  #rootPage = 0;
  /** The last write's: who changes only the space says the same again. */
  #mode: number = SATP_MODE_BARE;
  #isBare = true;
  #canonicalLimit: number = canonicalLimitOf(LEVELS);
  #user = false;
  #sum = false;
  #mxr = false;
  /** Of user mode and of supervisor mode, as SUM and MXR are: a system call changes the mode, and seldom those. */
  #userContext: number = permissions.contextOf(true, false, false);
  #supervisorContext: number = permissions.contextOf(false, false, false);
  #context: number = this.#supervisorContext;
  /** Hits of the TLBs themselves; the others are answers given lately. */
  #hitCount = 0;
  #evictionCount = 0;
  #faultCount = 0;

  constructor(options: MmuOptions) {
    const { memory, tlbEntries = 64, tlbWays = 4, superpageTlbEntries = 16, tagged = true } = options;
    const { widestMode = SATP_MODE_SV57, marks = 'fault', isReadOnly = () => false } = options;
    this.#widestLevels = levelsOf(widestMode);
    invariant(this.#widestLevels > 0, 'an MMU translates in Sv39, Sv48 or Sv57');
    this.#widestMode = widestMode;
    this.#updatesMarks = marks === 'update';
    this.asidBits = tagged ? ASID_MAX_BITS : 0;
    this.#asidMask = (1 << this.asidBits) - 1;
    this.#walker = new walking.Walker({ memory, updatesMarks: this.#updatesMarks, isReadOnly });
    this.#pages = new PageTlb(tlbEntries, tlbWays);
    this.#superpages = new SuperpageTlb(superpageTlbEntries);
  }

  get statistics(): MmuStatistics {
    const { readCount: reads, updateCount: updates } = this.#walker;
    const [evictions, faults] = [this.#evictionCount, this.#faultCount];
    return { hits: this.#hitCount + this.#recent.count, walks: this.missCount, reads, updates, evictions, faults };
  }

  /** @returns true for Bare and for the schemes up to the widest. `satp.MODE` is WARL: §4.1.11. */
  hasMode(mode: number): boolean {
    const levels = levelsOf(mode);
    return levels >= 0 && levels <= this.#widestLevels;
  }

  /**
   * What a write of `satp` does. §4.1.11. Flushes nothing, except without ASIDs.
   * @param mode SATP_MODE_… A mode that this MMU has not leaves all as it was.
   */
  setAddressSpace(asid: number, rootPage: number, mode: number): void {
    if (mode !== this.#mode) {
      if (!this.hasMode(mode)) return;
      this.#setMode(mode);
    }
    this.#space = this.#isBare ? BARE : asid & this.#asidMask;
    this.#rootPage = rootPage;
    if (this.asidBits !== 0) return;
    this.#recent.dropAll();
    this.#pages.flushNonGlobal();
    this.#superpages.flushNonGlobal();
  }
  #setMode(mode: number): void {
    const levels = levelsOf(mode);
    this.#mode = mode;
    this.#isBare = levels === 0;
    if (levels !== 0 && levels !== this.#walker.levels) this.#setLevels(levels);
  }
  /** Which addresses are canonical changes at once; the TLBs' entries stay (§4.2.1: a change of MODE fences nothing). */
  #setLevels(levels: number): void {
    this.#walker.levels = levels;
    this.#canonicalLimit = canonicalLimitOf(levels);
    this.#recent.dropAll();
  }
  /** True while accesses are user mode's; false while they are supervisor mode's. */
  setUser(user: boolean): void {
    this.#user = user;
    this.#context = user ? this.#userContext : this.#supervisorContext;
  }
  /** `sstatus.SUM`: the supervisor may load from and store to user pages. §4.1.1.2. */
  setSum(sum: boolean): void {
    this.#sum = sum;
    this.#setContexts();
  }
  /** `sstatus.MXR`: loads may read executable pages. §4.1.1.2. */
  setMxr(mxr: boolean): void {
    this.#mxr = mxr;
    this.#setContexts();
  }
  #setContexts(): void {
    this.#userContext = permissions.contextOf(true, this.#sum, this.#mxr);
    this.#supervisorContext = permissions.contextOf(false, this.#sum, this.#mxr);
    this.setUser(this.#user);
  }

  /**
   * Translates a page for one access: FETCH, LOAD or STORE.
   * @param vpn the signed page number of the virtual address; negative in the upper half.
   * @returns the physical page number, PAGE_FAULT or ACCESS_FAULT.
   */
  translate(vpn: number, access: number): number {
    const ppn = this.recall(vpn, access);
    if (ppn >= 0) return ppn;
    return (vpn | 0) === vpn
      ? this.#translatePage(vpn, 1 << (this.#context + access))
      : this.#translateWide(vpn, access);
  }
  /**
   * As `translate`, if one look at the last answers is enough; it never is for a page number that no int32 holds.
   * @returns the physical page, or -1: nothing was walked or changed
   */
  recall(vpn: number, access: number): number {
    return this.#recent.lookup(vpn, this.#space, this.#context + access);
  }

  /** rs1 = x0, rs2 = x0: forgets everything. §4.2.1. */
  flushAll(): void {
    this.#recent.dropAll();
    this.#pages.flushAll();
    this.#superpages.flushAll();
  }
  /** rs1 = x0, rs2 ≠ x0: forgets one address space, without global mappings. */
  flushAsid(asid: number): void {
    this.#recent.dropAll();
    this.#pages.flushAsid(asid & this.#asidMask);
    this.#superpages.flushAsid(asid & this.#asidMask);
  }
  /** rs1 ≠ x0, rs2 ≠ x0: forgets the leaf of one page in one address space, unless it is global. */
  flushPage(vpn: number, asid: number): void {
    if (!isCanonical(vpn, this.#widestMode)) return;
    this.#recent.dropAll();
    this.#pages.flushPage(vpn, asid & this.#asidMask);
    this.#superpages.flushPage(vpn, asid & this.#asidMask);
  }
  /** rs1 ≠ x0, rs2 = x0: forgets the leaves of one page in all address spaces, global ones included. */
  flushPageAllAsids(vpn: number): void {
    if (!isCanonical(vpn, this.#widestMode)) return;
    this.#recent.dropAll();
    this.#pages.flushPageAllAsids(vpn);
    this.#superpages.flushPageAllAsids(vpn);
  }

  /** A page that no int32 holds; Sv39 has none. */
  #translateWide(vpn: number, access: number): number {
    const bit = this.#context + access;
    const ppn = this.#recent.lookupWide(vpn, this.#space, bit);
    return ppn >= 0 ? ppn : this.#translatePage(vpn, 1 << bit);
  }
  #translatePage(vpn: number, need: number): number {
    if (this.#space === BARE) return vpn >= 0 && vpn < PPN_LIMIT ? vpn : this.#fault(ACCESS_FAULT);
    if (!(vpn >= -this.#canonicalLimit && vpn < this.#canonicalLimit)) return this.#fault(PAGE_FAULT);
    const page = this.#pages.lookup(vpn, this.#space);
    if (page >= 0) return this.#usePage(page, vpn, need);
    const superpage = this.#superpages.lookup(vpn, this.#space);
    return superpage >= 0 ? this.#useSuperpage(superpage, vpn, need) : this.#walk(vpn, need);
  }
  #usePage(slot: number, vpn: number, need: number): number {
    const permitted = this.#pages.permitted(slot);
    if ((permitted & need) !== 0) return this.#hit(vpn, this.#pages.ppn(slot), permitted);
    if (!this.#mayMark(permitted, need)) return this.#forbid();
    if (this.#pages.isGlobal(slot)) this.#recent.dropAll();
    else this.#recent.drop(vpn, this.#space);
    this.#pages.free(slot);
    return this.#walk(vpn, need);
  }
  #useSuperpage(slot: number, vpn: number, need: number): number {
    const { first, ppn, permitted } = this.#superpages;
    const allowed = permitted[slot]!;
    if ((allowed & need) !== 0) return this.#hit(vpn, ppn[slot]! + (vpn - first[slot]!), allowed);
    if (!this.#mayMark(allowed, need)) return this.#forbid();
    this.#recent.dropAll();
    this.#superpages.free(slot);
    return this.#walk(vpn, need);
  }

  #hit(vpn: number, ppn: number, permitted: number): number {
    this.#hitCount++;
    this.#recent.keep(vpn, this.#space, ppn, permitted);
    return ppn;
  }
  #forbid(): number {
    this.#hitCount++;
    return this.#fault(PAGE_FAULT);
  }
  #fault(fault: number): number {
    this.#faultCount++;
    return fault;
  }
  /**
   * A store that a leaf forbids for its clear D alone: step 7 compares the leaf with memory, and looks again when they
   * differ, so the walk begins anew and the entry goes. W implies R: where a load may, a store may when D is set.
   */
  #mayMark(permitted: number, need: number): boolean {
    return this.#updatesMarks && (permitted & CLEAN) !== 0 && (need & STORES) !== 0 && (permitted & (need >> 1)) !== 0;
  }

  /** Fills under the current ASID, or as global: §4.2.1 allows no other entry to be made. */
  #walk(vpn: number, need: number): number {
    this.missCount++;
    const walker = this.#walker;
    const ppn = walker.walk(this.#rootPage, vpn, need);
    if (ppn < 0) return this.#fault(ppn);
    const { level, permitted } = walker;
    const asid = walker.global ? GLOBAL : this.#space;
    if (level === 0) this.#fillPage(vpn, asid, ppn, permitted);
    else this.#fillSuperpage(vpn, level, asid, ppn, permitted);
    this.#recent.keep(vpn, this.#space, ppn, permitted);
    return ppn;
  }
  #fillPage(vpn: number, asid: number, ppn: number, permitted: number): void {
    const evicted = this.#pages.fill(vpn, asid, ppn, permitted);
    if (evicted === FREE) return;
    this.#evictionCount++;
    // A global page was answered in any address space.
    if (this.#pages.evictedAsid === GLOBAL) this.#recent.dropAll();
    else this.#recent.drop(evicted, this.#pages.evictedAsid);
  }
  #fillSuperpage(vpn: number, level: number, asid: number, ppn: number, permitted: number): void {
    const offset = offsetIn(vpn, level);
    if (!this.#superpages.fill(vpn - offset, SPAN_PAGES[level]!, asid, ppn - offset, permitted)) return;
    this.#evictionCount++;
    this.#recent.dropAll();
  }
}
