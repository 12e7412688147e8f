/**
 * Power states of a function. PCIe Base 5.0 §7.5.2 "PCI Power Management Capability Structure", §5.3.1 "Device Power
 * Management States". Below D0 it answers configuration requests alone, and issues nothing but PME.
 *
 * CHOICE: a change of state is complete when the write returns. D3cold is the absence of power, and not modelled.
 */
import * as pci from '@bulkhead/pci-datasheet';
import type { CapabilityList } from './capability-list.ts';
import { type ConfigurationSpace, READ_ONLY } from './configuration-space.ts';

export interface PowerManagementOptions {
  /** @defaultValue false */
  readonly d1?: boolean;
  /** @defaultValue false */
  readonly d2?: boolean;
  /** States in which it can ask for attention: bits 0 (D0) to 4 (D3cold). @defaultValue 0 */
  readonly pmeSupport?: number;
  /** Leaving D3hot returns the function to its initial state; No_Soft_Reset reads 0. @defaultValue false */
  readonly softReset?: boolean;
}

/** What a write of the state asks the function to do. */
export const POWER_UNCHANGED = 0;
export const POWER_SOFT_RESET = 1;

export class PowerManagement {
  readonly #space: ConfigurationSpace;
  readonly #control: number;
  readonly #states: number;
  readonly #softReset: boolean;
  readonly #pmeSupport: number;
  #state: number = pci.PMCSR_POWER_STATE_D0;

  constructor(space: ConfigurationSpace, list: CapabilityList, options: PowerManagementOptions, at?: number) {
    const { d1 = false, d2 = false, pmeSupport = 0, softReset = false } = options;
    const start = list.add(pci.CAPABILITY_POWER_MANAGEMENT, pci.PM_SIZE_BYTES, at);
    this.#space = space;
    this.#control = start + pci.PMCSR;
    this.#softReset = softReset;
    this.#pmeSupport = pmeSupport & 0x1f;
    this.#states = 0b1001 | (d1 ? 0b0010 : 0) | (d2 ? 0b0100 : 0);
    const d1d2 = (d1 ? pci.PMC_D1_SUPPORT.mask : 0) | (d2 ? pci.PMC_D2_SUPPORT.mask : 0);
    const capabilities = pci.PMC_VERSION_1_2 | d1d2 | (this.#pmeSupport << pci.PMC_PME_SUPPORT.shift);
    space.define(start + pci.PMC, 2, capabilities, READ_ONLY);
    const hasPme = this.#pmeSupport !== 0;
    const rule = {
      readWrite: pci.PMCSR_POWER_STATE.mask | (hasPme ? pci.PMCSR_PME_ENABLE.mask : 0),
      writeOneToClear: hasPme ? pci.PMCSR_PME_STATUS.mask : 0,
    };
    // §7.5.2.2: PME context is sticky where the function keeps it without power.
    const sticky = (this.#pmeSupport & 0x10) === 0 ? 0 : pci.PMCSR_PME_ENABLE.mask | pci.PMCSR_PME_STATUS.mask;
    space.define(this.#control, 2, softReset ? 0 : pci.PMCSR_NO_SOFT_RESET.mask, rule, sticky);
  }

  get isD0(): boolean {
    return this.#state === pci.PMCSR_POWER_STATE_D0;
  }

  /** After a write: a state that the function does not have is ignored (§7.5.2.2). @returns what is to be done. */
  settle(): number {
    const asked = this.#space.read(this.#control, 2) & pci.PMCSR_POWER_STATE.mask;
    if ((this.#states & (1 << asked)) === 0) {
      this.#space.change(this.#control, 2, this.#state, pci.PMCSR_POWER_STATE.mask);
      return POWER_UNCHANGED;
    }
    const wakes = this.#state === pci.PMCSR_POWER_STATE_D3_HOT && asked === pci.PMCSR_POWER_STATE_D0;
    this.#state = asked;
    return wakes && this.#softReset ? POWER_SOFT_RESET : POWER_UNCHANGED;
  }

  reset(): void {
    this.#state = pci.PMCSR_POWER_STATE_D0;
  }

  /** The function wants attention. @returns true when a PME message is to be sent. §7.5.2.2, bits 8 and 15. */
  raisePme(): boolean {
    if ((this.#pmeSupport & (1 << this.#pmeBit)) === 0) return false;
    const control = this.#space.read(this.#control, 2);
    this.#space.change(this.#control, 2, pci.PMCSR_PME_STATUS.mask, 0);
    return (control & pci.PMCSR_PME_ENABLE.mask) !== 0 && (control & pci.PMCSR_PME_STATUS.mask) === 0;
  }
  /** PME_Support counts D0, D1, D2, D3hot, D3cold. */
  get #pmeBit(): number {
    return this.#state;
  }
}
