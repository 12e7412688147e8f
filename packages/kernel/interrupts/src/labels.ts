/**
 * Labels of the invocations that this package decodes, and their arguments in the order of the message words. seL4
 * reference manual 13.0.0 §10 "seL4 API Reference", IRQControl and IRQHandler. CHOICE: the numbers are ours; the
 * manual's are made by its build.
 */
/** On the control, as the next: identity, index, depth; the root in which the handler's slot is as extra capability. */
export const IRQ_CONTROL_GET = 48;
/** On a handler, as all that follow: no words. */
export const IRQ_HANDLER_ACK = 49;
/** The notification as extra capability. */
export const IRQ_HANDLER_SET_NOTIFICATION = 50;
export const IRQ_HANDLER_CLEAR = 51;
/** On the control: identity, trigger, index, depth; the root as extra capability. */
export const IRQ_CONTROL_GET_TRIGGER = 52;

/** Triggers of IRQ_CONTROL_GET_TRIGGER. */
export const TRIGGER_LEVEL = 0;
export const TRIGGER_EDGE = 1;
