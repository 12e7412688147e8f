import type { BufferRef } from '@bulkhead/abi';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBuffers } from './invariants.ts';
import { pattern, type Segment, Trace } from './trace.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

const segments: fc.Arbitrary<Segment> = fc.record({
  control: fc.constantFrom('S', 'A', 'PA', 'FA', 'R', 'RA', 'SA', 'F', 'FSRPAU', ''),
  seq: fc.oneof(fc.integer({ min: -3, max: 4000 }), fc.integer({ min: 0, max: 0xffffffff })),
  ack: fc.oneof(fc.integer({ min: -3, max: 4000 }), fc.integer({ min: 0, max: 0xffffffff })),
  window: fc.constantFrom(0, 1, 100, 3000, 0xffff),
  text: fc.constantFrom(0, 1, 5, 700, 1460).map(pattern),
  port: fc.constantFrom(80, 81),
  peerPort: fc.constantFrom(50_000, 50_001, 50_002),
});

type Step =
  | {
      readonly kind: 'segment';
      readonly segment: Segment;
      readonly flips: readonly [number, number][];
      readonly cut: number;
    }
  | { readonly kind: 'noise'; readonly bytes: Uint8Array }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'lie'; readonly ref: number; readonly lenBytes: number }
  | { readonly kind: 'call'; readonly which: number; readonly socket: number; readonly lenBytes: number }
  | { readonly kind: 'restart' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('segment' as const),
      segment: segments,
      flips: fc.constant([]),
      cut: fc.constant(0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('segment' as const),
      segment: segments,
      flips: fc.array(fc.tuple(fc.nat(80), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
      cut: fc.nat(80),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('noise' as const), bytes: fc.uint8Array({ maxLength: 120 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 300, 5000, 70_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('lie' as const),
      ref: fc.oneof(
        fc.integer(),
        fc.nat(1030).map((n) => n * 2048),
      ),
      lenBytes: fc.oneof(fc.integer(), fc.nat(1600)),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      which: fc.nat(9),
      socket: fc.oneof(fc.nat(6), fc.integer()),
      lenBytes: fc.oneof(fc.nat(5000), fc.integer()),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

function call(t: Trace, which: number, socket: number, lenBytes: number): number {
  const s = t.lone.sockets;
  switch (which) {
    case 0:
      return s.listen(80 + (lenBytes & 1), lenBytes & 3);
    case 1:
      return s.accept(socket);
    case 2:
      return s.connect(0x0a000002, 50_000);
    case 3:
      return s.receive(socket, 0, lenBytes);
    case 4:
    case 5:
      return s.send(socket, 0, lenBytes);
    case 6:
      return s.close(socket);
    case 7:
      return s.abort(socket);
    case 8:
      return s.bind(lenBytes & 0xff);
    default:
      return s.sendTo(socket, 0, lenBytes, 0x0a000002, 9);
  }
}

function take(t: Trace, step: Step): void {
  const device = t.lone.stack.handlers.device;
  switch (step.kind) {
    case 'segment': {
      const frame = t.segmentFrame(step.segment);
      for (const [at, bits] of step.flips) if (at < frame.length) frame[at]! ^= bits;
      t.lone.receive(frame, Math.max(0, frame.length - step.cut));
      break;
    }
    case 'noise':
      t.lone.receive(step.bytes, step.bytes.length);
      break;
    case 'wait':
      t.wait(step.ms);
      break;
    case 'lie':
      // A buffer that is not out at all, or out the other way; what is really out would be the device's right to return.
      if (isOut(t, step.ref)) return;
      device.arrived(step.ref as BufferRef, step.lenBytes);
      device.completed(step.ref as BufferRef);
      break;
    case 'call':
      call(t, step.which, step.socket, step.lenBytes);
      break;
    case 'restart':
      t.lone.restartDevice();
  }
  t.lone.settle();
}
const isOut = (t: Trace, ref: number): boolean => {
  const { buffers } = t.lone.stack.inspection;
  const buffer = buffers.named(ref);
  return buffer >= 0 && buffers.out(buffer) !== 0;
};

describe('nothing from the wire, the device or a client is believed', () => {
  it('no frame, event or call makes the stack throw, or lose or double a buffer', () => {
    let answered = 0;
    fc.assert(
      fc.property(fc.array(steps, { minLength: 20, maxLength: 60 }), (run) => {
        const t = new Trace({ maxConnections: 4, receiveBufferBytes: 4096, sendBufferBytes: 8192, timeWaitMs: 1000 });
        t.lone.sockets.listen(80, 3);
        for (const step of run) take(t, step);
        checkBuffers(t.lone.stack);
        answered += t.frames.length;
      }),
      { numRuns: 150 * EFFORT },
    );
    expect(answered).toBeGreaterThan(0);
  });
  it('a device that returns what it does not have is counted and ignored', () => {
    const t = new Trace();
    const { device } = t.lone.stack.handlers;
    for (const ref of [-1, 1, 2048 * 1024, 2048 * 700, 0.5, Number.NaN]) {
      device.completed(ref as BufferRef);
      device.arrived(ref as BufferRef, 60);
    }
    expect(t.lone.stack.counter('badDeviceEvent')).toBe(12);
    checkBuffers(t.lone.stack);
  });
});
