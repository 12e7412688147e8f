/**
 * What a capability allows, and what it names, as far as messages care. seL4 reference manual 13.0.0 §3.1.4 "Capability
 * Rights".
 */
/** Send, signal. */
export const WRITE = 1;
/** Receive, wait. */
export const READ = 2;
/** Pass capabilities along; call. */
export const GRANT = 4;
/** Call: be answered. */
export const GRANT_REPLY = 8;
/** Beside the rights of a sender that waits: it waits for an answer, too. */
export const CALL = 16;

/** What a slot holds. Nothing, or what is being destroyed. */
export const NOTHING = 0;
export const ENDPOINT = 1;
export const NOTIFICATION = 2;
export const REPLY = 3;
/** Any other object: the caller invokes it. */
export const OTHER = 4;
/** As OTHER, but not with the first phase of ReplyRecv, NBSendRecv, NBSendWait: TCBs, CNodes, scheduling contexts and their control, domains. */
export const OTHER_ALONE = 5;
