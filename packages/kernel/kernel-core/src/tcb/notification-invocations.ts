/** TCB_BindNotification, UnbindNotification. seL4 reference manual 13.0.0 §10.3, §5.3 "Binding Notifications". */
import { type Capabilities, errors, type InvocationMessage, objects } from '@bulkhead/capabilities';
import type { SystemCalls } from '@bulkhead/ipc';

export class NotificationInvocations {
  readonly #capabilities: Capabilities;
  readonly #calls: SystemCalls;

  constructor(capabilities: Capabilities, calls: SystemCalls) {
    this.#capabilities = capabilities;
    this.#calls = calls;
  }

  /** Bound already, no notification, no Read, bound to another or waited for: ILLEGAL_OPERATION, all of them. */
  bind(thread: number, { extras }: InvocationMessage): number {
    const capabilities = this.#capabilities;
    const slot = extras[0]!;
    if (capabilities.typeOf(slot) !== objects.NOTIFICATION) return errors.ILLEGAL_OPERATION;
    if ((capabilities.rightsOf(slot) & objects.READ) === 0) return errors.ILLEGAL_OPERATION;
    return this.#calls.notifications.bind(capabilities.wordOf(slot), thread) === 0 ? 0 : errors.ILLEGAL_OPERATION;
  }
  /** Not bound: ILLEGAL_OPERATION. */
  unbind(thread: number): number {
    return this.#calls.notifications.unbind(thread) === 0 ? 0 : errors.ILLEGAL_OPERATION;
  }
}
