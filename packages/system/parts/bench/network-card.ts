/**
 * A network card alone with its driver: the device, the IOMMU that translates its DMA, and the driver component in plain
 * memory. No kernel, no stack, no costs: its neighbours take what it gives and lend it again.
 */
import { type BufferRef, right } from '@bulkhead/abi';
import { Clock, NEVER } from '@bulkhead/clock';
import { createIommu, type Iommu } from '@bulkhead/iommu';
import { createRam, type Ram } from '@bulkhead/memory';
import type { RegisterDevice } from '@bulkhead/ports';
import * as iommu from '@bulkhead/riscv-iommu-datasheet';
import { type Context, type MemoryPort, type Region, Window } from '@bulkhead/runtime';
import { CARD_MODELS, type CardDevice, type CardDriver, type CardModel, type CardName } from './card-models.ts';

const RAM_PAGE = 0x8_0000;
const ROOT = RAM_PAGE + 1;
const MIDDLE = RAM_PAGE + 2;
const LEAVES = RAM_PAGE + 3; // two tables
const RINGS = RAM_PAGE + 8;
const HEAP = RAM_PAGE + 16;
const POOL = RAM_PAGE + 512;
const POOL_PAGES = 512;
/** As many as any driver has for its rings. */
const RINGS_PAGES = 5;
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
const MSIX_ENABLE = 0x8000;
const BUFFER_BYTES = 2048;
/** How many are lent for reception; a driver that takes fewer leaves the others. */
const SUPPLIED = 200;
/** In the clock's `time`. */
const NOW = 0;
const DUE = 1;

