import { PEER_DIED, QUEUE_FULL } from '@bulkhead/abi';
import { BUFFER_SIZE_BYTES, CREDITS } from '@bulkhead/nic-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bench, POOL_SIZE_BYTES, STACK, started } from './bench.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const COUNTERS = 2048;
const BAD_BUFFER = 0;
const NO_ROOM = 4;
const FRAME_ERROR = 8;
const EVENT_REFUSED = 12;
const IOMMU_FAULT = 16;
const NOT_OPEN = 20;
const BAD_USED = 24;
const frame = (first: number, lenBytes: number): number[] =>
  Array.from({ length: lenBytes }, (_, i) => (first + i) & 0xff);

type Bench = ReturnType<typeof started>;
const put = ({ pool }: Bench, buffer: number, bytes: readonly number[]): void =>
  pool.storeBytes(buffer, Uint8Array.from(bytes), 0, bytes.length);
const bytesAt = ({ pool }: Bench, buffer: number, lenBytes: number): number[] => {
  const bytes = new Uint8Array(lenBytes);
  pool.loadBytes(buffer, bytes, 0, lenBytes);
  return [...bytes];
};
const counted = ({ heap }: Bench, counter: number): number => heap.load32(COUNTERS + counter);
const noEvents = { features: [5, 16, 32, 33] };

describe('transmission (Virtio 1.2 §5.1.6.2, §2.7.13)', () => {
  it('sends the bytes of a buffer behind a header of zeros, and gives it back', () => {
    const all = started();
    put(all, 4096, frame(1, 60));
    all.submit(4096, 60);
    all.settle();
    all.deliver();
    expect(all.nic.sent).toEqual([frame(1, 60)]);
    expect(all.trace).toEqual(['completed 5 4096', 'acknowledge 90']);
  });
  it('notifies once a batch, and not when there is nothing new', () => {
    const all = started();
    for (let i = 0; i < 5; i++) all.submit(i * BUFFER_SIZE_BYTES, 60);
    expect(all.nic.writes).toEqual([]);
    all.settle();
    all.settle();
    expect(all.nic.writes).toEqual(['notify 1']);
    expect(all.nic.sent.length).toBe(5);
  });
  it('§2.7.10.1: does not notify a device that asked for a later index', () => {
    const all = started();
    all.nic.askAt(1, 2);
    for (let i = 0; i < 4; i++) {
      all.submit(i * BUFFER_SIZE_BYTES, 60);
      all.settle();
      expect(all.nic.writes.length).toBe(i < 2 ? 0 : 1);
      all.nic.transmits = false;
    }
  });
  it('§2.7.10.1: without events notifies unless NO_NOTIFY is set', () => {
    const all = started({}, (nic) => Object.assign(nic, noEvents));
    all.nic.quiet(1, 1);
    all.submit(0, 60);
    all.settle();
    expect(all.nic.writes).toEqual([]);
    all.nic.quiet(1, 0);
    all.submit(2048, 60);
    all.settle();
    expect([all.nic.writes, all.nic.sent.length]).toEqual([['notify 1'], 2]);
    all.deliver();
    expect(all.trace.filter((line) => line.startsWith('completed'))).toEqual(['completed 5 0', 'completed 5 2048']);
  });
  it('keeps the order over the end of the ring', () => {
    const all = started();
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 50; i++) all.submit(i * BUFFER_SIZE_BYTES, 60);
      all.settle();
      all.deliver();
    }
    const order = Array.from({ length: 500 }, (_, i) => `completed 5 ${(i % 50) * BUFFER_SIZE_BYTES}`);
    expect(all.trace.filter((line) => line.startsWith('completed'))).toEqual(order);
  });
  it.each([
    ['below the pool', -1, 60],
    ['beyond the pool', POOL_SIZE_BYTES, 60],
    ['half beyond the pool', POOL_SIZE_BYTES - 59, 60],
    ['of no length', 0, 0],
    ['of a negative length', 0, -1],
    ['longer than a frame', 0, 1519],
    ['at the far end of 32 bits', 0x7fff_ffff, 0x7fff_ffff],
  ])('completes a buffer %s at once, and counts it', (_, buffer, lenBytes) => {
    const all = started();
    all.submit(buffer, lenBytes);
    all.settle();
    expect(all.trace).toEqual([`completed 5 ${buffer}`]);
    expect(counted(all, BAD_BUFFER)).toBe(1);
    expect(all.nic.sent).toEqual([]);
  });
  it('takes as many as the stack may lend, completes at once what exceeds them, and counts it', () => {
    const all = started();
    for (let i = 0; i <= CREDITS; i++) all.submit(i * BUFFER_SIZE_BYTES, 60);
    expect(all.trace).toEqual([`completed 5 ${CREDITS * BUFFER_SIZE_BYTES}`]);
    expect(counted(all, NO_ROOM)).toBe(1);
  });
  it('gives a stranger back its buffer: the pool is the peer’s', () => {
    const all = started();
    all.submit(0, 60, STACK + 1);
    expect(all.trace).toEqual(['completed 6 0']);
  });
  it('asks to be interrupted when three quarters are through, and misses none of the rest', () => {
    const all = started();
    all.nic.transmits = false;
    for (let i = 0; i < 16; i++) all.submit(i * BUFFER_SIZE_BYTES, 60);
    all.settle();
    all.notified(0);
    all.nic.complete();
    expect(all.nic.messages).toEqual([0]);
    all.deliver();
    expect(all.trace.filter((line) => line.startsWith('completed')).length).toBe(16);
  });
});

