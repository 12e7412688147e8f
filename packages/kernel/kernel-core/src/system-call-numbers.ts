/**
 * System calls. seL4 reference manual 13.0.0 (MCS) §2.2 "System Calls". CHOICE: negative numbers, as the reference
 * kernel's build gives them (not checked against the document); everything else is an unknown system call.
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
