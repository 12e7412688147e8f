/**
 * What an Sv39 table maps, as runs: consecutive virtual pages to consecutive physical pages with one access. Read from
 * RAM by the rules of the walk (Privileged ISA 20211203 §4.3.2 "Virtual Address Translation Process"): an entry at which
 * a walk would fault is left out. The hart's tables and the IOMMU's first stage are both of this form.
 *
 * It says what the tables say. A translation that a TLB still holds, because nobody fenced, is not seen.
 */
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import {
  LEVELS,
  PTE_A,
  PTE_D,
  PTE_HI_RESERVED,
  PTE_PPN_SHIFT,
  PTE_R,
  PTE_U,
  PTE_V,
  PTE_W,
  PTE_X,
  TABLE_ENTRIES,
  VIRTUAL_ADDRESS_BITS,
  VPN_BITS,
} from '@bulkhead/riscv-datasheet';

export interface PageRun {
  /** The first page as the program or device issues it; negative in the upper half. */
  readonly page: number;
  readonly count: number;
  /** The physical page behind the first; the others follow it. */
  readonly physicalPage: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  /** U: user mode may; otherwise only the supervisor. */
  readonly user: boolean;
}
/** Everything below one root. */
export interface Mapping {
  readonly runs: readonly PageRun[];
  /** Physical pages of the tables themselves, the root's first. */
  readonly tablePages: readonly number[];
}

const PPN_LOW_SPAN = 0x400000;
const ROOT_LEVEL: number = LEVELS - 1;
const VPN_SPAN: number = 2 ** (VIRTUAL_ADDRESS_BITS - 12);
/** The low byte of a leaf that matters: A counts for all, D for writing. */
const ACCESS: number = PTE_R | PTE_W | PTE_X | PTE_U | PTE_A | PTE_D;

/** @returns what the table at `rootPage` maps, in rising order of unsigned pages. */
export function mappingOf(memory: PhysicalMemoryPort, rootPage: number): Mapping {
  const walk = new Enumeration(memory);
  walk.table(rootPage, ROOT_LEVEL, 0);
  return {
    runs: walk.runs.map(runOf).filter(({ read, write, execute }) => read || write || execute),
    tablePages: [...walk.tables],
  };
}

interface OpenRun {
  readonly vpn: number;
  count: number;
  readonly ppn: number;
  readonly flags: number;
}

class Enumeration {
  readonly runs: OpenRun[] = [];
  readonly tables: Set<number> = new Set();
  readonly #memory: PhysicalMemoryPort;

  constructor(memory: PhysicalMemoryPort) {
    this.#memory = memory;
  }
  table(page: number, level: number, firstVpn: number): void {
    if (!this.#memory.holdsPage(page)) return;
    this.tables.add(page);
    for (let index = 0; index < TABLE_ENTRIES; index++) {
      const lo = this.#memory.word(page, index * 2);
      if (lo !== 0)
        this.#entry(lo, this.#memory.word(page, index * 2 + 1), level, firstVpn + index * 2 ** (VPN_BITS * level));
    }
  }
  #entry(lo: number, hi: number, level: number, vpn: number): void {
    if ((lo & PTE_V) === 0 || (lo & (PTE_R | PTE_W)) === PTE_W || (hi & PTE_HI_RESERVED) !== 0) return; // 3.
    const ppn = hi * PPN_LOW_SPAN + (lo >>> PTE_PPN_SHIFT);
    if ((lo & (PTE_R | PTE_X)) === 0) {
      if ((lo & (PTE_U | PTE_A | PTE_D)) === 0 && level > 0) this.table(ppn, level - 1, vpn); // 4.
      return;
    }
    const count = 2 ** (VPN_BITS * level);
    if (ppn % count !== 0) return; // 6. misaligned superpage
    this.#leaf({ vpn, count, ppn, flags: lo & ACCESS });
  }
  #leaf(leaf: OpenRun): void {
    const last = this.runs.at(-1);
    const follows =
      last !== undefined &&
      last.flags === leaf.flags &&
      last.vpn + last.count === leaf.vpn &&
      last.ppn + last.count === leaf.ppn &&
      leaf.vpn !== VPN_SPAN / 2;
    if (follows) last.count += leaf.count;
    else this.runs.push(leaf);
  }
}

/** Steps 5 and 7: a clear A forbids everything, a clear D writing. */
function runOf({ vpn, count, ppn, flags }: OpenRun): PageRun {
  const accessed = (flags & PTE_A) !== 0;
  return {
    page: vpn >= VPN_SPAN / 2 ? vpn - VPN_SPAN : vpn,
    count,
    physicalPage: ppn,
    read: accessed && (flags & PTE_R) !== 0,
    write: accessed && (flags & (PTE_W | PTE_D)) === (PTE_W | PTE_D),
    execute: accessed && (flags & PTE_X) !== 0,
    user: (flags & PTE_U) !== 0,
  };
}
