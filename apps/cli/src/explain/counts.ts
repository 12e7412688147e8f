/** How often an operation did what walls cost. */
import type { Metrics, Step } from '@bulkhead/assembler';
import type { Line } from './sections.ts';

export interface Counts {
  /** By system call, fault or interrupt. */
  readonly kernelEntries: number;
  /** Of the kernel's entries, those that a device or the timer asked for. */
  readonly interrupts: number;
  readonly addressSpaceSwitches: number;
  /** Messages through endpoints; a call and its answer are one. */
  readonly ipcs: number;
  readonly signals: number;
  /** Copies of bulk data, and how much, as the memory counts them. */
  readonly copies: number;
  readonly bytesCopied: number;
  readonly cacheLines: CacheLines;
  readonly tlbRefills: number;
  readonly deviceAccesses: number;
  readonly framesIn: number;
  readonly framesOut: number;
}
/**
 * Lines of 64 bytes that go from one user of the cache to another: each line that is copied or filled, and three (head,
 * entry, tail) each time that an entry is put into a queue or ring, or taken from one.
 * CHOICE: checksums do not count, for what they read is copied, or was; nor do the few words of a message.
 */
export interface CacheLines {
  readonly copied: number;
  readonly queues: number;
  readonly total: number;
}

const LINES_PER_ENTRY = 3;

/** What one message makes the machine do. */
export interface MessageCounts
  extends Pick<Counts, 'kernelEntries' | 'addressSpaceSwitches' | 'signals' | 'tlbRefills' | 'cacheLines'> {
  /** Words copied from one message buffer to another, since the registers did not hold them. */
  readonly wordsCopied: number;
}

type Counted = Pick<Step, 'component' | 'primitive' | 'count'>;
const counterOf =
  (steps: readonly Counted[]) =>
  (...names: readonly string[]): number =>
    steps.reduce((sum, step) => sum + (names.includes(step.primitive) ? step.count : 0), 0);

export function messageCountsOf(steps: readonly Counted[]): MessageCounts {
  const count = counterOf(steps);
  return {
    kernelEntries: count('kernel-entry-exit', 'interrupt-entry'),
    addressSpaceSwitches: count('address-space-switch'),
    signals: count('notification-signal'),
    wordsCopied: count('message-word'),
    cacheLines: cacheLinesOf(steps),
    tlbRefills: count('tlb-refill'),
  };
}

function cacheLinesOf(steps: readonly Counted[]): CacheLines {
  const count = counterOf(steps);
  const copied = count('copy-line');
  // A cast is taken from its queue by its receiver; the kernel's own dispatch takes no entry.
  const taken = steps.filter(({ primitive, component }) => primitive === 'cast-dispatch' && component !== 'kernel');
  const queues = LINES_PER_ENTRY * (count('ring-entry', 'cast-queue') + taken.length);
  return { copied, queues, total: copied + queues };
}

export function countsOf(lines: readonly Line[], { copies, bytesCopied }: Metrics): Counts {
  const steps = lines.filter((line) => line.kind === 'step');
  const wires = lines.filter((line) => line.kind === 'wire');
  const count = counterOf(steps);
  return {
    kernelEntries: count('kernel-entry-exit', 'interrupt-entry'),
    interrupts: count('interrupt-entry'),
    addressSpaceSwitches: count('address-space-switch'),
    ipcs: count('ipc-path', 'ipc-slow-path') / 2,
    signals: count('notification-signal'),
    copies,
    bytesCopied,
    cacheLines: cacheLinesOf(steps),
    tlbRefills: count('tlb-refill'),
    deviceAccesses: count('mmio-read', 'mmio-write'),
    framesIn: wires.filter(({ toMachine }) => toMachine).length,
    framesOut: wires.filter(({ toMachine }) => !toMachine).length,
  };
}
