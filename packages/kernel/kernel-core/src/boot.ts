/**
 * Boot: all memory, capabilities to everything there is, and one thread that holds them. seL4 reference manual 13.0.0
 * §9 "System Bootstrapping", §9.1 "Initial Thread's Environment". The memory is then divided for good: whatever is not
 * in the initial objects is untyped memory in the initial thread's hands, and the kernel keeps the reserved pages only.
 *
 * CHOICE: capabilities for what RISC-V has not (I/O ports, SMMU, SMC) leave their slots empty.
 */
import { type Capabilities, objects, SLOT_WORDS } from '@bulkhead/capabilities';
import { invariant } from '@bulkhead/result';
import { type BootInfo, MAX_UNTYPEDS, type UntypedDescription, writeBootInfo } from './boot-info.ts';
import { BootMemory } from './boot-memory.ts';
import * as slots from './boot-slots.ts';
import type { KernelCore } from './kernel-core.ts';
import { makeThread } from './thread-making.ts';

const PAGE_BITS = 12;
const PAGE_BYTES = 4096;
const TCB_BITS = 11;
const MAX_PRIORITY = 255;
const POINTER_BITS = 32;

export interface BootOptions {
  /** Pages at the start of the memory that stay the kernel's. @defaultValue 1 */
  readonly reservedPages?: number;
  /** The initial CNode has 2^radix slots. @defaultValue 12 */
  readonly cnodeRadix?: number;
  /** Memory of devices, which only frames and untypeds are made of. */
  readonly devices?: readonly { readonly page: number; readonly sizeBits: number }[];
  /** Pages of the initial thread's image, for which it gets frames. @defaultValue 0 */
  readonly imagePages?: number;
  /** Where it begins: low and high lane. A program's number, or an address. @defaultValue [0, 0] */
  readonly pc?: readonly [number, number];
  /** @defaultValue 255 */
  readonly priority?: number;
  /** Its time slice. @defaultValue 5000 */
  readonly timeSlice?: number;
  /** Bits of its scheduling context. @defaultValue 8 */
  readonly schedContextBits?: number;
  /** Where its IPC buffer and its boot info are in its address space: pages. @defaultValue 0x10000 and the next */
  readonly bufferPage?: number;
  /**
   * Gives the root page table an ASID, and maps what the thread needs. Before the thread is made.
   * @defaultValue the root counts as assigned, with ASID 1, and nothing is mapped
   */
  readonly makeAddressSpace?: (place: AddressSpacePlace) => void;
}
export interface AddressSpacePlace {
  readonly rootSlot: number;
  readonly poolSlot: number;
  readonly bufferSlot: number;
  readonly bootInfoSlot: number;
  readonly bufferPage: number;
  /** The first frame of the image, and how many follow. */
  readonly imageSlot: number;
  readonly imagePages: number;
}

export function boot(kernel: KernelCore, options: BootOptions = {}): BootInfo {
  return new Boot(kernel, options).run();
}

class Boot {
  readonly #kernel: KernelCore;
  readonly #capabilities: Capabilities;
  readonly #options: BootOptions;
  readonly #memory: BootMemory;
  readonly #radix: number;
  readonly #firstSlot: number;
  readonly #bufferPage: number;
  #next: number = slots.FIRST_FREE;

  constructor(kernel: KernelCore, options: BootOptions) {
    this.#kernel = kernel;
    this.#capabilities = kernel.capabilities;
    this.#options = options;
    this.#radix = options.cnodeRadix ?? 12;
    this.#bufferPage = options.bufferPage ?? 0x1_0000;
    this.#memory = new BootMemory(kernel.memory, options.reservedPages ?? 1);
    const cnode = this.#memory.take(this.#radix + 5);
    this.#firstSlot = this.#capabilities.wordOfGranule(cnode);
    this.#capabilities.install(this.#slot(slots.CNODE), objects.CNODE, cnode, this.#radix);
    this.#capabilities.installGuard(this.#slot(slots.CNODE), 0, POINTER_BITS - this.#radix);
  }

