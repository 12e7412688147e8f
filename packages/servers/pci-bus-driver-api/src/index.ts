/**
 * What the sole owner of PCI configuration space does for others. A device is named by its requester ID
 * (bus 15:8, device 7:3, function 2:0), and held by at most one component at a time.
 */
import { type CallSpec, type Contract, call, contract, FIRST_OWN_REFUSAL } from '@bulkhead/abi';

/** Refusals, in the order of their checks. */
/** Only the supervisor may ask this. */
export const NOT_SUPERVISOR: number = FIRST_OWN_REFUSAL;
export const NO_SUCH_DEVICE: number = FIRST_OWN_REFUSAL - 1;
/** The device is not on the caller's list, or the supervisor asks to be on it. */
export const NOT_ALLOWED: number = FIRST_OWN_REFUSAL - 2;
export const HELD_BY_ANOTHER: number = FIRST_OWN_REFUSAL - 3;
/** The caller does not hold the device. */
export const NOT_HOLDER: number = FIRST_OWN_REFUSAL - 4;
export const NO_SUCH_BAR: number = FIRST_OWN_REFUSAL - 5;
export const NO_SUCH_VECTOR: number = FIRST_OWN_REFUSAL - 6;
/** The kernel had no memory, slot or interrupt left for it. */
export const EXHAUSTED: number = FIRST_OWN_REFUSAL - 7;

/** Only the owner of the IOMMU may ask this. */
export const NOT_IOMMU_DRIVER: number = FIRST_OWN_REFUSAL - 8;
/** Nobody said yet what the device reaches, since its holder claimed it. */
export const NO_IO_SPACE: number = FIRST_OWN_REFUSAL - 9;
/** No dword of configuration space stands there. */
export const NO_SUCH_REGISTER: number = FIRST_OWN_REFUSAL - 10;

/** In `ownerOf`: nobody. */
export const NOBODY = 0xffff;

/** What `inventory` says of a function, bits of answer 2. */
/** A bridge: it leads to others, and nobody can have it. */
export const STATE_BRIDGE = 0x1;
export const STATE_HELD = 0x2;
/** Off: no place was left for a BAR, or for a window of a bridge on the way. */
export const STATE_NO_PLACE = 0x4;
/** Off: it contradicts itself, as by a table that stands outside its BAR. */
export const STATE_BROKEN = 0x8;
/** Off: it answered once, and does no more. */
export const STATE_GONE = 0x10;
/** A bridge that is closed: no bus number was left for what is behind it. */
export const STATE_NO_BUS = 0x20;
/** Its last holder gave it back, and there was no way to reset it. */
export const STATE_NOT_RESET = 0x40;

type Calls = {
  /**
   * From now on `component` may claim devices of this vendor (15:0) and device (31:16) ID. Supervisor only, and not for
   * itself.
   */
  allow: CallSpec<(component: number, vendorDevice: number) => number>;
  /** Result: the `nth` device of this vendor and device ID that the caller may have, or NO_SUCH_DEVICE. */
  find: CallSpec<(vendorDevice: number, nth: number) => number>;
  /** The caller holds the device from now on; its registers decode. It may not yet reach memory. */
  claim: CallSpec<(device: number) => number>;
  /** Result: the size in pages of BAR `index`; answer 1: an untyped right to exactly it. */
  bar: CallSpec<(device: number, index: number) => number>;
  /** Routes a vector of MSI-X, or the one of MSI, to an interrupt of its own. Answer 1: the right to its handler. */
  interrupt: CallSpec<(device: number, vector: number) => number>;
  /** Lets the device reach memory: bus master enable, its own and that of the bridges above it. */
  start: CallSpec<(device: number) => number>;
  /** Gives the device back: bus master off, function reset, interrupts masked, rights revoked. */
  release: CallSpec<(device: number) => number>;
  /** Takes back everything that `component` holds, as `release` does. Supervisor only. Result: how many devices. */
  reclaim: CallSpec<(component: number) => number>;
  /**
   * Result: the component that holds the device, or NOBODY. Answer 1: a number that is another for every time that
   * somebody came to hold it; 0 while nobody does.
   */
  ownerOf: CallSpec<(device: number) => number>;
  /** Result: the `nth` device that `component` holds, or NO_SUCH_DEVICE. Supervisor only. */
  heldBy: CallSpec<(component: number, nth: number) => number>;
  /**
   * Result: the `nth` function that was found, bridges after devices. Answer 1: its vendor and device ID; answer 2: STATE
   * bits. Past the end NO_SUCH_DEVICE, and answer 1 is how many more were found than there was room to remember: they
   * are off. Supervisor only.
   */
  inventory: CallSpec<(nth: number) => number>;
  /** Result: the device that has the vector behind an interrupt identity, or NO_SUCH_DEVICE. Supervisor only. */
  raisedBy: CallSpec<(identity: number) => number>;
  /** Answer 1: the dword at `offset`, a multiple of 4, of the configuration space of a device that the caller holds. */
  config: CallSpec<(device: number, offset: number) => number>;
  /**
   * Result: the interrupt identity of a vector, which is also the data of its messages; it stays with the vector for good.
   * For the owner of the IOMMU only, as `redirect`.
   */
  messageOf: CallSpec<(device: number, vector: number) => number>;
  /**
   * The device has an IO space of its present holder, in which messages of vectors below `count` go to pages of their own,
   * from `page` on; other vectors have none. `count` 0: the page of the interrupt controller for all.
   */
  redirect: CallSpec<(device: number, page: number, count: number) => number>;
};

export const pciBus: Contract<{ calls: Calls }> = contract('pci-bus', {
  calls: {
    allow: call(['word', 'word']),
    find: call(['word', 'word']),
    claim: call(['word']),
    bar: call(['word', 'word'], ['right']),
    interrupt: call(['word', 'word'], ['right']),
    start: call(['word']),
    release: call(['word']),
    reclaim: call(['word']),
    ownerOf: call(['word'], ['word']),
    heldBy: call(['word', 'word']),
    inventory: call(['word'], ['word', 'word']),
    raisedBy: call(['word']),
    config: call(['word', 'word'], ['word']),
    messageOf: call(['word', 'word']),
    redirect: call(['word', 'word', 'word']),
  },
  refusals: [
    'not-supervisor',
    'no-such-device',
    'not-allowed',
    'held-by-another',
    'not-holder',
    'no-such-bar',
    'no-such-vector',
    'exhausted',
    'not-iommu-driver',
    'no-io-space',
    'no-such-register',
  ],
});
