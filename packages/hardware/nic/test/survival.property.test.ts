import * as reg from '@bulkhead/intel-82574-datasheet';
import type { RegisterDevice } from '@bulkhead/ports';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, frameTo, MAC, RAM_BYTES } from './bench.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const QUEUE_1 = reg.QUEUE_STRIDE_BYTES;
/** Registers that set something going, so that random writes do not only hit the void. */
const BUSY: readonly number[] = [
  ...[reg.CTRL, reg.CTRL_EXT, reg.MDIC, reg.EERD, reg.ICR, reg.ICS, reg.IMS, reg.IVAR, reg.EIAC, reg.EITR, reg.PBA],
  ...[reg.RCTL, reg.RDBAL, reg.RDBAH, reg.RDLEN, reg.RDH, reg.RDT, reg.RFCTL, reg.MRQC, reg.RXCSUM, reg.RETA],
  ...[reg.TCTL, reg.TDBAL, reg.TDBAH, reg.TDLEN, reg.TDH, reg.TDT, reg.TARC],
  ...[reg.EECD, reg.EEWR, reg.STATUS, reg.VET, reg.FCAL, reg.FCAH, reg.FCT, reg.FCTTV, reg.FCRTH, reg.FCRTL, reg.ITR],
  ...[reg.IAM, reg.PSRCTL, reg.RDTR, reg.RADV, reg.RSRPD, reg.RAID, reg.TIDV, reg.TADV, reg.TXDCTL, reg.VFTA],
  ...[reg.RDBAL, reg.RDLEN, reg.RDT, reg.TDBAL, reg.TDLEN, reg.TDT].map((offset) => offset + QUEUE_1),
];

const RECEIVING: readonly number[] = [
  ...[reg.RCTL, reg.RFCTL, reg.RXCSUM, reg.MRQC, reg.PSRCTL, reg.CTRL, reg.VET, reg.RSRPD, reg.RDTR, reg.RETA, reg.RDH],
  ...[reg.FCAL, reg.FCT, reg.FCRTH, reg.RAL, reg.RAH, reg.VFTA, reg.PBA],
];
/** How frames begin behind their addresses: IPv4, IPv6, tagged, SNAP, pause, anything. */
const KINDS: readonly (readonly number[])[] = [
  [0x08, 0x00, 0x45, 0],
  [0x86, 0xdd, 0x60, 0],
  [0x81, 0x00, 0x20, 5],
  [0x00, 0x40, 0xaa, 0xaa],
  [0x88, 0x08, 0x00, 0x01],
  [0x12, 0x34, 0x56, 0x78],
];

const word = fc.oneof(
  fc.nat({ max: 0xffff_ffff }),
  fc.nat({ max: 0xff }),
  fc.constantFrom(0, 0x80, 0xffff_ffff),
  fc.nat({ max: RAM_BYTES }),
);
/** Every alignment, inside, across and outside of what ends at one of `ends`. */
const near = (ends: readonly number[]): fc.Arbitrary<number> =>
  fc.tuple(fc.constantFrom(...ends), fc.integer({ min: -9, max: 8 })).map(([end, distance]) => end + distance);
/** Registers, statistics, the BAR, the tables of MSI-X. */
const ENDS = [...BUSY, reg.STATISTICS_START, reg.STATISTICS_END, 0, reg.BAR_MEMORY_SIZE_BYTES, 0x10_0000, 0x10_2000];
const anywhere = fc.oneof(fc.nat({ max: 0x1_ffff }), near(ENDS));
const config = fc.oneof(fc.nat({ max: 0xfff }), near([0, 0x40, 0xa0, 0xe0, 0x100, 0x1000]));
const step = fc.oneof(
  fc.record({ kind: fc.constant('write'), at: fc.constantFrom(...BUSY), value: word }),
  fc.record({ kind: fc.constant('anywhere'), at: anywhere, value: word }),
  fc.record({ kind: fc.constant('read'), at: anywhere, value: word }),
  fc.record({ kind: fc.constant('config'), at: config, value: word }),
  fc.record({ kind: fc.constant('bar'), at: near([0, 8, 0x10, 0x20, 0x2000, 0x4000, 0x2_0000]), value: word }),
  fc.record({ kind: fc.constant('frame'), at: fc.nat({ max: 1600 }), value: word }),
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
  if (kind === 'write') bench.write(at, value);
  else if (kind === 'anywhere') access(bench.bus.memory, at, value, true);
  else if (kind === 'read') access(bench.bus.memory, at, value, false);
  else if (kind === 'config') access(bench.bus, 0x8000 + at, value, true);
  else if (kind === 'bar') for (const { device } of bench.nic.function.bars) access(device, at, value, true);
  else if (kind === 'frame')
    bench.nic.receive(frameTo(value & 1 ? MAC : new Uint8Array(6).fill(0xff), Math.max(at, 14)), at);
  else bench.run(at);
}

