/** What the kernel, and memory, charge: the names by which cost profiles price it. */
import type { KernelPrimitives } from '@bulkhead/microkernel';
import type { HartMemoryPrimitives } from './hart-memory.ts';

/** @returns the place of a primitive in the ledger. */
type IndexOf = (name: string) => number;

export const kernelPrimitives = (index: IndexOf): KernelPrimitives => ({
  kernelEntryExit: index('kernel-entry-exit'),
  registerSave: index('register-save'),
  addressSpaceSwitch: index('address-space-switch'),
  ipcPath: index('ipc-path'),
  ipcSlowPath: index('ipc-slow-path'),
  messageWord: index('message-word'),
  capTransfer: index('cap-transfer'),
  notificationSignal: index('notification-signal'),
  notificationWait: index('notification-wait'),
  ringEntry: index('ring-entry'),
  directCall: index('direct-call'),
  castQueue: index('cast-queue'),
  castDispatch: index('cast-dispatch'),
  schedule: index('schedule'),
  invocation: index('invocation'),
  capLookup: index('cap-lookup'),
  pageMap: index('page-map'),
  pageUnmap: index('page-unmap'),
  tlbInvalidatePage: index('tlb-invalidate-page'),
  interruptEntry: index('interrupt-entry'),
  interruptAcknowledge: index('interrupt-acknowledge'),
  idle: index('idle'),
});
export const memoryPrimitives = (index: IndexOf): HartMemoryPrimitives => ({
  tlbRefill: index('tlb-refill'),
  copyLine: index('copy-line'),
  checksumLine: index('checksum-line'),
  mmioRead: index('mmio-read'),
  mmioWrite: index('mmio-write'),
});
