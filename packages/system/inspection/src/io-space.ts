/**
 * What each device may reach by DMA: the IOMMU's mode, and the device directory and tables that its registers point to,
 * read from RAM. RISC-V IOMMU 1.0 §2.3.1 "Process to locate the Device-context", whose steps the comments number.
 *
 * Contexts in either format with an Sv39 or bare first stage; whatever else a context asks for, this machine's IOMMU calls
 * misconfigured, and so does this. A context or translation that the IOMMU still caches is not seen.
 */
import type { System } from '@bulkhead/assembler';
import { get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { hasSoundMessages, type MessageRoute, messageTableAt, sortByMessages } from './message-routes.ts';
import { mappingOf, type PageRun } from './page-runs.ts';

export type IommuMode = 'off' | 'bare' | 'translating';

/** `nothing`: every access faults. `everything`: addresses are physical ones. `mapped`: what the tables say. */
export type DmaReach = 'nothing' | 'everything' | 'mapped';

export interface IoSpace {
  readonly reach: DmaReach;
  /** The tag of its translations in the IOMMU; 0 unless mapped. */
  readonly pscid: number;
  /** What is memory: pages that the MSI page table stands for are no part of it. */
  readonly runs: readonly PageRun[];
  /** Where the device's messages go, by the IO page that they are written to. */
  readonly messages: readonly MessageRoute[];
  /** Physical pages of its tables. */
  readonly tablePages: readonly number[];
}

const IOHGATP_HI: number = reg.DC_IOHGATP / 4 + 1;
const TA_LO: number = reg.DC_TA / 4;
const FSC_LO: number = reg.DC_FSC / 4;
/** What needs a capability that the IOMMU does not have. §2.1.4 "Device-context configuration checks". */
const TC_SUPPORTED: number = reg.TC_V.mask | reg.TC_DTF.mask | reg.TC_PDTV.mask | reg.TC_DPE.mask | 0xff000000;

const NOTHING: IoSpace = { reach: 'nothing', pscid: 0, runs: [], messages: [], tablePages: [] };
const EVERYTHING: IoSpace = { reach: 'everything', pscid: 0, runs: [], messages: [], tablePages: [] };

/** §5.5 "Device-directory-table pointer (ddtp)". */
export function iommuModeOf(system: System): IommuMode {
  const mode = directoryMode(system);
  if (mode === reg.DDTP_MODE_OFF) return 'off';
  return mode === reg.DDTP_MODE_BARE ? 'bare' : 'translating';
}
/** @returns the pages that the IOMMU itself reads and writes beside tables: its queues. 0 while there is none. */
export function iommuQueuesOf(system: System): { readonly commandPage: number; readonly faultPage: number } {
  return { commandPage: basePage(system, reg.CQB), faultPage: basePage(system, reg.FQB) };
}
/** @returns the physical page of the device directory's root; 0 while there is none. */
export const directoryPageOf = (system: System): number =>
  iommuModeOf(system) === 'translating' ? basePage(system, reg.DDTP) : 0;

/** @returns what a requester may reach. */
export function ioSpaceOf(system: System, requesterId: number): IoSpace {
  const mode = directoryMode(system);
  if (mode === reg.DDTP_MODE_OFF) return NOTHING;
  if (mode === reg.DDTP_MODE_BARE) return EVERYTHING;
  const { ram } = system.board;
  const page = contextPage(system, ram, requesterId, mode);
  if (page < 0) return NOTHING;
  const extended = isExtended(system);
  const at = extended
    ? (get(requesterId, reg.DDI0_EXTENDED) * reg.DC_EXTENDED_SIZE_BYTES) / 4
    : (get(requesterId, reg.DDI0_BASE) * reg.DC_BASE_SIZE_BYTES) / 4;
  if (!isSound(ram, page, at) || (extended && !hasSoundMessages(ram, page, at))) return NOTHING; // 9., 10.
  const fscHigh = ram.word(page, at + FSC_LO + 1);
  if (get(fscHigh, reg.IOSATP_HI_MODE) === reg.IOSATP_MODE_BARE) return EVERYTHING;
  const root = get(fscHigh, reg.IOSATP_HI_PPN) * 0x1_0000_0000 + (ram.word(page, at + FSC_LO) >>> 0);
  const { runs, tablePages } = mappingOf(ram, root);
  const pscid = get(ram.word(page, at + TA_LO), reg.TA_PSCID);
  // §2.3 step 17: a request without process_id asks for no supervisor privilege.
  const own = runs.filter(({ user }) => user);
  const table = extended ? messageTableAt(ram, page, at) : null;
  if (table === null) return { reach: 'mapped', pscid, runs: own, messages: [], tablePages };
  return { reach: 'mapped', pscid, ...sortByMessages(ram, table, own), tablePages };
}

/** Reading a register of the IOMMU has no side effect; it is read past the bus, which counts accesses. */
const register = ({ board }: System, offset: number): number => board.iommu.read(offset, 4) | 0;
const directoryMode = (system: System): number => get(register(system, reg.DDTP), reg.DDTP_IOMMU_MODE);
const basePage = (system: System, offset: number): number =>
  get(register(system, offset + 4), reg.BASE_PPN_HI) * 0x400000 + get(register(system, offset), reg.BASE_PPN_LO);

/** §2.1.2: contexts have 64 bytes where the IOMMU can translate messages. */
const isExtended = (system: System): boolean => has(register(system, reg.CAPABILITIES), reg.CAPABILITIES_MSI_FLAT);

/** Steps 1 to 8. @returns the page with the device's context, or -1. */
function contextPage(system: System, memory: PhysicalMemoryPort, deviceId: number, mode: number): number {
  const [index1, index2] = isExtended(system) ? [reg.DDI1_EXTENDED, reg.DDI2_EXTENDED] : [reg.DDI1_BASE, reg.DDI2_BASE];
  if (mode <= reg.DDTP_MODE_2LVL && has(deviceId, index2)) return -1;
  if (mode === reg.DDTP_MODE_1LVL && has(deviceId, index1)) return -1;
  let page = basePage(system, reg.DDTP); // 1.
  for (let level = mode - reg.DDTP_MODE_1LVL; level > 0; level--) {
    if (!memory.holdsPage(page)) return -1; // 3.
    const entry = get(deviceId, level === 2 ? index2 : index1) * 2;
    const lo = memory.word(page, entry);
    const hi = memory.word(page, entry + 1);
    if (!has(lo, reg.DDTE_V)) return -1; // 5.
    if (has(lo, reg.DDTE_LO_RESERVED) || has(hi, reg.DDTE_HI_RESERVED)) return -1; // 6.
    page = get(hi, reg.DDTE_PPN_HI) * 0x400000 + get(lo, reg.DDTE_PPN_LO); // 7.
  }
  return memory.holdsPage(page) ? page : -1; // 8.
}
/** §2.1.4. A context with a process directory can only be bare here. */
function isSound(memory: PhysicalMemoryPort, page: number, at: number): boolean {
  const tc = memory.word(page, at);
  if (!has(tc, reg.TC_V) || (tc & ~TC_SUPPORTED) !== 0 || memory.word(page, at + 1) !== 0) return false;
  if (has(tc, reg.TC_DPE) && !has(tc, reg.TC_PDTV)) return false;
  if (get(memory.word(page, at + IOHGATP_HI), reg.IOHGATP_HI_MODE) !== reg.IOHGATP_MODE_BARE) return false;
  if (has(memory.word(page, at + TA_LO), reg.TA_RESERVED) || memory.word(page, at + TA_LO + 1) !== 0) return false;
  const fscHigh = memory.word(page, at + FSC_LO + 1);
  const mode = get(fscHigh, reg.IOSATP_HI_MODE);
  if (has(fscHigh, reg.IOSATP_HI_RESERVED)) return false;
  return mode === reg.IOSATP_MODE_BARE || (mode === reg.IOSATP_MODE_SV39 && !has(tc, reg.TC_PDTV));
}
