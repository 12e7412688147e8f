/**
 * An Sv39 memory management unit: page-table walk, a TLB of pages and one of superpages, and the fences.
 *
 * It knows no hart: whoever uses it says which address space is current, whether the access is the user's, and what
 * SUM and MXR are. Those four take effect at once and need no fence; a changed page table does (Privileged ISA
 * 20211203 §4.2.1 "Supervisor Memory-Management Fence Instruction").
 *
 * CHOICE: only leaves are cached, only after a walk that did not fault, and an entry is believed until it is flushed
 * or replaced: an access that a cached leaf forbids faults without another walk. So a forgotten fence shows.
 * CHOICE: an entry of a 4 KiB page is preferred to one of a superpage that holds the same page.
 */
import { PAGE_SHIFT } from '@bulkhead/address';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { ASID_MAX_BITS, PPN_BITS, VIRTUAL_ADDRESS_BITS } from '@bulkhead/riscv-datasheet';
import { contextOf } from './permissions.ts';
import { RecentAnswers } from './recent.ts';
import { SuperpageTlb } from './superpage-tlb.ts';
import { GLOBAL, PageTlb } from './tlb.ts';
import { ACCESS_FAULT, PAGE_FAULT, Walker } from './walk.ts';

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
}

/** Bits of an int32 above a canonical page number's sign bit. §4.4.1: address bits 63:39 equal bit 38. */
const SIGN_SHIFT = 32 - (VIRTUAL_ADDRESS_BITS - PAGE_SHIFT);
const BARE = -1;
const PPN_LIMIT = 2 ** PPN_BITS;

/** @returns true when the signed page number is the page of a valid Sv39 virtual address. */
export const isCanonical = (vpn: number): boolean => (vpn << SIGN_SHIFT) >> SIGN_SHIFT === vpn;

export class Mmu {
  /** ASIDLEN: implemented bits of an ASID. §4.1.11. */
  readonly asidBits: number;
  /** Walks since construction, those that faulted included. */
  missCount = 0;
  readonly #walker: Walker;
  readonly #recent: RecentAnswers = new RecentAnswers();
  readonly #pages: PageTlb;
  readonly #superpages: SuperpageTlb;
  readonly #asidMask: number;
  /** The current ASID, or BARE while there is no translation. */
  #space = BARE;
  #rootPage = 0;
  #user = false;
  #sum = false;
  #mxr = false;
  /** Of user mode and of supervisor mode, as SUM and MXR are: a system call changes the mode, and seldom those. */
  #userContext: number = contextOf(true, false, false);
  #supervisorContext: number = contextOf(false, false, false);
  #context: number = this.#supervisorContext;

  constructor({ memory, tlbEntries = 64, tlbWays = 4, superpageTlbEntries = 16, tagged = true }: MmuOptions) {
    this.asidBits = tagged ? ASID_MAX_BITS : 0;
    this.#asidMask = (1 << this.asidBits) - 1;
    this.#walker = new Walker(memory);
    this.#pages = new PageTlb(tlbEntries, tlbWays);
    this.#superpages = new SuperpageTlb(superpageTlbEntries);
  }

  /** What a write of `satp` does; `enabled` false is MODE = Bare. §4.1.11. Flushes nothing, except without ASIDs. */
  setAddressSpace(asid: number, rootPage: number, enabled: boolean): void {
    this.#space = enabled ? asid & this.#asidMask : BARE;
    this.#rootPage = rootPage;
    if (this.asidBits !== 0) return;
    this.#recent.dropAll();
    this.#pages.flushNonGlobal();
    this.#superpages.flushNonGlobal();
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
    this.#userContext = contextOf(true, this.#sum, this.#mxr);
    this.#supervisorContext = contextOf(false, this.#sum, this.#mxr);
    this.setUser(this.#user);
  }

  /**
   * Translates a page for one access: FETCH, LOAD or STORE.
   * @param vpn the signed page number of the virtual address; negative in the upper half.
   * @returns the physical page number, PAGE_FAULT or ACCESS_FAULT.
   */
  translate(vpn: number, access: number): number {
    const ppn = this.recall(vpn, access);
    return ppn >= 0 ? ppn : this.#translatePage(vpn, 1 << (this.#context + access));
  }
  /** As `translate`, if it was asked lately: neither walks nor changes anything. @returns the physical page, or -1. */
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
    if (!isCanonical(vpn)) return;
    this.#recent.dropAll();
    this.#pages.flushPage(vpn, asid & this.#asidMask);
    this.#superpages.flushPage(vpn, asid & this.#asidMask);
  }
  /** rs1 ≠ x0, rs2 = x0: forgets the leaves of one page in all address spaces, global ones included. */
  flushPageAllAsids(vpn: number): void {
    if (!isCanonical(vpn)) return;
    this.#recent.dropAll();
    this.#pages.flushPageAllAsids(vpn);
    this.#superpages.flushPageAllAsids(vpn);
  }

  #translatePage(vpn: number, need: number): number {
    if (this.#space === BARE) return vpn >= 0 && vpn < PPN_LIMIT ? vpn : ACCESS_FAULT;
    if (!isCanonical(vpn)) return PAGE_FAULT;
    const slot = this.#pages.lookup(vpn, this.#space);
    if (slot < 0) return this.#translateSuperpage(vpn, need);
    const permitted = this.#pages.permitted[slot]!;
    return this.#judge(vpn, this.#pages.ppn[slot]!, permitted, need);
  }

  #translateSuperpage(vpn: number, need: number): number {
    const slot = this.#superpages.lookup(vpn, this.#space);
    if (slot < 0) return this.#walk(vpn, need);
    const ppn = this.#superpages.ppn[slot]! + (vpn & this.#superpages.offsetMask[slot]!);
    return this.#judge(vpn, ppn, this.#superpages.permitted[slot]!, need);
  }

  /** The mode, SUM and MXR may have changed since the fill, so every hit is judged. */
  #judge(vpn: number, ppn: number, permitted: number, need: number): number {
    if ((permitted & need) === 0) return PAGE_FAULT;
    this.#recent.keep(vpn, this.#space, ppn, permitted);
    return ppn;
  }

  /** Fills under the current ASID, or as global: §4.2.1 allows no other entry to be made. */
  #walk(vpn: number, need: number): number {
    this.missCount++;
    const walker = this.#walker;
    const ppn = walker.walk(this.#rootPage, vpn, need);
    if (ppn < 0) return ppn;
    const { shift, permitted } = walker;
    const asid = walker.global ? GLOBAL : this.#space;
    if (shift === 0) this.#fillPage(vpn, asid, ppn, permitted);
    else if (this.#superpages.fill(vpn, shift, asid, ppn - (vpn & ((1 << shift) - 1)), permitted))
      this.#recent.dropAll();
    this.#recent.keep(vpn, this.#space, ppn, permitted);
    return ppn;
  }
  #fillPage(vpn: number, asid: number, ppn: number, permitted: number): void {
    const evicted = this.#pages.fill(vpn, asid, ppn, permitted);
    // A global page was answered in any address space.
    if (this.#pages.evictedAsid === GLOBAL) this.#recent.dropAll();
    else this.#recent.drop(evicted, this.#pages.evictedAsid);
  }
}
