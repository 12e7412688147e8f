/** Parameters of the IOMMU driver: who it answers to, and where its interrupt goes. */
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
}

/** No component: nobody may reclaim, and nobody is told. */
export const NOBODY = 0xffff;

export const DEFAULT_CONFIG: IommuDriverConfig = {
  mode: 'translating',
  supervisor: NOBODY,
  faultIdentity: 1,
  msiPage: 0,
  checkOwner: true,
};
