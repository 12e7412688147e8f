/**
 * The kernel under test, as the suites drive it: from outside. A thread needs no code, because the suite acts for
 * whichever thread runs; it sees what a thread sees, and who runs. Nothing here says how a kernel is made.
 *
 * Threads are opaque numbers. Words are whole numbers from 0; times are in the unit of SchedControl_ConfigureFlags.
 */
import type { Numbers } from './numbers.ts';

/** What a kernel may leave out. A clause that needs it is listed as skipped, with this reason. */
export const FEATURES = {
  fastPath: 'a fast path that can be switched off',
  bigPages: 'frames of 2 MiB and 1 GiB',
  gigabyte: 'untyped memory of 1 GiB at boot',
  deviceMemory: 'untyped memory of a device at boot',
  asidPools: 'ASID pools and their control',
  interrupts: 'interrupts',
  triggers: 'interrupts with a trigger (IRQControl_GetTrigger)',
  domains: 'scheduling domains',
  timeouts: 'timeout faults',
  registers: 'registers that can be read and written',
  exceptions: 'system calls and exceptions that the kernel does not know',
  ioSpaces: 'IO spaces',
  preemption: 'interrupts that can be made to come within a system call',
  tlsBase: 'a thread-local storage base (TCB_SetTLSBase)',
  flags: 'flags of threads (TCB_SetFlags)',
} as const;
export type Feature = keyof typeof FEATURES;

export interface Subject {
  readonly name: string;
  /** How this build numbers labels, types, errors and registers. */
  readonly numbers: Numbers;
  readonly features: ReadonlySet<Feature>;
  /** A fresh machine: the initial thread runs, alone, at the highest priority. */
  boot(options: BootOptions): Machine;
}

export interface BootOptions {
  /** Whether calls and answers may take the fast path. Nothing else may depend on it. */
  readonly fastPath: boolean;
}

/** Capability pointers of the initial thread. Manual §9.1 "Initial Thread's Environment". */
export interface BootInfo {
  readonly tcb: number;
  /** Its root CNode, in which all its pointers are one level deep. */
  readonly cnode: number;
  readonly vspace: number;
  readonly schedContext: number;
  readonly schedControl: number;
  /** Absent where the feature is. */
  readonly irqControl?: number;
  readonly asidControl?: number;
  readonly asidPool?: number;
  readonly domain?: number;
  readonly ioSpaceControl?: number;
  /** Empty slots: from the first up to, and without, the end. At least 1500. */
  readonly empty: { readonly start: number; readonly end: number };
  readonly untypeds: readonly BootUntyped[];
}
export interface BootUntyped {
  readonly pointer: number;
  readonly paddr: number;
  readonly sizeBits: number;
  readonly isDevice: boolean;
}

export const SYSTEM_CALLS = [
  'Call',
  'ReplyRecv',
  'NBSendRecv',
  'NBSendWait',
  'Send',
  'NBSend',
  'Recv',
  'NBRecv',
  'Wait',
  'NBWait',
  'Yield',
] as const;
export type SystemCallName = (typeof SYSTEM_CALLS)[number];

/** A system call, with what the thread has put in its registers and its IPC buffer before. */
export interface SystemCall {
  readonly name: SystemCallName;
  /** What is invoked, or received from. */
  readonly pointer: number;
  /** NBSendRecv, NBSendWait: where the first phase sends to. */
  readonly destination: number;
  /** The reply object: for Recv, NBRecv, ReplyRecv, NBSendRecv. */
  readonly reply: number;
  readonly label: number;
  readonly words: readonly number[];
  /** What the tag says of the length; as a rule, how many words there are. */
  readonly length: number;
  /** Pointers of extra capabilities. */
  readonly capabilities: readonly number[];
  /** Where the thread wants a capability that comes with a message. */
  readonly receive: ReceivePath;
}
export interface ReceivePath {
  readonly root: number;
  readonly index: number;
  readonly depth: number;
}

/** What a thread finds in its registers and its IPC buffer. */
export interface Received {
  readonly label: number;
  readonly length: number;
  readonly extraCaps: number;
  readonly capsUnwrapped: number;
  readonly badge: number;
  /** The first `length` message words. */
  readonly words: readonly number[];
  /** The first `extraCaps` words of caps_or_badges. */
  readonly badges: readonly number[];
}

export type AccessKind = 'load' | 'store' | 'fetch';

export interface Machine {
  readonly bootInfo: BootInfo;
  /** The thread that runs, or -1: the processor is idle. */
  readonly current: number;
  /**
   * The thread that runs makes a system call. Afterwards the processor runs whoever is to run; a system call that the
   * kernel starts again, because it was preempted or what it waited for went, is made again by the subject, when its
   * thread runs.
   */
  perform(call: SystemCall): void;
  /** What a thread that does not wait finds. */
  received(thread: number): Received;
  /** The thread that runs computes for so long; nothing runs when it was idle. */
  elapse(time: number): void;
  /** An interrupt's line is asserted, and kept so until the machine is told otherwise. */
  interrupt(irq: number): void;
  /** Feature preemption: the line is asserted when the next system call has begun. */
  interruptDuring?(irq: number): void;
  /** The line is deasserted. */
  quiet(irq: number): void;
  /** The thread that runs accesses memory. @returns what it read, what it wrote, or 'fault': the fault is taken. */
  access(address: number, kind: AccessKind, value?: number): number | 'fault';
  /** The thread that runs makes a system call with a number that the kernel does not know. */
  unknownSystemCall(number: number): void;
  /** The thread that runs takes an exception that is the user's. */
  userException(number: number, code: number): void;
  /** Feature ioSpaces: a device accesses memory. @returns as `access`. */
  deviceAccess?(device: number, address: number, kind: AccessKind, value?: number): number | 'fault';
}
