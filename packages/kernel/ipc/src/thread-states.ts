/**
 * What threads wait for, how operations end, and where records keep their queues: the words of this package.
 *
 * An exported constant is read from its module at each use, and checked; a module's own the compiler knows. So what every
 * message passes takes its words from here once, when it is loaded.
 */
export const RUNNING = 0;
export const BLOCKED_ON_SEND = 1;
export const BLOCKED_ON_RECEIVE = 2;
export const BLOCKED_ON_REPLY = 3;
export const BLOCKED_ON_NOTIFICATION = 4;
/** Not running, and nothing will wake it: a caller whom nobody can answer any more, or a receiver whose reply object went. */
export const INACTIVE = 5;

/** The operation is done only when somebody else comes: the thread waits. */
export const BLOCKED = -1;
/** Nobody was there, and the operation was not to wait. */
export const WOULD_BLOCK = -2;
/** There is no such thread. */
export const NO_THREAD = -3;
/** The state of the objects forbids it. */
export const ILLEGAL = -4;
/** The record in memory is not what was left there. */
export const RECORD_CORRUPTED = -5;

/** Words of a record at which a queue keeps its ends, each a thread's number + 1: 0 is none. */
export const QUEUE_HEAD = 1;
export const QUEUE_TAIL = 2;
