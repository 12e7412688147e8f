/**
 * Invocations of the control of interrupts and of handlers, as they arrive. seL4 reference manual 13.0.0 §8 "Hardware
 * I/O" and §10 "seL4 API Reference", IRQControl and IRQHandler; the order in which errors win is the
 * reference kernel's. A refused invocation changes nothing, and nothing throws, whatever comes.
 */
import { type Capabilities, errors, type InvocationMessage, objects } from '@bulkhead/capabilities';
import { canSignal, type InterruptHandlers } from './interrupt-handlers.ts';
import {
  IRQ_CONTROL_GET,
  IRQ_CONTROL_GET_TRIGGER,
  IRQ_HANDLER_ACK,
  IRQ_HANDLER_SET_NOTIFICATION,
  TRIGGER_EDGE,
} from './labels.ts';

const FIRST_LABEL: number = IRQ_CONTROL_GET;
/** What each label from FIRST_LABEL on is invoked on, and the words and extra capabilities that it needs. */
const INVOKED: Uint8Array = Uint8Array.of(
  objects.IRQ_CONTROL,
  objects.IRQ_HANDLER,
  objects.IRQ_HANDLER,
  objects.IRQ_HANDLER,
  objects.IRQ_CONTROL,
);
const WORDS_NEEDED: Uint8Array = Uint8Array.of(3, 0, 0, 0, 4);
const EXTRAS_NEEDED: Uint8Array = Uint8Array.of(1, 0, 1, 0, 1);

export class InterruptInvocations {
  /** The types whose capabilities it decodes and finalises, and the first and the last label that it knows. */
  readonly types: readonly number[] = [objects.IRQ_CONTROL, objects.IRQ_HANDLER];
  readonly labels: readonly [number, number] = [IRQ_CONTROL_GET, IRQ_CONTROL_GET_TRIGGER];
  readonly #capabilities: Capabilities;
  readonly #handlers: InterruptHandlers;

  constructor(capabilities: Capabilities, handlers: InterruptHandlers) {
    this.#capabilities = capabilities;
    this.#handlers = handlers;
  }

  /**
   * Decides in this order: what is invoked (INVALID_CAPABILITY for an empty slot or a zombie), the label
   * (ILLEGAL_OPERATION), the length (TRUNCATED_MESSAGE), then what each operation refuses.
   */
  invoke(slot: number, label: number, message: InvocationMessage): number {
    const capabilities = this.#capabilities;
    const type = capabilities.typeOf(slot);
    if (type === objects.NULL || capabilities.isZombie(slot)) return capabilities.details.invalidCapability(0);
    const operation = label - FIRST_LABEL;
    if (INVOKED[operation] !== type) return errors.ILLEGAL_OPERATION;
    if (message.length < WORDS_NEEDED[operation]! || message.extraCount < EXTRAS_NEEDED[operation]!)
      return errors.TRUNCATED_MESSAGE;
    message.answer.length = 0;
    return type === objects.IRQ_CONTROL
      ? this.#invokeControl(slot, label, message)
      : this.#invokeHandler(capabilities.objectOf(slot), label, message);
  }

  /** Undoes what a handler's capability did, when it is the last. */
  finalise(type: number, object: number, _slot: number, final: boolean): void {
    if (type === objects.IRQ_HANDLER && final && this.#handlers.isIdentity(object)) this.#handlers.release(object);
  }

  /**
   * RANGE_ERROR (identity), INVALID_ARGUMENT 1 (trigger), REVOKE_FIRST (it has a handler), FAILED_LOOKUP or RANGE_ERROR
   * (path of the slot), DELETE_FIRST.
   *
   * CHOICE: interrupts are messages, which are edges; asking for a level is an argument out of its domain.
   */
  #invokeControl(control: number, label: number, message: InvocationMessage): number {
    const { details } = this.#capabilities;
    const handlers = this.#handlers;
    const identity = message.high[0] === 0 ? message.low[0]! : 0;
    if (!handlers.isIdentity(identity)) return details.range(1, handlers.identities);
    const withTrigger = label === IRQ_CONTROL_GET_TRIGGER;
    const isEdge = message.low[1] === TRIGGER_EDGE && message.high[1] === 0;
    if (withTrigger && !isEdge) return details.invalidArgument(1);
    if (handlers.isIssued(identity)) return errors.REVOKE_FIRST;
    const destination = this.#destination(message, withTrigger ? 2 : 1);
    if (destination < 0) return destination;
    const error = this.#capabilities.issueIrqHandler(control, identity, destination);
    if (error === 0) handlers.issue(identity);
    return error;
  }
  /** @param at where the index stands, which counts by its low bits; behind it the depth, which does not. */
  #destination({ low, high, extras }: InvocationMessage, at: number): number {
    const capabilities = this.#capabilities;
    const depth = high[at + 1] === 0 ? low[at + 1]! : -1;
    const destination = capabilities.lookupSlot(extras[0]!, low[at]!, depth, false);
    if (destination < 0) return destination;
    return capabilities.typeOf(destination) === objects.NULL ? destination : errors.DELETE_FIRST;
  }

  /** INVALID_CAPABILITY 0, the manual's kernel says so, for what is no notification's capability with Write. */
  #invokeHandler(identity: number, label: number, { extras }: InvocationMessage): number {
    const handlers = this.#handlers;
    if (!handlers.isIdentity(identity)) return errors.CORRUPTED;
    switch (label) {
      case IRQ_HANDLER_ACK:
        handlers.acknowledge(identity);
        return 0;
      case IRQ_HANDLER_SET_NOTIFICATION:
        if (!canSignal(this.#capabilities, extras[0]!)) return this.#capabilities.details.invalidCapability(0);
        return handlers.setNotification(identity, extras[0]!);
      default:
        handlers.clear(identity);
        return 0;
    }
  }
}
