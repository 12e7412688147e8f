import * as reg from '@bulkhead/intel-82574-datasheet';
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
  ...[reg.RDBAL, reg.RDLEN, reg.RDT, reg.TDBAL, reg.TDLEN, reg.TDT].map((offset) => offset + QUEUE_1),
];

const word = fc.oneof(
  fc.nat({ max: 0xffff_ffff }),
  fc.nat({ max: 0xff }),
  fc.constantFrom(0, 0x80, 0xffff_ffff),
  fc.nat({ max: RAM_BYTES }),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant('write'), at: fc.constantFrom(...BUSY), value: word }),
  fc.record({ kind: fc.constant('anywhere'), at: fc.nat({ max: 0x1_ffff }), value: word }),
  fc.record({ kind: fc.constant('read'), at: fc.nat({ max: 0x1_ffff }), value: word }),
  fc.record({ kind: fc.constant('config'), at: fc.nat({ max: 0xfff }), value: word }),
  fc.record({ kind: fc.constant('frame'), at: fc.nat({ max: 1600 }), value: word }),
  fc.record({ kind: fc.constant('wait'), at: fc.nat({ max: 100_000 }), value: word }),
);

function apply(bench: Bench, kind: string, at: number, value: number): void {
  const width = ([1, 2, 4] as const)[value % 3]!;
  const aligned = at - (at % width);
  if (kind === 'write') bench.write(at, value);
  else if (kind === 'anywhere') bench.bus.memory.write(aligned, width, value);
  else if (kind === 'read') bench.bus.memory.read(aligned, width);
  else if (kind === 'config') bench.bus.write(0x8000 + aligned, width, value);
  else if (kind === 'frame')
    bench.nic.receive(frameTo(value & 1 ? MAC : new Uint8Array(6).fill(0xff), Math.max(at, 14)), at);
  else bench.run(at);
}

describe('82574 under a driver that has lost its mind', () => {
  it('survives any register write of any width at any offset, with any descriptors', () => {
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
