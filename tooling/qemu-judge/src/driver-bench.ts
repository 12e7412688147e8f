/**
 * A NIC driver, unedited, with everything that it may ask for: QEMU's device where the PCI bus is, QEMU's memory where
 * its own is, and a network stack that notes what it is told.
 */
import { type BufferRef, type ClientPort, type kernel, type Right, right, type ServerPort } from '@bulkhead/abi';
import type { iommu } from '@bulkhead/iommu-driver-api';
import type { netDevice } from '@bulkhead/nic-driver-api';
import type { pciBus } from '@bulkhead/pci-bus-driver-api';
import type { ComponentDefinition, Context, Instance, Region } from '@bulkhead/runtime';
import { Window } from '@bulkhead/runtime';
import type { supervision } from '@bulkhead/supervisor-api';
import { DriverMemory, FIRST_PAGE, PAGE_SIZE_BYTES } from './driver-memory.ts';
import type { QemuMachine } from './machine.ts';
import type { QemuFunction } from './pci-function.ts';

export const STACK = 5;
export const POOL_SIZE_BYTES = 2 ** 21;
const POOL_PAGE = 512;
const REGIONS_PAGE = 64;
const PAGE_SHIFT = 12;
/** Rights to frames: of memory by their page; of a BAR by its index. */
const BAR_RIGHT = 0x10_0000;
const UNTYPED_RIGHT = 0x20_0000;
const HANDLER_RIGHT = 0x30_0000;
const VECTORS_MAX = 16;
const PATIENCE_MS = 5000;

type Uses = {
  readonly pci: typeof pciBus;
  readonly iommu: typeof iommu;
  readonly kernel: typeof kernel.contractOfKernel;
  readonly supervision: typeof supervision;
};
type Provides = { readonly device: typeof netDevice };
export interface NicConfig {
  readonly peer: number;
}
export type NicDefinition<Config extends NicConfig> = ComponentDefinition<Uses, Provides, Config>;

export type NicEvent =
  | { readonly kind: 'ready'; readonly mac: string }
  | { readonly kind: 'link'; readonly up: boolean }
  | { readonly kind: 'arrived'; readonly buffer: number; readonly lenBytes: number }
  | { readonly kind: 'completed'; readonly buffer: number };

export class DriverBench<Config extends NicConfig> {
  /** What the driver told its stack, in order. */
  readonly events: NicEvent[] = [];
  /** Notifications that it was given. */
  interruptCount = 0;
  readonly machine: QemuMachine;
  readonly heap: Window;
  readonly #device: QemuFunction;
  readonly #memory: DriverMemory;
  readonly #answer: Int32Array = new Int32Array(8);
  readonly #instance: Instance<Uses, Provides>;
  /** By vector: the token its notifications carry, or -1; whether one waits; whether it is masked. */
  readonly #tokens: Int32Array = new Int32Array(VECTORS_MAX).fill(-1);
  readonly #isWaiting: Uint8Array = new Uint8Array(VECTORS_MAX);
  readonly #isMasked: Uint8Array = new Uint8Array(VECTORS_MAX);

