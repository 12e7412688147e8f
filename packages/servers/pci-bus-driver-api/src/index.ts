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

/** In `ownerOf`: nobody. */
export const NOBODY = 0xffff;

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
  /** Result: the size in pages of memory BAR `index`; answer 1: an untyped right to exactly it. */
  bar: CallSpec<(device: number, index: number) => number>;
  /** Routes MSI-X `vector` to a fresh interrupt. Answer 1: the right to its handler. */
  interrupt: CallSpec<(device: number, vector: number) => number>;
  /** Lets the device reach memory: bus master enable. */
  start: CallSpec<(device: number) => number>;
  /** Gives the device back: bus master off, function reset, interrupts masked, rights revoked. */
  release: CallSpec<(device: number) => number>;
  /** Takes back everything that `component` holds, as `release` does. Supervisor only. Result: how many devices. */
  reclaim: CallSpec<(component: number) => number>;
  /** Result: the component that holds the device, or NOBODY. */
  ownerOf: CallSpec<(device: number) => number>;
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
    ownerOf: call(['word']),
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
  ],
});
