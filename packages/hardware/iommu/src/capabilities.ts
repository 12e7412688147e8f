/**
 * What an IOMMU can be. RISC-V IOMMU 1.0 §5.3 "IOMMU capabilities (capabilities)".
 *
 * CHOICE: 56 physical address bits, little-endian. Svnapot is always there, as §5.3 demands.
 * UNIMPLEMENTED: Sv32 and Sv32x4 (`fctl.GXL`, `tc.SXL`), big-endian tables (END). Asked for, they stay 0.
 */
import * as reg from '@bulkhead/riscv-iommu-datasheet';

/** The two words of the register. */
export interface IommuCapabilities {
  readonly lo: number;
  readonly hi: number;
}

const PAS = 56;
const PROCESS_DIRECTORIES: number =
  reg.CAPABILITIES_HI_PD8.mask | reg.CAPABILITIES_HI_PD17.mask | reg.CAPABILITIES_HI_PD20.mask;

/** Everything that this model does; the performance monitor needs a source of time. Interrupts by message or by wire, as `fctl.WSI` says. */
export const ALL_CAPABILITIES: IommuCapabilities = {
  lo:
    reg.VERSION_1_0 |
    reg.CAPABILITIES_SV39.mask |
    reg.CAPABILITIES_SV48.mask |
    reg.CAPABILITIES_SV57.mask |
    reg.CAPABILITIES_SVPBMT.mask |
    reg.CAPABILITIES_SV39X4.mask |
    reg.CAPABILITIES_SV48X4.mask |
    reg.CAPABILITIES_SV57X4.mask |
    reg.CAPABILITIES_AMO_MRIF.mask |
    reg.CAPABILITIES_MSI_FLAT.mask |
    reg.CAPABILITIES_MSI_MRIF.mask |
    reg.CAPABILITIES_AMO_HWAD.mask |
    reg.CAPABILITIES_ATS.mask |
    reg.CAPABILITIES_T2GPA.mask |
    (reg.IGS_BOTH << reg.CAPABILITIES_IGS.shift) |
    reg.CAPABILITIES_HPM.mask |
    reg.CAPABILITIES_DBG.mask,
  hi: PAS | PROCESS_DIRECTORIES,
};
/** First-stage Sv39, device contexts in base format, interrupts by message: the least that isolates a device. */
export const SV39_CAPABILITIES: IommuCapabilities = { lo: reg.VERSION_1_0 | reg.CAPABILITIES_SV39.mask, hi: PAS };

const SUPPORTED_LO: number = ALL_CAPABILITIES.lo | reg.CAPABILITIES_IGS.mask;

/** @returns what is both asked for and implemented; a combination that the specification excludes loses its parts. */
export function supported({ lo, hi }: IommuCapabilities, hasTime: boolean): IommuCapabilities {
  let kept = lo & SUPPORTED_LO;
  if ((kept & reg.CAPABILITIES_SV39.mask) === 0) kept &= ~reg.CAPABILITIES_SV48.mask;
  if ((kept & reg.CAPABILITIES_SV48.mask) === 0) kept &= ~reg.CAPABILITIES_SV57.mask;
  if ((kept & reg.CAPABILITIES_MSI_FLAT.mask) === 0) kept &= ~reg.CAPABILITIES_MSI_MRIF.mask;
  if ((kept & reg.CAPABILITIES_IGS.mask) === reg.CAPABILITIES_IGS.mask) kept &= ~reg.CAPABILITIES_IGS.mask;
  if (!hasTime) kept &= ~reg.CAPABILITIES_HPM.mask;
  if ((kept & reg.CAPABILITIES_ATS.mask) === 0) kept &= ~reg.CAPABILITIES_T2GPA.mask;
  return {
    lo: (kept & ~reg.CAPABILITIES_VERSION.mask) | reg.VERSION_1_0,
    hi: (hi & ALL_CAPABILITIES.hi & PROCESS_DIRECTORIES) | PAS,
  };
}
