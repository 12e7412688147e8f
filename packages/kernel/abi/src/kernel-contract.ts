/**
 * The kernel's own invocations, as a contract like any other: direct inside the kernel's domain, a system call
 * elsewhere. Every right is an index in the calling domain's capability space; new rights come to free slots there.
 */
import { type CallSpec, type CastSpec, type Contract, call, cast, contract, type Right } from './contract.ts';
import { FIRST_OWN_REFUSAL } from './refusal.ts';

/** Refusals, in the order of their checks. Names: kernel.md calls them by the manual's. */
export const INVALID_CAPABILITY: number = FIRST_OWN_REFUSAL;
export const INVALID_ARGUMENT: number = FIRST_OWN_REFUSAL - 1;
export const ILLEGAL_OPERATION: number = FIRST_OWN_REFUSAL - 2;
export const RANGE_ERROR: number = FIRST_OWN_REFUSAL - 3;
export const REVOKE_FIRST: number = FIRST_OWN_REFUSAL - 4;
export const NOT_ENOUGH_MEMORY: number = FIRST_OWN_REFUSAL - 5;
export const NO_FREE_SLOT: number = FIRST_OWN_REFUSAL - 6;

/** Object types for `retype`. */
export const UNTYPED = 0;
export const FRAME = 1;

/** Access of a mapping, as in a PTE: R 2, W 4. Asking for more than the right allows gives what it allows. */
export const READ = 2;
export const READ_WRITE = 6;

/** Why a domain ended, as `faultOf` reports it. */
export const FAULT_PAGE = 1;
export const FAULT_EXCEPTION = 2;
export const FAULT_TIMEOUT = 3;
export const FAULT_ENDED = 4;
/** What `faultOf` reports of a domain that lives on, once each: its handler's interrupt came again, and is not acknowledged. */
export const FAULT_UNACKNOWLEDGED = 5;
/** The same: a component's budget is used up, period after period. */
export const FAULT_EXHAUSTED = 6;

type KernelCalls = {
  /** Makes `count` objects of 2^sizeBits bytes from an untyped. Result: the first right; the others follow it. */
  retype: CallSpec<(untyped: Right, type: number, sizeBits: number, count: number) => number>;
  /** Maps `count` frames, whose rights follow each other, side by side. Result: 0; answer 1: the first page. */
  map: CallSpec<(frame: Right, count: number, access: number) => number>;
  unmap: CallSpec<(frame: Right) => number>;
  /** Result: the frame's physical page; answer 1: its size in bits; answer 2: READ or READ_WRITE, as the right allows. */
  address: CallSpec<(frame: Right) => number>;
  delete: CallSpec<(right: Right) => number>;
  /** Deletes everything derived from the right, wherever it is; mappings go with their frames. */
  revoke: CallSpec<(right: Right) => number>;
  /** Makes the handler of one interrupt identity. Result: its right. */
  issueInterrupt: CallSpec<(control: Right, identity: number) => number>;
  /** From now on the interrupt arrives as `notified(token)`; it stays masked from delivery to `acknowledge`. */
  bindInterrupt: CallSpec<(interrupt: Right, token: number) => number>;
  acknowledge: CallSpec<(interrupt: Right) => number>;
  /** `notified(token)` comes after `delayUs`; an earlier alarm of the component is replaced. 0 cancels. */
  setAlarm: CallSpec<(token: number, delayUs: number) => number>;
  /** `notified(token)` comes whenever a domain, to which the caller holds a right, has ended, or lives on with a fault. */
  bindFaults: CallSpec<(token: number) => number>;
  /**
   * Result: 0 alive, or the cause; answer 1: page, answer 2: offset of the address, answer 3: the component. Of a domain
   * that lives on: the interrupt's identity, or the microseconds that were consumed; since when, in microseconds; the
   * component. Such a fault is told to whoever asks first, and once.
   */
  faultOf: CallSpec<(domain: Right) => number>;
  /** Ends a domain: nothing of it runs any more. Its memory and rights stay until it is started. */
  endDomain: CallSpec<(domain: Right) => number>;
  /** Takes back everything that an ended domain held, and starts it anew from its image. */
  startDomain: CallSpec<(domain: Right) => number>;
};
type KernelEvents = {
  /** An interrupt, an alarm or a fault, by the token that the component chose (0…14). Coalesced. */
  notified: CastSpec<(token: number) => void>;
};

/** The contract of the kernel. */
export const contractOfKernel: Contract<{ calls: KernelCalls; events: KernelEvents }> = contract('kernel', {
  calls: {
    retype: call(['right', 'word', 'word', 'word']),
    map: call(['right', 'word', 'word'], ['word']),
    unmap: call(['right']),
    address: call(['right'], ['word', 'word']),
    delete: call(['right']),
    revoke: call(['right']),
    issueInterrupt: call(['right', 'word']),
    bindInterrupt: call(['right', 'word']),
    acknowledge: call(['right']),
    setAlarm: call(['word', 'word']),
    bindFaults: call(['word']),
    faultOf: call(['right'], ['word', 'word', 'word']),
    endDomain: call(['right']),
    startDomain: call(['right']),
  },
  events: { notified: cast(['word']) },
  refusals: [
    'invalid-capability',
    'invalid-argument',
    'illegal-operation',
    'range-error',
    'revoke-first',
    'not-enough-memory',
    'no-free-slot',
  ],
});
