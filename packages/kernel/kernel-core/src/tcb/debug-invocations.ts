/**
 * TCB_SetBreakpoint, GetBreakpoint, UnsetBreakpoint, ConfigureSingleStepping. seL4 reference manual 13.0.0 §10.3,
 * §6.2.4 "Debug Exception: Breakpoints and Watchpoints".
 *
 * CHOICE: the manual has these for x86 and Arm only. Here a thread has four triggers, each for instructions or data, as
 * RISC-V's Sdtrig gives them, in its TCB. Whoever runs the thread heeds them; programs do not.
 */
import { type Capabilities, errors, type InvocationMessage } from '@bulkhead/capabilities';
import * as labels from '../labels.ts';
import * as tcb from '../tcb-layout.ts';
import type { Tcbs } from '../tcbs.ts';

const INSTRUCTION = 0;
const DATA = 1;
const READ = 0;
const READ_WRITE = 2;
const MAX_SIZE = 8;
/* Positions of arguments. */
const NUMBER = 0;
const ADDRESS = 1;
const TYPE = 2;
const SIZE = 3;
const ACCESS = 4;

export class DebugInvocations {
  readonly #capabilities: Capabilities;
  readonly #tcbs: Tcbs;

  constructor(capabilities: Capabilities, tcbs: Tcbs) {
    this.#capabilities = capabilities;
    this.#tcbs = tcbs;
  }

  /** All of them first: the number is out of range, RANGE_ERROR. */
  invoke(thread: number, label: number, message: InvocationMessage): number {
    const number = small(message, NUMBER);
    if (!(number >= 0 && number < tcb.BREAKPOINT_COUNT))
      return this.#capabilities.details.range(0, tcb.BREAKPOINT_COUNT - 1);
    const at = this.#tcbs.wordOf(thread) + tcb.BREAKPOINTS + number * tcb.BREAKPOINT_WORDS;
    switch (label) {
      case labels.TCB_SET_BREAKPOINT:
        return this.#set(at, message);
      case labels.TCB_GET_BREAKPOINT:
        return this.#get(at, message);
      case labels.TCB_UNSET_BREAKPOINT:
        this.#tcbs.words[at + tcb.BREAKPOINT_ENABLED] = 0;
        return 0;
      default:
        return this.#step(thread, number, message);
    }
  }

  /** Type, INVALID_ARGUMENT 2; size, 3; access, 4; then ALIGNMENT_ERROR. */
  #set(at: number, message: InvocationMessage): number {
    const { details } = this.#capabilities;
    const { low, high } = message;
    const type = small(message, TYPE);
    const size = small(message, SIZE);
    const access = small(message, ACCESS);
    if (type !== INSTRUCTION && type !== DATA) return details.invalidArgument(TYPE);
    if (!isSizeOf(type, size)) return details.invalidArgument(SIZE);
    if (!(access >= READ && access <= (type === INSTRUCTION ? READ : READ_WRITE)))
      return details.invalidArgument(ACCESS);
    if (size !== 0 && (low[ADDRESS]! & (size - 1)) !== 0) return errors.ALIGNMENT_ERROR;
    const { words } = this.#tcbs;
    words[at + tcb.BREAKPOINT_ADDRESS] = low[ADDRESS]!;
    words[at + tcb.BREAKPOINT_ADDRESS + 1] = high[ADDRESS]!;
    words[at + tcb.BREAKPOINT_TYPE] = type;
    words[at + tcb.BREAKPOINT_SIZE] = size;
    words[at + tcb.BREAKPOINT_ACCESS] = access;
    words[at + tcb.BREAKPOINT_ENABLED] = 1;
    return 0;
  }
  #get(at: number, { answer }: InvocationMessage): number {
    const { words } = this.#tcbs;
    answer.low[0] = words[at + tcb.BREAKPOINT_ADDRESS]!;
    answer.high[0] = words[at + tcb.BREAKPOINT_ADDRESS + 1]!;
    for (let i = 1; i <= tcb.BREAKPOINT_ENABLED - 1; i++) {
      answer.low[i] = words[at + i + 1]!;
      answer.high[i] = 0;
    }
    answer.length = tcb.BREAKPOINT_ENABLED;
    return 0;
  }
  /** The hardware steps without a breakpoint: none is used. */
  #step(thread: number, number: number, { low, answer }: InvocationMessage): number {
    const at = this.#tcbs.wordOf(thread);
    this.#tcbs.words[at + tcb.STEP_COUNT] = low[1]!;
    this.#tcbs.words[at + tcb.STEP_BREAKPOINT] = number + 1;
    answer.low[0] = 0;
    answer.high[0] = 0;
    answer.length = 1;
    return 0;
  }
}

const small = ({ low, high }: InvocationMessage, index: number): number => (high[index] === 0 ? low[index]! : -1);
/** Instructions have no size; data has a power of two. */
const isSizeOf = (type: number, size: number): boolean =>
  type === INSTRUCTION ? size === 0 : size > 0 && size <= MAX_SIZE && (size & (size - 1)) === 0;
