/** What the system tells the PCI-bus driver. Pages are physical; a PCI bus address is the physical address. */
import { type Accepts, identityNumber, wholeNumber } from '@bulkhead/runtime';

export interface AllowedDevice {
  /** The component that may claim. */
  readonly component: number;
  /** Vendor ID in 15:0, device ID in 31:16. */
  readonly vendorDevice: number;
}

export interface PciBusDriverConfig {
  /** Identity of the one component that may `allow` and `reclaim`. */
  readonly supervisor: number;
  /** Identity of the owner of the IOMMU, which alone may ask `messageOf` and `redirect`. NOBODY: nobody may. */
  readonly iommuDriver: number;
  /** A device is not started before `redirect` said that it has an IO space of its holder. */
  readonly needsIoSpace: boolean;
  /** How many buses the rights from 'config' on show: two a right, a frame of 2 MiB each. At least 2. */
  readonly busCount: number;
  /** Where the untyped memory behind the right 'memory-window' starts. */
  readonly windowPage: number;
  readonly windowPages: number;
  /** Where I/O address 0 stands, in the untyped memory behind the right 'io-window'. 0 pages: I/O BARs stay off. */
  readonly ioPage: number;
  readonly ioPages: number;
  /** Where an MSI is written to: the page of the interrupt controller. */
  readonly msiPage: number;
  /** The interrupt identities that are this driver's to give, both ends included. */
  readonly firstIdentity: number;
  readonly lastIdentity: number;
  readonly allowed: readonly AllowedDevice[];
}

const MAX_BUSES = 256;
/** Pages of the 2^56 bytes that a physical address reaches are fewer than this. */
const PAGES = 2 ** 44 - 1;
const page = wholeNumber(0, PAGES);
const identity = wholeNumber(0, 2 ** 16 - 1);

export const ACCEPTS: Accepts<PciBusDriverConfig> = {
  supervisor: identityNumber,
  iommuDriver: identityNumber,
  busCount: wholeNumber(2, MAX_BUSES),
  windowPage: page,
  windowPages: page,
  ioPage: page,
  ioPages: page,
  msiPage: page,
  firstIdentity: identity,
  lastIdentity: identity,
  allowed: (allowed) => (allowed.every(isAllowed) ? null : 'give each device a component and a vendorDevice'),
};
function isAllowed(device: Partial<AllowedDevice> | null): boolean {
  return Number.isSafeInteger(device?.component) && Number.isSafeInteger(device?.vendorDevice);
}