describe('reception (Virtio 1.2 §5.1.6.3, §5.1.6.4)', () => {
  it('delivers a frame with its length, and no byte of the header in the pool', () => {
    const all = started();
    all.supply(8192);
    all.settle();
    expect(all.nic.receive(frame(7, 90))).toBe(true);
    all.deliver();
    expect(all.trace).toEqual(['arrived 5 8192 90', 'acknowledge 90']);
    expect(bytesAt(all, 8192, 90)).toEqual(frame(7, 90));
  });
  it('lends the device its buffers, and notifies once a batch', () => {
    const all = started();
    for (let i = 0; i < CREDITS; i++) all.supply(i * BUFFER_SIZE_BYTES);
    expect(all.nic.receive(frame(0, 60))).toBe(false);
    all.settle();
    expect(all.nic.writes).toEqual(['notify 0']);
    for (let i = 0; i < CREDITS; i++) expect(all.nic.receive(frame(i, 60))).toBe(true);
    expect(all.nic.receive(frame(0, 60))).toBe(false);
  });
  it('reads no register on the data path', () => {
    const all = started();
    all.nic.reads = 0;
    all.supply(0);
    all.submit(2048, 60);
    all.settle();
    all.nic.receive(frame(0, 60));
    all.deliver();
    expect(all.trace).toContain('arrived 5 0 60');
    expect(all.nic.reads).toBe(0);
  });
  it.each([0, 11, 12, 2048 + 13, 0x7fff_ffff, -1])(
    'does not believe a length of %i, and supplies the buffer again',
    (lenBytes) => {
      const all = started();
      all.supply(2048);
      all.settle();
      all.nic.receive(frame(0, 60), lenBytes);
      all.deliver();
      all.settle();
      expect(all.trace).toEqual(['acknowledge 90']);
      expect(counted(all, FRAME_ERROR)).toBe(1);
      all.nic.receive(frame(1, 61));
      all.deliver();
      expect(all.trace.at(-2)).toBe('arrived 5 2048 61');
    },
  );
  it.each([1, 256, -2, 0x7fff_fffe, 4])('does not believe that it gave chain %i back, and counts it', (head) => {
    const all = started();
    all.supply(0);
    all.settle();
    all.nic.use(0, head, 72);
    all.deliver();
    expect(all.trace).toEqual(['acknowledge 90']);
    expect(counted(all, BAD_USED)).toBe(1);
  });
  it('does not believe that it gave one chain back twice', () => {
    const all = started();
    all.supply(0);
    all.settle();
    all.nic.receive(frame(0, 60));
    all.nic.use(0, 254, 72);
    all.deliver();
    expect(all.trace.filter((line) => line.startsWith('arrived')).length).toBe(1);
    expect(counted(all, BAD_USED)).toBe(1);
  });
  it('ends its handler for a device that gives back without end', () => {
    const all = started();
    for (let i = 0; i < 4; i++) all.supply(i * BUFFER_SIZE_BYTES);
    all.settle();
    all.nic.store16(3, 1024 + 2, 0x8000); // the used index of the receive queue runs away
    all.notified(0);
    expect(counted(all, BAD_USED)).toBeGreaterThan(100);
  });
  it.each([-1, -2048, POOL_SIZE_BYTES, POOL_SIZE_BYTES - 2047, 0x7fff_ffff])(
    'counts a buffer at %i that leaves the pool, and does not lend it',
    (buffer) => {
      const all = started();
      all.supply(buffer);
      all.settle();
      expect(all.nic.writes).toEqual([]);
      expect(counted(all, BAD_BUFFER)).toBe(1);
    },
  );
});

