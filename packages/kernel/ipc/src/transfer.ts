/**
 * Moves a message from one thread to another: words, then capabilities. seL4 reference manual 13.0.0 §4.1 "Message
 * Registers", §4.2.2 "Capability Transfer".
 *
 * Capabilities are looked up twice: when the message is sent, so that the sender hears of a failure, and when it moves,
 * because meanwhile they may be others.
 */
import type { BlockedThreads } from './blocked-threads.ts';
import { FAULT_LANES } from './blocked-threads.ts';
import type { CapabilityPort } from './capability-port.ts';
import {
  BUFFER_MESSAGE,
  CAPS_OR_BADGES,
  extraCapsOf,
  labelOf,
  lengthOf,
  MAX_EXTRA_CAPS,
  MESSAGE_REGISTERS,
  messageTag,
  RECEIVE_DEPTH,
  RECEIVE_INDEX,
  RECEIVE_ROOT,
  WORD_LANES,
} from './message.ts';
import { ENDPOINT } from './rights.ts';

const REGISTER_LANES: number = MESSAGE_REGISTERS * WORD_LANES;
/** Lanes from which on one bulk copy is cheaper than a loop. */
const BULK_LANES = 32;
const FAULT_LENGTH_MASK = 0xff;
/** Of `faultShape`: how many words an answer may have. */
export const FAULT_ROOM_SHIFT = 16;

export class Transfer {
  readonly #threads: BlockedThreads;
  readonly #capabilities: CapabilityPort;
  readonly #extra: Int32Array = new Int32Array(MAX_EXTRA_CAPS);
  #extraCount = 0;
  /** Of the message that moved last. */
  #unwrapped = 0;
  /** The pointer whose look-up failed last. */
  failedPointer = 0;

  constructor(threads: BlockedThreads, capabilities: CapabilityPort) {
    this.#threads = threads;
    this.#capabilities = capabilities;
  }

  /** Looks up the extra capabilities of a thread's message. @returns false when one is not there: `failedPointer`. */
  findExtra(thread: number): boolean {
    const { words, buffer, tag } = this.#threads;
    const from = buffer[thread]!;
    const count = from === 0 ? 0 : extraCapsOf(tag[thread]!);
    this.#extraCount = 0;
    for (let i = 0; i < count; i++) {
      const pointer = words[from + CAPS_OR_BADGES + i * WORD_LANES]!;
      const slot = this.#lookupExtra(thread, pointer);
      if (slot < 0) {
        this.failedPointer = pointer;
        return false;
      }
      this.#extra[i] = slot;
    }
    this.#extraCount = count;
    return true;
  }

