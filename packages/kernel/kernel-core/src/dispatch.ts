/** Which invocation goes to whom: by the type of the invoked capability. seL4 reference manual 13.0.0 §10.3 "Architecture-Independent Object Methods". */
import {
  type Capabilities,
  labels as capabilityLabels,
  errors,
  type InvocationMessage,
  Invocations,
  objects,
} from '@bulkhead/capabilities';
import type { Decoder } from './decoder.ts';
import type { SchedulingInvocations } from './scheduling-invocations.ts';
import type { TcbInvocations } from './tcb/tcb-invocations.ts';

/** Words of an invocation on slots that have 32 bits in this kernel, by label: a badge or a guard. */
const DATA_WORDS: Int8Array = new Int8Array(16).fill(-1);
DATA_WORDS[capabilityLabels.CNODE_MINT] = 5;
DATA_WORDS[capabilityLabels.CNODE_MUTATE] = 4;
const ROTATE_DATA = [2, 5] as const;
/** Words whose high lane the look-up ignores, as it ignores all bits above the depth; and rights, of which four count. */
const IGNORED_HIGH: readonly (readonly number[])[] = [
  [],
  [2],
  [0],
  [0],
  [0],
  [0, 2, 4],
  [0, 2, 4],
  [0, 2],
  [0, 2],
  [0, 3, 6],
];
const MAX_WORD = 0xffff_ffff;
const SLOT_WORDS_OF_MESSAGE = 8;

export class Dispatch {
  readonly #capabilities: Capabilities;
  readonly #slots: Invocations;
  readonly #decoders: readonly Decoder[];
  readonly #preempt: () => boolean;
  #tcbs: TcbInvocations | undefined;
  #scheduling: SchedulingInvocations | undefined;
  #onTcb: (object: number) => void = () => {};

  constructor(capabilities: Capabilities, workUnits: number, preempt: () => boolean, decoders: readonly Decoder[]) {
    this.#capabilities = capabilities;
    this.#slots = new Invocations({ capabilities, unitsBeforePreemption: workUnits });
    this.#decoders = decoders;
    this.#preempt = preempt;
  }
  /** What needs the system calls to be there. @param onTcb a TCB was made */
  connect(tcbs: TcbInvocations, scheduling: SchedulingInvocations, onTcb: (object: number) => void): void {
    this.#tcbs = tcbs;
    this.#scheduling = scheduling;
    this.#onTcb = onTcb;
  }

  /** @returns 0, PREEMPTED or a negative error. */
  invoke(thread: number, slot: number, label: number, message: InvocationMessage): number {
    switch (this.#capabilities.typeOf(slot)) {
      case objects.UNTYPED:
      case objects.CNODE:
        return this.#onSlots(slot, label, message);
      case objects.TCB:
        return this.#tcbs!.invoke(thread, slot, label, message);
      case objects.SCHED_CONTEXT:
      case objects.SCHED_CONTROL:
      case objects.DOMAIN:
        return this.#scheduling!.invoke(thread, slot, label, message);
      case objects.NULL:
        return this.#capabilities.details.invalidCapability(0);
      default:
        return this.#byDecoder(slot, label, message);
    }
  }

  #byDecoder(slot: number, label: number, message: InvocationMessage): number {
    const type = this.#capabilities.typeOf(slot);
    for (const decoder of this.#decoders) {
      const [first, last] = decoder.labels;
      if (label >= first && label <= last && decoder.types.includes(type)) return decoder.invoke(slot, label, message);
    }
    return errors.ILLEGAL_OPERATION;
  }

  /** Goes on until it is done, or somebody else must have the processor. */
  #onSlots(slot: number, label: number, message: InvocationMessage): number {
    const invocation = this.#slots;
    if (!this.#load(slot, label, message)) return this.#capabilities.details.range(0, MAX_WORD);
    for (;;) {
      const answer = invocation.invoke(slot, label);
      if (answer === errors.INVALID_CAPABILITY) return this.#capabilities.details.invalidCapability(0);
      if (answer === 0 && label === capabilityLabels.UNTYPED_RETYPE) this.#made(slot);
      if (answer !== errors.PREEMPTED || this.#preempt()) return answer;
    }
  }
  /** New capabilities stand directly behind their untyped's. */
  #made(untyped: number): void {
    const { message } = this.#slots;
    if (message[0] !== objects.TCB) return;
    let slot = untyped;
    for (let left = message[5]!; left > 0; left--) {
      slot = this.#capabilities.nextOf(slot);
      this.#onTcb(this.#capabilities.objectOf(slot));
    }
  }
  /** @returns false when a badge or a guard does not fit: refused after label and length, before any look-up. */
  #load(slot: number, label: number, { low, high, length, extras, extraCount }: InvocationMessage): boolean {
    const { message } = this.#slots;
    const ignored = IGNORED_HIGH[label] ?? [];
    for (let i = 0; i < SLOT_WORDS_OF_MESSAGE; i++)
      message[i] = i >= length || high[i] === 0 || ignored.includes(i) ? low[i]! : -1;
    this.#slots.length = length;
    this.#slots.extraCount = extraCount;
    this.#slots.extras[0] = extras[0]!;
    this.#slots.extras[1] = extras[1]!;
    if (this.#capabilities.typeOf(slot) !== objects.CNODE) return true;
    if (label === capabilityLabels.CNODE_ROTATE && length >= SLOT_WORDS_OF_MESSAGE && extraCount >= 2)
      return ROTATE_DATA.every((i) => high[i] === 0);
    const data = DATA_WORDS[label] ?? -1;
    return data < 0 || length <= data || extraCount === 0 || high[data] === 0;
  }
}
