import * as virtio from '@bulkhead/virtio-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC, NOTIFY, RAM_BYTES } from './bench.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const ALL = [
  virtio.NET_F_MRG_RXBUF,
  virtio.NET_F_CTRL_VQ,
  virtio.NET_F_CTRL_RX,
  virtio.NET_F_CTRL_VLAN,
  virtio.NET_F_CTRL_RX_EXTRA,
  virtio.NET_F_CTRL_MAC_ADDR,
  virtio.NET_F_CSUM,
  virtio.NET_F_GUEST_CSUM,
  virtio.NET_F_HOST_TSO4,
  virtio.NET_F_HOST_TSO6,
  virtio.F_INDIRECT_DESC,
  virtio.F_EVENT_IDX,
  virtio.F_RING_RESET,
];

const word = fc.oneof(fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 0x20 }), fc.nat({ max: RAM_BYTES }));
const step = fc.oneof(
  fc.record({ kind: fc.constant('common'), at: fc.nat({ max: 0x3f }), value: word }),
  fc.record({ kind: fc.constant('anywhere'), at: fc.nat({ max: 0x1_ffff }), value: word }),
  fc.record({ kind: fc.constant('read'), at: fc.nat({ max: 0x1_ffff }), value: word }),
  fc.record({ kind: fc.constant('config'), at: fc.nat({ max: 0xfff }), value: word }),
  fc.record({ kind: fc.constant('window'), at: fc.nat({ max: 0x13 }), value: word }),
  fc.record({ kind: fc.constant('memory'), at: fc.nat({ max: RAM_BYTES - 4 }), value: word }),
  fc.record({ kind: fc.constant('descriptor'), at: fc.nat({ max: 0xff }), value: word }),
  fc.record({ kind: fc.constant('notify'), at: fc.nat({ max: 3 }), value: word }),
  fc.record({ kind: fc.constant('frame'), at: fc.nat({ max: 1600 }), value: word }),
  fc.record({ kind: fc.constant('restart'), at: fc.nat({ max: 15 }), value: word }),
  fc.record({ kind: fc.constant('wait'), at: fc.nat({ max: 100_000 }), value: word }),
);

function apply(bench: Bench, kind: string, at: number, value: number): void {
  const width = ([1, 2, 4] as const)[value % 3]!;
  const aligned = at - (at % width);
  if (kind === 'common' || kind === 'anywhere') bench.write(aligned, width, value);
  else if (kind === 'read') bench.read(aligned, width);
  else if (kind === 'config') bench.bus.write(0x8000 + aligned, width, value);
  else if (kind === 'window') {
    bench.bus.write(0x8000 + 0xd4 + aligned, width, value);
    bench.bus.read(0x8000 + 0xd4 + aligned, width);
  } else if (kind === 'memory') bench.view.setUint32(at, value, true);
  else if (kind === 'descriptor') bench.view.setUint32(0x1_0000 * (1 + (value % 3)) + at * 4, value, true);
  else if (kind === 'notify') bench.write(NOTIFY + at * 4, 2, value & 0xffff);
  else if (kind === 'frame')
    bench.nic.receive(frameTo(value & 1 ? MAC : new Uint8Array(6).fill(0xff), Math.max(at, 14)), at);
  else if (kind === 'restart')
    bench.start(
      ALL.filter((_, i) => ((at >> (i % 4)) & 1) === 1),
      8,
    );
  else bench.run(at);
}

describe('virtio-net under a driver that has lost its mind', () => {
  it('survives any access of any width at any offset, with any descriptors, and works after a reset', () => {
    let broken = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.infiniteStream(fc.nat({ max: 255 })), (steps, noise) => {
        const bench = new Bench();
        bench.enableMsix();
        bench.start(ALL, 8);
        // Rings of noise: a few descriptors, heads and an index.
        for (const ring of [0x1_0000, 0x2_0000, 0x3_0000]) {
          for (let i = 0; i < 128; i++) bench.ram[ring + i] = i % 16 > 1 && i % 16 < 8 ? 0 : noise.next().value;
          for (let i = 0; i < 16; i++) bench.ram[ring + 0x4004 + i] = i % 2 === 0 ? noise.next().value % 10 : 0;
          bench.ram[ring + 0x4002] = noise.next().value % 9;
        }
        for (const { kind, at, value } of steps) apply(bench, kind, at, value);
        bench.run();
        if (bench.nic.statistics.dmaFaults > 0) broken += 1;
        // Whatever happened: after a reset it is as good as new.
        bench.nic.function.reset();
        bench.bus.write(0x8000 + 0x10 + 4, 4, 0x4001_0000);
        bench.bus.write(0x8000 + 0x10 + 16, 4, 0x4000_0000);
        bench.command(6);
        bench.nic.setLink(true);
        const { tx } = bench.start();
        bench.run();
        const before = bench.sent.length;
        bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
        bench.notify(virtio.NET_TRANSMITQ);
        bench.run();
        expect(bench.sent.length).toBe(before + 1);
      }),
      { numRuns: 150 * EFFORT },
    );
    expect(broken).toBeGreaterThan(0); // otherwise the test looked at nothing
  });

  it('does the same twice', () => {
    const trace = (): unknown => {
      const bench = new Bench();
      const { tx, rx } = bench.start([virtio.F_EVENT_IDX]);
      for (let i = 0; i < 40; i++) {
        bench.transmit(tx, i % 16, BUFFERS + (i % 16) * 0x1000, frameTo(MAC, 60 + i * 20));
        bench.supply(rx, i % 16, BUFFERS + 0x2_0000 + (i % 16) * 0x1000, 2048);
        bench.notify(virtio.NET_TRANSMITQ);
        bench.notify(virtio.NET_RECEIVEQ);
        bench.nic.receive(frameTo(MAC, 60 + i), 60 + i);
        bench.run(7777);
      }
      bench.run();
      return [bench.sent, bench.ram];
    };
    expect(trace()).toEqual(trace());
  });
});
