/**
 * A timer made of a scheduling context: a thread that gives up what it has of a period is back when the next begins. So
 * whoever sets the period, and wakes the thread, is signalled when it is over. The thread stands below the scheduler
 * and above all its clients.
 */
import type { Program } from '@bulkhead/kernel-core';

export interface AlarmCapabilities {
  /** A notification: it is set. */
  readonly armed: number;
  /** A notification: it is time. */
  readonly timer: number;
}
/** Says too early that it is time when it is set again before. */
export const alarm = ({ armed, timer }: AlarmCapabilities): Program =>
  function* (t) {
    yield t.wait(armed);
    for (;;) {
      yield t.yield();
      yield t.nbSendWait(timer, 0, armed); // one step, so that it waits before anybody hears of the time
    }
  };