  #lookupExtra(thread: number, pointer: number): number {
    const port = this.#capabilities;
    return port.lookupExtra === undefined ? port.lookup(thread, pointer) : port.lookupExtra(thread, pointer);
  }

  /**
   * @param endpoint through which the message goes; 0 for an answer, of which nothing is unwrapped
   * @param grants whether capabilities may go along
   */
  move(sender: number, receiver: number, endpoint: number, badge: number, grants: boolean): void {
    const threads = this.#threads;
    if (threads.fault[sender] !== 0) {
      threads.tag[receiver] = messageTag(threads.fault[sender]!, 0, 0, this.#copyFault(sender, receiver));
    } else {
      const tag = threads.tag[sender]!;
      if (!grants || extraCapsOf(tag) === 0 || !this.findExtra(sender)) this.#extraCount = 0;
      const length = this.#copyWords(sender, receiver, lengthOf(tag));
      const caps = this.#moveCaps(receiver, endpoint);
      threads.tag[receiver] = messageTag(labelOf(tag), this.#unwrapped, caps, length);
    }
    threads.badge[receiver] = badge;
  }

  /** @returns how many words arrived: without two buffers, those in registers. */
  #copyWords(sender: number, receiver: number, length: number): number {
    const { words, buffer } = this.#threads;
    this.copyRegisters(sender, receiver, Math.min(length, MESSAGE_REGISTERS));
    if (length <= MESSAGE_REGISTERS) return length;
    const from = buffer[sender]!;
    const to = this.#threads.inboxOf(receiver);
    if (from === 0 || to === 0) return MESSAGE_REGISTERS;
    copy(words, from + BUFFER_MESSAGE + REGISTER_LANES, words, to + BUFFER_MESSAGE + REGISTER_LANES, beyond(length));
    return length;
  }
  /** The first words of a message, from registers to registers. */
  copyRegisters(sender: number, receiver: number, length: number): void {
    const { registers } = this.#threads;
    const from = sender * REGISTER_LANES;
    const to = receiver * REGISTER_LANES;
    for (let lane = 0; lane < length * WORD_LANES; lane++) registers[to + lane] = registers[from + lane]!;
  }

  /** A fault is told as if its thread had called. */
  #copyFault(sender: number, receiver: number): number {
    const { words, faultShape, faultWords, registers } = this.#threads;
    const length = Math.min(faultShape[sender]! & FAULT_LENGTH_MASK, FAULT_LANES / WORD_LANES);
    const inRegisters = Math.min(length, MESSAGE_REGISTERS);
    const from = sender * FAULT_LANES;
    copy(faultWords, from, registers, receiver * REGISTER_LANES, inRegisters * WORD_LANES);
    const to = this.#threads.inboxOf(receiver);
    if (length === inRegisters || to === 0) return inRegisters;
    copy(faultWords, from + REGISTER_LANES, words, to + BUFFER_MESSAGE + REGISTER_LANES, beyond(length));
    return length;
  }
  /** The answer to a fault: its words go where the fault's were, for the kernel to write back. */
  answerFault(server: number, faulted: number): void {
    const { words, buffer, faultShape, faultWords, registers, tag } = this.#threads;
    const room = Math.min(faultShape[faulted]! >>> FAULT_ROOM_SHIFT, FAULT_LANES / WORD_LANES);
    const length = Math.min(lengthOf(tag[server]!), room);
    const to = faulted * FAULT_LANES;
    copy(registers, server * REGISTER_LANES, faultWords, to, Math.min(length, MESSAGE_REGISTERS) * WORD_LANES);
    const from = buffer[server]!;
    const arrived = from === 0 ? Math.min(length, MESSAGE_REGISTERS) : length;
    if (arrived > MESSAGE_REGISTERS)
      copy(words, from + BUFFER_MESSAGE + REGISTER_LANES, faultWords, to + REGISTER_LANES, beyond(arrived));
    faultShape[faulted] = (faultShape[faulted]! & ~FAULT_LENGTH_MASK) | arrived;
  }

  /**
   * A capability to the endpoint itself is unwrapped; one other goes to the receiver's slot. The first that can do
   * neither ends it. @returns how many were done.
   */
  #moveCaps(receiver: number, endpoint: number): number {
    const { words } = this.#threads;
    const to = this.#threads.inboxOf(receiver);
    this.#unwrapped = 0;
    if (this.#extraCount === 0 || to === 0) return 0;
    let destination = this.#receiveSlot(receiver, to);
    for (let i = 0; i < this.#extraCount; i++) {
      const slot = this.#extra[i]!;
      if (this.#isFor(slot, endpoint)) {
        words[to + CAPS_OR_BADGES + i * WORD_LANES] = this.#capabilities.badgeOf(slot);
        words[to + CAPS_OR_BADGES + i * WORD_LANES + 1] = 0;
        this.#unwrapped |= 1 << i;
      } else {
        if (destination < 0 || this.#capabilities.deriveInto(destination, slot) < 0) return i;
        destination = -1;
      }
    }
    return this.#extraCount;
  }
  #isFor(slot: number, endpoint: number): boolean {
    const port = this.#capabilities;
    return endpoint !== 0 && port.kindOf(slot) === ENDPOINT && port.objectOf(slot) === endpoint;
  }
  #receiveSlot(receiver: number, buffer: number): number {
    const { words } = this.#threads;
    const root = words[buffer + RECEIVE_ROOT]!;
    return this.#capabilities.receiveSlot(
      receiver,
      root,
      words[buffer + RECEIVE_INDEX]!,
      words[buffer + RECEIVE_DEPTH]!,
    );
  }
}

/** @returns lanes that the words of a message take in the buffer beyond those of the registers. */
const beyond = (length: number): number => (length - MESSAGE_REGISTERS) * WORD_LANES;

function copy(source: Int32Array, from: number, destination: Int32Array, to: number, lanes: number): void {
  if (source === destination && lanes >= BULK_LANES) source.copyWithin(to, from, from + lanes);
  else for (let lane = 0; lane < lanes; lane++) destination[to + lane] = source[from + lane]!;
}
