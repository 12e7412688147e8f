/**
 * Where scheduling contexts, and what donation adds to reply objects and notifications, lie in the memory that the
 * caller lends: an `Int32Array`, so that whoever can write that memory can damage them, as on a real machine. Objects
 * are named by the index of their first word; 0 is none. Zeroed memory is a scheduling context that was never
 * configured: 0 % of the processor (seL4 reference manual 13.0.0 §6.1 "Scheduling Context Creation").
 *
 *   word  0  thread + 1                 word  6  refills at most; 0: not configured
 *   word  1  notification               word  7  index of the head refill
 *   word  2  head of the reply stack    word  8  refills in use
 *   word  3  thread that yielded + 1    words 10, 12, 14  budget, period, consumed
 *   word  4  flags                      word  16 the ring of refills, four words each:
 *   word  5  badge                               words 0, 2 of a refill: release time, amount
 *
 * Times are 64-bit words, the low half first, and are handled as numbers: exact below 2^53.
 */
export const NONE = -1;

export const SC_THREAD = 0;
export const SC_NOTIFICATION = 1;
export const SC_REPLY = 2;
export const SC_YIELD_FROM = 3;
export const SC_FLAGS = 4;
export const SC_BADGE = 5;
export const SC_REFILL_MAX = 6;
export const SC_REFILL_HEAD = 7;
export const SC_REFILL_COUNT = 8;
export const SC_BUDGET = 10;
export const SC_PERIOD = 12;
export const SC_CONSUMED = 14;
export const SC_REFILLS = 16;
export const REFILL_TIME = 0;
export const REFILL_AMOUNT = 2;
export const REFILL_WORDS = 4;

/** The smallest scheduling context has 2^7 bytes. */
export const MIN_SIZE_BITS = 7;
/** CHOICE: the largest has 2^16 bytes. */
export const MAX_SIZE_BITS = 16;
export const MIN_REFILLS = 2;
/** How many refills a scheduling context of `sizeBits` holds. */
export const refillsWithin = (sizeBits: number): number => ((1 << (sizeBits - 2)) - SC_REFILLS) / REFILL_WORDS;

/** A reply object's record has 8 words; the first four are the message system's. */
export const REPLY_CALLER = 4; // thread + 1
export const REPLY_PREVIOUS = 5; // the reply below, older
export const REPLY_NEXT = 6; // the reply above, newer
export const REPLY_SC = 7; // of the head of a stack only

/** A notification's record has 16 words; the last is ours. */
export const NOTIFICATION_SC = 15;

const HIGH = 0x1_0000_0000;
const LOW_WORD: number = 1 / HIGH; // exact, and faster than a division

export const loadTime = (words: Int32Array, at: number): number => (words[at + 1]! >>> 0) * HIGH + (words[at]! >>> 0);

export function storeTime(words: Int32Array, at: number, time: number): void {
  words[at] = time | 0;
  words[at + 1] = (time * LOW_WORD) | 0;
}
