/**
 * Interrupts as the book has them (`@bulkhead/interrupts`), for threads of every kind: programs invoke the handlers that
 * they hold; a component asks by the kernel's contract. What a component binds is a capability to its own notification,
 * made from the kernel's original, whose badge is the bit of the component's token. So what arrives is a signal like any
 * other, and nothing says who is told but that capability.
 *
 * CHOICE: to bind is also to acknowledge, so that a component need not know what became of its last life's interrupt.
 */
import { type Capabilities, errors, objects } from '@bulkhead/capabilities';
import {
  type DeliveryWatch,
  HANDLER_WORDS,
  type InterruptFile,
  InterruptHandlers,
  InterruptInvocations,
} from '@bulkhead/interrupts';
import { invariant } from '@bulkhead/result';
import type { KernelMemory } from './kernel-memory.ts';
import type { Seat } from './seat.ts';

const NOBODY = -1;
const HIGHEST_BIT = 31;

export interface InterruptsOptions {
  readonly kernelMemory: KernelMemory;
  readonly file: InterruptFile;
  /** The highest identity; the lowest is 1. */
  readonly identities: number;
  readonly seats: readonly Seat[];
  readonly watch: DeliveryWatch;
}

export class Interrupts {
  readonly identities: number;
  /** Words of the records, from `KernelMemory.interruptTableWord`. */
  readonly wordCount: number;
  /** What programs invoke. */
  readonly decoder: InterruptInvocations;
  readonly #handlers: InterruptHandlers;
  readonly #capabilities: Capabilities;
  readonly #file: InterruptFile;
  readonly #seats: readonly Seat[];
  /** Of the kernel's, empty but while a component binds. */
  readonly #mintSlot: number;

  constructor({ kernelMemory, file, identities, seats, watch }: InterruptsOptions) {
    const { capabilities, interruptTableWord, interruptTableWords, mintSlot } = kernelMemory;
    this.identities = identities;
    this.wordCount = (identities + 1) * HANDLER_WORDS;
    invariant(this.wordCount <= interruptTableWords, 'more interrupts than the kernel keeps records of');
    this.#handlers = new InterruptHandlers({ capabilities, base: interruptTableWord, identities, mask: file, watch });
    this.decoder = new InterruptInvocations(capabilities, this.#handlers);
    this.#capabilities = capabilities;
    this.#file = file;
    this.#seats = seats;
    this.#mintSlot = mintSlot;
  }

  isIdentity(identity: number): boolean {
    return this.#handlers.isIdentity(identity);
  }
  isIssued(identity: number): boolean {
    return this.#handlers.isIssued(identity);
  }
  /** Makes the handler of an interrupt that has none. @returns 0, or an error of capabilities. */
  issue(control: number, identity: number, destination: number): number {
    const refused = this.#capabilities.issueIrqHandler(control, identity, destination);
    if (refused === 0) this.#handlers.issue(identity);
    return refused;
  }
  /** From now on a component is told, and nobody else. @returns 0, or an error of capabilities */
  bind(identity: number, { notificationSlot }: Seat, token: number): number {
    if (!this.isIdentity(identity)) return errors.CORRUPTED;
    const capabilities = this.#capabilities;
    if (capabilities.typeOf(notificationSlot) !== objects.NOTIFICATION) return errors.FAILED_LOOKUP;
    const refused = capabilities.mint(this.#mintSlot, notificationSlot, objects.WRITE, 1 << token);
    if (refused < 0) return refused;
    const held = this.#handlers.setNotification(identity, this.#mintSlot);
    const deleted = capabilities.delete(this.#mintSlot);
    this.#handlers.acknowledge(identity);
    return held < 0 ? held : deleted;
  }
  /** @returns 0, or an error of capabilities: ILLEGAL_OPERATION when nobody is told. */
  acknowledge(identity: number): number {
    if (!this.isIdentity(identity)) return errors.CORRUPTED;
    if (!this.#handlers.tells(identity)) return errors.ILLEGAL_OPERATION;
    this.#handlers.acknowledge(identity);
    return 0;
  }

  /** Takes the most urgent interrupt, which is masked from now on. @returns its identity, or 0 when none came. */
  claim(): number {
    return this.#file.claim();
  }
  /** @returns the slot of what is to be signalled by its badge; 0 when nobody is told. */
  deliver(identity: number): number {
    return this.#handlers.deliver(identity);
  }

  // ---------------------------------------------------------------- for whoever looks on

  /** @returns the slot in which the capability to what is signalled is held; it may be empty. */
  slotOf(identity: number): number {
    return this.#handlers.slotOf(identity);
  }
  /** @returns the component that is told, or -1. */
  componentOf(identity: number): number {
    if (!this.#handlers.tells(identity)) return NOBODY;
    const told = this.#capabilities.wordOf(this.#handlers.slotOf(identity));
    return this.#seats.findIndex(({ notificationSlot }) => this.#isNotification(notificationSlot, told));
  }
  /** By which token a component knows the interrupt: the highest bit of the badge. */
  tokenOf(identity: number): number {
    const badge = this.#handlers.tells(identity) ? this.#capabilities.badgeOf(this.#handlers.slotOf(identity)) : 0;
    return badge === 0 ? 0 : HIGHEST_BIT - Math.clz32(badge);
  }
  #isNotification(slot: number, word: number): boolean {
    return this.#capabilities.typeOf(slot) === objects.NOTIFICATION && this.#capabilities.wordOf(slot) === word;
  }
}
