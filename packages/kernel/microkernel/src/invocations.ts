/**
 * The kernel's own invocations: the server's side of the kernel's contract. Each checks everything, in the order of the
 * contract's refusals, and then changes everything.
 */
import { kernel as abi, NO_SUCH_RIGHT, type Right, type ServerHandlers } from '@bulkhead/abi';
import { type Capabilities, errors, objects } from '@bulkhead/capabilities';
import type { Kernel } from './kernel.ts';
import {
  type Domain,
  type Seat,
  TCB_FAULT_COMPONENT,
  TCB_FAULT_OFFSET,
  TCB_FAULT_PAGE,
  TCB_FAULT_TOKEN,
  TOKENS,
} from './seat.ts';

type Handlers = ServerHandlers<typeof abi.contractOfKernel>;

/** Slots that a deletion looks at before an interrupt may be taken: as many as in seL4's default configuration. */
const WORK_UNITS = 100;

/** What the book's errors are called in the ABI. */
const REFUSALS: Readonly<Record<number, number>> = {
  [errors.INVALID_ARGUMENT]: abi.INVALID_ARGUMENT,
  [errors.INVALID_CAPABILITY]: abi.INVALID_CAPABILITY,
  [errors.ILLEGAL_OPERATION]: abi.ILLEGAL_OPERATION,
  [errors.RANGE_ERROR]: abi.RANGE_ERROR,
  [errors.FAILED_LOOKUP]: NO_SUCH_RIGHT,
  [errors.DELETE_FIRST]: abi.NO_FREE_SLOT,
  [errors.REVOKE_FIRST]: abi.REVOKE_FIRST,
  [errors.NOT_ENOUGH_MEMORY]: abi.NOT_ENOUGH_MEMORY,
};
export const refusalOf = (error: number): number => REFUSALS[error] ?? abi.ILLEGAL_OPERATION;

