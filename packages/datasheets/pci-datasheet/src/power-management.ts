/** Power Management capability. PCIe Base 5.0 §7.5.2 "PCI Power Management Capability Structure". */
import { bit, bits, type Field } from '@bulkhead/bits';

export const PMC = 0x2; // RO, 16 bits: capabilities
export const PMCSR = 0x4; // RW and W1C, 16 bits: control and status
export const PM_SIZE_BYTES = 8;

/** §7.5.2.1 "Power Management Capabilities Register", bits of PMC. */
export const PMC_VERSION: Field = bits(2, 0);
export const PMC_VERSION_1_2 = 3;
export const PMC_D1_SUPPORT: Field = bit(9);
export const PMC_D2_SUPPORT: Field = bit(10);
export const PMC_PME_SUPPORT: Field = bits(15, 11);

/** §7.5.2.2 "Power Management Control/Status Register", bits of PMCSR. */
export const PMCSR_POWER_STATE: Field = bits(1, 0);
export const PMCSR_POWER_STATE_D0 = 0;
export const PMCSR_POWER_STATE_D3_HOT = 3;
export const PMCSR_NO_SOFT_RESET: Field = bit(3); // RO
export const PMCSR_PME_ENABLE: Field = bit(8);
export const PMCSR_PME_STATUS: Field = bit(15); // W1C
