/**
 * Invocations of scheduling control, scheduling contexts and domains, as they arrive: what each is about is found, and
 * `@bulkhead/scheduler` decides. seL4 reference manual 13.0.0 §10.3, §6.1 "MCS Scheduling", §6.3 "Domains".
 */
import { type Capabilities, errors, type InvocationMessage, objects } from '@bulkhead/capabilities';
import type { Invocations } from '@bulkhead/scheduler';
import * as labels from './labels.ts';
import { wordNumber } from './message.ts';
import type { Tcbs } from './tcbs.ts';

type Details = Capabilities['details'];

/** By label, from SCHED_CONTROL_CONFIGURE_FLAGS on. */
const TYPES: readonly number[] = [
  objects.SCHED_CONTROL,
  ...new Array<number>(5).fill(objects.SCHED_CONTEXT),
  ...new Array<number>(3).fill(objects.DOMAIN),
];
const WORDS_NEEDED: Uint8Array = Uint8Array.from([5, 0, 0, 0, 0, 0, 1, 3, 1]);
/** DomainSet_Set wants one, too, but looks at the domain before. */
const EXTRAS_NEEDED: Uint8Array = Uint8Array.from([1, 0, 1, 0, 1, 0, 0, 0, 0]);
const MAX_WORD = 0xffff_ffff;
const NOBODY = -1;
const HIGH = 0x1_0000_0000;

export class SchedulingInvocations {
  readonly #capabilities: Capabilities;
  readonly #invocations: Invocations;
  readonly #tcbs: Tcbs;

  constructor(capabilities: Capabilities, invocations: Invocations, tcbs: Tcbs) {
    this.#capabilities = capabilities;
    this.#invocations = invocations;
    this.#tcbs = tcbs;
  }

  /** Label (ILLEGAL_OPERATION), length (TRUNCATED_MESSAGE), then what each refuses. */
  invoke(caller: number, slot: number, label: number, message: InvocationMessage): number {
    const index = label - labels.SCHED_CONTROL_CONFIGURE_FLAGS;
    if (!(index >= 0) || TYPES[index] !== this.#capabilities.typeOf(slot)) return errors.ILLEGAL_OPERATION;
    if (message.length < WORDS_NEEDED[index]! || message.extraCount < EXTRAS_NEEDED[index]!)
      return errors.TRUNCATED_MESSAGE;
    const error = this.#invoke(caller, slot, label, message);
    return detailed(this.#capabilities.details, this.#invocations.details, error);
  }

  #invoke(caller: number, slot: number, label: number, message: InvocationMessage): number {
    const sc = this.#capabilities.wordOf(slot);
    switch (label) {
      case labels.SCHED_CONTROL_CONFIGURE_FLAGS:
        return this.#configure(message);
      case labels.SCHED_CONTEXT_CONSUMED:
        return answerWith(message, this.#invocations.consumed(sc));
      case labels.SCHED_CONTEXT_BIND:
        return this.#bind(sc, message.extras[0]!);
      case labels.SCHED_CONTEXT_UNBIND:
        return this.#invocations.unbind(sc);
      case labels.SCHED_CONTEXT_UNBIND_OBJECT:
        return this.#unbindObject(sc, message.extras[0]!);
      case labels.SCHED_CONTEXT_YIELD_TO:
        return this.#yieldTo(caller, sc, message);
      default:
        return this.#onDomains(label, message);
    }
  }

  #configure(message: InvocationMessage): number {
    const { low, high, extras } = message;
    const slot = extras[0]!;
    const isContext = this.#capabilities.typeOf(slot) === objects.SCHED_CONTEXT;
    const sc = isContext ? this.#capabilities.wordOf(slot) : 0;
    const size = isContext ? this.#capabilities.sizeOf(slot) : 0;
    const [budget, period, extra] = [wordNumber(message, 0), wordNumber(message, 1), wordNumber(message, 2)];
    const error = this.#invocations.checkConfigure(sc, size, budget, period, extra);
    if (error !== 0) return error;
    if (high[3] !== 0) return this.#invocations.details.range(0, MAX_WORD);
    return this.#invocations.configure(sc, size, budget, period, extra, low[3]!, low[4]!);
  }
  /** To something else: INVALID_CAPABILITY(1). */
  #bind(sc: number, slot: number): number {
    const word = this.#capabilities.wordOf(slot);
    switch (this.#typeOf(slot)) {
      case objects.TCB:
        return this.#invocations.bind(sc, this.#tcbs.threadOf(this.#capabilities, slot));
      case objects.NOTIFICATION:
        return this.#invocations.bindNotification(sc, word);
      default:
        return this.#invocations.details.invalidCapability(1);
    }
  }
  #unbindObject(sc: number, slot: number): number {
    const word = this.#capabilities.wordOf(slot);
    switch (this.#typeOf(slot)) {
      case objects.TCB:
        return this.#invocations.unbindObject(sc, this.#tcbs.threadOf(this.#capabilities, slot));
      case objects.NOTIFICATION:
        return this.#invocations.unbindNotification(sc, word);
      default:
        return this.#invocations.details.invalidCapability(1);
    }
  }
  /** The answer may come only when the caller runs again. */
  #yieldTo(caller: number, sc: number, message: InvocationMessage): number {
    const error = this.#invocations.yieldTo(sc);
    if (error !== 0) return error;
    const report = this.#invocations.yieldReport(caller);
    this.#tcbs.yielding[caller] = report < 0 ? 1 : 0;
    return answerWith(message, Math.max(report, 0));
  }
  #onDomains(label: number, message: InvocationMessage): number {
    const first = wordNumber(message, 0);
    switch (label) {
      case labels.DOMAIN_SET:
        return this.#setDomain(first, message);
      case labels.DOMAIN_SCHEDULE_CONFIGURE:
        return this.#invocations.configureSchedule(first, wordNumber(message, 1), wordNumber(message, 2));
      default:
        return this.#invocations.setScheduleStart(first);
    }
  }

  /** No such domain INVALID_ARGUMENT(0), no capability TRUNCATED_MESSAGE, no thread INVALID_ARGUMENT(1). */
  #setDomain(domain: number, { extras, extraCount }: InvocationMessage): number {
    const refused = this.#invocations.checkDomain(domain);
    if (refused !== 0) return refused;
    if (extraCount === 0) return errors.TRUNCATED_MESSAGE;
    return this.#invocations.setDomain(domain, this.#threadOf(extras[0]!));
  }
  #threadOf(slot: number): number {
    return this.#typeOf(slot) === objects.TCB ? this.#tcbs.threadOf(this.#capabilities, slot) : NOBODY;
  }
  #typeOf(slot: number): number {
    return this.#capabilities.isZombie(slot) ? objects.NULL : this.#capabilities.typeOf(slot);
  }
}

/** @returns 0, or what is an error. */
function answerWith(message: InvocationMessage, time: number): number {
  if (time < 0) return time;
  const { answer } = message;
  answer.low[0] = time | 0;
  answer.high[0] = Math.floor(time / HIGH);
  answer.length = 1;
  return 0;
}

/** What the scheduler says of an error, said in the words of capabilities. @returns the error. */
export function detailed(to: Details, from: Invocations['details'], error: number): number {
  if (error === errors.INVALID_ARGUMENT) return to.invalidArgument(from.argument);
  if (error === errors.INVALID_CAPABILITY) return to.invalidCapability(from.capability);
  if (error === errors.RANGE_ERROR) return to.range(from.rangeMin, from.rangeMax);
  return error;
}
