/** What the system tells the PCI-bus driver. Pages are physical; a PCI bus address is the physical address. */

export interface AllowedDevice {
  /** The component that may claim. */
  readonly component: number;
  /** Vendor ID in 15:0, device ID in 31:16. */
  readonly vendorDevice: number;
}

export interface PciBusDriverConfig {
  /** Identity of the one component that may `allow` and `reclaim`. */
  readonly supervisor: number;
  /** Where the untyped memory behind the right 'memory-window' starts. */
  readonly windowPage: number;
  readonly windowPages: number;
  /** Where an MSI is written to: the page of the interrupt controller. */
  readonly msiPage: number;
  /** The interrupt identities that are this driver's to give, both ends included. */
  readonly firstIdentity: number;
  readonly lastIdentity: number;
  readonly allowed: readonly AllowedDevice[];
}
