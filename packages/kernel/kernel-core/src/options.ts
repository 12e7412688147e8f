import { type Capabilities, objects } from '@bulkhead/capabilities';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import type { Decoder } from './decoder.ts';

/** Threads that the kernel runs by other means than `current`, though messages and signals reach them as all others. */
export interface NativeThreads {
  isNative(thread: number): boolean;
  /** What it waited for was signalled: the bits are in its badge register. */
  signalled(thread: number): void;
  /** A message came that lends no time. One that does makes the thread `current` when its turn comes. */
  received(thread: number): void;
}

export interface KernelCoreOptions {
  /** The memory in which all objects lie. Threads are counted by the TCBs that it could hold. */
  readonly memory: PhysicalMemoryPort;
  /** Whether calls may take the fast path, which gives the same results. @defaultValue true */
  readonly fastPath?: boolean;
  /** The least that a thread runs for, in the unit of time of `elapse`. @defaultValue 1 */
  readonly minBudget?: number;
  /** @defaultValue 1 */
  readonly domainCount?: number;
  /** Entries of the domain schedule. @defaultValue 1 */
  readonly scheduleLength?: number;
  /** Slots that a delete or a revoke looks at before it asks `preempt`. @defaultValue 100 */
  readonly workUnits?: number;
  /** Whether somebody else must have the processor: an interrupt is pending. @defaultValue never; an empty budget always counts */
  readonly preempt?: () => boolean;
  /** Objects of other packages, over the capabilities of this kernel. @defaultValue none: invoking them is an illegal operation */
  readonly decoders?: readonly Decoder[] | ((capabilities: Capabilities) => readonly Decoder[]);
  /** Whether a slot holds the root of an address space in which threads may run. @defaultValue a page table that is mapped */
  readonly isAddressSpace?: (slot: number) => boolean;
  /** @defaultValue there are none */
  readonly native?: NativeThreads;
  /** What is added to pc when a system call is done: low and high lane. @defaultValue [0, 1], a program's next step; a hart's is [4, 0] */
  readonly instruction?: readonly [number, number];
  /** Called once, when the lent memory is found to be not what was left there. */
  readonly onCorruption?: () => void;
}

export function addressSpaceCheck(options: KernelCoreOptions, capabilities: Capabilities): (slot: number) => boolean {
  const isMappedTable = (slot: number): boolean =>
    capabilities.typeOf(slot) === objects.PAGE_TABLE && capabilities.isMapped(slot);
  return options.isAddressSpace ?? isMappedTable;
}
