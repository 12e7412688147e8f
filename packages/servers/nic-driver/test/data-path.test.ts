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

describe('transmission (82574 §7.2 "Transmit Functionality")', () => {
  it('sends the bytes of a buffer and gives it back', () => {
    const all = started();
    put(all, 4096, frame(1, 60));
    all.submit(4096, 60);
    all.settle();
    all.deliver();
    expect(all.nic.sent).toEqual([frame(1, 60)]);
    expect(all.trace).toEqual(['completed 5 4096', 'acknowledge 90']);
  });
  it('rings one doorbell for a batch, and none when there is nothing new', () => {
    const all = started();
    for (let i = 0; i < 5; i++) all.submit(i * BUFFER_SIZE_BYTES, 60);
    expect(all.nic.writes).toEqual([]);
    all.settle();
    all.settle();
    expect(all.nic.writes).toEqual(['3818 = 5']);
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
  it('does not take the status of the ring’s last round for that of this one', () => {
    const all = started();
    for (let i = 0; i < 256; i++) {
      all.submit(0, 60);
      all.settle();
      all.deliver();
    }
    all.trace.length = 0;
    all.submit(0, 60);
    all.notified(0);
    expect(all.trace).toEqual(['acknowledge 90']);
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
  it('takes the last frame that fits the pool', () => {
    const all = started();
    all.submit(POOL_SIZE_BYTES - 60, 60);
    all.settle();
    expect(all.nic.sent).toHaveLength(1);
  });
  it('completes at once what exceeds the ring, and counts it', () => {
    const all = started();
    for (let i = 0; i < 256; i++) all.submit(i * BUFFER_SIZE_BYTES, 60);
    expect(all.trace).toEqual([`completed 5 ${255 * BUFFER_SIZE_BYTES}`]);
    expect(counted(all, NO_ROOM)).toBe(1);
  });
  it('gives a stranger back its buffer: the pool is the peer’s', () => {
    const all = started();
    all.submit(0, 60, STACK + 1);
    expect(all.trace).toEqual(['completed 6 0']);
  });
});

describe('reception (82574 §7.1 "Receive Functionality")', () => {
  it('delivers a frame with its length', () => {
    const all = started();
    all.supply(8192);
    all.settle();
    expect(all.nic.receive(frame(7, 90))).toBe(true);
    all.deliver();
    expect(all.trace).toEqual(['arrived 5 8192 90', 'acknowledge 90']);
    expect(bytesAt(all, 8192, 90)).toEqual(frame(7, 90));
  });
  it('does not take the status of the ring’s last round for that of this one', () => {
    const all = started();
    for (let i = 0; i < 256; i++) {
      all.supply(0);
      all.settle();
      all.nic.receive(frame(i, 60));
      all.deliver();
    }
    all.trace.length = 0;
    all.supply(0);
    all.notified(0);
    expect(all.trace).toEqual(['acknowledge 90']);
  });
  it('tells the device its buffers once a batch', () => {
    const all = started();
    for (let i = 0; i < CREDITS; i++) all.supply(i * BUFFER_SIZE_BYTES);
    all.settle();
    expect(all.nic.writes).toEqual([`2818 = ${CREDITS.toString(16)}`]);
  });
  it('unmasks the causes before it acknowledges, so that none is lost', () => {
    const all = started();
    all.supply(0);
    all.settle();
    all.nic.receive(frame(0, 60));
    all.nic.writes.length = 0;
    all.deliver();
    expect(all.nic.writes).toEqual(['d0 = 500000']);
    expect(all.trace.at(-1)).toBe('acknowledge 90');
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
  it.each([
    ['a CRC error', { errors: 0x01 }],
    ['a receive data error', { errors: 0x80 }],
    ['a length beyond the buffer', { lenBytes: 2049 }],
  ])('drops a frame with %s, and supplies its buffer again', (_, how) => {
    const all = started();
    all.supply(2048);
    all.settle();
    all.nic.receive(frame(0, 60), how);
    all.deliver();
    all.settle();
    expect(all.trace).toEqual(['acknowledge 90']);
    expect(counted(all, FRAME_ERROR)).toBe(1);
    all.nic.receive(frame(1, 61));
    all.deliver();
    expect(all.trace).toEqual(['acknowledge 90', 'arrived 5 2048 61', 'acknowledge 90']);
  });
  it('delivers a frame whose TCP or IP checksum is wrong: that is the stack’s to judge', () => {
    const all = started();
    all.supply(0);
    all.settle();
    all.nic.receive(frame(0, 60), { errors: 0x60 });
    all.deliver();
    expect(all.trace).toContain('arrived 5 0 60');
  });
  it('drops every piece of a frame that took several buffers', () => {
    const all = started();
    for (let i = 0; i < 4; i++) all.supply(i * BUFFER_SIZE_BYTES);
    all.settle();
    all.nic.receive(frame(0, 2048), { isLast: false });
    all.nic.receive(frame(0, 2048), { isLast: false });
    all.nic.receive(frame(0, 100));
    all.nic.receive(frame(0, 70));
    all.deliver();
    expect(all.trace.filter((line) => line.startsWith('arrived'))).toEqual([`arrived 5 ${3 * BUFFER_SIZE_BYTES} 70`]);
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
  it('delivers at most 64 frames in one handler, and raises the interrupt again for the rest', () => {
    const all = started();
    for (let i = 0; i < CREDITS; i++) all.supply(i * BUFFER_SIZE_BYTES);
    all.settle();
    for (let i = 0; i < 100; i++) all.nic.receive(frame(i, 60));
    all.nic.messages.length = 1;
    all.nic.registers.set(0xc0, 0); // ICR: nothing else would raise it
    all.deliver();
    expect(all.spent['rx-frame']).toBe(64);
    expect(all.nic.messages).toEqual([0]);
    all.deliver();
    expect(all.spent['rx-frame']).toBe(100);
  });
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
    nic.raise(1 << 2);
    deliver();
    expect(trace.filter((line) => line.startsWith('link'))).toEqual(['link 5 0']);
  });
  it('clears the causes of the link and leaves those of the rings', () => {
    const { nic, notified } = started();
    nic.registers.set(0xd0, 0);
    nic.raise((1 << 20) | (1 << 2) | (1 << 6));
    notified(1);
    expect(nic.read(0xc0)).toBe(1 << 20);
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
    all.faulted();
    expect(counted(all, 16)).toBe(2);
  });
});

const operation = fc.oneof(
  fc.record({ kind: fc.constant('submit' as const), lenBytes: fc.integer({ min: 1, max: 1518 }) }),
  fc.record({ kind: fc.constant('supply' as const) }),
  fc.record({ kind: fc.constant('receive' as const), lenBytes: fc.integer({ min: 1, max: 1518 }), bad: fc.boolean() }),
  fc.record({ kind: fc.constant('settle' as const) }),
  fc.record({ kind: fc.constant('deliver' as const) }),
);
describe('whatever happens in whatever order', () => {
  it('every buffer comes back once, frames keep their order and bytes', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const all = started();
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
            if (all.nic.receive(bytes, { errors: one.bad ? 2 : 0 }) && !one.bad) received.push(bytes);
          } else if (one.kind === 'settle') all.settle();
          else if (one.kind === 'deliver') all.deliver();
          collect();
        });
        all.settle();
        while (all.nic.messages.length > 0) all.deliver();
        collect();
        expect(all.nic.sent).toEqual(sent);
        expect(arrived).toEqual(received);
        expect(out.tx).toBe(0);
        expect(free.length).toBe(256 - out.rx);
      }),
      { numRuns: 60 * EFFORT },
    );
  });
});

describe('A driver that the stack does not know yet', () => {
  it('takes no buffer before `open`, for it was lent to the driver before it', () => {
    const all = bench();
    all.start();
    all.nic.writes.length = 0;
    all.submit(0, 60);
    all.supply(2048);
    all.settle();
    expect(all.nic.writes).toEqual([]);
    expect(all.heap.load32(2048 + 20)).toBe(2);
    all.open(STACK + 1);
    all.submit(0, 60);
    expect(all.heap.load32(2048 + 20)).toBe(3);
    all.open();
    all.submit(0, 60);
    all.settle();
    expect(all.nic.writes.length).toBeGreaterThan(0);
  });
});
