/**
 * Why a call or a ReplyRecv did not go by the fast path. The first precondition that does not hold, in the order in
 * which they are checked, is recorded.
 */
export const TAKEN = 0;
/* The message. */
export const LONG_MESSAGE = 1;
export const EXTRA_CAPS = 2;
/* The capabilities. */
export const FAILED_LOOKUP = 3;
export const NOT_AN_ENDPOINT = 4;
export const NO_RIGHT = 5;
/** ReplyRecv: no reply object is named. */
export const NOT_A_REPLY = 6;
/* The peer of a call. */
export const NOBODY_RECEIVES = 7;
export const NO_REPLY_LENT = 8;
/* What a ReplyRecv would find. */
export const SIGNALLED = 9;
export const SENDERS_WAIT = 10;
export const NOBODY_TO_ANSWER = 11;
/** The caller to be answered awaits the end of a fault. */
export const FAULT = 12;
/* What the scheduler says. */
export const NOT_THE_LAST_CALL = 13;
export const HAS_CONTEXT = 14;
export const DOMAIN = 15;
export const PRIORITY = 16;
export const ADDRESS_SPACE = 17;
/** A record in memory is not what was left there. */
export const CORRUPTED = 18;

/** By number. */
export const NAMES = [
  'taken',
  'long-message',
  'extra-caps',
  'failed-lookup',
  'not-an-endpoint',
  'no-right',
  'not-a-reply',
  'nobody-receives',
  'no-reply-lent',
  'signalled',
  'senders-wait',
  'nobody-to-answer',
  'fault',
  'not-the-last-call',
  'has-context',
  'domain',
  'priority',
  'address-space',
  'corrupted',
] as const;
export type Miss = (typeof NAMES)[number];

/** How often the fast path was taken, and how often each reason kept a call from it. */
export class Misses {
  readonly counts: Float64Array = new Float64Array(NAMES.length);
  /** Of the last call or ReplyRecv. */
  last: number = TAKEN;

  /** @returns the reason. */
  record(reason: number): number {
    this.last = reason;
    this.counts[reason]!++;
    return reason;
  }
  of(reason: Miss): number {
    return this.counts[NAMES.indexOf(reason)]!;
  }
}
