/**
 * System calls. seL4 reference manual 13.0.0 (MCS) §2.2 "System Calls", numbered downwards from -1 in the order of
 * libsel4's list of them for MCS; everything else is an unknown system call.
 */
export const CALL = -1;
export const REPLY_RECEIVE = -2;
export const NB_SEND_RECEIVE = -3;
export const NB_SEND_WAIT = -4;
export const SEND = -5;
export const NB_SEND = -6;
export const RECEIVE = -7;
export const NB_RECEIVE = -8;
export const WAIT = -9;
export const NB_WAIT = -10;
export const YIELD = -11;
