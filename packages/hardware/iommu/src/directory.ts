/**
 * Device contexts: found in the device directory, checked, and cached until IODIR.INVAL_DDT says otherwise.
 * RISC-V IOMMU 1.0 §2.3.1 "Process to locate the Device-context", whose steps the comments number.
 *
 * CHOICE: a change of `ddtp` leaves the cache as it is (§5.5 allows it): software sends the command.
 */
import { get, has } from '@bulkhead/bits';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Registers } from './registers.ts';

const ENTRIES = 64;
const DC_WORDS: number = reg.DC_BASE_SIZE_BYTES / 4;
const IOHGATP_HI: number = reg.DC_IOHGATP / 4 + 1;
const TA_LO: number = reg.DC_TA / 4;
const FSC_LO: number = reg.DC_FSC / 4;

/**
 * §2.1.4 "Device-context configuration checks": bits of `tc` that no context may set here, for the capability that
 * they need is absent: ATS, T2GPA, AMO_HWAD, END, and RV32 in `fctl.GXL`.
 */
const TC_FORBIDDEN: number =
  reg.TC_RESERVED.mask |
  reg.TC_EN_ATS.mask |
  reg.TC_EN_PRI.mask |
  reg.TC_T2GPA.mask |
  reg.TC_PRPR.mask |
  reg.TC_GADE.mask |
  reg.TC_SADE.mask |
  reg.TC_SBE.mask |
  reg.TC_SXL.mask;

export class Directory {
  readonly #registers: Registers;
  readonly #memory: PhysicalMemoryPort;
  readonly #device: Int32Array = new Int32Array(ENTRIES).fill(-1);
  readonly #bare: Uint8Array = new Uint8Array(ENTRIES);
  readonly #quiet: Uint8Array = new Uint8Array(ENTRIES);
  readonly #pscid: Int32Array = new Int32Array(ENTRIES);
  readonly #root: Float64Array = new Float64Array(ENTRIES);
  /** Contexts that were read from memory. */
  readonly loads: Float64Array = new Float64Array(1);

  constructor(registers: Registers, memory: PhysicalMemoryPort) {
    this.#registers = registers;
    this.#memory = memory;
  }

  /** §2.3 step 5. @returns true when the mode has levels enough for the device. */
  reaches(deviceId: number): boolean {
    if (deviceId < 0 || deviceId >= 2 ** reg.DEVICE_ID_BITS) return false;
    const mode = this.#registers.field(reg.DDTP, reg.DDTP_IOMMU_MODE);
    if (mode <= reg.DDTP_MODE_2LVL && has(deviceId, reg.DDI2_BASE)) return false;
    return !(mode === reg.DDTP_MODE_1LVL && has(deviceId, reg.DDI1_BASE));
  }
  /** @returns the index of the device's context in the cache, or a negative cause. */
  locate(deviceId: number): number {
    const index = deviceId & (ENTRIES - 1);
    return this.#device[index] === deviceId ? index : this.#load(deviceId, index);
  }
  isBare(index: number): boolean {
    return this.#bare[index] === 1;
  }
  /** DTF: faults of translation are not reported. */
  isQuiet(index: number): boolean {
    return this.#quiet[index] === 1;
  }
  pscid(index: number): number {
    return this.#pscid[index]!;
  }
  rootPage(index: number): number {
    return this.#root[index]!;
  }
  /** IODIR.INVAL_DDT. @param deviceId -1 for DV = 0. */
  invalidate(deviceId: number): void {
    const index = deviceId & (ENTRIES - 1);
    if (deviceId < 0) this.#device.fill(-1);
    else if (this.#device[index] === deviceId) this.#device[index] = -1;
  }

  #load(deviceId: number, index: number): number {
    const leafPage = this.#leafPage(deviceId);
    if (leafPage < 0) return leafPage;
    if (!this.#memory.holdsPage(leafPage)) return -reg.CAUSE_DDT_ENTRY_LOAD_ACCESS_FAULT; // 8.
    const at = get(deviceId, reg.DDI0_BASE) * DC_WORDS;
    const tc = this.#memory.word(leafPage, at);
    if (!has(tc, reg.TC_V)) return -reg.CAUSE_DDT_ENTRY_NOT_VALID; // 9.
    if (this.#isMisconfigured(leafPage, at)) return -reg.CAUSE_DDT_ENTRY_MISCONFIGURED; // 10.

    const fsc = this.#memory.word(leafPage, at + FSC_LO);
    const fscHigh = this.#memory.word(leafPage, at + FSC_LO + 1);
    this.loads[0] = this.loads[0]! + 1;
    this.#device[index] = deviceId;
    this.#bare[index] = get(fscHigh, reg.IOSATP_HI_MODE) === reg.IOSATP_MODE_BARE ? 1 : 0;
    this.#quiet[index] = has(tc, reg.TC_DTF) ? 1 : 0;
    this.#pscid[index] = get(this.#memory.word(leafPage, at + TA_LO), reg.TA_PSCID);
    this.#root[index] = get(fscHigh, reg.IOSATP_HI_PPN) * 0x1_0000_0000 + (fsc >>> 0);
    return index; // 11.
  }
  /** Steps 1 to 7. @returns the page of device contexts, or a negative cause. */
  #leafPage(deviceId: number): number {
    let page = this.#registers.basePage(reg.DDTP); // 1.
    const mode = this.#registers.field(reg.DDTP, reg.DDTP_IOMMU_MODE);
    for (let level = mode - reg.DDTP_MODE_1LVL; level > 0; level--) {
      if (!this.#memory.holdsPage(page)) return -reg.CAUSE_DDT_ENTRY_LOAD_ACCESS_FAULT; // 3.
      const entry = get(deviceId, level === 2 ? reg.DDI2_BASE : reg.DDI1_BASE) * 2;
      const lo = this.#memory.word(page, entry);
      const hi = this.#memory.word(page, entry + 1);
      if (!has(lo, reg.DDTE_V)) return -reg.CAUSE_DDT_ENTRY_NOT_VALID; // 5.
      if (has(lo, reg.DDTE_LO_RESERVED) || has(hi, reg.DDTE_HI_RESERVED)) return -reg.CAUSE_DDT_ENTRY_MISCONFIGURED; // 6.
      page = get(hi, reg.DDTE_PPN_HI) * 0x400000 + get(lo, reg.DDTE_PPN_LO); // 7.
    }
    return page;
  }
  /** §2.1.4. With PDTV the only `pdtp` mode of an IOMMU without process directories is Bare; otherwise Bare or Sv39. */
  #isMisconfigured(page: number, at: number): boolean {
    const memory = this.#memory;
    const tc = memory.word(page, at);
    if ((tc & TC_FORBIDDEN) !== 0 || memory.word(page, at + 1) !== 0) return true;
    if (has(tc, reg.TC_DPE) && !has(tc, reg.TC_PDTV)) return true;
    if (get(memory.word(page, at + IOHGATP_HI), reg.IOHGATP_HI_MODE) !== reg.IOHGATP_MODE_BARE) return true;
    if (has(memory.word(page, at + TA_LO), reg.TA_RESERVED) || memory.word(page, at + TA_LO + 1) !== 0) return true;
    const fscHigh = memory.word(page, at + FSC_LO + 1);
    if (has(fscHigh, reg.IOSATP_HI_RESERVED)) return true;
    const mode = get(fscHigh, reg.IOSATP_HI_MODE);
    return mode !== reg.IOSATP_MODE_BARE && (mode !== reg.IOSATP_MODE_SV39 || has(tc, reg.TC_PDTV));
  }
}
