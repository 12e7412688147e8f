/**
 * What the sole owner of the IOMMU does for others: it lets a device reach exactly the frames that the device's
 * holder has rights to. Devices are named as on the PCI bus.
 */
import {
  type CallSpec,
  type CastSpec,
  type Contract,
  call,
  cast,
  contract,
  FIRST_OWN_REFUSAL,
  type Right,
} from '@bulkhead/abi';

/** Refusals, in the order of their checks. */
/** Only the supervisor may ask this. */
export const NOT_SUPERVISOR: number = FIRST_OWN_REFUSAL;
/** The PCI-bus driver says that somebody else holds the device. */
export const NOT_OWNER: number = FIRST_OWN_REFUSAL - 1;
/** The right names no frame of 4 KiB or 2 MiB, or one that does not allow the access. */
export const NOT_A_FRAME: number = FIRST_OWN_REFUSAL - 2;
export const NO_SPACE: number = FIRST_OWN_REFUSAL - 3;
export const NOT_MAPPED: number = FIRST_OWN_REFUSAL - 4;

/** Access of the device. */
export const DEVICE_READ = 1;
export const DEVICE_WRITE = 2;

type Calls = {
  /**
   * Result: the first page at which the device reaches the frame from now on. Frames of one size that are mapped one
   * after the other come side by side. DEVICE_WRITE includes reading.
   */
  map: CallSpec<(device: number, frame: Right, access: number) => number>;
  /**
   * Strict: the device reaches the frame no more when this returns. Deferred: not before the next batch is told to the
   * IOMMU; what was mapped there comes back to nobody else's mapping meanwhile, but the frame is reached for so long.
   */
  unmap: CallSpec<(device: number, ioPage: number) => number>;
  /** Takes every mapping of the device away. Supervisor only. Result: how many there were. */
  reclaim: CallSpec<(device: number) => number>;
  /**
   * Takes away whatever `component` had mapped, for whichever device, also for one that it gave back. Nothing of it is
   * deferred. Supervisor only. Result: how many mappings there were.
   */
  reclaimFrom: CallSpec<(component: number) => number>;
};
type Events = {
  /**
   * The IOMMU refused an access of the device. `cause` is the specification's fault number. A page of 64 bits of address
   * has 52: `ioPageHigh` are those above 31.
   */
  faulted: CastSpec<(device: number, cause: number, ioPage: number, ioPageHigh: number) => void>;
};

export const iommu: Contract<{ calls: Calls; events: Events }> = contract('iommu', {
  calls: {
    map: call(['word', 'right', 'word']),
    unmap: call(['word', 'word']),
    reclaim: call(['word']),
    reclaimFrom: call(['word']),
  },
  events: { faulted: cast(['word', 'word', 'word', 'word']) },
  refusals: ['not-supervisor', 'not-owner', 'not-a-frame', 'no-space', 'not-mapped'],
});
