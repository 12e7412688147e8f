/**
 * An endpoint in memory, 4 words. Zeroed memory is an idle endpoint.
 *
 *   word 0  0 idle, 1 threads wait to send, 2 threads wait to receive
 *   word 1  head of the queue, word 2 its tail: thread + 1
 */
export const STATE = 0;
export const IDLE = 0;
export const SENDING = 1;
export const RECEIVING = 2;
