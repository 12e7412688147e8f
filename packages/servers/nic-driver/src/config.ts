/** What the system tells the driver. */
export interface NicDriverConfig {
  /** Vendor ID in 15:0, device ID in 31:16. */
  readonly vendorDevice: number;
  /** Identity of the network stack that this driver serves. */
  readonly peer: number;
  /** After an interrupt of the rings the next one waits this long. 0 switches moderation off. */
  readonly interruptIntervalUs: number;
}
