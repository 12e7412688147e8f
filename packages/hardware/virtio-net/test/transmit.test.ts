import * as virtio from '@bulkhead/virtio-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC } from './bench.ts';

const TX = virtio.NET_TRANSMITQ;

describe('Packet Transmission (Virtio 1.2 §5.1.6.2)', () => {
  it('sends the packet behind the header, marks its buffer used, and tells the driver', () => {
    const bench = new Bench();
    bench.enableMsix();
    const { tx } = bench.start();
    const frame = frameTo(MAC, 100);
    bench.transmit(tx, 3, BUFFERS, frame);
    bench.notify(TX);
    expect(bench.sent).toEqual([]);
    bench.run();
    expect(bench.sent.map((sent) => sent.frame)).toEqual([frame]);
    expect(tx.reap()).toEqual([{ id: 3, lenBytes: 0 }]);
    expect(bench.messages.map(({ data }) => data)).toEqual([0x101]);
  });

  it('starts after the doorbell, three dependent reads and the payload, no earlier and no later', () => {
    const bench = new Bench({ options: { doorbellNs: 100, dmaReadNs: 540, busNsPerByte: 4 } });
    const { tx } = bench.start();
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 100));
    bench.notify(TX);
    bench.run();
    expect(bench.sent[0]!.at).toBe(100 + 3 * 540 + 4 * 112);
  });

  it('gathers header and packet from any pieces', () => {
    const bench = new Bench();
    const { tx } = bench.start();
    const frame = frameTo(MAC, 300);
    bench.ram.set(frame, BUFFERS + 12);
    const cuts = [0, 5, 12, 20, 100, 311, 312];
    tx.chain(
      1,
      cuts.slice(1).map((end, i) => ({ address: BUFFERS + cuts[i]!, lenBytes: end - cuts[i]! })),
    );
    tx.offer(1);
    bench.notify(TX);
    bench.run();
    expect(bench.sent.map((sent) => sent.frame)).toEqual([frame]);
  });

  it('sends what was made available before, in its order, across the end of the ring', () => {
    const bench = new Bench();
    const { tx } = bench.start([], 4);
    const frames = Array.from({ length: 11 }, (_, i) => frameTo(MAC, 60 + i, i));
    for (const [i, frame] of frames.entries()) {
      bench.transmit(tx, i % 4, BUFFERS + i * 0x800, frame);
      bench.notify(TX);
      if (i % 3 === 2) bench.run();
    }
    bench.run();
    expect(bench.sent.map((sent) => sent.frame)).toEqual(frames);
    expect(tx.usedIdx).toBe(frames.length);
  });
});
