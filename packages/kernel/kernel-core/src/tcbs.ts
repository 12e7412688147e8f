/**
 * Threads by number. A thread's number is the place of its TCB in the lent memory, so no number is ever allocated, and
 * whoever holds memory for a TCB can always have its thread. Number 0, the first TCB of the memory, is nobody's.
 *
 * What a thread has in its argument registers (a1 … a5: tag and message) is kept in `BlockedThreads`, where messages
 * move; all other registers are in the TCB.
 */
import type { Capabilities } from '@bulkhead/capabilities';
import { type BlockedThreads, blocking } from '@bulkhead/ipc';
import * as tcb from './tcb-layout.ts';

const REGISTER_LANES = 8;

export class Tcbs {
  readonly words: Int32Array;
  readonly threads: BlockedThreads;
  /** 1: the thread is in a system call that is not done. */
  readonly trapped: Uint8Array;
  /** 1: the thread yielded to a scheduling context, and its answer is to come. */
  readonly yielding: Uint8Array;
  /** How often there was a thread in this place. */
  readonly incarnation: Int32Array;
  readonly #baseGranule: number;
  readonly #instructionLow: number;
  readonly #instructionHigh: number;

  /** @param instruction what is added to pc when a system call is done: its low and its high lane */
  constructor(threads: BlockedThreads, baseGranule: number, instruction: readonly [number, number]) {
    this.words = threads.words;
    this.threads = threads;
    this.#baseGranule = baseGranule;
    [this.#instructionLow, this.#instructionHigh] = instruction;
    this.trapped = new Uint8Array(threads.threadCount);
    this.yielding = new Uint8Array(threads.threadCount);
    this.incarnation = new Int32Array(threads.threadCount);
    threads.state.fill(blocking.INACTIVE);
  }

  /** @returns the thread of a TCB, or -1 when no TCB can be there. */
  threadAt(granule: number): number {
    const thread = (granule - this.#baseGranule) / tcb.TCB_GRANULES;
    return Number.isInteger(thread) && thread > 0 && thread < this.threads.threadCount ? thread : -1;
  }
  /** @returns the thread that a TCB's capability names, or -1. */
  threadOf(capabilities: Capabilities, slot: number): number {
    return this.threadAt(capabilities.objectOf(slot));
  }
  granuleOf(thread: number): number {
    return this.#baseGranule + thread * tcb.TCB_GRANULES;
  }
  wordOf(thread: number): number {
    return thread * tcb.TCB_WORDS;
  }
  /** @returns the thread in whose TCB a slot would be the one at `offset`, or -1. */
  ownerOf(slot: number, offset: number): number {
    return slot % tcb.TCB_WORDS === offset ? Math.floor(slot / tcb.TCB_WORDS) : -1;
  }

  /* Registers. */

  /** The first lane of a register. */
  laneOf(thread: number, register: number): number {
    return thread * tcb.TCB_WORDS + tcb.CONTEXT + register * 2;
  }
  low(thread: number, register: number): number {
    return this.words[this.laneOf(thread, register)]!;
  }
  high(thread: number, register: number): number {
    return this.words[this.laneOf(thread, register) + 1]!;
  }
  set(thread: number, register: number, low: number, high: number): void {
    const lane = this.laneOf(thread, register);
    this.words[lane] = low;
    this.words[lane + 1] = high;
  }

  /** A system call begins: whoever runs it again finds its arguments here. */
  enter(thread: number, number: number, pointer: number, reply: number, destination: number): void {
    const { words } = this;
    const lane = this.laneOf(thread, tcb.A0);
    words[lane] = pointer;
    words[lane + 2 * (tcb.A6 - tcb.A0)] = reply;
    words[lane + 2 * (tcb.A7 - tcb.A0)] = number;
    words[lane + 2 * (tcb.T0 - tcb.A0)] = destination;
    this.trapped[thread] = 1;
  }
  /** A thread's system call is done: it goes on behind it. Nothing happens when it is in none. */
  complete(thread: number): void {
    if (this.trapped[thread] === 0) return;
    this.trapped[thread] = 0;
    const lane = this.laneOf(thread, tcb.PC);
    this.words[lane] = (this.words[lane]! + this.#instructionLow) | 0;
    if (this.#instructionHigh === 0) this.#carry(lane);
    else this.words[lane + 1] = (this.words[lane + 1]! + this.#instructionHigh) | 0;
  }
  #carry(lane: number): void {
    if (this.words[lane]! >>> 0 < this.#instructionLow) this.words[lane + 1] = (this.words[lane + 1]! + 1) | 0;
  }

  /**
   * Writes tag and message to a1 … a5; and the badge to a0, which holds it once a receive is done. Whoever has a hart
   * saves before a thread goes on, and loads when it was interrupted: in between the hart has the registers.
   */
  save(thread: number): void {
    const { tag, badge, registers } = this.threads;
    if (this.trapped[thread] === 0) this.set(thread, tcb.A0, badge[thread]!, 0);
    this.set(thread, tcb.A1, tag[thread]!, 0);
    const to = this.laneOf(thread, tcb.A2);
    for (let lane = 0; lane < REGISTER_LANES; lane++)
      this.words[to + lane] = registers[thread * REGISTER_LANES + lane]!;
  }
  /** Takes them from there, after somebody wrote them. */
  load(thread: number): void {
    const { tag, badge, registers } = this.threads;
    badge[thread] = this.low(thread, tcb.A0);
    tag[thread] = this.low(thread, tcb.A1);
    const from = this.laneOf(thread, tcb.A2);
    for (let lane = 0; lane < REGISTER_LANES; lane++)
      registers[thread * REGISTER_LANES + lane] = this.words[from + lane]!;
  }
  /** The thread's place is free: nothing of it is left for the next. */
  clear(thread: number): void {
    const { threads } = this;
    threads.state[thread] = blocking.INACTIVE;
    threads.priority[thread] = 0;
    threads.badge[thread] = 0;
    threads.sendBadge[thread] = 0;
    threads.sending[thread] = 0;
    threads.tag[thread] = 0;
    threads.buffer[thread] = 0;
    threads.bufferReadOnly[thread] = 0;
    threads.registers.fill(0, thread * REGISTER_LANES, (thread + 1) * REGISTER_LANES);
    threads.faultWords.fill(0, thread * blocking.FAULT_LANES, (thread + 1) * blocking.FAULT_LANES);
    this.trapped[thread] = 0;
    this.yielding[thread] = 0;
    this.incarnation[thread]!++;
  }
}
