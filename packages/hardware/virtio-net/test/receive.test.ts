import * as virtio from '@bulkhead/virtio-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC } from './bench.ts';

const RX = virtio.NET_RECEIVEQ;
const HEADER = virtio.NET_HDR_SIZE_BYTES;

describe('Processing of Incoming Packets (Virtio 1.2 §5.1.6.4)', () => {
  it('writes a header of one buffer and the packet, and tells the driver', () => {
    const bench = new Bench();
    bench.enableMsix();
    const { rx } = bench.start();
    bench.supply(rx, 5, BUFFERS, 2048);
    const frame = frameTo(MAC, 200);
    bench.nic.receive(frame, 200);
    bench.run();
    expect(rx.reap()).toEqual([{ id: 5, lenBytes: 212 }]);
    expect([...bench.ram.subarray(BUFFERS, BUFFERS + HEADER)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(bench.ram.slice(BUFFERS + HEADER, BUFFERS + 212)).toEqual(frame);
    expect(bench.messages.map(({ data }) => data)).toEqual([0x100]);
    expect(bench.ram[BUFFERS + 212]).toBe(0);
  });
  it('arrives after a DMA write and the bytes of the frame, no earlier and no later', () => {
    const bench = new Bench({ options: { dmaWriteNs: 540, busNsPerByte: 4 } });
    bench.enableMsix();
    const { rx } = bench.start();
    bench.supply(rx, 0, BUFFERS, 2048);
    bench.nic.receive(frameTo(MAC, 100), 100);
    bench.run();
    expect(bench.messages.map(({ at }) => at)).toEqual([540 + 400]);
  });
  it('scatters over the pieces of one buffer', () => {
    const bench = new Bench();
    const { rx } = bench.start();
    rx.chain(0, [
      { address: BUFFERS, lenBytes: 7, writes: true },
      { address: BUFFERS + 0x1000, lenBytes: 50, writes: true },
      { address: BUFFERS + 0x2000, lenBytes: 1000, writes: true },
    ]);
    rx.offer(0);
    const frame = frameTo(MAC, 100);
    bench.nic.receive(frame, 100);
    bench.run();
    const written = [
      ...bench.ram.subarray(BUFFERS, BUFFERS + 7),
      ...bench.ram.subarray(BUFFERS + 0x1000, BUFFERS + 0x1000 + 50),
      ...bench.ram.subarray(BUFFERS + 0x2000, BUFFERS + 0x2000 + 55),
    ];
    expect(written.slice(HEADER)).toEqual([...frame]);
    expect(rx.reap()).toEqual([{ id: 0, lenBytes: 112 }]);
  });
  it('holds a frame until there is a buffer', () => {
    const bench = new Bench();
    const { rx } = bench.start();
    bench.nic.receive(frameTo(MAC, 100), 100);
    bench.run();
    bench.supply(rx, 0, BUFFERS, 2048);
    bench.run();
    expect(rx.usedIdx).toBe(0);
    bench.notify(RX);
    bench.run();
    expect(rx.usedIdx).toBe(1);
  });
  it('misses frames for which it has no room, and counts them', () => {
    const bench = new Bench();
    bench.start();
    for (let i = 0; i < 40; i++) bench.nic.receive(frameTo(MAC, 1000), 1000);
    expect(bench.nic.statistics.framesMissed).toBe(20);
  });
  it('without MRG_RXBUF misses a frame that does not fit the buffer, which stays available', () => {
    const bench = new Bench();
    const { rx } = bench.start();
    bench.supply(rx, 0, BUFFERS, 150);
    bench.nic.receive(frameTo(MAC, 200), 200);
    bench.run();
    expect([rx.usedIdx, bench.nic.statistics.framesMissed]).toEqual([0, 1]);
    bench.nic.receive(frameTo(MAC, 138), 138);
    bench.run();
    expect(rx.reap()).toEqual([{ id: 0, lenBytes: 150 }]);
  });
  it('with MRG_RXBUF spreads a frame over buffers, all but the last of them full', () => {
    const bench = new Bench();
    const { rx } = bench.start([virtio.NET_F_MRG_RXBUF]);
    for (let i = 0; i < 5; i++) bench.supply(rx, i, BUFFERS + i * 0x1000, 100);
    const frame = frameTo(MAC, 250);
    bench.nic.receive(frame, 250);
    bench.run();
    expect(rx.reap()).toEqual([
      { id: 0, lenBytes: 100 },
      { id: 1, lenBytes: 100 },
      { id: 2, lenBytes: 62 },
    ]);
    expect(bench.view.getUint16(BUFFERS + virtio.NET_HDR_NUM_BUFFERS, true)).toBe(3);
    const bytes = [0, 1, 2].flatMap((i) => [...bench.ram.subarray(BUFFERS + i * 0x1000, BUFFERS + i * 0x1000 + 100)]);
    expect(bytes.slice(HEADER, HEADER + 250)).toEqual([...frame]);
  });
  it('with MRG_RXBUF waits for enough buffers, and misses what no full queue can hold', () => {
    const bench = new Bench();
    const { rx } = bench.start([virtio.NET_F_MRG_RXBUF], 4);
    for (let i = 0; i < 2; i++) bench.supply(rx, i, BUFFERS + i * 0x1000, 100);
    bench.nic.receive(frameTo(MAC, 250), 250);
    bench.run();
    expect(rx.usedIdx).toBe(0);
    for (let i = 2; i < 4; i++) bench.supply(rx, i, BUFFERS + i * 0x1000, 100);
    bench.nic.receive(frameTo(MAC, 500), 500);
    bench.notify(RX);
    bench.run();
    expect(rx.usedIdx).toBe(3);
    for (let i = 0; i < 3; i++) bench.supply(rx, i, BUFFERS + i * 0x1000, 100);
    bench.notify(RX);
    bench.run();
    expect([rx.usedIdx, bench.nic.statistics.framesMissed]).toEqual([3, 1]);
  });
  it('passes no frame beyond the MTU and a tag, and none without an Ethernet header', () => {
    const bench = new Bench({ mtuBytes: 1000 });
    const { rx } = bench.start();
    for (let i = 0; i < 4; i++) bench.supply(rx, i, BUFFERS + i * 0x1000, 2048);
    for (const lenBytes of [1018, 1019, 14, 13]) bench.nic.receive(frameTo(MAC, Math.max(14, lenBytes)), lenBytes);
    bench.run();
    expect(rx.reap().map(({ lenBytes }) => lenBytes)).toEqual([1030, 26]);
  });
  it('receives nothing without a link, without bus mastering, or before the queue is enabled', () => {
    const bench = new Bench();
    const { rx } = bench.start();
    bench.supply(rx, 0, BUFFERS, 2048);
    bench.nic.setLink(false);
    bench.nic.receive(frameTo(MAC, 100), 100);
    bench.nic.setLink(true);
    bench.command(2);
    bench.nic.receive(frameTo(MAC, 100), 100);
    bench.command(6);
    bench.run();
    expect(rx.usedIdx).toBe(0);
  });
});
