/**
 * The same stack without a machine: one array of memory, one client, a wire given by two functions.
 *
 * What the stack sends downward and upward is queued here and leaves from `settle`, never from inside one of the stack's
 * handlers; so whoever receives a frame may at once hand one back, and two lone stacks may be joined by a function call.
 */
import type { Right } from '@bulkhead/abi';
import { BUFFER_SIZE_BYTES, CREDITS } from '@bulkhead/nic-driver-api';
import { type Context, FlatMemory, type Region, Window, type Work } from '@bulkhead/runtime';
import { HEAP_PAGES } from './component.ts';
import type { NetStackConfig } from './config.ts';
import { NetStack } from './net-stack.ts';
import { parseIpv4Address } from './wire/ipv4.ts';

const PAGE_SIZE_BYTES = 4096;
const POOL_PAGES = 512;
const SHARED_PAGES = 16;
const HEAP_PAGE = 1;
const POOL_PAGE: number = HEAP_PAGE + HEAP_PAGES;
const SHARED_PAGE: number = POOL_PAGE + POOL_PAGES;
const CLIENT = 1;
/** Events that wait: one a socket at most, so the queue is never full. */
const MAX_EVENTS = 2048;
/** 52:54, locally administered; the rest is the IPv4 address. */
const MAC_HIGH = 0x5254;

export interface LoneStackOptions {
  readonly config: NetStackConfig;
  /** Microseconds, modulo 2^32, signed. */
  readonly nowUs: () => number;
  /** `frame` is the stack's own again when this returns. */
  readonly transmit: (frame: Uint8Array, lenBytes: number) => void;
  /** `alarm()` is wanted after `delayUs`, in place of any earlier wish. */
  readonly setAlarm: (delayUs: number) => void;
  readonly onReady: (socket: number, what: number) => void;
}

/** The service's calls for the one client, and his end of the shared region. */
export interface LoneSockets {
  /** Words beside the latest result. */
  readonly answer: Int32Array;
  readonly regionLenBytes: number;
  /** Puts bytes into the region, from `offset` on. */
  write(offset: number, from: Uint8Array, at: number, lenBytes: number): void;
  read(offset: number, into: Uint8Array, at: number, lenBytes: number): void;
  listen(port: number, backlog: number): number;
  accept(listener: number): number;
  connect(address: number, port: number): number;
  receive(socket: number, offset: number, maxBytes: number): number;
  send(socket: number, offset: number, lenBytes: number): number;
  close(socket: number): number;
  abort(socket: number): number;
  bind(port: number): number;
  sendTo(socket: number, offset: number, lenBytes: number, address: number, port: number): number;
  receiveFrom(socket: number, offset: number, maxBytes: number): number;
}

export interface LoneStack {
  readonly stack: NetStack;
  readonly sockets: LoneSockets;
  /** A frame came. Nothing leaves before `settle`. */
  receive(frame: Uint8Array, lenBytes: number): void;
  /** The time that `setAlarm` asked for has come. */
  alarm(): void;
  /** Sends what the stack has to send and tells what it has to tell. After each batch of frames, alarms and calls. */
  settle(): void;
  /** The device under the stack starts anew, as after the death of its driver: all frames in it are lost. */
  restartDevice(): void;
}

const NO_WORK: Work = { id: () => 0, spend: () => {}, spendMany: () => {} };

/** The device's side of the port: two rings of buffers that the stack lent. */
class LoneDevice {
  readonly #pool: Window;
  readonly #supplied: Int32Array = new Int32Array(CREDITS);
  readonly #submitted: Int32Array = new Int32Array(CREDITS);
  readonly #lengths: Int32Array = new Int32Array(CREDITS);
  #supplyAt = 0;
  #supplyCount = 0;
  #submitAt = 0;
  #submitCount = 0;
  readonly frame: Uint8Array = new Uint8Array(BUFFER_SIZE_BYTES);

