/** Invocations of threads, by label. seL4 reference manual 13.0.0 §10.3 "Architecture-Independent Object Methods", TCB. */
import { type Capabilities, errors, type InvocationMessage } from '@bulkhead/capabilities';
import * as labels from '../labels.ts';
import type { Tcbs } from '../tcbs.ts';
import type { ThreadControl } from '../thread-control.ts';
import type { DebugInvocations } from './debug-invocations.ts';
import type { NotificationInvocations } from './notification-invocations.ts';
import type { PriorityInvocations } from './priority-invocations.ts';
import type { RegisterInvocations } from './register-invocations.ts';
import type { SpaceInvocations } from './space-invocations.ts';

/** Message words and extra capabilities that each label needs, from TCB_READ_REGISTERS on. */
const WORDS_NEEDED: Uint8Array = Uint8Array.from([2, 2, 1, 3, 1, 1, 2, 0, 1, 2, 0, 0, 0, 0, 1, 2, 5, 1, 1, 2]);
const EXTRAS_NEEDED: Uint8Array = Uint8Array.from([0, 0, 1, 3, 1, 1, 3, 1, 1, 3, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);

export interface TcbInvocationsOptions {
  readonly capabilities: Capabilities;
  readonly tcbs: Tcbs;
  readonly control: ThreadControl;
  readonly registers: RegisterInvocations;
  readonly spaces: SpaceInvocations;
  readonly priorities: PriorityInvocations;
  readonly notifications: NotificationInvocations;
  readonly debug: DebugInvocations;
}

export class TcbInvocations {
  readonly #o: TcbInvocationsOptions;

  constructor(options: TcbInvocationsOptions) {
    this.#o = options;
  }

  /** Label (ILLEGAL_OPERATION), length (TRUNCATED_MESSAGE), then what each refuses. */
  invoke(caller: number, slot: number, label: number, message: InvocationMessage): number {
    const { capabilities, tcbs } = this.#o;
    const index = label - labels.TCB_READ_REGISTERS;
    if (!(index >= 0 && index < WORDS_NEEDED.length)) return errors.ILLEGAL_OPERATION;
    if (message.length < WORDS_NEEDED[index]! || message.extraCount < EXTRAS_NEEDED[index]!)
      return errors.TRUNCATED_MESSAGE;
    const thread = tcbs.threadOf(capabilities, slot);
    return thread < 0 ? errors.CORRUPTED : this.#invoke(caller, thread, label, message);
  }

  #invoke(caller: number, thread: number, label: number, message: InvocationMessage): number {
    const { control, registers, spaces, priorities, notifications, debug } = this.#o;
    switch (label) {
      case labels.TCB_READ_REGISTERS:
        return registers.read(caller, thread, message);
      case labels.TCB_WRITE_REGISTERS:
        return registers.write(caller, thread, message);
      case labels.TCB_COPY_REGISTERS:
        return registers.copy(thread, message);
      case labels.TCB_SET_TLS_BASE:
        return registers.setTlsBase(thread, message);
      case labels.TCB_SET_FLAGS:
        return registers.setFlags(thread, message);
      case labels.TCB_CONFIGURE:
        return spaces.configure(thread, message);
      case labels.TCB_SET_IPC_BUFFER:
        return spaces.setBuffer(thread, message);
      case labels.TCB_SET_SPACE:
        return spaces.setSpace(thread, message);
      case labels.TCB_SET_TIMEOUT_ENDPOINT:
        return spaces.setTimeoutEndpoint(thread, message);
      case labels.TCB_SET_PRIORITY:
        return priorities.setPriority(thread, message);
      case labels.TCB_SET_MC_PRIORITY:
        return priorities.setMaximumControlled(thread, message);
      case labels.TCB_SET_SCHED_PARAMS:
        return priorities.setSchedParams(thread, message);
      case labels.TCB_BIND_NOTIFICATION:
        return notifications.bind(thread, message);
      case labels.TCB_UNBIND_NOTIFICATION:
        return notifications.unbind(thread);
      case labels.TCB_SUSPEND:
        control.suspend(thread);
        return 0;
      case labels.TCB_RESUME:
        control.resume(thread);
        return 0;
      default:
        return debug.invoke(thread, label, message);
    }
  }
}
