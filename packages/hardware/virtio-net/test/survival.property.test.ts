import type { RegisterDevice } from '@bulkhead/ports';
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
/** Every alignment, inside, across and outside of what ends at one of `ends`. */
const near = (...ends: number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...ends), fc.integer({ min: -9, max: 8 })).map(([end, distance]) => end + distance);
/** The four structures and their BAR, the tables of MSI-X and theirs. */
const ENDS = [0, 0x38, 0x40, 0x1000, 0x2000, 0x2018, 0x3000, 0x3010, 0x4000, 0x1_0000, 0x1_0040, 0x1_0800, 0x1_1000];
const anywhere = fc.oneof(fc.nat({ max: 0x1_ffff }), near(...ENDS));
const step = fc.oneof(
  fc.record({ kind: fc.constant('common'), at: fc.nat({ max: 0x3f }), value: word }),
  fc.record({ kind: fc.constant('anywhere'), at: anywhere, value: word }),
  fc.record({ kind: fc.constant('read'), at: anywhere, value: word }),
  fc.record({ kind: fc.constant('config'), at: fc.nat({ max: 0xfff }), value: word }),
  fc.record({ kind: fc.constant('config'), at: near(0, 0x40, 0x84, 0x90, 0xd4, 0xe8, 0x100, 0x1000), value: word }),
  fc.record({ kind: fc.constant('bar'), at: near(...ENDS), value: word }),
  fc.record({ kind: fc.constant('window'), at: fc.integer({ min: -4, max: 0x17 }), value: word }),
  fc.record({ kind: fc.constant('memory'), at: fc.nat({ max: RAM_BYTES - 4 }), value: word }),
  fc.record({ kind: fc.constant('descriptor'), at: fc.nat({ max: 0xff }), value: word }),
  fc.record({ kind: fc.constant('notify'), at: fc.nat({ max: 3 }), value: word }),
  fc.record({ kind: fc.constant('frame'), at: fc.nat({ max: 1600 }), value: word }),
  fc.record({ kind: fc.constant('restart'), at: fc.nat({ max: 15 }), value: word }),
  fc.record({ kind: fc.constant('wait'), at: fc.nat({ max: 100_000 }), value: word }),
);

/** 8 is no width of the port; who asks for it without types gets a number all the same. */
const WIDTHS = [1, 2, 4, 8] as readonly (1 | 2 | 4)[];

/** Writes and reads: what is read is a number that fits. */
function access(device: RegisterDevice, at: number, value: number, isWrite: boolean): void {
  for (const width of [WIDTHS[value % 4]!, WIDTHS[at & 3]!]) {
    if (isWrite) device.write(at, width, value);
    const read = device.read(at, width);
    if (Number.isInteger(read) && read >= 0 && read < 2 ** Math.min(8 * width, 32)) continue;
    throw new Error(`a read of ${width} bytes at ${at} gave ${read}`);
  }
}

function apply(bench: Bench, kind: string, at: number, value: number): void {
  if (kind === 'common' || kind === 'anywhere') access(bench.bus.memory, at, value, true);
  else if (kind === 'read') access(bench.bus.memory, at, value, false);
  else if (kind === 'config') access(bench.bus, 0x8000 + at, value, true);
  else if (kind === 'window') access(bench.bus, 0x8000 + 0xd4 + at, value, true);
  else if (kind === 'bar') for (const { device } of bench.nic.function.bars) access(device, at, value, true);
  else if (kind === 'memory') bench.view.setUint32(at, value, true);
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
  it('survives any access of any width at any alignment and offset, with any descriptors, and works after a reset', () => {
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