  run(): BootInfo {
    this.#install(slots.IPC_BUFFER, objects.FRAME, PAGE_BITS);
    const info = this.#install(slots.BOOT_INFO_FRAME, objects.FRAME, PAGE_BITS);
    const image = this.#frames(this.#options.imagePages ?? 0);
    this.#install(slots.TCB, objects.TCB, 0, TCB_BITS);
    this.#installControls();
    const { makeAddressSpace = ({ rootSlot }) => this.#capabilities.setMapping(rootSlot, 1, 0) } = this.#options;
    makeAddressSpace({
      rootSlot: this.#slot(slots.VSPACE),
      poolSlot: this.#slot(slots.ASID_POOL),
      bufferSlot: this.#slot(slots.IPC_BUFFER),
      bootInfoSlot: this.#slot(slots.BOOT_INFO_FRAME),
      bufferPage: this.#bufferPage,
      imageSlot: this.#slot(image.start),
      imagePages: image.end - image.start,
    });
    const untypeds = this.#untypeds();
    const number = this.#makeThread();
    const bootInfo = this.#describe(number, image, untypeds);
    writeBootInfo(this.#capabilities.words, this.#capabilities.wordOfGranule(info), bootInfo);
    return bootInfo;
  }

  #installControls(): void {
    const { schedContextBits = 8 } = this.#options;
    this.#install(slots.VSPACE, objects.PAGE_TABLE, 0, PAGE_BITS);
    this.#install(slots.ASID_POOL, objects.ASID_POOL, 0, PAGE_BITS);
    this.#install(slots.SCHED_CONTEXT, objects.SCHED_CONTEXT, schedContextBits);
    this.#control(slots.IRQ_CONTROL, objects.IRQ_CONTROL);
    this.#control(slots.ASID_CONTROL, objects.ASID_CONTROL);
    this.#control(slots.IO_SPACE, objects.IO_SPACE_CONTROL);
    this.#control(slots.DOMAIN, objects.DOMAIN);
    this.#control(slots.SCHED_CONTROL, objects.SCHED_CONTROL);
  }
  #control(index: number, type: number): void {
    this.#capabilities.install(this.#slot(index), type, 0, 0);
  }
  /** @returns the object. */
  #install(index: number, type: number, size: number, bits: number = size): number {
    const object = this.#memory.take(bits);
    this.#capabilities.install(this.#slot(index), type, object, size);
    return object;
  }
  #frames(count: number): { start: number; end: number } {
    const start = this.#next;
    for (let i = 0; i < count; i++) this.#install(this.#next++, objects.FRAME, PAGE_BITS);
    return { start, end: this.#next };
  }

  #untypeds(): { start: number; list: UntypedDescription[] } {
    const start = this.#next;
    const list: UntypedDescription[] = [];
    for (const { page, sizeBits } of this.#options.devices ?? [])
      list.push({ address: page * PAGE_BYTES, sizeBits, isDevice: true });
    list.push(...this.#memory.rest());
    invariant(list.length <= MAX_UNTYPEDS, `more than ${MAX_UNTYPEDS} untypeds`);
    for (const { address, sizeBits, isDevice } of list)
      this.#capabilities.install(this.#slot(this.#next++), objects.UNTYPED, address / 16, sizeBits, isDevice);
    return { start, list };
  }

  #makeThread(): number {
    const { priority = MAX_PRIORITY, timeSlice = 5000, pc = [0, 0] } = this.#options;
    const thread = makeThread(this.#kernel, {
      tcbSlot: this.#slot(slots.TCB),
      cspaceSlot: this.#slot(slots.CNODE),
      vspaceSlot: this.#slot(slots.VSPACE),
      bufferSlot: this.#slot(slots.IPC_BUFFER),
      bufferPage: this.#bufferPage,
      schedContextSlot: this.#slot(slots.SCHED_CONTEXT),
      budget: timeSlice,
      period: timeSlice,
      priority,
      pc,
    });
    invariant(thread >= 0, `the initial thread has no time slice of ${timeSlice}`);
    return thread;
  }

  #describe(
    thread: number,
    image: { start: number; end: number },
    untypeds: { start: number; list: UntypedDescription[] },
  ): BootInfo {
    const end = untypeds.start + untypeds.list.length;
    invariant(end <= 2 ** this.#radix, 'the initial CNode is too small');
    return {
      thread,
      cnodeSlot: this.#slot(slots.CNODE),
      firstSlot: this.#firstSlot,
      cnodeRadix: this.#radix,
      bufferAddress: this.#bufferPage * PAGE_BYTES,
      bufferWord: this.#kernel.threads.buffer[thread]!,
      empty: { start: end, end: 2 ** this.#radix },
      imageFrames: image,
      schedControl: { start: slots.SCHED_CONTROL, end: slots.SCHED_CONTROL + 1 },
      untyped: { start: untypeds.start, end },
      untypedList: untypeds.list,
      domain: 0,
    };
  }
  #slot(index: number): number {
    return this.#firstSlot + index * SLOT_WORDS;
  }
}
