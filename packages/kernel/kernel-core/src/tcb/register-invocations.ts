/**
 * The registers of threads: TCB_ReadRegisters, WriteRegisters, CopyRegisters, SetTLSBase, SetFlags. seL4 reference
 * manual 13.0.0 §10.3. Registers are counted in the order of the user context: pc first.
 */
import { type Capabilities, errors, type InvocationMessage, objects } from '@bulkhead/capabilities';
import * as tcb from '../tcb-layout.ts';
import type { Tcbs } from '../tcbs.ts';
import type { ThreadControl } from '../thread-control.ts';

const SUSPEND_SOURCE = 1;
const RESUME = 1;
const COPY_RESUME = 2;
const COPY_FRAME = 4;
const COPY_INTEGER = 8;
/** The first two words of ReadRegisters and WriteRegisters are flags and count. */
const FIRST_REGISTER = 2;
/** Bit 0: no floating-point unit. */
const FLAG_MASK = 1;

/** The frame is pc … s11, the others a0 … tp (not checked against the document). */
const isFrame = (register: number): boolean => register < tcb.A0;

export class RegisterInvocations {
  readonly #capabilities: Capabilities;
  readonly #tcbs: Tcbs;
  readonly #control: ThreadControl;

  constructor(capabilities: Capabilities, tcbs: Tcbs, control: ThreadControl) {
    this.#capabilities = capabilities;
    this.#tcbs = tcbs;
    this.#control = control;
  }

  /** The count is out of range: RANGE_ERROR; the caller itself: ILLEGAL_OPERATION. */
  read(caller: number, thread: number, { low, high, answer }: InvocationMessage): number {
    const count = high[1] === 0 ? low[1]! : 0;
    if (count < 1 || count > tcb.REGISTER_COUNT) return this.#capabilities.details.range(1, tcb.REGISTER_COUNT);
    if (thread === caller) return errors.ILLEGAL_OPERATION;
    if ((low[0]! & SUSPEND_SOURCE) !== 0) this.#control.suspend(thread);
    this.#tcbs.save(thread);
    for (let i = 0; i < count; i++) {
      answer.low[i] = this.#tcbs.low(thread, i);
      answer.high[i] = this.#tcbs.high(thread, i);
    }
    answer.length = count;
    return 0;
  }

  /** Fewer registers than the count says: TRUNCATED_MESSAGE; the caller itself: ILLEGAL_OPERATION. More than there are are ignored. */
  write(caller: number, thread: number, { low, high, length }: InvocationMessage): number {
    const fits = high[1] === 0 && low[1]! >= 0 && low[1]! <= length - FIRST_REGISTER;
    if (!fits) return errors.TRUNCATED_MESSAGE;
    if (thread === caller) return errors.ILLEGAL_OPERATION;
    const count = Math.min(low[1]!, tcb.REGISTER_COUNT);
    this.#tcbs.save(thread);
    for (let i = 0; i < count; i++) this.#tcbs.set(thread, i, low[FIRST_REGISTER + i]!, high[FIRST_REGISTER + i]!);
    this.#tcbs.load(thread);
    if (count > 0) this.#tcbs.trapped[thread] = 0;
    if ((low[0]! & RESUME) !== 0) this.#control.resume(thread);
    return 0;
  }

  /** The source is no thread: INVALID_CAPABILITY(1). */
  copy(thread: number, { low, extras }: InvocationMessage): number {
    const capabilities = this.#capabilities;
    const isThread = capabilities.typeOf(extras[0]!) === objects.TCB && !capabilities.isZombie(extras[0]!);
    if (!isThread) return capabilities.details.invalidCapability(1);
    const source = this.#tcbs.threadOf(capabilities, extras[0]!);
    if (source < 0) return errors.CORRUPTED;
    const flags = low[0]!;
    if ((flags & SUSPEND_SOURCE) !== 0) this.#control.suspend(source);
    this.#copy(source, thread, flags);
    if ((flags & COPY_RESUME) !== 0) this.#control.resume(thread);
    return 0;
  }
  #copy(source: number, thread: number, flags: number): void {
    if ((flags & (COPY_FRAME | COPY_INTEGER)) === 0) return;
    this.#tcbs.save(source);
    this.#tcbs.save(thread);
    for (let register = 0; register < tcb.REGISTER_COUNT; register++) {
      if ((flags & (isFrame(register) ? COPY_FRAME : COPY_INTEGER)) === 0) continue;
      this.#tcbs.set(thread, register, this.#tcbs.low(source, register), this.#tcbs.high(source, register));
    }
    this.#tcbs.load(thread);
    if ((flags & COPY_FRAME) !== 0 && source !== thread) this.#tcbs.trapped[thread] = 0;
  }

  setTlsBase(thread: number, { low, high }: InvocationMessage): number {
    this.#tcbs.set(thread, tcb.TP, low[0]!, high[0]!);
    return 0;
  }
  /** Answers with the flags as they are then. Bits that mean nothing stay 0. */
  setFlags(thread: number, { low, answer }: InvocationMessage): number {
    const { words } = this.#tcbs;
    const at = this.#tcbs.wordOf(thread) + tcb.FLAGS;
    words[at] = (words[at]! & ~low[0]!) | (low[1]! & FLAG_MASK);
    answer.low[0] = words[at]!;
    answer.high[0] = 0;
    answer.length = 1;
    return 0;
  }
}
