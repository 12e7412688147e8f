/** How a system call ends. */
export { BLOCKED, RECORD_CORRUPTED } from './blocked-threads.ts';

/** The thread goes on. */
export const DONE = 0;
/** By the fast path: the thread waits, and `SystemCalls.peer` runs in its place. */
export const SWITCHED = 1;
/** The thread faults: `SystemCalls.fault` says why. What the first phase of the call did stays done. */
export const CAP_FAULT = -6;
/** `CapabilityPort.invoke` was interrupted: the call is to be made again. Below every number of an error. */
export const PREEMPTED = -64;
