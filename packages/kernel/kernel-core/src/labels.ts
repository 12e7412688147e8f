/**
 * Labels of the invocations that this package decodes, with their arguments in the order of the message words. seL4
 * reference manual 13.0.0 §10.3 "Architecture-Independent Object Methods". CHOICE: the numbers are ours; the manual's are made by its
 * build. Untypeds and CNodes have the labels of `@bulkhead/capabilities`.
 */

/* On a thread. */

/** Flags (bit 0: suspend it first), count. Answers with so many registers. */
export const TCB_READ_REGISTERS = 16;
/** Flags (bit 0: resume it), count, registers. */
export const TCB_WRITE_REGISTERS = 17;
/** Flags (bit 0: suspend the source, 1: resume this thread, 2: copy pc … s11, 3: copy a0 … tp); the source. */
export const TCB_COPY_REGISTERS = 18;
/** CSpace data, VSpace data, buffer address; CSpace, VSpace, buffer frame. */
export const TCB_CONFIGURE = 19;
/** Priority; the authority, a thread. */
export const TCB_SET_PRIORITY = 20;
/** Maximum controlled priority; the authority. */
export const TCB_SET_MC_PRIORITY = 21;
/** Maximum controlled priority, priority; the authority, a scheduling context or nothing, the fault endpoint or nothing. */
export const TCB_SET_SCHED_PARAMS = 22;
/** The timeout endpoint or nothing. */
export const TCB_SET_TIMEOUT_ENDPOINT = 23;
/** Address; the frame. */
export const TCB_SET_IPC_BUFFER = 24;
/** CSpace data, VSpace data; the fault endpoint or nothing, CSpace, VSpace. */
export const TCB_SET_SPACE = 25;
export const TCB_SUSPEND = 26;
export const TCB_RESUME = 27;
/** The notification. */
export const TCB_BIND_NOTIFICATION = 28;
export const TCB_UNBIND_NOTIFICATION = 29;
/** The base. */
export const TCB_SET_TLS_BASE = 30;
/** Bits to clear, bits to set. Answers with the flags. */
export const TCB_SET_FLAGS = 31;
/** Number, address, type (0 instruction, 1 data), size in bytes, access (0 read, 1 write, 2 both). */
export const TCB_SET_BREAKPOINT = 32;
/** Number. Answers with address, type, size, access, whether it is set. */
export const TCB_GET_BREAKPOINT = 33;
/** Number. */
export const TCB_UNSET_BREAKPOINT = 34;
/** Number, instructions. Answers with whether that breakpoint was used for it. */
export const TCB_CONFIGURE_SINGLE_STEPPING = 35;
export const TCB_LAST = 47;

/* Scheduling and domains. */

/** On a scheduling control: budget, period, extra refills, badge, flags; the scheduling context. */
export const SCHED_CONTROL_CONFIGURE_FLAGS = 72;
/** On a scheduling context, as the next four. Answers with a time. */
export const SCHED_CONTEXT_CONSUMED = 73;
/** A thread or a notification. */
export const SCHED_CONTEXT_BIND = 74;
export const SCHED_CONTEXT_UNBIND = 75;
/** A thread or a notification. */
export const SCHED_CONTEXT_UNBIND_OBJECT = 76;
/** Answers with the time that the other context used. */
export const SCHED_CONTEXT_YIELD_TO = 77;
/** On the domain capability, as the next two: domain; the thread. */
export const DOMAIN_SET = 78;
/** Index, domain, duration. */
export const DOMAIN_SCHEDULE_CONFIGURE = 79;
/** Index. */
export const DOMAIN_SCHEDULE_SET_START = 80;