/** Memory as the driver sees it: RAM without an MMU, and the card's registers. */
function memoryPort(ram: Ram, registers: RegisterDevice): MemoryPort {
  const { bytes, words } = ram;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (page: number, offset: number): number => (page - RAM_PAGE) * 4096 + offset;
  const register = (page: number, offset: number): number => (page - REGISTERS) * 4096 + offset;
  const none = (): never => {
    throw new Error('the driver copies nothing');
  };
  return {
    load8: (page, offset) => (page < REGISTERS ? bytes[at(page, offset)]! : registers.read(register(page, offset), 1)),
    load16: (page, offset) =>
      page < REGISTERS ? view.getUint16(at(page, offset), true) : registers.read(register(page, offset), 2),
    load32: (page, offset) =>
      page < REGISTERS ? words[at(page, offset) >>> 2]! : registers.read(register(page, offset), 4) | 0,
    store8: (page, offset, value) => {
      if (page < REGISTERS) bytes[at(page, offset)] = value;
      else registers.write(register(page, offset), 1, value & 0xff);
    },
    store16: (page, offset, value) => {
      if (page < REGISTERS) view.setUint16(at(page, offset), value, true);
      else registers.write(register(page, offset), 2, value & 0xffff);
    },
    store32: (page, offset, value) => {
      if (page < REGISTERS) words[at(page, offset) >>> 2] = value;
      else registers.write(register(page, offset), 4, value >>> 0);
    },
    copy: none,
    fill: (page, offset, byte, lenBytes) => void bytes.fill(byte, at(page, offset), at(page, offset) + lenBytes),
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
  for (let i = 0; i < RINGS_PAGES; i++) entry(LEAVES, IO_RINGS + i, RINGS + i, LEAF);
  for (let i = 0; i < POOL_PAGES; i++) entry(LEAVES + 1, i, POOL + i, LEAF);
  const words = [1, 0, 0, 0, 1 << 12, 0, ROOT, 8 << 28];
  words.forEach((word, i) => {
    ram.setWord(RAM_PAGE, DEVICE * CONTEXT_WORDS + i, word);
  });
  made.write(iommu.DDTP + 4, 4, 0);
  made.write(iommu.DDTP, 4, ((RAM_PAGE << 10) | iommu.DDTP_MODE_1LVL) >>> 0);
  return made;
}

export interface NetworkCardOptions {
  /** @defaultValue intel-82574 */
  readonly name?: CardName;
  /** @defaultValue 1e9 */
  readonly cyclesPerSecond?: number;
}

export class NetworkCard {
  completed = 0;
  arrived = 0;
  sent = 0;
  readonly #clock: Clock;
  readonly #nic: CardDevice;
  readonly #handlers: ReturnType<CardDriver['create']>['handlers'];
  readonly #settle: () => void;
  /** Buffers that came back in the handler that ran last, and wait to be lent again. */
  readonly #arrivedBuffers: Int32Array = new Int32Array(256);
  #arrivedCount = 0;
  #vectors = 0;

  constructor({ name = 'intel-82574', cyclesPerSecond = 1e9 }: NetworkCardOptions = {}) {
    const model = CARD_MODELS[name];
    this.#clock = new Clock(cyclesPerSecond);
    const ram = createRam({ basePage: RAM_PAGE, pageCount: POOL - RAM_PAGE + POOL_PAGES });
    this.#nic = this.#plug(model, ram);
    const memory = memoryPort(ram, barOf(this.#nic, model.registersBar));
    const instance = model.driver.create(this.#context(memory, model), this.#ports());
    this.#handlers = instance.handlers;
    this.#settle = () => instance.settle?.();
    instance.start?.();
    this.#handlers.device.open(STACK);
    for (let i = 0; i < SUPPLIED; i++) this.#handlers.device.supply(STACK, (i * BUFFER_BYTES) as BufferRef);
    this.#settle();
  }

  /** The device, its DMA translated, its interrupts known here. */
  #plug({ create, vectorsBar, msixControlAt }: CardModel, ram: Ram): CardDevice {
    const nic = create({ clock: this.#clock, macAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) });
    nic.wire = { transmit: () => void this.sent++ };
    nic.setLink(true);
    const nobody = { load: () => -1, store: () => -1 };
    const dma = translate(ram).dmaPort(DEVICE, nobody);
    const message = { send: (_page: number, _offset: number, data: number) => this.#signal(data) };
    nic.function.connect({ dma, message });
    nic.function.writeConfig(COMMAND, 2, MASTER_AND_MEMORY);
    nic.function.writeConfig(msixControlAt, 2, MSIX_ENABLE);
    const table = barOf(nic, vectorsBar);
    for (let vector = 0; vector < 2; vector++) {
      table.write(vector * 16 + 8, 4, vector);
      table.write(vector * 16 + 12, 4, 0);
    }
    return nic;
  }

  /** Lets time pass in which nothing is under way. */
  idle(cycles: number): void {
    this.#clock.advance(cycles);
  }
  /** Hands over `count` frames, at most 128, and waits until all buffers are back. */
  transmit(count: number, lenBytes: number): void {
    const target = this.completed + count;
    for (let i = 0; i < count; i++) {
      this.#handlers.device.submit(STACK, ((256 + i) * BUFFER_BYTES) as BufferRef, lenBytes);
    }
    this.#settle();
    while (this.completed < target) this.#step();
  }
  /** `count` frames, at most 128, come from the wire, and their buffers are lent again. */
  receive(frame: Uint8Array, count: number): void {
    const target = this.arrived + count;
    for (let i = 0; i < count; i++) this.#nic.receive(frame, frame.length);
    while (this.arrived < target) this.#step();
  }

  get nowCycles(): number {
    return this.#clock.now;
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

  #context(memory: MemoryPort, { driver, config }: CardModel): Context<CardDriver['config']> {
    const region = (page: number, frame: number, frameSizeBits: number, frameCount: number): Region => ({
      window: new Window(memory, page, 0, frameCount * 2 ** frameSizeBits),
      frame: right(frame),
      frameCount,
      frameSizeBits,
    });
    return {
      self: 6,
      memory,
      heap: new Window(memory, HEAP, 0, driver.heapPages * 4096),
      work: { id: (name) => driver.work.indexOf(name), spend: () => {}, spendMany: () => {} },
      answer: this.#answer,
      config: { ...config, peer: STACK },
      right: () => right(0),
      region: () => region(RINGS, IO_RINGS, 12, RINGS_PAGES),
      shared: () => region(POOL, IO_POOL, 21, 1),
      nowUs: () => 0,
    };
  }
  readonly #answer: Int32Array = new Int32Array(8);

  /** Everybody grants everything; a frame's right is the page at which the device reaches it. */
  #ports(): Parameters<CardDriver['create']>[1] {
    const give = (extra: number): number => {
      this.#answer[1] = extra;
      return 0;
    };
    const nothing = (): number => 0;
    return {
      pci: {
        ...every(nothing),
        find: () => DEVICE,
        config: (_device: number, offset: number) => give(this.#nic.function.readConfig(offset, 4) | 0),
        bar: () => give(40) || 32,
        interrupt: () => give(90),
      },
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

/** What stands behind one BAR. */
const barOf = (nic: CardDevice, index: number): RegisterDevice =>
  nic.function.bars.find((bar) => bar.index === index)!.device;

/** A port every call of which is answered alike. */
const every = (answer: () => number): Record<string, () => number> =>
  Object.fromEntries(CALLS.map((name) => [name, answer]));
const CALLS = [
  ...['allow', 'find', 'claim', 'bar', 'interrupt', 'start', 'release', 'reclaim', 'ownerOf', 'map', 'unmap', 'retype'],
  ...['address', 'delete', 'revoke', 'issueInterrupt', 'bindInterrupt', 'acknowledge', 'setAlarm', 'bindFaults'],
  ...['faultOf', 'endDomain', 'startDomain', 'pong', 'ready', 'linkChanged'],
];
