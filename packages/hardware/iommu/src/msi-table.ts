/**
 * Messages of devices: which pages are virtual interrupt files, and where their messages go. RISC-V IOMMU 1.0 §2.3.3
 * "Process to translate addresses of MSIs", whose steps the comments number; RISC-V AIA 1.0, chapter 8 "IOMMU Support
 * for MSIs to Virtual Machines".
 *
 * CHOICE: entries are never cached. CHOICE: an entry with C = 1 (custom use) is misconfigured.
 */
import { get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { DeviceContext } from './device-context.ts';
import { DMA_EXECUTE } from './request.ts';

/** In place of a page: the access goes to the memory-resident interrupt file that the table's fields name. */
export const TO_MRIF = -4096;

const ENTRIES_A_PAGE: number = 4096 / reg.MSIPTE_SIZE_BYTES;
const ENTRY_WORDS: number = reg.MSIPTE_SIZE_BYTES / 4;
const FILES_A_PAGE: number = 4096 / reg.MRIF_SIZE_BYTES;
const LANE_BITS = 32;

export class MsiTable {
  readonly #memory: PhysicalMemoryPort;
  readonly #hasMrif: boolean;
  /** Of the last answer TO_MRIF: where the file is, and what notice leaves for where. */
  filePage = 0;
  fileOffset = 0;
  noticePage = 0;
  noticeIdentity = 0;

  constructor(memory: PhysicalMemoryPort, hasMrif: boolean) {
    this.#memory = memory;
    this.#hasMrif = hasMrif;
  }

  /** Steps 5 to 16, for a page that `isInterruptFile`. @returns a page, TO_MRIF, or a negative cause. */
  translate(context: DeviceContext, guestPage: number, access: number): number {
    const number = interruptFileNumber(context, guestPage); // 5.
    const page = context.messageRoot + Math.floor(number / ENTRIES_A_PAGE); // 6., 7.
    if (!this.#memory.holdsPage(page)) return -reg.CAUSE_MSI_PTE_LOAD_ACCESS_FAULT;
    const at = (number % ENTRIES_A_PAGE) * ENTRY_WORDS;
    const word0 = this.#memory.word(page, at);
    const word1 = this.#memory.word(page, at + 1);
    if (!has(word0, reg.MSIPTE_0_V)) return -reg.CAUSE_MSI_PTE_NOT_VALID; // 9.
    const target = has(word1, reg.MSIPTE_1_C) ? -reg.CAUSE_MSI_PTE_MISCONFIGURED : this.#target(page, at, word0, word1);
    if (target < 0 && target !== TO_MRIF) return target;
    return (access & DMA_EXECUTE) !== 0 ? -reg.CAUSE_INSTRUCTION_ACCESS_FAULT : target; // 15.
  }

  #target(page: number, at: number, word0: number, word1: number): number {
    switch (get(word0, reg.MSIPTE_0_M)) {
      case reg.MSIPTE_M_BASIC:
        return basicTarget(word0, word1); // 13.
      case reg.MSIPTE_M_MRIF:
        return this.#hasMrif ? this.#mrifTarget(page, at, word0, word1) : -reg.CAUSE_MSI_PTE_MISCONFIGURED; // 14.
      default:
        return -reg.CAUSE_MSI_PTE_MISCONFIGURED; // 12.
    }
  }
  #mrifTarget(page: number, at: number, word0: number, word1: number): number {
    const word2 = this.#memory.word(page, at + 2);
    const word3 = this.#memory.word(page, at + 3);
    const reserved =
      (word0 & reg.MSIPTE_MRIF_0_RESERVED.mask) |
      (word1 & reg.MSIPTE_MRIF_1_RESERVED.mask) |
      (word3 & (reg.MSIPTE_MRIF_3_RESERVED_LOW.mask | reg.MSIPTE_MRIF_3_RESERVED_HIGH.mask));
    if (reserved !== 0) return -reg.CAUSE_MSI_PTE_MISCONFIGURED;
    const file = get(word1, reg.MSIPTE_MRIF_1_ADDRESS) * 0x2000000 + get(word0, reg.MSIPTE_MRIF_0_ADDRESS);
    this.filePage = Math.floor(file / FILES_A_PAGE);
    this.fileOffset = (file % FILES_A_PAGE) * reg.MRIF_SIZE_BYTES;
    this.noticePage = get(word3, reg.MSIPTE_MRIF_3_NPPN) * 0x400000 + get(word2, reg.MSIPTE_MRIF_2_NPPN);
    this.noticeIdentity = (get(word3, reg.MSIPTE_MRIF_3_NID) << 10) | get(word2, reg.MSIPTE_MRIF_2_NID);
    return TO_MRIF;
  }
}

/** AIA "MSI PTE, basic translate mode". */
function basicTarget(word0: number, word1: number): number {
  const reserved = (word0 & reg.MSIPTE_BASIC_0_RESERVED.mask) | (word1 & reg.MSIPTE_BASIC_1_RESERVED.mask);
  if (reserved !== 0) return -reg.CAUSE_MSI_PTE_MISCONFIGURED;
  return get(word1, reg.MSIPTE_BASIC_1_PPN) * 0x400000 + get(word0, reg.MSIPTE_BASIC_0_PPN);
}

/** §2.1.3.6: the page equals the pattern in all bits that the mask leaves. @param page below 2^52. */
export function isInterruptFile(context: DeviceContext, page: number): boolean {
  if (!context.translatesMessages) return false;
  const hi = Math.floor(page / 0x1_0000_0000);
  return ((page ^ context.patternLo) & ~context.maskLo) === 0 && ((hi ^ context.patternHi) & ~context.maskHi) === 0;
}

/** Step 5: `extract(A >> 12, mask)`. @returns the bits of `page` under the mask, packed; up to 52. */
function interruptFileNumber(context: DeviceContext, page: number): number {
  const low = extract(page | 0, context.maskLo);
  const high = extract(Math.floor(page / 0x1_0000_0000), context.maskHi);
  return high * 2 ** countOnes(context.maskLo) + low;
}
function extract(value: number, mask: number): number {
  let packed = 0;
  let weight = 1;
  for (let bit = 0; bit < LANE_BITS; bit++) {
    if (((mask >>> bit) & 1) === 0) continue;
    packed += ((value >>> bit) & 1) * weight;
    weight *= 2;
  }
  return packed;
}
function countOnes(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
