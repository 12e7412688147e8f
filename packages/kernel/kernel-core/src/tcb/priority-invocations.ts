/** TCB_SetPriority, SetMCPriority, SetSchedParams. seL4 reference manual 13.0.0 §10.3, §6.1 "MCS Scheduling". */
import { type Capabilities, type InvocationMessage, objects } from '@bulkhead/capabilities';
import type { BlockedThreads } from '@bulkhead/ipc';
import type { Invocations } from '@bulkhead/scheduler';
import { isHandler } from '../faults.ts';
import { detailed } from '../scheduling-invocations.ts';
import type { Tcbs } from '../tcbs.ts';
import type { SpaceInvocations } from './space-invocations.ts';

/** No thread. */
const NOBODY = -1;
/** No scheduling context, and not none. */
const NO_CONTEXT = -1;
const BEYOND = 0x7fff_ffff;

export class PriorityInvocations {
  readonly #capabilities: Capabilities;
  readonly #invocations: Invocations;
  readonly #tcbs: Tcbs;
  readonly #threads: BlockedThreads;
  readonly #spaces: SpaceInvocations;

  constructor(capabilities: Capabilities, invocations: Invocations, tcbs: Tcbs, spaces: SpaceInvocations) {
    this.#capabilities = capabilities;
    this.#invocations = invocations;
    this.#tcbs = tcbs;
    this.#threads = tcbs.threads;
    this.#spaces = spaces;
  }

  /** The authority is no thread: INVALID_CAPABILITY(1); above its maximum: RANGE_ERROR. */
  setPriority(thread: number, message: InvocationMessage): number {
    const priority = priorityOf(message, 0);
    const error = this.#invocations.setPriority(this.#authority(message), thread, priority);
    if (error !== 0) return this.#refused(error);
    this.#threads.setPriority(thread, priority);
    return 0;
  }
  /** Errors as for SetPriority. */
  setMaximumControlled(thread: number, message: InvocationMessage): number {
    const maximum = priorityOf(message, 0);
    return this.#refused(this.#invocations.setMaximumControlled(this.#authority(message), thread, maximum));
  }
  /**
   * As SetMCPriority, then as SetPriority; the context: INVALID_CAPABILITY(2) or ILLEGAL_OPERATION; the fault endpoint:
   * INVALID_CAPABILITY(3).
   */
  setSchedParams(thread: number, message: InvocationMessage): number {
    const authority = this.#authority(message);
    const maximum = priorityOf(message, 0);
    const priority = priorityOf(message, 1);
    const sc = this.#contextOf(message.extras[1]!);
    const error = this.#invocations.checkSchedParams(authority, thread, maximum, priority, sc);
    if (error !== 0) return this.#refused(error);
    if (!isHandler(this.#capabilities, message.extras[2]!)) return this.#capabilities.details.invalidCapability(3);
    const replaced = this.#spaces.setFaultHandler(thread, message.extras[2]!);
    if (replaced !== 0) return replaced;
    this.#invocations.setSchedParams(authority, thread, maximum, priority, sc);
    this.#threads.setPriority(thread, priority);
    return 0;
  }

  #authority({ extras }: InvocationMessage): number {
    const slot = extras[0]!;
    const isThread = this.#capabilities.typeOf(slot) === objects.TCB && !this.#capabilities.isZombie(slot);
    return isThread ? this.#tcbs.threadOf(this.#capabilities, slot) : NOBODY;
  }
  #contextOf(slot: number): number {
    const type = this.#capabilities.typeOf(slot);
    if (type === objects.NULL) return 0;
    return type === objects.SCHED_CONTEXT ? this.#capabilities.wordOf(slot) : NO_CONTEXT;
  }
  #refused(error: number): number {
    return detailed(this.#capabilities.details, this.#invocations.details, error);
  }
}

/** @returns a priority, or one above all that there are. */
const priorityOf = ({ low, high }: InvocationMessage, index: number): number =>
  high[index] === 0 && low[index]! >= 0 ? low[index]! : BEYOND;
