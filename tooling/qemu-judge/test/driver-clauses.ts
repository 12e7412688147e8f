/** What a NIC driver of ours owes its stack, on a device that nobody here wrote. */
import { FRAME_MAX_BYTES, FRAME_MIN_BYTES } from '@bulkhead/intel-82574-datasheet';
import { BUFFER_SIZE_BYTES, CREDITS } from '@bulkhead/nic-driver-api';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DriverBench,
  Exchange,
  MAC,
  type NicConfig,
  type NicDefinition,
  POOL_SIZE_BYTES,
  type QemuFunction,
  whyNoQemu,
} from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const HEADER_BYTES = 14;
const FRAMES = 3000 * EFFORT;
/** How long to look for interrupts that should not come. */
const QUIET_MS = 50;
const whyNot = whyNoQemu();

export interface Traits {
  /** Frames below this length are padded to it on reception. */
  readonly receivesAtLeastBytes: number;
  /** Frames below this length are not sent. */
  readonly sendsAtLeastBytes: number;
}

/** Vitest's own comparison of thousands of arrays takes longer than the exchange. */
function sameFrames(seen: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(seen.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  expect(seen.findIndex((frame, i) => Buffer.compare(frame, expected[i]!) !== 0)).toBe(-1);
}
/** Every length once, in an order that says nothing, and so on until there are `count`. */
const lengths = (count: number, shortest: number): number[] => {
  const span = FRAME_MAX_BYTES - shortest + 1;
  return Array.from({ length: count }, (_, i) => shortest + ((i * 997) % span));
};

export function driverClauses<Config extends NicConfig>(
  name: string,
  start: () => Promise<QemuFunction>,
  definition: NicDefinition<Config>,
  { receivesAtLeastBytes, sendsAtLeastBytes }: Traits,
): void {
  describe(name, () => {
    let device: QemuFunction;
    let bench: DriverBench<Config>;
    let exchange: Exchange<Config>;
    beforeAll(async () => {
      if (whyNot === '') device = await start();
    });
    afterAll(() => device?.machine.stop());
    beforeEach((context) => {
      context.skip(whyNot !== '', whyNot);
      bench = new DriverBench(device, definition);
      bench.start();
      exchange = new Exchange(bench, MAC, 5);
    });
    /** After the start: what it told is forgotten. */
    const opened = (): void => {
      bench.events.length = 0;
      device.machine.wire.sent();
    };
    const frames = (count: number, shortest: number): Uint8Array[] =>
      lengths(count, shortest).map((lenBytes) => exchange.frame(lenBytes));
    const padded = (frame: Uint8Array): Uint8Array => {
      const whole = new Uint8Array(Math.max(frame.length, receivesAtLeastBytes));
      whole.set(frame);
      return whole;
    };

    it('comes up with the address that the device has, and its link', () => {
      expect(bench.events).toEqual([
        { kind: 'ready', mac: Buffer.from(MAC).toString('hex') },
        { kind: 'link', up: true },
      ]);
    });
    it('transmits thousands of frames of every length: their bytes, in their order', () => {
      opened();
      const out = frames(FRAMES, HEADER_BYTES);
      exchange.exchange(out, []);
      sameFrames(device.machine.wire.sent(), out);
      expect(exchange.completedCount).toBe(out.length);
    });
    it('has back the buffer of a frame that is shorter than an Ethernet header', () => {
      opened();
      const out = Array.from({ length: HEADER_BYTES - 1 }, (_, i) => exchange.frame(i + 1));
      exchange.exchange(out, []);
      expect(exchange.completedCount).toBe(out.length);
      sameFrames(
        device.machine.wire.sent(),
        out.filter(({ length }) => length >= sendsAtLeastBytes),
      );
    });
    it('receives thousands of frames of every length: their bytes, in their order', () => {
      opened();
      const into = frames(FRAMES, HEADER_BYTES);
      exchange.exchange([], into);
      sameFrames(exchange.arrived, into.map(padded));
    });
    it('does both at once, in whatever batches', () => {
      opened();
      const lenBytes = fc.integer({ min: HEADER_BYTES, max: FRAME_MAX_BYTES });
      const batch = fc.record({
        out: fc.array(lenBytes, { maxLength: 200 }),
        in: fc.array(lenBytes, { maxLength: 200 }),
      });
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
      const into = frames(3 * CREDITS, FRAME_MIN_BYTES);
      exchange.supply(10);
      bench.settle();
      for (const frame of into) device.machine.wire.send(frame);
      bench.runUntil(() => bench.events.length >= 10);
      exchange.collect();
      sameFrames(exchange.arrived, into.slice(0, 10));
      bench.runUntil(() => {
        exchange.collect();
        exchange.supply();
        return exchange.arrived.length === into.length;
      });
      sameFrames(exchange.arrived, into);
    });
    it('is interrupted for what it has to do, less often than once a frame, and for nothing else', () => {
      opened();
      exchange.exchange(frames(CREDITS, FRAME_MIN_BYTES), []);
      const busy = bench.interruptCount;
      expect(busy).toBeGreaterThan(0);
      expect(busy).toBeLessThan(CREDITS);
      const end = Date.now() + QUIET_MS;
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
      const both = frames(2, 700);
      exchange.exchange(both, both);
      sameFrames(device.machine.wire.sent(), both);
      sameFrames(exchange.arrived, both);
    });
    it('starts anew on a device that its last life left at work, which no longer reaches what it was lent', () => {
      opened();
      exchange.supply();
      bench.settle();
      const fresh = new DriverBench(device, definition);
      const poison = new Uint8Array(BUFFER_SIZE_BYTES).fill(0xa5);
      for (let at = 0; at < POOL_SIZE_BYTES; at += BUFFER_SIZE_BYTES) fresh.storeAt(at, poison);
      fresh.start();
      expect(fresh.events.splice(0).map(({ kind }) => kind)).toEqual(['ready', 'link']);
      device.machine.wire.send(exchange.frame(500));
      fresh.run();
      for (let at = 0; at < POOL_SIZE_BYTES; at += BUFFER_SIZE_BYTES) {
        expect(Buffer.compare(fresh.bytesAt(at, BUFFER_SIZE_BYTES), poison), `buffer ${at}`).toBe(0);
      }
      const after = new Exchange(fresh, MAC, 6);
      const out = lengths(500, FRAME_MIN_BYTES).map((lenBytes) => after.frame(lenBytes));
      after.exchange(out, out.slice(0, CREDITS));
      sameFrames(device.machine.wire.sent(), out);
      sameFrames(after.arrived.slice(-CREDITS), out.slice(0, CREDITS));
    });
  });
}
