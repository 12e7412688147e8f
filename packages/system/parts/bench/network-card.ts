/**
 * A network card alone with its driver: the device, the IOMMU that translates its DMA, and the driver component in plain
 * memory. No kernel, no stack, no costs: its neighbours take what it gives and lend it again.
 */
import { type BufferRef, right } from '@bulkhead/abi';
import { Clock, NEVER } from '@bulkhead/clock';
import { BAR_MEMORY } from '@bulkhead/intel-82574-datasheet';
import { createIommu, type Iommu } from '@bulkhead/iommu';
import { createRam, type Ram } from '@bulkhead/memory';
import { createIntel82574, type Intel82574 } from '@bulkhead/nic';
import { nicDriver } from '@bulkhead/nic-driver';
import * as iommu from '@bulkhead/riscv-iommu-datasheet';
import { type Context, type MemoryPort, type Region, Window } from '@bulkhead/runtime';

const RAM_PAGE = 0x8_0000;
const ROOT = RAM_PAGE + 1;
const MIDDLE = RAM_PAGE + 2;
const LEAVES = RAM_PAGE + 3; // two tables
const RINGS = RAM_PAGE + 8;
const HEAP = RAM_PAGE + 16;
const POOL = RAM_PAGE + 512;
const POOL_PAGES = 512;
/** Where the device reaches rings and pool. */
const IO_RINGS = 8;
const IO_POOL = 512;
const REGISTERS = 0x10_0000;
const DEVICE = 8;
const CONTEXT_WORDS: number = iommu.DC_EXTENDED_SIZE_BYTES / 4;
const VALID = 0x01;
const LEAF = 0xd7; // V, R, W, U, A, D
const STACK = 5;
const COMMAND = 0x04;
const MASTER_AND_MEMORY = 6;
const MSIX_CONTROL_AT = 0xa2;
const MSIX_ENABLE = 0x8000;
const BUFFER_BYTES = 2048;
/** In the clock's `time`. */
const NOW = 0;
const DUE = 1;

/** Memory as the driver sees it: RAM without an MMU, and the card's registers. */
function memoryPort(ram: Ram, registers: Intel82574): MemoryPort {
  const view = new DataView(ram.bytes.buffer);
  const bar = registers.function.bars[BAR_MEMORY]!.device;
  const at = (page: number, offset: number): number => (page - RAM_PAGE) * 4096 + offset;
  const none = (): never => {
    throw new Error('the driver copies nothing');
  };
  return {
    load8: (page, offset) => view.getUint8(at(page, offset)),
    load16: (page, offset) => view.getUint16(at(page, offset), true),
    load32: (page, offset) => (page === REGISTERS ? bar.read(offset, 4) | 0 : ram.words[at(page, offset) >>> 2]!),
    store8: (page, offset, value) => view.setUint8(at(page, offset), value),
    store16: (page, offset, value) => view.setUint16(at(page, offset), value, true),
    store32: (page, offset, value) => {
      if (page === REGISTERS) bar.write(offset, 4, value >>> 0);
      else ram.words[at(page, offset) >>> 2] = value;
    },
    copy: none,
    fill: none,
    sum16: none,
    loadBytes: none,
    storeBytes: none,
  };
}

/** Sv39 tables for rings and pool, and the device's context. */
function translate(ram: Ram): Iommu {
  const made = createIommu({ memory: ram, message: () => 0 });
  const entry = (table: number, index: number, page: number, flags: number): void => {
    ram.setWord(table, index * 2, (page << 10) | flags);
    ram.setWord(table, index * 2 + 1, page >>> 22);
  };
  entry(ROOT, 0, MIDDLE, VALID);
  for (let i = 0; i < 2; i++) entry(MIDDLE, i, LEAVES + i, VALID);
  for (let i = 0; i < 2; i++) entry(LEAVES, IO_RINGS + i, RINGS + i, LEAF);
  for (let i = 0; i < POOL_PAGES; i++) entry(LEAVES + 1, i, POOL + i, LEAF);
  const words = [1, 0, 0, 0, 1 << 12, 0, ROOT, 8 << 28];
  words.forEach((word, i) => {
    ram.setWord(RAM_PAGE, DEVICE * CONTEXT_WORDS + i, word);
  });
  made.write(iommu.DDTP + 4, 4, 0);
  made.write(iommu.DDTP, 4, ((RAM_PAGE << 10) | iommu.DDTP_MODE_1LVL) >>> 0);
  return made;
}

export class NetworkCard {
  completed = 0;
  arrived = 0;
  sent = 0;
  readonly #clock: Clock = new Clock(1e9);
  readonly #nic: Intel82574;
  readonly #handlers: ReturnType<typeof nicDriver.create>['handlers'];
  readonly #settle: () => void;
  /** Buffers that came back in the handler that ran last, and wait to be lent again. */
  readonly #arrivedBuffers: Int32Array = new Int32Array(256);
  #arrivedCount = 0;
  #vectors = 0;

