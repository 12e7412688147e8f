/**
 * Interrupt handlers as objects: one record of 16 words an identity, in memory that the kernel lends.
 *
 *   words 0-7  a slot: the capability to the notification that is signalled, or empty
 *   word 8     1 while a handler's capability exists
 *   word 9     1 from a delivery to its acknowledgement
 *
 * The notification is held as a capability, a copy of the one given. So revoking that one stops the interrupt from being
 * delivered, the badge that is signalled is the one it carries, and the notification lives as long as it may be needed.
 *
 * A line is unmasked while it is issued, tells somebody, and waits for no acknowledgement. CHOICE: the manual's kernel
 * unmasks it when it is issued (not checked against the document); the edge that comes before anybody is told would be
 * lost then, for an interrupt file keeps a message only while it is masked.
 *
 * A fresh handler has nothing pending: what came while there was none was for the holder before, or for nobody. From its
 * issue on every message counts, through another notification too.
 *
 * Records may have been overwritten: whatever they hold, nothing throws, and only a notification's capability with Write
 * is ever named as what to signal.
 */
import { type Capabilities, objects, SLOT_WORDS } from '@bulkhead/capabilities';

/** What the kernel asks of the interrupt file. RISC-V AIA 1.0 §3.8 "Indirectly accessed interrupt-file registers". */
export interface InterruptMask {
  /** One bit of the `eie` array. */
  enable(identity: number, enabled: boolean): void;
  /** One bit of the `eip` array. */
  setPending(identity: number, pending: boolean): void;
}
/** What a kernel needs of it besides. §3.9 "Top external interrupt CSRs". */
export interface InterruptFile extends InterruptMask {
  /** Clears the pending bit of the most urgent identity. @returns it, or 0 when there is none. */
  claim(): number;
  /** One bit of the `eip` array: whether a message came that nobody has claimed. */
  isPending(identity: number): boolean;
}
/** Told of deliveries, and of what ends the wait for their acknowledgement. */
export interface DeliveryWatch {
  awaits(identity: number): void;
  /** It was acknowledged, or its handler is gone. */
  settled(identity: number): void;
}
export interface InterruptHandlersOptions {
  readonly capabilities: Capabilities;
  /** Index in the capabilities' memory of the first of `(identities + 1) * HANDLER_WORDS` words, all zero. A multiple of 8, not 0. */
  readonly base: number;
  /** The highest identity; the lowest is 1. */
  readonly identities: number;
  readonly mask: InterruptMask;
  /** @defaultValue nobody watches */
  readonly watch?: DeliveryWatch;
}

const UNWATCHED: DeliveryWatch = { awaits: () => {}, settled: () => {} };
/** Words of a record. */
export const HANDLER_WORDS = 16;
const ISSUED: number = SLOT_WORDS;
const AWAITS_ACK: number = SLOT_WORDS + 1;

export class InterruptHandlers {
  readonly identities: number;
  readonly #capabilities: Capabilities;
  readonly #words: Int32Array;
  readonly #base: number;
  readonly #mask: InterruptMask;
  readonly #watch: DeliveryWatch;

  constructor({ capabilities, base, identities, mask, watch = UNWATCHED }: InterruptHandlersOptions) {
    this.#capabilities = capabilities;
    this.#words = capabilities.words;
    this.#base = base;
    this.identities = identities;
    this.#mask = mask;
    this.#watch = watch;
  }

  /** Whether an interrupt may have a handler: identities begin with 1, RISC-V AIA 1.0 §3.1 "Interrupt files and interrupt identities". */
  isIdentity(identity: number): boolean {
    return identity >= 1 && identity <= this.identities;
  }
  isIssued(identity: number): boolean {
    return this.#words[this.#at(identity) + ISSUED] !== 0;
  }
  /** Whether it was delivered and nobody has acknowledged it yet. */
  awaitsAcknowledgement(identity: number): boolean {
    return this.#words[this.#at(identity) + AWAITS_ACK] !== 0;
  }
  /** Whether somebody is told: the notification's capability is there, and allows it. */
  tells(identity: number): boolean {
    return canSignal(this.#capabilities, this.#at(identity));
  }
  /** @returns the slot in which the notification's capability is held; it may be empty. */
  slotOf(identity: number): number {
    return this.#at(identity);
  }

  /** A handler's capability was made. Nobody is told yet, so the line stays masked; what came before is forgotten. */
  issue(identity: number): void {
    this.#mask.setPending(identity, false);
    this.#words[this.#at(identity) + ISSUED] = 1;
    this.#unmaskIfReady(identity);
  }
  /**
   * Holds a copy of a notification's capability in place of the one before.
   * @returns 0, or why it cannot be copied; then nobody is told.
   */
  setNotification(identity: number, notification: number): number {
    this.#capabilities.delete(this.#at(identity));
    const error = this.#capabilities.copy(this.#at(identity), notification, objects.ALL_RIGHTS);
    this.#unmaskIfReady(identity);
    return error;
  }
  /** Nobody is told any more. */
  clear(identity: number): void {
    this.#capabilities.delete(this.#at(identity));
    this.#mask.enable(identity, false);
  }
  /** The delivered interrupt was served: the next may come. */
  acknowledge(identity: number): void {
    this.#words[this.#at(identity) + AWAITS_ACK] = 0;
    this.#watch.settled(identity);
    this.#unmaskIfReady(identity);
  }
  /** The last capability to a handler goes: the interrupt may be issued again. */
  release(identity: number): void {
    this.clear(identity);
    this.#words[this.#at(identity) + ISSUED] = 0;
    this.#words[this.#at(identity) + AWAITS_ACK] = 0;
    this.#watch.settled(identity);
  }

  /**
   * An interrupt came: masks its line until it is acknowledged.
   * @returns the slot of the notification's capability: signal its object with its badge; 0 when nobody is told.
   */
  deliver(identity: number): number {
    if (!this.isIdentity(identity)) return 0;
    this.#mask.enable(identity, false);
    if (!this.isIssued(identity)) return 0;
    this.#words[this.#at(identity) + AWAITS_ACK] = 1;
    this.#watch.awaits(identity);
    return this.tells(identity) ? this.#at(identity) : 0;
  }

  #unmaskIfReady(identity: number): void {
    const ready = this.isIssued(identity) && !this.awaitsAcknowledgement(identity) && this.tells(identity);
    this.#mask.enable(identity, ready);
  }
  #at(identity: number): number {
    return this.#base + identity * HANDLER_WORDS;
  }
}

/** @returns whether a slot holds a notification's capability with Write. */
export const canSignal = (capabilities: Capabilities, slot: number): boolean =>
  capabilities.typeOf(slot) === objects.NOTIFICATION && (capabilities.rightsOf(slot) & objects.WRITE) !== 0;
