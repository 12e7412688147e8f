/**
 * Where messages of devices go that the IOMMU translates: the MSI page table of a context in extended format, read from RAM.
 * RISC-V IOMMU 1.0 §2.3.3 "Process to translate addresses of MSIs".
 */
import { get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { PageRun } from './page-runs.ts';

export interface MessageRoute {
  /** The page that the device writes to. */
  readonly ioPage: number;
  /** The physical page where something arrives for it. */
  readonly page: number;
  /** What arrives; null where it is what the device wrote. */
  readonly identity: number | null;
}
export interface MessageTable {
  readonly page: number;
  readonly mask: number;
  readonly pattern: number;
}

const MSIPTP: number = reg.DC_MSIPTP / 4;
const MASK: number = reg.DC_MSI_ADDR_MASK / 4;
const PATTERN: number = reg.DC_MSI_ADDR_PATTERN / 4;
const RESERVED: number = reg.DC_RESERVED / 4;
const ENTRY_WORDS: number = reg.MSIPTE_SIZE_BYTES / 4;

/** §2.1.4 "Device-context configuration checks", of what only the extended format has. */
export function hasSoundMessages(memory: PhysicalMemoryPort, page: number, at: number): boolean {
  const high = memory.word(page, at + MSIPTP + 1);
  const reserved =
    (high & reg.MSIPTP_HI_RESERVED.mask) |
    (memory.word(page, at + MASK + 1) & reg.MSI_ADDR_HI_RESERVED.mask) |
    (memory.word(page, at + PATTERN + 1) & reg.MSI_ADDR_HI_RESERVED.mask) |
    memory.word(page, at + RESERVED) |
    memory.word(page, at + RESERVED + 1);
  return reserved === 0 && get(high, reg.MSIPTP_HI_MODE) <= reg.MSIPTP_MODE_FLAT;
}
/** @returns null where messages are not translated. */
export function messageTableAt(memory: PhysicalMemoryPort, page: number, at: number): MessageTable | null {
  const high = memory.word(page, at + MSIPTP + 1);
  if (get(high, reg.MSIPTP_HI_MODE) !== reg.MSIPTP_MODE_FLAT) return null;
  const wide = (word: number): number =>
    get(memory.word(page, at + word + 1), reg.MSI_ADDR_HI_PAGE) * 0x1_0000_0000 + (memory.word(page, at + word) >>> 0);
  return {
    page: get(high, reg.MSIPTP_HI_PPN) * 0x1_0000_0000 + (memory.word(page, at + MSIPTP) >>> 0),
    mask: wide(MASK),
    pattern: wide(PATTERN),
  };
}

interface Sorted {
  readonly runs: readonly PageRun[];
  readonly messages: readonly MessageRoute[];
}
/** Takes out of `runs` what the first stage gives as a page of an interrupt file: there is no memory behind it. */
export function sortByMessages(memory: PhysicalMemoryPort, table: MessageTable, runs: readonly PageRun[]): Sorted {
  const messages: MessageRoute[] = [];
  const kept = runs.flatMap((run) => {
    const pieces: PageRun[] = [];
    let start = 0;
    for (let i = 0; i < run.count; i++) {
      if (!isFile(table, run.physicalPage + i)) continue;
      pieces.push(...pieceOf(run, start, i));
      messages.push(...routeOf(memory, table, run, i));
      start = i + 1;
    }
    return [...pieces, ...pieceOf(run, start, run.count)];
  });
  return { runs: kept, messages };
}
const pieceOf = (run: PageRun, from: number, to: number): PageRun[] =>
  from === to ? [] : [{ ...run, page: run.page + from, physicalPage: run.physicalPage + from, count: to - from }];

function routeOf(memory: PhysicalMemoryPort, table: MessageTable, run: PageRun, i: number): MessageRoute[] {
  const number = fileNumber(table, run.physicalPage + i);
  const page = table.page + Math.floor((number * reg.MSIPTE_SIZE_BYTES) / 4096);
  const at = (number % (4096 / reg.MSIPTE_SIZE_BYTES)) * ENTRY_WORDS;
  if (!run.write || !memory.holdsPage(page)) return [];
  const [word0, word1, word2, word3] = [0, 1, 2, 3].map((word) => memory.word(page, at + word)) as [
    number,
    number,
    number,
    number,
  ];
  if (!has(word0, reg.MSIPTE_0_V) || has(word1, reg.MSIPTE_1_C)) return [];
  const ioPage = run.page + i;
  switch (get(word0, reg.MSIPTE_0_M)) {
    case reg.MSIPTE_M_BASIC:
      return [{ ioPage, page: wideOf(word0, reg.MSIPTE_BASIC_0_PPN.shift, word1), identity: null }];
    case reg.MSIPTE_M_MRIF:
      return [{ ioPage, page: wideOf(word2, reg.MSIPTE_MRIF_2_NPPN.shift, word3), identity: identityOf(word2, word3) }];
    default:
      return [];
  }
}
/** PPN and NPPN are [53:10]. */
const wideOf = (low: number, shift: number, high: number): number => (high & 0x3fffff) * 0x400000 + (low >>> shift);
const identityOf = (low: number, high: number): number =>
  (get(high, reg.MSIPTE_MRIF_3_NID) << 10) | get(low, reg.MSIPTE_MRIF_2_NID);

const UPPER = 0x1_0000_0000;
/** §2.1.3.6: the page equals the pattern in all bits that the mask leaves. */
function isFile({ mask, pattern }: MessageTable, page: number): boolean {
  const upper = (Math.floor(page / UPPER) ^ Math.floor(pattern / UPPER)) & ~Math.floor(mask / UPPER);
  return ((page ^ pattern) & ~mask) === 0 && upper === 0;
}
/** The bits of `page` under the mask, side by side. */
function fileNumber({ mask }: MessageTable, page: number): number {
  let number = 0;
  let weight = 1;
  for (let power = 1; power <= mask; power *= 2) {
    if (Math.floor(mask / power) % 2 === 0) continue;
    number += (Math.floor(page / power) % 2) * weight;
    weight *= 2;
  }
  return number;
}
