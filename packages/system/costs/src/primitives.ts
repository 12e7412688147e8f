/**
 * The primitives that every system charges, in the order in which a ledger numbers them. A component's own pieces of
 * work follow them: see work.ts.
 *
 * What each one covers is said here once, so that nothing is charged twice. `interrupt-entry` holds a whole interrupt's
 * way in and out of the kernel; no `kernel-entry-exit` is charged beside it. `ipc-path` holds the capability look-up
 * of its endpoint; `cap-lookup` is for the arguments of invocations.
 */
import type { Cause, Primitive } from '@bulkhead/ledger';

export interface PrimitiveDefinition extends Primitive {
  readonly cause: Cause;
  /** What one of it is. */
  readonly unit: string;
}

export type PrimitiveName =
  | 'kernel-entry-exit'
  | 'register-save'
  | 'address-space-switch'
  | 'ipc-path'
  | 'ipc-slow-path'
  | 'message-word'
  | 'cap-transfer'
  | 'notification-signal'
  | 'notification-wait'
  | 'ring-entry'
  | 'direct-call'
  | 'cast-queue'
  | 'cast-dispatch'
  | 'schedule'
  | 'invocation'
  | 'cap-lookup'
  | 'page-map'
  | 'page-unmap'
  | 'tlb-refill'
  | 'tlb-invalidate-page'
  | 'copy-line'
  | 'checksum-line'
  | 'interrupt-entry'
  | 'interrupt-acknowledge'
  | 'mmio-read'
  | 'mmio-write'
  | 'idle';

interface NamedPrimitive extends PrimitiveDefinition {
  readonly name: PrimitiveName;
}

export const PRIMITIVES: readonly NamedPrimitive[] = [
  { name: 'kernel-entry-exit', cause: 'trap', unit: 'one entry into the kernel and the exit that ends it' },
  { name: 'register-save', cause: 'trap', unit: 'general registers saved and restored, stack chosen, for one entry' },
  { name: 'address-space-switch', cause: 'switch', unit: 'one write of the page-table register that changes it' },
  { name: 'ipc-path', cause: 'ipc', unit: 'logic of the fast path, one way' },
  { name: 'ipc-slow-path', cause: 'ipc', unit: 'logic of the general path, one way' },
  { name: 'message-word', cause: 'ipc', unit: 'one word beyond the message registers' },
  { name: 'cap-transfer', cause: 'ipc', unit: 'one capability moved with a message' },
  { name: 'notification-signal', cause: 'ipc', unit: 'one signal' },
  { name: 'notification-wait', cause: 'ipc', unit: 'one wait or poll' },
  { name: 'ring-entry', cause: 'ipc', unit: 'one entry appended or taken' },
  { name: 'direct-call', cause: 'compute', unit: 'one function call through a forwarder, and its return' },
  { name: 'cast-queue', cause: 'kernel', unit: 'one cast appended to its queue' },
  { name: 'cast-dispatch', cause: 'kernel', unit: 'one queued cast taken and delivered' },
  { name: 'schedule', cause: 'kernel', unit: 'one choice of the next thread' },
  { name: 'invocation', cause: 'kernel', unit: 'decode and effect of one kernel invocation' },
  { name: 'cap-lookup', cause: 'kernel', unit: 'one capability argument resolved' },
  { name: 'page-map', cause: 'kernel', unit: 'one page-table entry written' },
  { name: 'page-unmap', cause: 'kernel', unit: 'one page-table entry cleared' },
  { name: 'tlb-refill', cause: 'tlb', unit: 'one walk whose entries are in the cache' },
  { name: 'tlb-invalidate-page', cause: 'tlb', unit: 'one page, on this hart' },
  { name: 'copy-line', cause: 'copy', unit: 'one line of 64 bytes' },
  { name: 'checksum-line', cause: 'compute', unit: 'one line of 64 bytes' },
  { name: 'interrupt-entry', cause: 'interrupt', unit: 'entry, dispatch and return of one interrupt' },
  { name: 'interrupt-acknowledge', cause: 'interrupt', unit: 'one acknowledge to the controller' },
  { name: 'mmio-read', cause: 'device', unit: 'one register read, non-posted' },
  { name: 'mmio-write', cause: 'device', unit: 'one register write, posted' },
  { name: 'idle', cause: 'idle', unit: 'one cycle in which nothing had work' },
];
