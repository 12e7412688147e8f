/** The kernel of `@bulkhead/kernel-core`, with everything that it can have, as a subject of the suites. */
import { AddressSpaces, labels as vmLabels } from '@bulkhead/address-space';
import { objects } from '@bulkhead/capabilities';
import { InterruptHandlers, InterruptInvocations, labels as irqLabels } from '@bulkhead/interrupts';
import { IoSpaceInvocations, IoSpaces, labels as ioLabels } from '@bulkhead/io-spaces';
import { message } from '@bulkhead/ipc';
import { bootSlots, type BootInfo as CoreBootInfo, KernelCore, systemCalls, tcbLayout } from '@bulkhead/kernel-core';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { FEATURES, type Feature, type Machine, type Received, type Subject, type SystemCall } from '../../src/index.ts';
import type { AccessKind, BootInfo, SystemCallName } from '../../src/subject.ts';
import { DOMAINS, IO_DOMAINS, IRQS, MIN_BUDGET, numbers, SCHEDULE } from './numbers.ts';
import { Translation } from './translation.ts';

const BASE_PAGE = 0x80000;
const PAGES = 2048;
const RESERVED = 8;
const IRQ_BASE = 1024;
const IO_BASE = 3 * 1024;
const KERNEL_ROOT = BASE_PAGE + 4;
const DEVICE_PAGE = 0x40000;

const CALLS: Readonly<Record<SystemCallName, number>> = {
  Call: systemCalls.CALL,
  ReplyRecv: systemCalls.REPLY_RECEIVE,
  NBSendRecv: systemCalls.NB_SEND_RECEIVE,
  NBSendWait: systemCalls.NB_SEND_WAIT,
  Send: systemCalls.SEND,
  NBSend: systemCalls.NB_SEND,
  Recv: systemCalls.RECEIVE,
  NBRecv: systemCalls.NB_RECEIVE,
  Wait: systemCalls.WAIT,
  NBWait: systemCalls.NB_WAIT,
  Yield: systemCalls.YIELD,
};

const high = (value: number): number => Math.floor(value / 2 ** 32) | 0;
const word = (low: number, upper: number): number => (upper >>> 0) * 2 ** 32 + (low >>> 0);

/** Machines are used one after the other: the last one's memory is the next one's. */
const RAM: Int32Array = new Int32Array(PAGES * 1024);

function memoryOf(basePage: number, pageCount: number): PhysicalMemoryPort {
  const words = RAM.fill(0);
  return {
    basePage,
    pageCount,
    words,
    bytes: new Uint8Array(words.buffer),
    holdsPage: (page) => page >= basePage && page < basePage + pageCount,
    word: (page, index) => words[(page - basePage) * 1024 + index]!,
    setWord: (page, index, value) => {
      words[(page - basePage) * 1024 + index] = value;
    },
  };
}

export class CoreMachine implements Machine {
  readonly kernel: KernelCore;
  readonly bootInfo: BootInfo;
  /** For broken machines: whether translations are dropped when the kernel says so, and interrupts masked. */
  forgets = true;
  masks = true;
  readonly #spaces: AddressSpaces;
  readonly #handlers: InterruptHandlers;
  readonly #translation: Translation;
  readonly #ioTranslation: Translation;
  readonly #devices: Map<number, { readonly root: number; readonly domain: number }> = new Map();
  readonly #pending: Set<number> = new Set();
  readonly #enabled: Set<number> = new Set();
  #now = 0;
  /** The interrupt that comes when the next system call asks whether one is there. */
  #coming = 0;

