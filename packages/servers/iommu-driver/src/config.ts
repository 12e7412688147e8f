/** Parameters of the IOMMU driver: who it answers to, and where its interrupt goes. */
import { IDENTITIES_MAX } from '@bulkhead/riscv-datasheet';
import { type Accepts, identityNumber, oneOf, wholeNumber } from '@bulkhead/runtime';

export interface IommuDriverConfig {
  /**
   * `translating`: every device reaches what was mapped for it. `bare`: devices issue physical addresses and reach
   * everything. `off`: no device reaches anything, and nothing can be mapped.
   */
  readonly mode: 'bare' | 'translating' | 'off';
  /** Identity of the component that may reclaim and is told of faults. */
  readonly supervisor: number;
  /** Interrupt identity of the fault queue. */
  readonly faultIdentity: number;
  /** Physical page of the interrupt file that receives messages. */
  readonly msiPage: number;
  /** Asks the PCI-bus driver who holds a device before anything is done for it. */
  readonly checkOwner: boolean;
  /**
   * Gives each vector of a device a virtual interrupt file of its own, which raises its identity and no other. Without it
   * every device may write to the page of the real one.
   */
  readonly msiTranslation: boolean;
  /**
   * `strict`: an `unmap` is answered when the IOMMU has forgotten the page. `deferred`: it is answered before, and the
   * IOMMU told of many at once; until then the device may still reach what it reached.
   */
  readonly invalidation: 'strict' | 'deferred';
  /** Deferred: a page waits no longer than this for its invalidation, but for what delays the alarm's handler. */
  readonly deferUs: number;
  /** Deferred: no more pages than this wait, 1 to 64. */
  readonly deferPages: number;
}

/** No component: nobody may reclaim, and nobody is told. */
export const NOBODY = 0xffff;

export const DEFAULT_CONFIG: IommuDriverConfig = {
  mode: 'translating',
  supervisor: NOBODY,
  faultIdentity: 1,
  msiPage: 0,
  checkOwner: true,
  msiTranslation: true,
  invalidation: 'strict',
  deferUs: 1000,
  deferPages: 32,
};

/** Room for pages that wait. Their commands wait in the command queue, which holds 255. */
export const DEFER_PAGES_MAX = 64;

/** A physical address has at most 56 bits. */
const PAGES = 2 ** 44 - 1;
const LONGEST_US = 60_000_000;

export const ACCEPTS: Accepts<IommuDriverConfig> = {
  mode: oneOf('bare', 'translating', 'off'),
  supervisor: identityNumber,
  msiPage: wholeNumber(0, PAGES),
  faultIdentity: wholeNumber(1, IDENTITIES_MAX),
  invalidation: oneOf('strict', 'deferred'),
  deferUs: wholeNumber(1, LONGEST_US),
  deferPages: wholeNumber(1, DEFER_PAGES_MAX),
};
