/** What the kernel asks of the IOMMU. Each call is over before it returns: what it ends has ended. */
export interface IommuPort {
  /**
   * Lets a device through, with translations from `rootPage` on, cached under `domain`. Nothing was let through before.
   * RISC-V IOMMU 1.0 §2.1.3 "Device-context fields": FSC in mode Sv39, and PSCID.
   */
  attach(device: number, rootPage: number, domain: number): void;
  /** Lets nothing of the device through any more, neither by the directory in memory nor by a cached copy (IODIR.INVAL_DDT). */
  detach(device: number): void;
  /**
   * Drops cached translations of one page, or with ALL_PAGES all of the domain's and what is cached of its tables
   * (IOTINVAL.VMA, then IOFENCE.C): afterwards no access under way uses them.
   */
  invalidate(domain: number, ioPage: number): void;
}

/** In place of an IO page: every page of the domain. */
export const ALL_PAGES = -1;