  constructor() {
    const ram = createRam({ basePage: RAM_PAGE, pageCount: POOL - RAM_PAGE + POOL_PAGES });
    const wire = { transmit: () => void this.sent++ };
    this.#nic = createIntel82574({ clock: this.#clock, wire, macAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    const nobody = { load: () => -1, store: () => -1 };
    const dma = translate(ram).dmaPort(DEVICE, nobody);
    const message = { send: (_page: number, _offset: number, data: number) => this.#signal(data) };
    this.#nic.function.connect({ dma, message });
    this.#nic.function.writeConfig(COMMAND, 2, MASTER_AND_MEMORY);
    this.#nic.function.writeConfig(MSIX_CONTROL_AT, 2, MSIX_ENABLE);
    for (let vector = 0; vector < 2; vector++) {
      const table = this.#nic.function.bars[3]!.device;
      table.write(vector * 16 + 8, 4, vector);
      table.write(vector * 16 + 12, 4, 0);
    }
    const instance = nicDriver.create(this.#context(memoryPort(ram, this.#nic)), this.#ports());
    this.#handlers = instance.handlers;
    this.#settle = () => instance.settle?.();
    instance.start?.();
    this.#handlers.device.open(STACK);
    for (let i = 0; i < 200; i++) this.#handlers.device.supply(STACK, (i * BUFFER_BYTES) as BufferRef);
    this.#settle();
  }

  /** Hands over `count` frames, at most 255, and waits until all buffers are back. */
  transmit(count: number, lenBytes: number): void {
    const target = this.completed + count;
    for (let i = 0; i < count; i++) {
      this.#handlers.device.submit(STACK, ((256 + i) * BUFFER_BYTES) as BufferRef, lenBytes);
    }
    this.#settle();
    while (this.completed < target) this.#step();
  }
  /** `count` frames, at most 199, come from the wire, and their buffers are lent again. */
  receive(frame: Uint8Array, count: number): void {
    const target = this.arrived + count;
    for (let i = 0; i < count; i++) this.#nic.receive(frame, frame.length);
    while (this.arrived < target) this.#step();
  }

  /** The next event in simulated time, and the interrupts that it caused. */
  #step(): void {
    const clock = this.#clock;
    const due = clock.time[DUE]!; // a getter that is not inlined would box it
    if (due === NEVER) throw new Error('a frame was lost: nothing is under way');
    clock.advance(Math.max(0, due - clock.time[NOW]!));
    clock.runDue();
    const vectors = this.#vectors;
    this.#vectors = 0;
    for (let vector = 0; vector < 2; vector++) {
      if ((vectors & (1 << vector)) !== 0) this.#handlers.kernel.notified(vector);
    }
    for (let i = 0; i < this.#arrivedCount; i++) {
      this.#handlers.device.supply(STACK, this.#arrivedBuffers[i]! as BufferRef);
    }
    this.#arrivedCount = 0;
    this.#settle();
  }
  #signal(vector: number): number {
    this.#vectors |= 1 << vector;
    return 0;
  }

  #context(memory: MemoryPort): Context<typeof nicDriver.config> {
    const region = (page: number, frame: number, frameSizeBits: number, frameCount: number): Region => ({
      window: new Window(memory, page, 0, frameCount * 2 ** frameSizeBits),
      frame: right(frame),
      frameCount,
      frameSizeBits,
    });
    return {
      self: 6,
      memory,
      heap: new Window(memory, HEAP, 0, nicDriver.heapPages * 4096),
      work: { id: (name) => nicDriver.work.indexOf(name), spend: () => {}, spendMany: () => {} },
      answer: this.#answer,
      config: { ...nicDriver.config, peer: STACK, interruptIntervalUs: 0 },
      right: () => right(0),
      region: () => region(RINGS, IO_RINGS, 12, 2),
      shared: () => region(POOL, IO_POOL, 21, 1),
      nowUs: () => 0,
    };
  }
  readonly #answer: Int32Array = new Int32Array(8);

  /** Everybody grants everything; a frame's right is the page at which the device reaches it. */
  #ports(): Parameters<typeof nicDriver.create>[1] {
    const give = (extra: number): number => {
      this.#answer[1] = extra;
      return 0;
    };
    const nothing = (): number => 0;
    return {
      pci: { ...every(nothing), find: () => DEVICE, bar: () => give(40) || 32, interrupt: () => give(90) },
      iommu: { ...every(nothing), map: (_device: number, frame: number) => frame },
      kernel: { ...every(nothing), map: () => give(REGISTERS) },
      supervision: every(nothing),
      device: {
        ...every(nothing),
        arrived: (_to: number, buffer: number) => {
          this.#arrivedBuffers[this.#arrivedCount++] = buffer;
          this.arrived++;
          return 0;
        },
        completed: () => {
          this.completed++;
          return 0;
        },
      },
    } as never;
  }
}

/** A port every call of which is answered alike. */
const every = (answer: () => number): Record<string, () => number> =>
  Object.fromEntries(CALLS.map((name) => [name, answer]));
const CALLS = [
  ...['allow', 'find', 'claim', 'bar', 'interrupt', 'start', 'release', 'reclaim', 'ownerOf', 'map', 'unmap', 'retype'],
  ...['address', 'delete', 'revoke', 'issueInterrupt', 'bindInterrupt', 'acknowledge', 'setAlarm', 'bindFaults'],
  ...['faultOf', 'endDomain', 'startDomain', 'pong', 'ready', 'linkChanged'],
];
