/** Our driver of the Intel 82574L, unedited, on a device that nobody here wrote. */
import { FRAME_MAX_BYTES, FRAME_MIN_BYTES } from '@bulkhead/intel-82574-datasheet';
import { nicDriver } from '@bulkhead/nic-driver';
import { BUFFER_SIZE_BYTES, CREDITS } from '@bulkhead/nic-driver-api';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DriverBench,
  Exchange,
  MAC,
  POOL_SIZE_BYTES,
  type QemuFunction,
  startE1000e,
  whyNoQemu,
} from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const HEADER_BYTES = 14;
const whyNot = whyNoQemu();

type Bench = DriverBench<typeof nicDriver.config>;
/** As it is received: the device pads what is shorter than Ethernet allows. */
const padded = (frame: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(Math.max(frame.length, FRAME_MIN_BYTES));
  whole.set(frame);
  return whole;
};
/** Vitest's own comparison of thousands of arrays takes longer than the exchange. */
const sameFrames = (seen: readonly Uint8Array[], expected: readonly Uint8Array[]): void => {
  expect(seen.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  expect(seen.findIndex((frame, i) => Buffer.compare(frame, expected[i]!) !== 0)).toBe(-1);
};
/** Every length once, in an order that says nothing, and so on until there are `count`. */
const lengths = (count: number, shortest: number): number[] => {
  const span = FRAME_MAX_BYTES - shortest + 1;
  return Array.from({ length: count }, (_, i) => shortest + ((i * 997) % span));
};

describe('nic-driver on QEMU’s e1000e', () => {
  let device: QemuFunction;
  let bench: Bench;
  let exchange: Exchange<typeof nicDriver.config>;
  beforeAll(async () => {
    if (whyNot === '') device = await startE1000e();
  });
  afterAll(() => device?.machine.stop());
  beforeEach((context) => {
    context.skip(whyNot !== '', whyNot);
    bench = new DriverBench(device, nicDriver);
    bench.start();
    exchange = new Exchange(bench, MAC, 5);
  });
  const opened = (): void => {
    bench.events.length = 0;
    device.machine.wire.sent();
  };

  it('comes up with the address that the device has, and its link', () => {
    expect(bench.events).toEqual([
      { kind: 'ready', mac: '525400123456' },
      { kind: 'link', up: true },
    ]);
  });
  it('transmits thousands of frames of every length: their bytes, in their order', () => {
    opened();
    const frames = lengths(3000 * EFFORT, HEADER_BYTES).map((lenBytes) => exchange.frame(lenBytes));
    exchange.exchange(frames, []);
    sameFrames(device.machine.wire.sent(), frames);
    expect(exchange.completedCount).toBe(frames.length);
  });
  it('has back a frame that is shorter than an Ethernet header, which this device does not send', () => {
    opened();
    exchange.exchange(
      Array.from({ length: HEADER_BYTES - 1 }, (_, i) => exchange.frame(i + 1)),
      [],
    );
    expect(exchange.completedCount).toBe(HEADER_BYTES - 1);
    expect(device.machine.wire.sent()).toEqual([]);
  });
  it('receives thousands of frames of every length: their bytes, in their order', () => {
    opened();
    const frames = lengths(3000 * EFFORT, HEADER_BYTES).map((lenBytes) => exchange.frame(lenBytes));
    exchange.exchange([], frames);
    sameFrames(exchange.arrived, frames.map(padded));
  });
  it('does both at once, in whatever batches', () => {
    opened();
    const frame = fc.integer({ min: HEADER_BYTES, max: FRAME_MAX_BYTES });
    const batch = fc.record({ out: fc.array(frame, { maxLength: 200 }), in: fc.array(frame, { maxLength: 200 }) });
    fc.assert(
      fc.property(batch, (lengths) => {
        const out = lengths.out.map((lenBytes) => exchange.frame(lenBytes));
        const into = lengths.in.map((lenBytes) => exchange.frame(lenBytes));
        exchange.arrived.length = 0;
        exchange.exchange(out, into);
        sameFrames(device.machine.wire.sent(), out);
        sameFrames(exchange.arrived, into.map(padded));
      }),
      { numRuns: 20 * EFFORT },
    );
  });
  it('loses nothing when frames find no buffer: they come when buffers do', () => {
    opened();
    const frames = lengths(3 * CREDITS, FRAME_MIN_BYTES).map((lenBytes) => exchange.frame(lenBytes));
    exchange.supply(10);
    bench.settle();
    for (const frame of frames) device.machine.wire.send(frame);
    bench.runUntil(() => bench.events.length >= 10);
    exchange.collect();
    sameFrames(exchange.arrived, frames.slice(0, 10));
    exchange.exchange([], []);
    bench.runUntil(() => {
      exchange.collect();
      exchange.supply();
      return exchange.arrived.length === frames.length;
    });
    sameFrames(exchange.arrived, frames);
  });
  it('is interrupted for what it has to do, less often than once a frame, and for nothing else', () => {
    opened();
    exchange.exchange(
      lengths(CREDITS, FRAME_MIN_BYTES).map((lenBytes) => exchange.frame(lenBytes)),
      [],
    );
    const busy = bench.interruptCount;
    expect(busy).toBeGreaterThan(0);
    expect(busy).toBeLessThan(CREDITS);
    const end = Date.now() + 50;
    while (Date.now() < end) bench.run();
    expect(bench.interruptCount - busy).toBeLessThanOrEqual(1); // one may have been on its way
  });
  it('tells its stack that the cable was pulled, and that it is back', () => {
    opened();
    for (const [command, up] of [
      ['set_link nic off', false],
      ['set_link nic on', true],
    ] as const) {
      device.machine.command(command);
      bench.runUntil(() => bench.events.length > 0);
      expect(bench.events.splice(0)).toEqual([{ kind: 'link', up }]);
    }
    const frames = [exchange.frame(100), exchange.frame(1000)];
    exchange.exchange(frames, frames);
    sameFrames(device.machine.wire.sent(), frames);
    sameFrames(exchange.arrived, frames);
  });
  it('starts anew on a device that its last life left at work: nothing of that life is written any more', () => {
    opened();
    exchange.supply();
    bench.settle();
    const poison = new Uint8Array(BUFFER_SIZE_BYTES).fill(0xa5);
    const fresh = new DriverBench(device, nicDriver);
    for (let at = 0; at < POOL_SIZE_BYTES; at += BUFFER_SIZE_BYTES) fresh.storeAt(at, poison);
    fresh.start();
    expect(fresh.events.splice(0).map(({ kind }) => kind)).toEqual(['ready', 'link']);
    const after = new Exchange(fresh, MAC, 6);
    const frames = lengths(500, FRAME_MIN_BYTES).map((lenBytes) => after.frame(lenBytes));
    after.exchange(frames, frames.slice(0, CREDITS));
    sameFrames(device.machine.wire.sent(), frames);
    sameFrames(after.arrived, frames.slice(0, CREDITS));
  });
});