describe('the rest', () => {
  it('answers a ping with a pong', () => {
    const { ping, trace } = started();
    ping();
    expect(trace).toEqual(['pong']);
  });
  it('tells a change of the link once', () => {
    const { nic, deliver, trace } = started();
    nic.setLink(false);
    deliver();
    nic.setLink(false);
    deliver();
    expect(trace.filter((line) => line.startsWith('link'))).toEqual(['link 5 0']);
  });
  it('ends when the device needs a reset: its successor makes one', () => {
    const { nic, deliver } = started();
    nic.status |= 64;
    nic.setLink(true);
    expect(deliver).toThrow('the device needs a reset');
  });
  it.each([PEER_DIED, QUEUE_FULL])('goes on when the stack does not take an event (%i)', (refusal) => {
    const all = started({ 'completed 5 0': refusal });
    all.submit(0, 60);
    all.submit(2048, 60);
    all.settle();
    all.deliver();
    expect(all.trace).toEqual(['completed 5 0', 'completed 5 2048', 'acknowledge 90']);
    expect(counted(all, EVENT_REFUSED)).toBe(1);
  });
  it('counts what the IOMMU refused to the device', () => {
    const all = started();
    all.faulted();
    expect(counted(all, IOMMU_FAULT)).toBe(1);
  });
  it('takes no buffer before `open`, for it was lent to the driver before it', () => {
    const all = bench();
    all.start();
    all.nic.writes.length = 0;
    all.submit(0, 60);
    all.supply(2048);
    all.open(STACK + 1);
    all.submit(0, 60);
    all.settle();
    expect([all.nic.writes, all.trace.includes('completed 5 0')]).toEqual([[], false]);
    expect(all.heap.load32(COUNTERS + NOT_OPEN)).toBe(3);
  });
});

const operation = fc.oneof(
  fc.record({ kind: fc.constant('submit' as const), lenBytes: fc.integer({ min: 1, max: 1518 }) }),
  fc.record({ kind: fc.constant('supply' as const) }),
  fc.record({ kind: fc.constant('receive' as const), lenBytes: fc.integer({ min: 1, max: 1518 }) }),
  fc.record({ kind: fc.constant('settle' as const) }),
  fc.record({ kind: fc.constant('complete' as const) }),
  fc.record({ kind: fc.constant('deliver' as const) }),
);
describe('whatever happens in whatever order', () => {
  it.each([true, false])(
    'every buffer comes back once, frames keep their order and bytes (events: %s)',
    (hasEvents) => {
      fc.assert(
        fc.property(fc.array(operation, { maxLength: 300 }), fc.boolean(), (operations, transmits) => {
          const all = started({}, (nic) => Object.assign(nic, hasEvents ? {} : noEvents, { transmits }));
          const free = Array.from({ length: 256 }, (_, i) => i * BUFFER_SIZE_BYTES);
          const sent: number[][] = [];
          const received: number[][] = [];
          const arrived: number[][] = [];
          const out = { tx: 0, rx: 0 };
          /** The stack's side: takes back what the driver returned. */
          const collect = () => {
            for (const line of all.trace.splice(0)) {
              const [what, , buffer, lenBytes] = line.split(' ');
              if (what === 'acknowledge') continue;
              expect(free).not.toContain(Number(buffer));
              free.push(Number(buffer));
              out[what === 'completed' ? 'tx' : 'rx']--;
              if (what === 'arrived') arrived.push(bytesAt(all, Number(buffer), Number(lenBytes)));
            }
          };
          operations.forEach((one, number) => {
            if (one.kind === 'submit' && out.tx < CREDITS) {
              const buffer = free.shift()!;
              sent.push(frame(number, one.lenBytes));
              put(all, buffer, frame(number, one.lenBytes));
              all.submit(buffer, one.lenBytes);
              out.tx++;
            } else if (one.kind === 'supply' && out.rx < CREDITS) {
              all.supply(free.shift()!);
              out.rx++;
            } else if (one.kind === 'receive') {
              const bytes = frame(number, one.lenBytes);
              if (all.nic.receive(bytes)) received.push(bytes);
            } else if (one.kind === 'settle') all.settle();
            else if (one.kind === 'complete') all.nic.complete();
            else if (one.kind === 'deliver') all.deliver();
            collect();
          });
          all.settle();
          all.nic.complete();
          while (all.nic.messages.length > 0) all.deliver();
          collect();
          expect(all.nic.sent).toEqual(sent);
          expect(arrived).toEqual(received);
          expect(out.tx).toBe(0);
          expect(free.length).toBe(256 - out.rx);
        }),
        { numRuns: 40 * EFFORT },
      );
    },
  );
});