  constructor(fastPath: boolean) {
    const memory = memoryOf(BASE_PAGE, PAGES);
    this.#translation = new Translation(memory);
    this.#ioTranslation = new Translation(memory);
    this.kernel = new KernelCore({
      memory,
      fastPath,
      minBudget: MIN_BUDGET,
      domainCount: DOMAINS,
      scheduleLength: SCHEDULE,
      preempt: () => this.#mustStop(),
      isAddressSpace: (slot) => this.#spaces.rootOf(slot) >= 0,
      decoders: [
        {
          types: [objects.FRAME, objects.PAGE_TABLE, objects.ASID_CONTROL, objects.ASID_POOL],
          labels: [vmLabels.PAGE_TABLE_MAP, 71],
          invoke: (slot, label, m) => this.#spaces.invoke(slot, label, m),
          finalise: (type, object, slot, final) => this.#spaces.finalise(type, object, slot, final),
        },
        {
          types: [objects.IRQ_CONTROL, objects.IRQ_HANDLER],
          labels: [irqLabels.IRQ_CONTROL_GET, 55],
          invoke: (slot, label, m) => interrupts.invoke(slot, label, m),
          finalise: (type, object, slot, final) => interrupts.finalise(type, object, slot, final),
        },
        {
          types: [objects.IO_SPACE_CONTROL, objects.IO_SPACE, objects.IO_PAGE_TABLE, objects.FRAME],
          labels: [ioLabels.IO_SPACE_CONTROL_ISSUE, 99],
          invoke: (slot, label, m) => io.invoke(slot, label, m),
          finalise: (type, object, slot, final) => io.finalise(type, object, slot, final),
        },
      ],
    });
    const { capabilities } = this.kernel;
    const fence = {
      fence: (vpn: number, asid: number) => {
        if (this.forgets) this.#translation.forget(vpn, asid);
      },
    };
    this.#spaces = new AddressSpaces({ capabilities, memory, kernelRootPage: KERNEL_ROOT, fence });
    const mask = {
      enable: (irq: number, on: boolean) => {
        if (on || !this.masks) this.#enabled.add(irq);
        else this.#enabled.delete(irq);
      },
      setPending: (irq: number, on: boolean) => void (on ? this.#pending.add(irq) : this.#pending.delete(irq)),
    };
    this.#handlers = new InterruptHandlers({ capabilities, base: IRQ_BASE, identities: IRQS, mask });
    const interrupts = new InterruptInvocations(capabilities, this.#handlers);
    const iommu = {
      attach: (device: number, root: number, domain: number) => void this.#devices.set(device, { root, domain }),
      detach: (device: number) => void this.#devices.delete(device),
      invalidate: (domain: number, page: number) => this.#ioTranslation.forget(page, domain),
    };
    const spaces = new IoSpaces({ capabilities, basePage: BASE_PAGE, base: IO_BASE, domains: IO_DOMAINS, iommu });
    const io = new IoSpaceInvocations(capabilities, spaces);
    this.bootInfo = this.#describe(
      this.kernel.boot({
        reservedPages: RESERVED,
        cnodeRadix: 11,
        timeSlice: 100 * MIN_BUDGET,
        devices: [{ page: DEVICE_PAGE, sizeBits: 30 }],
        makeAddressSpace: ({ rootSlot, poolSlot }) => {
          this.#spaces.adoptPool(poolSlot);
          this.#spaces.assign(poolSlot, rootSlot);
        },
      }),
    );
  }

  #describe(info: CoreBootInfo): BootInfo {
    return {
      tcb: bootSlots.TCB,
      cnode: bootSlots.CNODE,
      vspace: bootSlots.VSPACE,
      schedContext: bootSlots.SCHED_CONTEXT,
      schedControl: bootSlots.SCHED_CONTROL,
      irqControl: bootSlots.IRQ_CONTROL,
      asidControl: bootSlots.ASID_CONTROL,
      asidPool: bootSlots.ASID_POOL,
      domain: bootSlots.DOMAIN,
      ioSpaceControl: bootSlots.IO_SPACE,
      empty: info.empty,
      untypeds: info.untypedList.map(({ address, sizeBits, isDevice }, index) => ({
        pointer: info.untyped.start + index,
        paddr: address,
        sizeBits,
        isDevice,
      })),
    };
  }

  get current(): number {
    return this.kernel.current;
  }

