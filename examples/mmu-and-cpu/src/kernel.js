/**
 * A kernel of two ideas: a page of the heap gets memory when it is first touched, and a forked process shares its
 * parent's pages until one of them writes. All it knows of a fault it reads from the hart's trap registers.
 */
import { PageTables } from '@bulkhead/mmu';
import {
  ECALL_U,
  LOAD_PAGE_FAULT,
  MODE_USER,
  PTE_A,
  PTE_D,
  PTE_R,
  PTE_RSW,
  PTE_U,
  PTE_W,
  SATP_MODE_SV39,
  SCAUSE,
  STORE_PAGE_FAULT,
  STVAL,
} from '@bulkhead/riscv-datasheet';
import { loadWord, PAGE_BYTES, storeWord } from './machine.js';

export const HEAP_PAGE = 0x400;
export const HEAP_PAGES = 32;

const SHARED = PTE_U | PTE_R | PTE_A;
const OWN = SHARED | PTE_W | PTE_D;
/** What a process may use for its page tables: a root, and a table of each level below it. */
const TABLE_PAGES = 3;
/** A leaf of 4 KiB. */
const PAGE_LEVEL = 0;
/** In bits that the specification leaves to software: not writable because it is shared, not because it may not be. */
const COPY_ON_WRITE = PTE_RSW & -PTE_RSW;

export class Kernel {
  constructor(machine) {
    this.machine = machine;
    this.nextPage = machine.ram.basePage;
    this.holders = new Map();
    this.faults = [];
    this.current = undefined;
    this.nextAsid = 1;
  }

  spawn() {
    const [firstPage] = Array.from({ length: TABLE_PAGES }, () => this.allocate());
    const options = { memory: this.machine.ram, mode: SATP_MODE_SV39, firstPage, pageCount: TABLE_PAGES };
    return { asid: this.nextAsid++, tables: new PageTables(options) };
  }
  fork(parent) {
    const child = this.spawn();
    for (let page = HEAP_PAGE; page < HEAP_PAGE + HEAP_PAGES; page++) {
      const mapping = parent.tables.find(page);
      if (mapping === undefined) continue;
      parent.tables.protect(page, SHARED | COPY_ON_WRITE);
      child.tables.map(page, mapping.ppn, PAGE_LEVEL, SHARED | COPY_ON_WRITE);
      this.holders.set(mapping.ppn, this.holders.get(mapping.ppn) + 1);
    }
    this.machine.hart.sfence(-1, parent.asid); // The parent may have stored: its TLB entries still say that it may.
    return child;
  }

  load(process, address) {
    this.run(process);
    const value = loadWord(this.machine, () => this.trapped(), address);
    this.stop();
    return value;
  }
  store(process, address, value) {
    this.run(process);
    const stored = storeWord(this.machine, () => this.trapped(), address, value);
    this.stop();
    return stored;
  }

  /** To user mode in the process's address space. */
  run(process) {
    const { hart } = this.machine;
    this.current = process;
    hart.writeSatp(process.asid, process.tables.rootPage);
    hart.setPreviousMode(MODE_USER);
    hart.sret();
  }
  /** The process gives the hart back by a system call, unless a fault has ended it. */
  stop() {
    const { hart } = this.machine;
    if (hart.mode === MODE_USER) hart.trap(ECALL_U, false, 0, 0);
  }
  /** Where `stvec` would point. */
  trapped() {
    const cause = this.readCsr(SCAUSE);
    const page = Math.floor(this.readCsr(STVAL) / PAGE_BYTES);
    const outcome = this.serve(cause, page);
    this.faults.push({ cause, page, outcome });
    if (outcome !== 'refused') this.machine.hart.sret(); // SPP says: back to user mode, to the same instruction
  }

  serve(cause, page) {
    if (page < HEAP_PAGE || page >= HEAP_PAGE + HEAP_PAGES) return 'refused';
    const mapping = this.current.tables.find(page);
    if (mapping === undefined && (cause === LOAD_PAGE_FAULT || cause === STORE_PAGE_FAULT)) {
      this.give(page, this.allocate());
      return 'zeroed';
    }
    if (cause !== STORE_PAGE_FAULT || (mapping.flags & COPY_ON_WRITE) === 0) return 'refused';
    return this.unshare(page, mapping.ppn);
  }
  unshare(page, shared) {
    const count = this.holders.get(shared);
    if (count === 1) {
      this.give(page, shared);
      return 'taken back';
    }
    this.holders.set(shared, count - 1);
    const copy = this.allocate();
    for (let index = 0; index < PAGE_BYTES / 4; index++)
      this.machine.ram.setWord(copy, index, this.machine.ram.word(shared, index));
    this.give(page, copy);
    return 'copied';
  }
  give(page, physicalPage) {
    this.holders.set(physicalPage, 1);
    const { asid, tables } = this.current;
    const unmapped = tables.unmap(page);
    tables.map(page, physicalPage, PAGE_LEVEL, OWN);
    // Where a table had become empty, pointers have changed too, and a fence of one page does not order those.
    this.machine.hart.sfence(unmapped.ok && unmapped.value > 0 ? -1 : page, asid);
  }

  /** Zeroed, and never given back: an example needs no more. */
  allocate() {
    if (!this.machine.ram.holdsPage(this.nextPage)) throw new Error('the example has used up its RAM');
    return this.nextPage++;
  }
  readCsr(csr) {
    const lanes = new Int32Array(2);
    this.machine.hart.readCsr(csr, lanes);
    return lanes[1] * 2 ** 32 + (lanes[0] >>> 0);
  }
}
