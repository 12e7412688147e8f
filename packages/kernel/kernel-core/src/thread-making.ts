/** A thread made by the kernel itself: the initial one, or one that a larger kernel makes on somebody's behalf. */
import { objects } from '@bulkhead/capabilities';
import { blocking } from '@bulkhead/ipc';
import type { KernelCore } from './kernel-core.ts';
import * as tcb from './tcb-layout.ts';

const MAX_PRIORITY = 255;
const PAGE_BITS = 12;

export interface ThreadMaking {
  /** Slots of capabilities, of which the thread gets copies. */
  readonly tcbSlot: number;
  readonly cspaceSlot: number;
  /** Of a page table that has an ASID; without one the thread has no address space. */
  readonly vspaceSlot: number;
  readonly bufferSlot: number;
  /** Where the IPC buffer is in its address space. */
  readonly bufferPage: number;
  readonly schedContextSlot: number;
  /** In the unit of time of `elapse`. */
  readonly budget: number;
  readonly period: number;
  readonly priority: number;
  /** @defaultValue 255 */
  readonly maximumControlled?: number;
  /** Low and high lane. */
  readonly pc: readonly [number, number];
}

/** @returns the thread, which may run; or a negative error of `@bulkhead/capabilities`: budget and period do not do. */
export function makeThread(kernel: KernelCore, making: ThreadMaking): number {
  const { capabilities, schedulingInvocations } = kernel;
  const thread = kernel.tcbs.threadOf(capabilities, making.tcbSlot);
  const sc = capabilities.wordOf(making.schedContextSlot);
  const sizeBits = capabilities.sizeOf(making.schedContextSlot);
  const refused =
    schedulingInvocations.configure(sc, sizeBits, making.budget, making.period, 0, 0, 0) ||
    schedulingInvocations.bind(sc, thread);
  if (refused !== 0) return refused;
  furnish(kernel, thread, making);
  kernel.threads.state[thread] = blocking.RUNNING;
  kernel.scheduler.resume(thread);
  kernel.reschedule();
  return thread;
}

function furnish({ capabilities, tcbs, threads, scheduler }: KernelCore, thread: number, making: ThreadMaking): void {
  const at = tcbs.wordOf(thread);
  capabilities.copy(at + tcb.CSPACE_SLOT, making.cspaceSlot, objects.ALL_RIGHTS);
  capabilities.copy(at + tcb.VSPACE_SLOT, making.vspaceSlot, objects.ALL_RIGHTS); // refused without an ASID
  capabilities.copy(at + tcb.BUFFER_SLOT, making.bufferSlot, objects.ALL_RIGHTS);
  threads.buffer[thread] = capabilities.wordOf(making.bufferSlot);
  capabilities.words[at + tcb.BUFFER_ADDRESS] = making.bufferPage << PAGE_BITS;
  tcbs.set(thread, tcb.PC, making.pc[0], making.pc[1]);
  scheduler.threads.maximumControlled[thread] = making.maximumControlled ?? MAX_PRIORITY;
  scheduler.setPriority(thread, making.priority);
  threads.setPriority(thread, making.priority);
}