  perform(call: SystemCall): void {
    const { threads } = this.kernel;
    const thread = this.kernel.current;
    const buffer = threads.buffer[thread]!;
    const { words, capabilities, receive } = call;
    for (const [index, value] of words.entries()) this.#setWord(thread, index, value);
    threads.tag[thread] = message.messageTag(call.label, 0, capabilities.length, call.length);
    if (buffer !== 0) {
      for (const [i, pointer] of capabilities.entries())
        this.#setLane(buffer + message.CAPS_OR_BADGES + 2 * i, pointer);
      this.#setLane(buffer + message.RECEIVE_ROOT, receive.root);
      this.#setLane(buffer + message.RECEIVE_INDEX, receive.index);
      this.#setLane(buffer + message.RECEIVE_DEPTH, receive.depth);
    }
    this.kernel.systemCall(CALLS[call.name], call.pointer, call.reply, call.destination);
    this.#settle();
  }
  #setLane(at: number, value: number): void {
    this.kernel.threads.words[at] = value | 0;
    this.kernel.threads.words[at + 1] = high(value);
  }
  #setWord(thread: number, index: number, value: number): void {
    const { threads } = this.kernel;
    const buffer = threads.buffer[thread]!;
    const inRegisters = index < message.MESSAGE_REGISTERS;
    if (!inRegisters && buffer === 0) return;
    const at = inRegisters ? thread * 8 + index * 2 : buffer + message.BUFFER_MESSAGE + index * 2;
    const target = inRegisters ? threads.registers : threads.words;
    target[at] = value | 0;
    target[at + 1] = high(value);
  }

  /** Interrupts are taken, and whoever is to make its system call again makes it. */
  #settle(): void {
    const { kernel } = this;
    for (let turn = 0; turn < 10_000; turn++) {
      if (this.#takeInterrupt()) continue;
      if (kernel.until() <= this.#now) {
        kernel.elapse(this.#now);
        continue;
      }
      const thread = kernel.current;
      if (thread < 0 || kernel.tcbs.trapped[thread] === 0) return;
      this.#again(thread);
    }
    throw new Error('a system call is made again and again');
  }
  #again(thread: number): void {
    const { tcbs } = this.kernel;
    const register = (name: number): number => tcbs.low(thread, name);
    this.kernel.systemCall(
      register(tcbLayout.A7),
      register(tcbLayout.A0),
      register(tcbLayout.A6),
      register(tcbLayout.T0),
    );
  }
  #takeInterrupt(): boolean {
    const { capabilities } = this.kernel;
    for (const irq of this.#pending) {
      if (!this.#enabled.has(irq)) continue;
      this.#pending.delete(irq);
      const slot = this.#handlers.deliver(irq);
      if (slot > 0) this.kernel.signal(capabilities.wordOf(slot), capabilities.badgeOf(slot));
      return true;
    }
    return false;
  }

  received(thread: number): Received {
    const { threads } = this.kernel;
    const tag = threads.tag[thread]!;
    const buffer = threads.buffer[thread]!;
    const length = message.lengthOf(tag);
    const extraCaps = message.extraCapsOf(tag);
    const lanes = (at: number, from: Int32Array): number => word(from[at]!, from[at + 1]!);
    const words = Array.from({ length: buffer === 0 ? Math.min(length, 4) : length }, (_, index) =>
      index < message.MESSAGE_REGISTERS
        ? lanes(thread * 8 + index * 2, threads.registers)
        : lanes(buffer + message.BUFFER_MESSAGE + index * 2, threads.words),
    );
    return {
      label: message.labelOf(tag),
      length,
      extraCaps,
      capsUnwrapped: message.capsUnwrappedOf(tag),
      badge: threads.badge[thread]! >>> 0,
      words,
      badges: Array.from({ length: buffer === 0 ? 0 : extraCaps }, (_, i) =>
        (message.capsUnwrappedOf(tag) & (1 << i)) === 0
          ? 0
          : lanes(buffer + message.CAPS_OR_BADGES + 2 * i, threads.words),
      ),
    };
  }

  elapse(time: number): void {
    const end = this.#now + time;
    while (this.#now < end) {
      this.#now = Math.max(this.#now + 1, Math.min(end, this.kernel.until()));
      this.kernel.elapse(this.#now);
      this.#settle();
    }
  }
  interrupt(irq: number): void {
    this.#pending.add(irq);
    this.#settle();
  }
  interruptDuring(irq: number): void {
    this.#coming = irq;
  }
  #mustStop(): boolean {
    if (this.#coming !== 0) this.#pending.add(this.#coming);
    this.#coming = 0;
    return [...this.#pending].some((irq) => this.#enabled.has(irq));
  }
  quiet(irq: number): void {
    this.#pending.delete(irq);
  }

  access(address: number, kind: AccessKind, value = 0): number | 'fault' {
    const { tcbs, memory } = this.kernel;
    const thread = this.kernel.current;
    const slot = tcbs.wordOf(thread) + tcbLayout.VSPACE_SLOT;
    const root = this.#spaces.rootOf(slot);
    const at = root < 0 ? -1 : this.#translation.find(root, this.#spaces.asidOf(slot), address, kind);
    if (at >= 0) {
      if (kind === 'store') memory.words[at] = value;
      return memory.words[at]!;
    }
    this.kernel.vmFault(address | 0, high(address), kind === 'fetch', kind === 'store' ? 15 : 13);
    this.#settle();
    return 'fault';
  }
  deviceAccess(device: number, address: number, kind: AccessKind, value = 0): number | 'fault' {
    const attached = this.#devices.get(device);
    if (attached === undefined) return 'fault';
    const at = this.#ioTranslation.find(attached.root, attached.domain, address, kind);
    if (at < 0) return 'fault';
    const { words } = this.kernel.memory;
    if (kind === 'store') words[at] = value;
    return words[at]!;
  }
  unknownSystemCall(number: number): void {
    this.kernel.systemCall(number, 0, 0, 0);
    this.#settle();
  }
  userException(number: number, code: number): void {
    this.kernel.userException(number, code);
    this.#settle();
  }
}

export const kernelCore: Subject = {
  name: '@bulkhead/kernel-core',
  numbers,
  features: new Set(Object.keys(FEATURES) as Feature[]),
  boot: ({ fastPath }) => new CoreMachine(fastPath),
};
