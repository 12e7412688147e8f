/** What the system tells the driver. */
export interface VirtioNetDriverConfig {
  /** Vendor ID in 15:0, device ID in 31:16. */
  readonly vendorDevice: number;
  /** Identity of the network stack that this driver serves. */
  readonly peer: number;
}