  constructor(pool: Window) {
    this.#pool = pool;
  }
  supply(ref: number): number {
    this.#supplied[(this.#supplyAt + this.#supplyCount++) % CREDITS] = ref;
    return 0;
  }
  submit(ref: number, lenBytes: number): number {
    const slot = (this.#submitAt + this.#submitCount++) % CREDITS;
    this.#submitted[slot] = ref;
    this.#lengths[slot] = lenBytes;
    return 0;
  }
  /** @returns the buffer that the frame was put into, or -1 when none was supplied and the frame is lost. */
  fill(frame: Uint8Array, lenBytes: number): number {
    if (this.#supplyCount === 0 || lenBytes > BUFFER_SIZE_BYTES) return -1;
    const ref = this.#supplied[this.#supplyAt]!;
    this.#supplyAt = (this.#supplyAt + 1) % CREDITS;
    this.#supplyCount--;
    this.#pool.storeBytes(ref, frame, 0, lenBytes);
    return ref;
  }
  get hasFrame(): boolean {
    return this.#submitCount > 0;
  }
  get nextRef(): number {
    return this.#submitted[this.#submitAt]!;
  }
  /** Copies the oldest frame to `frame` and forgets it. @returns its length. */
  take(): number {
    const lenBytes = this.#lengths[this.#submitAt]!;
    this.#pool.loadBytes(this.nextRef, this.frame, 0, lenBytes);
    this.#submitAt = (this.#submitAt + 1) % CREDITS;
    this.#submitCount--;
    return lenBytes;
  }
  reset(): void {
    this.#supplyCount = 0;
    this.#submitCount = 0;
  }
}

/** `ready` events between the stack and its client. */
class EventQueue {
  readonly #sockets: Int32Array = new Int32Array(MAX_EVENTS);
  readonly #what: Int32Array = new Int32Array(MAX_EVENTS);
  #at = 0;
  #count = 0;

  /** @returns 0, or QUEUE_FULL's number. */
  push(socket: number, what: number): number {
    if (this.#count === MAX_EVENTS) return -2;
    const slot = (this.#at + this.#count++) % MAX_EVENTS;
    this.#sockets[slot] = socket;
    this.#what[slot] = what;
    return 0;
  }
  deliver(onReady: (socket: number, what: number) => void): boolean {
    if (this.#count === 0) return false;
    const slot = this.#at;
    this.#at = (slot + 1) % MAX_EVENTS;
    this.#count--;
    onReady(this.#sockets[slot]!, this.#what[slot]!);
    return true;
  }
}

function contextOf(options: LoneStackOptions, memory: FlatMemory): Context<NetStackConfig> {
  const region = (page: number, pages: number): Region => ({
    window: new Window(memory, page, 0, pages * PAGE_SIZE_BYTES),
    frame: 0 as Right,
    frameCount: 1,
    frameSizeBits: 12,
  });
  const pool = region(POOL_PAGE, POOL_PAGES);
  const shared = region(SHARED_PAGE, SHARED_PAGES);
  const absent = (name: string): never => {
    throw new RangeError(`a lone stack has no ${name}`);
  };
  return {
    self: 0,
    memory,
    heap: new Window(memory, HEAP_PAGE, 0, HEAP_PAGES * PAGE_SIZE_BYTES),
    work: NO_WORK,
    answer: new Int32Array(8),
    config: options.config,
    right: absent,
    region: absent,
    shared: (port) => (port === 'device' ? pool : shared),
    nowUs: options.nowUs,
  };
}

function socketsOf(stack: NetStack, context: Context<NetStackConfig>): LoneSockets {
  const calls = stack.handlers.sockets;
  const { window } = context.shared('sockets');
  type Ref = Parameters<typeof calls.send>[2];
  return {
    answer: context.answer,
    regionLenBytes: window.lenBytes,
    write: (offset, from, at, lenBytes) => window.storeBytes(offset, from, at, lenBytes),
    read: (offset, into, at, lenBytes) => window.loadBytes(offset, into, at, lenBytes),
    listen: (port, backlog) => calls.listen(CLIENT, port, backlog),
    accept: (listener) => calls.accept(CLIENT, listener),
    connect: (address, port) => calls.connect(CLIENT, address, port),
    receive: (socket, offset, maxBytes) => calls.receive(CLIENT, socket, offset as Ref, maxBytes),
    send: (socket, offset, lenBytes) => calls.send(CLIENT, socket, offset as Ref, lenBytes),
    close: (socket) => calls.close(CLIENT, socket),
    abort: (socket) => calls.abort(CLIENT, socket),
    bind: (port) => calls.bind(CLIENT, port),
    sendTo: (socket, offset, lenBytes, address, port) =>
      calls.sendTo(CLIENT, socket, offset as Ref, lenBytes, address, port),
    receiveFrom: (socket, offset, maxBytes) => calls.receiveFrom(CLIENT, socket, offset as Ref, maxBytes),
  };
}

const macLowOf = (address: number | string): number => {
  if (typeof address === 'number') return address | 0;
  const parsed = parseIpv4Address(address);
  return parsed.ok ? parsed.value : 0;
};

const setAlarm = (options: LoneStackOptions, delayUs: number): number => {
  options.setAlarm(delayUs);
  return 0;
};

/** Makes a stack that stands alone, with its device up. */
export function createLoneStack(options: LoneStackOptions): LoneStack {
  const memory = new FlatMemory(SHARED_PAGE + SHARED_PAGES);
  const context = contextOf(options, memory);
  const device = new LoneDevice(context.shared('device').window);
  const events = new EventQueue();
  const stack = new NetStack(context, {
    device: {
      open: () => 0,
      submit: (ref, lenBytes) => device.submit(ref, lenBytes),
      supply: (ref) => device.supply(ref),
    },
    kernel: { setAlarm: (_token, delayUs) => setAlarm(options, delayUs) },
    sockets: { ready: (_to, socket, what) => events.push(socket, what) },
  });
  const up = stack.handlers.device;
  type Ref = Parameters<typeof up.arrived>[0];
  let isSettling = false;

  const pump = (): void => {
    stack.settle();
    while (device.hasFrame) {
      const ref = device.nextRef as Ref;
      const lenBytes = device.take();
      up.completed(ref);
      options.transmit(device.frame, lenBytes);
      stack.settle();
    }
  };
  const settle = (): void => {
    if (isSettling) return;
    isSettling = true;
    try {
      do pump();
      while (events.deliver(options.onReady));
    } finally {
      isSettling = false;
    }
  };
  const restartDevice = (): void => {
    device.reset();
    up.ready(MAC_HIGH, macLowOf(options.config.address));
    stack.settle();
  };
  restartDevice();
  return {
    stack,
    sockets: socketsOf(stack, context),
    receive: (frame, lenBytes) => {
      const ref = device.fill(frame, lenBytes);
      if (ref >= 0) up.arrived(ref as Ref, lenBytes);
    },
    alarm: () => stack.handlers.kernel.notified(1),
    settle,
    restartDevice,
  };
}
