/** A kernel in a little memory, with an initial thread whose program makes the others. */
import { labels as capabilityLabels, errors, objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import {
  type BootInfo,
  type BootOptions,
  bootSlots,
  KernelCore,
  type KernelCoreOptions,
  labels,
  type Program,
  Programs,
  type ProgramsOptions,
  systemCalls,
  tcbLayout,
} from '../src/index.ts';

export const NAMES: readonly string[] = errors.NAMES;
export const PAGE_WORDS = 1024;

export function memoryOf(pages: number, basePage = 0x80000): PhysicalMemoryPort {
  const words = new Int32Array(pages * PAGE_WORDS);
  return {
    basePage,
    pageCount: pages,
    words,
    bytes: new Uint8Array(words.buffer),
    holdsPage: (page) => page >= basePage && page < basePage + pages,
    word: (page, index) => words[(page - basePage) * PAGE_WORDS + index]!,
    setWord: (page, index, value) => {
      words[(page - basePage) * PAGE_WORDS + index] = value;
    },
  };
}

export interface WorldOptions {
  readonly pages?: number;
  readonly kernel?: Partial<KernelCoreOptions>;
  readonly boot?: BootOptions;
  readonly programs?: readonly (Program | undefined)[];
  readonly run?: Partial<ProgramsOptions>;
}

/** The slots from 64 on are free; what a world makes goes there. */
export class World {
  readonly kernel: KernelCore;
  readonly info: BootInfo;
  readonly programs: Programs;
  #nextSlot = 64;
  /** The largest untyped's slot. */
  readonly untyped: number;

  constructor({ pages = 128, kernel = {}, boot = {}, programs = [], run = {} }: WorldOptions = {}) {
    this.kernel = new KernelCore({
      memory: memoryOf(pages),
      ...kernel,
    });
    this.info = this.kernel.boot({ cnodeRadix: 8, ...boot });
    this.programs = new Programs({ kernel: this.kernel, programs, ...run });
    const sizes = this.info.untypedList.map(({ sizeBits, isDevice }) => (isDevice ? 0 : sizeBits));
    this.untyped = this.info.untyped.start + sizes.indexOf(Math.max(...sizes));
  }

  get words(): Int32Array {
    return this.kernel.capabilities.words;
  }
  /** The index of a slot of the initial CNode. */
  slot(index: number): number {
    return this.info.firstSlot + index * 8;
  }
  thread(index: number): number {
    return this.kernel.tcbs.threadOf(this.kernel.capabilities, this.slot(index));
  }

  /** By whoever runs: an invocation by Call. @returns the error's number, 0 for none. */
  invoke(
    pointer: number,
    label: number,
    words: readonly (number | readonly [number, number])[] = [],
    extras: readonly number[] = [],
  ): number {
    const { kernel } = this;
    const thread = kernel.current;
    const { threads } = kernel;
    const buffer = threads.buffer[thread]!;
    words.forEach((word, i) => {
      const [low, high] = typeof word === 'number' ? [word, 0] : word;
      const at = i < 4 ? thread * 8 + i * 2 : buffer + message.BUFFER_MESSAGE + i * 2;
      const target = i < 4 ? threads.registers : threads.words;
      target[at] = low!;
      target[at + 1] = high!;
    });
    extras.forEach((pointerOf, i) => {
      threads.words[buffer + message.CAPS_OR_BADGES + i * 2] = pointerOf;
    });
    threads.tag[thread] = message.messageTag(label, 0, extras.length, words.length);
    kernel.systemCall(systemCalls.CALL, pointer, 0, 0);
    return message.labelOf(threads.tag[thread]!);
  }
  /** A word of the answer to the thread. */
  answer(index: number, thread: number = this.info.thread): number {
    const { threads } = this.kernel;
    if (index < 4) return threads.registers[thread * 8 + index * 2]!;
    return threads.words[threads.buffer[thread]! + message.BUFFER_MESSAGE + index * 2]!;
  }

  /** Retypes into the next free slot. @returns it */
  make(type: number, sizeBits = 0): number {
    const index = this.#nextSlot++;
    const error = this.invoke(
      this.untyped,
      capabilityLabels.UNTYPED_RETYPE,
      [type, sizeBits, 0, 0, index, 1],
      [bootSlots.CNODE],
    );
    if (error !== 0) throw new Error(`retype: ${NAMES[error]}`);
    return index;
  }
  nextSlot(): number {
    return this.#nextSlot++;
  }
  mint(source: number, rights: number, badge: number): number {
    const index = this.#nextSlot++;
    this.must(bootSlots.CNODE, capabilityLabels.CNODE_MINT, [index, 32, source, 32, rights, badge], [bootSlots.CNODE]);
    return index;
  }
  must(
    pointer: number,
    label: number,
    words: readonly (number | readonly [number, number])[] = [],
    extras: readonly number[] = [],
  ): void {
    const error = this.invoke(pointer, label, words, extras);
    if (error !== 0) throw new Error(`label ${label}: ${NAMES[error]}`);
  }

  /**
   * A thread that shares the initial one's space, with a buffer of its own.
   * @param program -1: it is not started
   * @param budget 0: passive
   * @returns the slot of its TCB
   */
  makeThread(
    options: {
      program?: number;
      priority?: number;
      budget?: number;
      period?: number;
      faultEndpoint?: number;
      flags?: number;
      badge?: number;
    } = {},
  ): number {
    const { program = -1, priority = 100, budget = 1000, period = budget, faultEndpoint = 0, badge = 0 } = options;
    const thread = this.make(objects.TCB);
    const frame = this.make(objects.FRAME, 12);
    const guard = 32 - this.info.cnodeRadix;
    this.must(thread, labels.TCB_CONFIGURE, [guard, 0, 0x4000_0000], [bootSlots.CNODE, bootSlots.VSPACE, frame]);
    let sc = 0;
    if (budget > 0) {
      sc = this.make(objects.SCHED_CONTEXT, 8);
      this.must(
        bootSlots.SCHED_CONTROL,
        labels.SCHED_CONTROL_CONFIGURE_FLAGS,
        [budget, period, 0, badge, options.flags ?? 0],
        [sc],
      );
    }
    this.must(thread, labels.TCB_SET_SCHED_PARAMS, [priority, priority], [bootSlots.TCB, sc, faultEndpoint]);
    if (program >= 0) this.start(thread, program);
    return thread;
  }
  start(thread: number, program: number): void {
    this.must(thread, labels.TCB_WRITE_REGISTERS, [1, 1, [program, 0]]);
  }
  /** The initial thread stops itself: the others run. */
  step(time: number): void {
    this.programs.run(this.kernel.scheduler.now + time);
  }
  wake(): void {
    this.kernel.control.resume(this.info.thread);
    this.kernel.reschedule();
  }
  /** Takes a thread's scheduling context: it runs on those of its callers. */
  makePassive(tcb: number): void {
    this.must(
      tcb,
      labels.TCB_SET_SCHED_PARAMS,
      [100, this.kernel.threads.priority[this.thread(tcb)]!],
      [bootSlots.TCB, 0, 0],
    );
  }
  rest(): void {
    this.invoke(bootSlots.TCB, labels.TCB_SUSPEND);
  }
}
export { tcbLayout };