describe('82574 under a driver that has lost its mind', () => {
  it('survives any access of any width at any alignment and offset, with any descriptors, and reads are numbers', () => {
    let sent = 0;
    let received = 0;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.infiniteStream(fc.nat({ max: 255 })),
        fc.boolean(),
        (steps, noise, isInRam) => {
          const bench = new Bench();
          for (let i = 0x1000; i < 0x4000; i++) {
            const isHigh = i % 16 > 2 && i % 16 < 8; // of a buffer's address
            bench.ram[i] = isInRam && (isHigh || i % 16 === 2) ? 0 : noise.next().value;
          }
          bench.enableMsix();
          bench.startTransmit(128);
          bench.startReceive(64, reg.RCTL_UPE.mask | reg.RCTL_BAM.mask);
          bench.write(reg.TDT, 100);
          for (const { kind, at, value } of steps) apply(bench, kind, at, value);
          bench.run();
          sent += bench.sent.length;
          received += bench.nic.statistics.framesReceived;
        },
      ),
      { numRuns: 120 * EFFORT },
    );
    expect(Math.min(sent, received)).toBeGreaterThan(0); // otherwise the test looked at nothing
  });

  it('survives any mixture of contexts, segmentations, tags and packets without end, and every event ends', () => {
    const descriptor = fc.record({
      kind: fc.constantFrom('context', 'data', 'legacy', 'noise'),
      words: fc.tuple(word, word, word, word),
      lenBytes: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 0xf_ffff }), fc.constant(0)),
      command: fc.nat({ max: 0xff }),
    });
    let sent = 0;
    let segmented = 0;
    fc.assert(
      fc.property(
        fc.array(descriptor, { minLength: 1, maxLength: 30 }),
        fc.nat({ max: 0xffff }),
        (descriptors, vet) => {
          const bench = new Bench();
          bench.write(reg.VET, vet);
          bench.write(reg.CTRL, reg.CTRL_INITIAL | reg.CTRL_VME.mask);
          bench.write(reg.TIDV, vet & 3);
          bench.write(reg.TXDCTL, (vet << 8) | 0);
          bench.startTransmit(64);
          descriptors.forEach(({ kind, words, lenBytes, command }, i) => {
            const [a, b, c, d] = words;
            const type = kind === 'context' ? 0x2000_0000 : kind === 'data' ? 0x2010_0000 : 0;
            const lower = kind === 'noise' ? c : (lenBytes | type | (command << 24)) >>> 0;
            bench.view.setUint32(0x1000 + i * 16, kind === 'context' ? a : 0x1_0000 + (a & 0xffff), true);
            bench.view.setUint32(0x1000 + i * 16 + 4, kind === 'context' ? b : 0, true);
            bench.view.setUint32(0x1000 + i * 16 + 8, lower, true);
            // Small headers and segments, so that contexts often make sense.
            bench.view.setUint32(0x1000 + i * 16 + 12, kind === 'context' ? d & 0x01ff_3f00 : d, true);
          });
          bench.write(reg.TDT, descriptors.length);
          bench.run(50_000_000);
          bench.write(reg.TDT, 0);
          bench.run(1_000_000);
          sent += bench.sent.length;
          segmented += bench.read(reg.TSCTC) + bench.read(reg.TSCTFC);
        },
      ),
      { numRuns: 60 * EFFORT },
    );
    expect(Math.min(sent, segmented)).toBeGreaterThan(0);
  });

  it('survives frames of every kind under any receive configuration', () => {
    const registers = fc.array(fc.tuple(fc.constantFrom(...RECEIVING), word), { maxLength: 8 });
    let received = 0;
    fc.assert(
      fc.property(
        registers,
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }),
        word,
        (writes, frames, tail) => {
          const bench = new Bench();
          bench.startReceive(32, reg.RCTL_UPE.mask | reg.RCTL_MPE.mask | reg.RCTL_LPE.mask);
          for (const [at, value] of writes) bench.write(at, value);
          bench.write(reg.RCTL, bench.read(reg.RCTL) | reg.RCTL_EN.mask | reg.RCTL_UPE.mask);
          frames.forEach((noise, i) => {
            const frame = new Uint8Array(noise.length + 64);
            frame.set(MAC);
            frame.set(KINDS[i % KINDS.length]!, 12);
            frame.set(noise, 16);
            bench.nic.receive(frame, frame.length);
          });
          bench.run();
          bench.write(reg.RDT, tail);
          bench.run();
          received += bench.nic.statistics.framesReceived;
        },
      ),
      { numRuns: 100 * EFFORT },
    );
    expect(received).toBeGreaterThan(0);
  });

  it('does the same twice', () => {
    const trace = (): unknown => {
      const bench = new Bench();
      bench.startTransmit(64);
      bench.startReceive(64);
      for (let i = 0; i < 40; i++) {
        bench.transmitDescriptor(i, 0x8000, 60 + i * 20, reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_RS.mask);
        bench.write(reg.TDT, i + 1);
        bench.nic.receive(frameTo(MAC, 60 + i), 60 + i);
        bench.run(777);
      }
      bench.run();
      return [bench.sent, bench.ram];
    };
    expect(trace()).toEqual(trace());
  });
});
