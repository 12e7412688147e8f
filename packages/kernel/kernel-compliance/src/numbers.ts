/**
 * What each build of a kernel numbers for itself: the suites speak of labels, types and errors by name, and the subject
 * says which numbers these are.
 */
import type { LabelName } from './interface.ts';

export const ERRORS = [
  'NoError',
  'InvalidArgument',
  'InvalidCapability',
  'IllegalOperation',
  'RangeError',
  'AlignmentError',
  'FailedLookup',
  'TruncatedMessage',
  'DeleteFirst',
  'RevokeFirst',
  'NotEnoughMemory',
] as const;
export type ErrorName = (typeof ERRORS)[number];

export const LOOKUP_FAILURES = ['', 'InvalidRoot', 'MissingCapability', 'DepthMismatch', 'GuardMismatch'] as const;

export const OBJECTS = [
  'Untyped',
  'TCB',
  'Endpoint',
  'Notification',
  'Reply',
  'CNode',
  'SchedContext',
  'Frame4K',
  'Frame2M',
  'Frame1G',
  'PageTable',
  'IOPageTable',
] as const;
export type ObjectName = (typeof OBJECTS)[number];

export type FaultName = 'CapFault' | 'VMFault' | 'UnknownSyscall' | 'UserException' | 'Timeout';

export interface ObjectNumbers {
  /** Retype's type. */
  readonly type: number;
  /** What retype is told as the size, where it is not the caller's choice. */
  readonly sizeArgument: number;
  /** log2 of the bytes of one object; of a CNode, of one slot; 0: what retype was told. */
  readonly bits: number;
}

export interface Numbers {
  /** A capability pointer, and the depth of one, in bits. */
  readonly pointerBits: number;
  readonly labels: Readonly<Partial<Record<LabelName, number>>>;
  /** The positions in ERRORS, unless the build has others. */
  readonly errors: Readonly<Record<ErrorName, number>>;
  readonly objects: Readonly<Partial<Record<ObjectName, ObjectNumbers>>>;
  /** A number that is no type of object. */
  readonly noType: number;
  /** The largest object, as Untyped_Retype's RangeError says it. */
  readonly largestObjectBits: number;
  readonly faults: Readonly<Record<FaultName, number>>;
  readonly rights: {
    readonly read: number;
    readonly write: number;
    readonly grant: number;
    readonly grantReply: number;
  };
  /** The word that sets a guard by Mint, Mutate, Rotate or SetSpace. */
  guardWord(guard: number, sizeBits: number): number;
  /** Message words in registers. */
  readonly messageRegisters: number;
  /** The alignment of an IPC buffer. */
  readonly ipcBufferBits: number;
  /** Words of ReadRegisters and WriteRegisters, and where two of them stand. */
  readonly registers: { readonly count: number; readonly ip: number; readonly sp: number };
  /** Where the words of faults stand whose layout is the architecture's. */
  readonly unknownSyscall: { readonly length: number; readonly number: number };
  readonly vmFault: { readonly length: number; readonly address: number; readonly fetch: number };
  readonly userException: { readonly length: number; readonly number: number; readonly code: number };
  readonly priorities: number;
  /** Time: the smallest budget, and the largest budget and period. */
  readonly minBudget: number;
  readonly maxPeriod: number;
  readonly schedContextBits: number;
  /** Refills that a context of 2^schedContextBits bytes holds beyond the two that each has. */
  readonly extraRefills: number;
  readonly sporadicFlag: number;
  /** Objects that one retype may make. */
  readonly fanOutLimit: number;
  /** Feature interrupts: interrupts exist from 1 up to this; `interrupt(irq)` takes them. */
  readonly maxIrq: number;
  /** Feature triggers: of an edge. */
  readonly edgeTrigger: number;
  /** Feature domains. */
  readonly domainCount: number;
  readonly scheduleLength: number;
  /** The first address that belongs to the kernel. */
  readonly kernelBase: number;
  /** Bits of an address that one level of page tables resolves, leaf first; the last is the root's. */
  readonly tableBits: readonly number[];
  /** The attribute that forbids to fetch instructions from a page. */
  readonly executeNever: number;
  /** Feature asidPools: address spaces that one pool holds. */
  readonly asidsPerPool: number;
  /** Feature ioSpaces: a device's number, a number that no device has, and an IO domain. */
  readonly device: number;
  readonly noDevice: number;
  readonly ioDomain: number;
}
