/**
 * A device context, in the form in which the IOMMU keeps it, and the checks that it passed. RISC-V IOMMU 1.0 §2.1.3
 * "Device-context fields", §2.1.4 "Device-context configuration checks".
 */
import { get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';

/** GSCID of what has no second stage. */
export const HOST = -1;
/** Levels of a page table whose mode is Bare. */
export const BARE = 0;
/** Sv39, Sv48 and Sv57 are modes 8, 9 and 10, and Sv39x4 to Sv57x4 too: 3, 4 and 5 levels. */
const LEVELS_BELOW_MODE = 5;

const IOHGATP: number = reg.DC_IOHGATP / 4;
const TA: number = reg.DC_TA / 4;
const FSC: number = reg.DC_FSC / 4;
const MSIPTP: number = reg.DC_MSIPTP / 4;
const MASK: number = reg.DC_MSI_ADDR_MASK / 4;
const PATTERN: number = reg.DC_MSI_ADDR_PATTERN / 4;
const RESERVED: number = reg.DC_RESERVED / 4;

export class DeviceContext {
  deviceId = -1;
  /** `tc`, low word. */
  tc = 0;
  /** Second stage: HOST, or GSCID; BARE, or its levels; its root page. */
  gscid: number = HOST;
  guestLevels: number = BARE;
  guestRoot = 0;
  /** First stage, for PDTV = 0. */
  pscid = 0;
  levels: number = BARE;
  /** Root page of the first stage or of the process directory. A guest page when there is a second stage. */
  root = 0;
  /** `pdtp.MODE`, for PDTV = 1. */
  pdtpMode: number = reg.PDTP_MODE_BARE;
  /** MSI page table: whether there is one, its page, and which guest pages it is for. */
  translatesMessages = false;
  messageRoot = 0;
  maskLo = 0;
  maskHi = 0;
  patternLo = 0;
  patternHi = 0;

  /** Takes what stands in memory, which was found to be no misconfiguration. */
  load(deviceId: number, memory: PhysicalMemoryPort, page: number, at: number, extended: boolean): void {
    this.deviceId = deviceId;
    this.tc = memory.word(page, at);
    const iohgatp = memory.word(page, at + IOHGATP + 1);
    this.guestLevels = levelsOf(get(iohgatp, reg.IOHGATP_HI_MODE));
    this.gscid = this.guestLevels === BARE ? HOST : get(iohgatp, reg.IOHGATP_HI_GSCID);
    this.guestRoot = pointerAt(memory, page, at + IOHGATP);
    this.pscid = get(memory.word(page, at + TA), reg.TA_PSCID);
    const mode = get(memory.word(page, at + FSC + 1), reg.IOSATP_HI_MODE);
    const hasDirectory = has(this.tc, reg.TC_PDTV);
    this.levels = hasDirectory ? BARE : levelsOf(mode);
    this.pdtpMode = hasDirectory ? mode : reg.PDTP_MODE_BARE;
    this.root = pointerAt(memory, page, at + FSC);
    this.translatesMessages = extended && get(memory.word(page, at + MSIPTP + 1), reg.MSIPTP_HI_MODE) !== 0;
    if (this.translatesMessages) this.#loadMessages(memory, page, at);
  }
  #loadMessages(memory: PhysicalMemoryPort, page: number, at: number): void {
    this.messageRoot = pointerAt(memory, page, at + MSIPTP);
    this.maskLo = memory.word(page, at + MASK);
    this.maskHi = memory.word(page, at + MASK + 1);
    this.patternLo = memory.word(page, at + PATTERN);
    this.patternHi = memory.word(page, at + PATTERN + 1);
  }
  has(flag: { readonly mask: number }): boolean {
    return (this.tc & flag.mask) !== 0;
  }
}

export const levelsOf = (mode: number): number => (mode === 0 ? BARE : mode - LEVELS_BELOW_MODE);

/** @returns the page that `iohgatp`, `iosatp`, `pdtp` or `msiptp` points to: PPN is [43:0]. */
export const pointerAt = (memory: PhysicalMemoryPort, page: number, at: number): number =>
  get(memory.word(page, at + 1), reg.IOSATP_HI_PPN) * 0x1_0000_0000 + (memory.word(page, at) >>> 0);

/** §2.1.4. @param at index of the context's first word in `page`. */
export function isMisconfigured(
  memory: PhysicalMemoryPort,
  page: number,
  at: number,
  capabilitiesLo: number,
  capabilitiesHi: number,
): boolean {
  const tc = memory.word(page, at);
  if (memory.word(page, at + 1) !== 0 || (tc & forbiddenControls(capabilitiesLo)) !== 0) return true;
  if (hasContradiction(tc)) return true;
  if (has(memory.word(page, at + TA), reg.TA_RESERVED) || memory.word(page, at + TA + 1) !== 0) return true;
  if (isBadSecondStage(memory, page, at, tc, capabilitiesLo)) return true;
  const fsc = memory.word(page, at + FSC + 1);
  if (has(fsc, reg.IOSATP_HI_RESERVED)) return true;
  const mode = get(fsc, reg.IOSATP_HI_MODE);
  const known = has(tc, reg.TC_PDTV) ? hasPdtpMode(mode, capabilitiesHi) : hasIosatpMode(mode, capabilitiesLo);
  return !known || (has(capabilitiesLo, reg.CAPABILITIES_MSI_FLAT) && isBadMessageTable(memory, page, at));
}