export class Invocations implements Handlers {
  readonly #kernel: Kernel;
  readonly #capabilities: Capabilities;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#capabilities = kernel.capabilities;
  }

  retype(from: number, untyped: Right, type: number, sizeBits: number, count: number): number {
    const domain = this.#begin(from);
    const slot = this.#find(domain, untyped, objects.UNTYPED);
    if (slot < 0) return slot;
    const kind = type === abi.UNTYPED ? objects.UNTYPED : type === abi.FRAME ? objects.FRAME : -1;
    if (kind < 0) return abi.INVALID_ARGUMENT;
    if (count < 1 || count > 256) return abi.RANGE_ERROR;
    const first = this.#kernel.spaces.makeFrom(domain, slot, kind, sizeBits, count);
    if (first >= 0) return first;
    const lacksMemory = this.#capabilities.freeBytesOf(slot) < count * 2 ** sizeBits;
    return first === errors.DELETE_FIRST && lacksMemory ? abi.NOT_ENOUGH_MEMORY : refusalOf(first);
  }
  map(from: number, frame: Right, count: number, access: number): number {
    const domain = this.#begin(from);
    const first = this.#find(domain, frame, objects.FRAME);
    if (first < 0) return first;
    if (count < 1 || count > 256) return abi.RANGE_ERROR;
    for (let i = 0; i < count; i++) {
      const slot = this.#find(domain, (frame + i) as Right, objects.FRAME);
      if (slot < 0) return slot;
      if (this.#capabilities.isMapped(slot)) return abi.ILLEGAL_OPERATION;
    }
    const refused = this.#kernel.spaces.map(domain, frame, count, access);
    if (refused < 0) return refusalOf(refused);
    this.#kernel.answer[1] = this.#kernel.spaces.mappedPage;
    return 0;
  }
  unmap(from: number, frame: Right): number {
    const slot = this.#find(this.#begin(from), frame, objects.FRAME);
    if (slot < 0) return slot;
    this.#kernel.spaces.unmapSlot(slot);
    return 0;
  }
  address(from: number, frame: Right): number {
    const slot = this.#find(this.#begin(from), frame, objects.FRAME);
    if (slot < 0) return slot;
    const mayWrite = (this.#capabilities.rightsOf(slot) & objects.WRITE) !== 0;
    this.#kernel.answer[1] = this.#capabilities.sizeOf(slot);
    this.#kernel.answer[2] = mayWrite ? abi.READ_WRITE : abi.READ;
    return this.#capabilities.pageOf(slot);
  }
  delete(from: number, right: Right): number {
    return this.#inParts(from, right, (slot) => this.#capabilities.delete(slot, WORK_UNITS));
  }
  revoke(from: number, right: Right): number {
    return this.#inParts(from, right, (slot) => this.#capabilities.revoke(slot, WORK_UNITS));
  }
  /**
   * Between two parts an interrupt may be taken and others may run; then everything is looked up again, for they may
   * have changed it. What is done stays done: the progress is in the capabilities.
   */
  #inParts(from: number, right: Right, part: (slot: number) => number): number {
    const { clock, executive } = this.#kernel;
    const seat = this.#kernel.seats[from]!;
    const { life } = seat;
    const domain = this.#begin(from);
    for (;;) {
      const slot = this.#find(domain, right, -1);
      if (slot < 0) return slot;
      let answer = part(slot);
      while (answer === errors.PREEMPTED && !clock.isEventDue) answer = part(slot);
      if (answer !== errors.PREEMPTED) return this.#kernel.sound(answer);
      executive.preempt(seat);
      if (life.over) return 0; // nobody is left to hear it
    }
  }
  issueInterrupt(from: number, control: Right, identity: number): number {
    const domain = this.#begin(from);
    const slot = this.#find(domain, control, objects.IRQ_CONTROL);
    if (slot < 0) return slot;
    const { interrupts } = this.#kernel;
    if (!interrupts.isIdentity(identity)) return abi.RANGE_ERROR;
    if (interrupts.isIssued(identity)) return abi.REVOKE_FIRST;
    const free = this.#kernel.spaces.freeSlots(domain, 1);
    if (free < 0) return abi.NO_FREE_SLOT;
    const refused = interrupts.issue(slot, identity, this.#kernel.spaces.slotAt(domain, free));
    return refused < 0 ? refusalOf(refused) : free;
  }
  bindInterrupt(from: number, interrupt: Right, token: number): number {
    const slot = this.#find(this.#begin(from), interrupt, objects.IRQ_HANDLER);
    if (slot < 0) return slot;
    if (token < 0 || token >= TOKENS) return abi.RANGE_ERROR;
    const seat = this.#kernel.seats[from]!;
    return this.#answer(this.#kernel.interrupts.bind(this.#capabilities.objectOf(slot), seat, token));
  }
  acknowledge(from: number, interrupt: Right): number {
    const slot = this.#find(this.#begin(from), interrupt, objects.IRQ_HANDLER);
    if (slot < 0) return slot;
    this.#kernel.charge.spend(this.#kernel.primitives.interruptAcknowledge);
    return this.#answer(this.#kernel.interrupts.acknowledge(this.#capabilities.objectOf(slot)));
  }
  setAlarm(from: number, token: number, delayUs: number): number {
    this.#begin(from);
    if (token < 0 || token >= TOKENS || delayUs < 0) return abi.RANGE_ERROR;
    const seat = this.#kernel.seats[from]!;
    const { clock, alarms } = this.#kernel;
    if (delayUs === 0) alarms.cancel(seat);
    else alarms.set(seat, token, clock.now + clock.cyclesOf(delayUs * 1000));
    return 0;
  }
  bindFaults(from: number, token: number): number {
    this.#begin(from);
    if (token < 0 || token >= TOKENS) return abi.RANGE_ERROR;
    this.#kernel.memory.words[this.#kernel.seats[from]!.tcb + TCB_FAULT_TOKEN] = token + 1;
    return 0;
  }
  faultOf(from: number, domain: Right): number {
    const seat = this.#thread(this.#begin(from), domain);
    if (typeof seat === 'number') return seat;
    const { words } = this.#kernel.memory;
    const { answer } = this.#kernel;
    answer[1] = words[seat.tcb + TCB_FAULT_PAGE]!;
    answer[2] = words[seat.tcb + TCB_FAULT_OFFSET]!;
    answer[3] = words[seat.tcb + TCB_FAULT_COMPONENT]!;
    return seat.domain.alive ? this.#kernel.notices.take(seat.domain) : this.#kernel.faultCauseOf(seat.domain);
  }
  endDomain(from: number, domain: Right): number {
    const seat = this.#thread(this.#begin(from), domain);
    if (typeof seat === 'number') return seat;
    if (seat.domain.isKernel) return abi.ILLEGAL_OPERATION;
    this.#kernel.end(seat, abi.FAULT_ENDED, 0, 0, `ended by ${this.#kernel.seats[from]!.name}`);
    return 0;
  }
  startDomain(from: number, domain: Right): number {
    const seat = this.#thread(this.#begin(from), domain);
    if (typeof seat === 'number') return seat;
    if (seat.domain.alive || seat.domain.isKernel) return abi.ILLEGAL_OPERATION;
    return this.#kernel.start(seat.domain) ? 0 : abi.NOT_ENOUGH_MEMORY;
  }

  #begin(from: number): Domain {
    this.#kernel.charge.spend(this.#kernel.primitives.invocation);
    return this.#kernel.seats[from]!.domain;
  }
  /** @param type -1: any. @returns the slot, NO_SUCH_RIGHT, or INVALID_CAPABILITY when it is of another type. */
  #find(domain: Domain, right: Right, type: number): number {
    this.#kernel.charge.spend(this.#kernel.primitives.capLookup);
    const slot = this.#kernel.spaces.lookup(domain, right);
    if (slot < 0) return this.#kernel.sound(slot) === 0 ? NO_SUCH_RIGHT : slot;
    return type < 0 || this.#capabilities.typeOf(slot) === type ? slot : abi.INVALID_CAPABILITY;
  }
  /** @param error 0, or an error of capabilities */
  #answer(error: number): number {
    return error === 0 ? 0 : this.#kernel.sound(error) || refusalOf(error);
  }
  /** The component whose thread a right names. */
  #thread(domain: Domain, right: Right): Seat | number {
    const slot = this.#find(domain, right, objects.TCB);
    if (slot < 0) return slot;
    return this.#kernel.seatOfTcb(this.#capabilities.wordOf(slot)) ?? abi.INVALID_CAPABILITY;
  }
}
