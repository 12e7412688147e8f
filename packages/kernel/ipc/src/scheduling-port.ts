/**
 * What messages tell a scheduler, and the one thing that they ask: whether the processor may pass straight from one
 * thread to another. Scheduling contexts, and the stack of calls along which they go and come back, are the scheduler's.
 */
import { TAKEN } from './fast-path-misses.ts';

export interface SchedulingPort {
  /** A thread's system call is done: it may run. */
  resume(thread: number): void;
  /** A thread's wait was taken from it: it may run, and runs its system call again. */
  restart(thread: number): void;
  /** The rest of a thread's time is forfeit. */
  yields(thread: number): void;

  /**
   * `caller` waits for `callee` to answer through `reply`, which goes on top of the stack of calls.
   * @param donates whether the caller's scheduling context goes along, if the callee has none.
   */
  called(caller: number, callee: number, reply: number, donates: boolean): void;
  /** A message of NBSendRecv or NBSendWait arrived: the sender's scheduling context goes along, if the receiver has none. */
  lends(sender: number, receiver: number): void;
  /** A caller is answered. The scheduling context comes back, if the caller has none. */
  answered(caller: number, server: number, reply: number): void;
  /**
   * A call ends without an answer: the caller waits no more, or the reply object is used for another or gone.
   * @param returns it is gone: then the scheduling context comes back as with an answer; else it stays where it is.
   */
  dropped(caller: number, reply: number, returns: boolean): void;
  /** A thread is INACTIVE: it runs no more, and waits for nothing. Perhaps it was waiting, and another's doing ended that. */
  ended?(thread: number): void;
  /** A thread takes what was signalled: the notification's scheduling context goes along, if the thread has none. */
  woke(notification: number, thread: number): void;
  /** A thread goes to wait: the scheduling context of the notification comes back, if the thread has that. */
  rests(notification: number, thread: number): void;

  /** @returns TAKEN, or why not (fast-path-misses.ts): HAS_CONTEXT, DOMAIN, PRIORITY or ADDRESS_SPACE. */
  missOfCall(caller: number, callee: number): number;
  /** @returns TAKEN, or why not: NOT_THE_LAST_CALL, HAS_CONTEXT, DOMAIN, PRIORITY or ADDRESS_SPACE. */
  missOfReply(server: number, caller: number, reply: number): number;
}

/** For a user without a scheduler: everybody may run at once, and `BlockedThreads.state` says who may. */
export class Unscheduled implements SchedulingPort {
  resume(_thread: number): void {}
  restart(_thread: number): void {}
  yields(_thread: number): void {}
  called(_caller: number, _callee: number, _reply: number, _donates: boolean): void {}
  lends(_sender: number, _receiver: number): void {}
  answered(_caller: number, _server: number, _reply: number): void {}
  dropped(_caller: number, _reply: number, _returns: boolean): void {}
  woke(_notification: number, _thread: number): void {}
  rests(_notification: number, _thread: number): void {}
  missOfCall(_caller: number, _callee: number): number {
    return TAKEN;
  }
  missOfReply(_server: number, _caller: number, _reply: number): number {
    return TAKEN;
  }
}
