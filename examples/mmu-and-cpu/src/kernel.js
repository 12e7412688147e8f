/**
 * A kernel of two ideas: a page of the heap gets memory when it is first touched, and a forked process shares its
 * parent's pages until one of them writes. All it knows of a fault it reads from the hart's trap registers.
 */
import {
  ECALL_U,
  LOAD_PAGE_FAULT,
  MODE_USER,
  PTE_A,
  PTE_D,
  PTE_PPN_SHIFT,
  PTE_R,
  PTE_RSW,
  PTE_U,
  PTE_W,
  SCAUSE,
  STORE_PAGE_FAULT,
  STVAL,
} from '@bulkhead/riscv-datasheet';
import { loadWord, PAGE_BYTES, storeWord } from './machine.js';
import { PageTables } from './page-tables.js';

export const HEAP_PAGE = 0x400;
export const HEAP_PAGES = 32;

const SHARED = PTE_U | PTE_R | PTE_A;
const OWN = SHARED | PTE_W | PTE_D;
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
    return { asid: this.nextAsid++, tables: new PageTables(this.machine.ram, () => this.allocate()) };
  }
  fork(parent) {
    const child = this.spawn();
    for (let page = HEAP_PAGE; page < HEAP_PAGE + HEAP_PAGES; page++) {
      const physicalPage = parent.tables.entry(page) >>> PTE_PPN_SHIFT;
      if (physicalPage === 0) continue;
      for (const { tables } of [parent, child]) tables.map(page, physicalPage, SHARED | COPY_ON_WRITE);
      this.holders.set(physicalPage, this.holders.get(physicalPage) + 1);
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
    const entry = this.current.tables.entry(page);
    if (entry === 0 && (cause === LOAD_PAGE_FAULT || cause === STORE_PAGE_FAULT)) {
      this.give(page, this.allocate());
      return 'zeroed';
    }
    if (cause !== STORE_PAGE_FAULT || (entry & COPY_ON_WRITE) === 0) return 'refused';
    return this.unshare(page, entry >>> PTE_PPN_SHIFT);
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
    this.current.tables.map(page, physicalPage, OWN);
    this.machine.hart.sfence(page, this.current.asid);
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
