/**
 * Faults as messages: a thread that faults calls its handler, whose capability is in its TCB, and the answer restarts
 * it. seL4 reference manual 13.0.0 §6.2 "Faults", §6.1 "Timeout Exceptions".
 */
import { type Capabilities, errors, objects } from '@bulkhead/capabilities';
import { blocking, outcomes, rights, type SystemCalls } from '@bulkhead/ipc';
import type { Scheduler } from '@bulkhead/scheduler';
import { explainLookup } from './explain.ts';
import * as fault from './fault-types.ts';
import { Answer } from './message.ts';
import * as tcb from './tcb-layout.ts';
import type { Tcbs } from './tcbs.ts';

/** UNKNOWN_SYSCALL: pc, sp and ra, then a0 … a6. */
const SYSCALL_REGISTERS: readonly number[] = [tcb.PC, tcb.SP, tcb.RA, ...[0, 1, 2, 3, 4, 5, 6].map((i) => tcb.A0 + i)];
const EXCEPTION_REGISTERS: readonly number[] = [tcb.PC, tcb.SP];
const NO_REGISTERS: readonly number[] = [];
/** Of a fault's shape: how many words came with its answer. */
const LENGTH_MASK = 0xff;
/** As TCB_WriteRegisters has them. */
const ALL_REGISTERS: readonly number[] = Array.from({ length: tcb.REGISTER_COUNT }, (_, register) => register);

export class Faults {
  readonly #capabilities: Capabilities;
  readonly #calls: SystemCalls;
  readonly #scheduler: Scheduler;
  readonly #tcbs: Tcbs;
  readonly #words: Answer = new Answer();

  constructor(capabilities: Capabilities, calls: SystemCalls, scheduler: Scheduler, tcbs: Tcbs) {
    this.#capabilities = capabilities;
    this.#calls = calls;
    this.#scheduler = scheduler;
    this.#tcbs = tcbs;
  }

  /** What the last system call of a thread says in `calls.fault`. */
  capability(thread: number): number {
    const { pointer, inReceive, byLookup } = this.#calls.fault;
    const { details } = this.#capabilities;
    const words = this.#begin(thread, tcb.PC);
    words.add(pointer, 0);
    words.addNumber(inReceive ? 1 : 0);
    if (!byLookup) details.lookup(errors.MISSING_CAPABILITY, 0, 0, 0);
    explainLookup(details, words);
    return this.#raise(thread, fault.CAP_FAULT, tcb.FAULT_HANDLER_SLOT, false);
  }
  virtualMemory(thread: number, low: number, high: number, isInstruction: boolean, fsr: number): number {
    const words = this.#begin(thread, tcb.PC);
    words.add(low, high);
    words.addNumber(isInstruction ? 1 : 0);
    words.addNumber(fsr);
    return this.#raise(thread, fault.VM_FAULT, tcb.FAULT_HANDLER_SLOT, false);
  }
  unknownSystemCall(thread: number, low: number, high: number): number {
    this.#tcbs.trapped[thread] = 1;
    this.#tcbs.save(thread);
    this.#beginWith(thread, SYSCALL_REGISTERS);
    this.#words.add(low, high);
    return this.#raise(thread, fault.UNKNOWN_SYSCALL, tcb.FAULT_HANDLER_SLOT, true);
  }
  userException(thread: number, number: number, code: number): number {
    this.#beginWith(thread, EXCEPTION_REGISTERS);
    this.#words.addNumber(number);
    this.#words.addNumber(code);
    return this.#raise(thread, fault.USER_EXCEPTION, tcb.FAULT_HANDLER_SLOT, true);
  }
  debugException(thread: number, reason: number, low: number, high: number, breakpoint: number): number {
    const words = this.#begin(thread, tcb.PC);
    words.addNumber(reason);
    words.add(low, high);
    words.addNumber(breakpoint);
    return this.#raise(thread, fault.DEBUG_EXCEPTION, tcb.FAULT_HANDLER_SLOT, false);
  }
  /** The scheduler has blocked the thread, which has no time. */
  timeout(thread: number): number {
    const { contexts, threads } = this.#scheduler;
    const sc = threads.context[thread]!;
    const words = this.#words;
    words.length = 0;
    words.add(contexts.badgeOf(sc), 0);
    words.addNumber(contexts.takeConsumed(sc));
    return this.#raise(thread, fault.TIMEOUT, tcb.TIMEOUT_HANDLER_SLOT, true);
  }

  /** The registers that came with an answer are the thread's: as many as there are words. */
  writeBack(thread: number, label: number): void {
    const registers = registersOf(label);
    const { faultShape, faultWords } = this.#calls.threads;
    const count = Math.min(registers.length, faultShape[thread]! & LENGTH_MASK);
    const from = thread * blocking.FAULT_LANES;
    const isTimeout = label === fault.TIMEOUT && count > 0;
    if (isTimeout) this.#tcbs.save(thread);
    for (let i = 0; i < count; i++)
      this.#tcbs.set(thread, registers[i]!, faultWords[from + 2 * i]!, faultWords[from + 2 * i + 1]!);
    if (label !== fault.UNKNOWN_SYSCALL && !isTimeout) return;
    this.#tcbs.load(thread);
    this.#tcbs.trapped[thread] = 0;
  }

  #begin(thread: number, register: number): Answer {
    this.#words.length = 0;
    this.#words.add(this.#tcbs.low(thread, register), this.#tcbs.high(thread, register));
    return this.#words;
  }
  #beginWith(thread: number, registers: readonly number[]): void {
    this.#words.length = 0;
    for (const register of registers)
      this.#words.add(this.#tcbs.low(thread, register), this.#tcbs.high(thread, register));
  }
  /** @returns BLOCKED or RECORD_CORRUPTED. */
  #raise(thread: number, label: number, handler: number, obeysLabel: boolean): number {
    const { threads } = this.#calls;
    const words = this.#words;
    const to = thread * blocking.FAULT_LANES;
    for (let i = 0; i < words.length; i++) {
      threads.faultWords[to + 2 * i] = words.low[i]!;
      threads.faultWords[to + 2 * i + 1] = words.high[i]!;
    }
    if (threads.state[thread] !== blocking.RUNNING) return outcomes.BLOCKED;
    const answerWords = registersOf(label).length;
    return this.#calls.raise(thread, this.#tcbs.wordOf(thread) + handler, label, words.length, obeysLabel, answerWords);
  }
}

function registersOf(label: number): readonly number[] {
  if (label === fault.UNKNOWN_SYSCALL) return SYSCALL_REGISTERS;
  if (label === fault.TIMEOUT) return ALL_REGISTERS;
  return label === fault.USER_EXCEPTION ? EXCEPTION_REGISTERS : NO_REGISTERS;
}

/** @returns whether a capability may be a thread's fault handler: none, or an endpoint to call. */
export function isHandler(capabilities: Capabilities, slot: number): boolean {
  const type = capabilities.typeOf(slot);
  if (type === objects.NULL) return true;
  const held = capabilities.rightsOf(slot);
  return type === objects.ENDPOINT && (held & rights.WRITE) !== 0 && (held & (rights.GRANT | rights.GRANT_REPLY)) !== 0;
}