  constructor(device: QemuFunction, definition: NicDefinition<Config>, config: Partial<Config> = {}) {
    this.#device = device;
    this.machine = device.machine;
    this.#memory = new DriverMemory(device.machine);
    this.heap = new Window(this.#memory, 0, 0, definition.heapPages * PAGE_SIZE_BYTES);
    this.#memory.fill(0, 0, 0, definition.heapPages * PAGE_SIZE_BYTES);
    const context = this.#context(definition, { ...definition.config, peer: STACK, ...config });
    this.#instance = definition.create(context, {
      pci: this.#pci(),
      iommu: this.#iommu(),
      kernel: this.#kernel(),
      supervision: offered<ClientPort<typeof supervision>>('supervision', { pong: () => 0 }),
      device: this.#stack(),
    });
  }

  start(): void {
    this.#instance.start?.();
    this.#instance.handlers.device.open(STACK);
    this.settle();
  }
  submit(buffer: number, frame: Uint8Array): void {
    this.storeAt(buffer, frame);
    this.#instance.handlers.device.submit(STACK, buffer as BufferRef, frame.length);
  }
  supply(buffer: number): void {
    this.#instance.handlers.device.supply(STACK, buffer as BufferRef);
  }
  bytesAt(buffer: number, lenBytes: number): Uint8Array {
    const bytes = new Uint8Array(lenBytes);
    this.#memory.loadBytes(POOL_PAGE, buffer, bytes, 0, lenBytes);
    return bytes;
  }
  storeAt(buffer: number, bytes: Uint8Array): void {
    this.#memory.storeBytes(POOL_PAGE, buffer, bytes, 0, bytes.length);
  }
  settle(): void {
    this.#instance.settle?.();
  }
  /** Lets QEMU work, and delivers what interrupts came of it until none comes. */
  run(): void {
    this.settle();
    this.machine.wire.settle();
    while (this.deliver() > 0) this.machine.wire.settle();
  }
  /** Goes on until `isDone`: a moderated interrupt comes by QEMU's clock, which is the host's. */
  runUntil(isDone: () => boolean): void {
    const end = Date.now() + PATIENCE_MS;
    do this.run();
    while (!isDone() && Date.now() < end);
  }
  /** Delivers the interrupts that have come. @returns how many. */
  deliver(): number {
    for (const vector of this.#device.messages()) this.#isWaiting[vector] = 1;
    let count = 0;
    for (let vector = 0; vector < VECTORS_MAX; vector++) {
      if (this.#isWaiting[vector] === 0 || this.#isMasked[vector] !== 0 || this.#tokens[vector] === -1) continue;
      this.#isWaiting[vector] = 0;
      this.#isMasked[vector] = 1;
      this.#instance.handlers.kernel.notified(this.#tokens[vector]!);
      this.settle();
      count++;
    }
    this.interruptCount += count;
    return count;
  }

  #context(definition: NicDefinition<Config>, config: Config): Context<Config> {
    const region = (page: number, sizeBits: number, count: number): Region => ({
      window: new Window(this.#memory, page, 0, count * 2 ** sizeBits),
      frame: right(page),
      frameCount: count,
      frameSizeBits: sizeBits,
    });
    const regions: Record<string, Region> = {};
    let page = REGIONS_PAGE;
    for (const [name, { sizeBits, count }] of Object.entries(definition.regions ?? {})) {
      regions[name] = region(page, sizeBits, count);
      this.#memory.fill(page, 0, 0, count * 2 ** sizeBits);
      page += count * 2 ** (sizeBits - PAGE_SHIFT);
    }
    return {
      self: STACK + 1,
      memory: this.#memory,
      heap: this.heap,
      work: { id: (name) => definition.work.indexOf(name), spend: () => {}, spendMany: () => {} },
      answer: this.#answer,
      config,
      right: () => right(0),
      region: (name) => regions[name]!,
      shared: () => region(POOL_PAGE, 21, 1),
      nowUs: () => 0,
    };
  }

  #answering(result: number, extra: number): number {
    this.#answer[1] = extra;
    return result;
  }
  #pci(): ClientPort<typeof pciBus> {
    const device = this.#device;
    const methods = {
      find: () => device.requesterId,
      claim: () => {
        device.enable(false);
        return 0;
      },
      bar: (_: number, index: number) =>
        this.#answering(Math.ceil(device.bars[index]!.lenBytes / PAGE_SIZE_BYTES), UNTYPED_RIGHT + index),
      interrupt: (_: number, vector: number) => {
        device.openVector(vector);
        return this.#answering(0, HANDLER_RIGHT + vector);
      },
      start: () => {
        device.enable(true);
        return 0;
      },
      config: (_: number, offset: number) => this.#answering(0, device.readConfig(offset, 'l') | 0),
    };
    return offered<ClientPort<typeof pciBus>>('pci', methods);
  }
  /** There is no IOMMU: the device reaches a frame where it stands. */
  #iommu(): ClientPort<typeof iommu> {
    return offered<ClientPort<typeof iommu>>('iommu', { map: (_device, frame) => frame + FIRST_PAGE });
  }
  #kernel(): ClientPort<typeof kernel.contractOfKernel> {
    return offered<ClientPort<typeof kernel.contractOfKernel>>('kernel', {
      retype: (untyped) => BAR_RIGHT + untyped - UNTYPED_RIGHT,
      map: (frame) => this.#answering(0, this.#device.bars[frame - BAR_RIGHT]!.address / PAGE_SIZE_BYTES),
      bindInterrupt: (handler, token) => {
        this.#tokens[vectorOf(handler)] = token;
        return 0;
      },
      acknowledge: (handler) => {
        this.#isMasked[vectorOf(handler)] = 0;
        return 0;
      },
    });
  }
  #stack(): ServerPort<typeof netDevice> {
    const note = (event: NicEvent): number => this.events.push(event) * 0;
    const octets = (word: number, count: number): string => (word >>> 0).toString(16).padStart(count * 2, '0');
    return {
      ready: (_to, high, low) => note({ kind: 'ready', mac: octets(high, 2) + octets(low, 4) }),
      linkChanged: (_to, up) => note({ kind: 'link', up: up !== 0 }),
      arrived: (_to, buffer, lenBytes) => note({ kind: 'arrived', buffer, lenBytes }),
      completed: (_to, buffer) => note({ kind: 'completed', buffer }),
    };
  }
}

const vectorOf = (handler: Right): number => handler - HANDLER_RIGHT;

/** A port that offers what a driver needs to run; anything else that it asks for is named. */
function offered<Port extends object>(name: string, methods: Partial<Port>): Port {
  return new Proxy(methods as Port, {
    get: (target, method) =>
      Reflect.get(target, method) ??
      (() => {
        throw new Error(`the bench offers no ${name}.${String(method)}`);
      }),
  });
}