/** Reserved bits of `tc`, and those whose capability is absent. SBE and SXL follow `fctl`, whose BE and GXL are 0. */
function forbiddenControls(capabilitiesLo: number): number {
  let forbidden = reg.TC_RESERVED.mask | reg.TC_SBE.mask | reg.TC_SXL.mask;
  if (!has(capabilitiesLo, reg.CAPABILITIES_ATS))
    forbidden |= reg.TC_EN_ATS.mask | reg.TC_EN_PRI.mask | reg.TC_PRPR.mask;
  if (!has(capabilitiesLo, reg.CAPABILITIES_T2GPA)) forbidden |= reg.TC_T2GPA.mask;
  if (!has(capabilitiesLo, reg.CAPABILITIES_AMO_HWAD)) forbidden |= reg.TC_GADE.mask | reg.TC_SADE.mask;
  return forbidden;
}
const hasContradiction = (tc: number): boolean =>
  (has(tc, reg.TC_T2GPA) && !has(tc, reg.TC_EN_ATS)) ||
  (has(tc, reg.TC_EN_PRI) && !has(tc, reg.TC_EN_ATS)) ||
  (has(tc, reg.TC_PRPR) && !has(tc, reg.TC_EN_PRI)) ||
  (has(tc, reg.TC_DPE) && !has(tc, reg.TC_PDTV));

function isBadSecondStage(
  memory: PhysicalMemoryPort,
  page: number,
  at: number,
  tc: number,
  capabilitiesLo: number,
): boolean {
  const mode = get(memory.word(page, at + IOHGATP + 1), reg.IOHGATP_HI_MODE);
  if (mode === reg.IOHGATP_MODE_BARE) return has(tc, reg.TC_T2GPA);
  if (!hasIohgatpMode(mode, capabilitiesLo)) return true;
  return (memory.word(page, at + IOHGATP) & 3) !== 0; // a root of 16 KiB
}
function isBadMessageTable(memory: PhysicalMemoryPort, page: number, at: number): boolean {
  const msiptp = memory.word(page, at + MSIPTP + 1);
  return (
    has(msiptp, reg.MSIPTP_HI_RESERVED) ||
    get(msiptp, reg.MSIPTP_HI_MODE) > reg.MSIPTP_MODE_FLAT ||
    has(memory.word(page, at + MASK + 1), reg.MSI_ADDR_HI_RESERVED) ||
    has(memory.word(page, at + PATTERN + 1), reg.MSI_ADDR_HI_RESERVED) ||
    (memory.word(page, at + RESERVED) | memory.word(page, at + RESERVED + 1)) !== 0
  );
}

/** @returns whether `iosatp.MODE` may be this, in a device context or a process context. */
export function hasIosatpMode(mode: number, capabilitiesLo: number): boolean {
  switch (mode) {
    case reg.IOSATP_MODE_BARE:
      return true;
    case reg.IOSATP_MODE_SV39:
      return has(capabilitiesLo, reg.CAPABILITIES_SV39);
    case reg.IOSATP_MODE_SV48:
      return has(capabilitiesLo, reg.CAPABILITIES_SV48);
    case reg.IOSATP_MODE_SV57:
      return has(capabilitiesLo, reg.CAPABILITIES_SV57);
    default:
      return false;
  }
}
function hasIohgatpMode(mode: number, capabilitiesLo: number): boolean {
  switch (mode) {
    case reg.IOHGATP_MODE_SV39X4:
      return has(capabilitiesLo, reg.CAPABILITIES_SV39X4);
    case reg.IOHGATP_MODE_SV48X4:
      return has(capabilitiesLo, reg.CAPABILITIES_SV48X4);
    case reg.IOHGATP_MODE_SV57X4:
      return has(capabilitiesLo, reg.CAPABILITIES_SV57X4);
    default:
      return false;
  }
}
function hasPdtpMode(mode: number, capabilitiesHi: number): boolean {
  switch (mode) {
    case reg.PDTP_MODE_BARE:
      return true;
    case reg.PDTP_MODE_PD8:
      return has(capabilitiesHi, reg.CAPABILITIES_HI_PD8);
    case reg.PDTP_MODE_PD17:
      return has(capabilitiesHi, reg.CAPABILITIES_HI_PD17);
    case reg.PDTP_MODE_PD20:
      return has(capabilitiesHi, reg.CAPABILITIES_HI_PD20);
    default:
      return false;
  }
}
