import * as reg from '@bulkhead/intel-82574-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC, TX_RING } from './bench.ts';

const LAST = reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_IFCS.mask | reg.TDESC_CMD_RS.mask;
const DATA = LAST | reg.TDESC_CMD_DEXT.mask | (reg.TDESC_DTYP_DATA << reg.TDESC_LOWER_DTYP.shift);
const CONTEXT = reg.TDESC_CMD_DEXT.mask;

function place(bench: Bench, address: number, lenBytes: number, seed = 0): Uint8Array {
  const frame = frameTo(MAC, lenBytes, seed);
  bench.ram.set(frame, address);
  return frame;
}

describe('82574 transmission (datasheet 3.4 §7.2)', () => {
  it('sends a legacy descriptor, reports DD, moves the head and counts', () => {
    const bench = new Bench();
    const frame = place(bench, BUFFERS, 100);
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 100, LAST);
    bench.write(reg.TDT, 1);
    expect(bench.sent).toEqual([]);
    bench.run();
    expect(bench.sent.map((sent) => sent.frame)).toEqual([frame]);
    expect(bench.transmitStatus(0) & 1).toBe(1);
    expect(bench.read(reg.TDH)).toBe(1);
    expect(bench.read(reg.GPTC)).toBe(1);
    expect(bench.read(reg.GPTC)).toBe(0);
    expect(bench.read(reg.GOTCL)).toBe(104);
    expect(bench.read(reg.GOTCH)).toBe(0);
    expect(bench.read(reg.GOTCL)).toBe(0);
    expect(bench.read(reg.ICR) & 0xff).toBe(reg.ICR_TXDW.mask | reg.ICR_TXQE.mask);
  });

  it('starts after doorbell, descriptor and payload latency, no earlier and no later', () => {
    const bench = new Bench({ doorbellNs: 100, dmaReadNs: 540, busNsPerByte: 4 });
    place(bench, BUFFERS, 100);
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 100, LAST);
    bench.write(reg.TDT, 1);
    bench.run();
    expect(bench.sent[0]!.at).toBe(100 + 2 * 540 + 400);
  });

  it('accepts context descriptors and sends data descriptors', () => {
    const bench = new Bench();
    const frame = place(bench, BUFFERS, 200);
    bench.startTransmit();
    bench.transmitDescriptor(0, 0x1234_5678, 0, CONTEXT);
    bench.transmitDescriptor(1, BUFFERS, 200, DATA);
    bench.write(reg.TDT, 2);
    bench.run();
    expect(bench.sent.map((sent) => sent.frame)).toEqual([frame]);
    expect([bench.transmitStatus(0) & 1, bench.transmitStatus(1) & 1]).toEqual([0, 1]);
  });

  it('gathers a frame from several descriptors until EOP', () => {
    const bench = new Bench();
    const frame = place(bench, BUFFERS, 300);
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 14, reg.TDESC_CMD_IFCS.mask);
    bench.transmitDescriptor(1, BUFFERS + 14, 200, reg.TDESC_CMD_IFCS.mask);
    bench.transmitDescriptor(2, BUFFERS + 214, 86, LAST);
    bench.write(reg.TDT, 3);
    bench.run();
    expect(bench.sent.map((sent) => sent.frame)).toEqual([frame]);
  });

  it('pads short frames with zeros to 60 bytes when TCTL.PSP is set, and only then', () => {
    const bench = new Bench();
    place(bench, BUFFERS, 100, 1);
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 100, LAST);
    bench.transmitDescriptor(1, BUFFERS, 20, LAST);
    bench.write(reg.TDT, 2);
    bench.run();
    expect(bench.sent[1]!.frame.length).toBe(60);
    expect([...bench.sent[1]!.frame.slice(20)]).toEqual(new Array(40).fill(0));
    bench.write(reg.TCTL, reg.TCTL_EN.mask);
    bench.transmitDescriptor(2, BUFFERS, 20, LAST);
    bench.write(reg.TDT, 3);
    bench.run();
    expect(bench.sent[2]!.frame.length).toBe(20);
  });

  it('reports no status where RS is clear, and raises nothing but TXQE for it', () => {
    const bench = new Bench();
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 60, reg.TDESC_CMD_EOP.mask);
    bench.write(reg.TDT, 1);
    bench.run();
    expect(bench.transmitStatus(0)).toBe(0);
    expect(bench.read(reg.ICR)).toBe(reg.ICR_TXQE.mask);
  });

  it('waits for TCTL.EN, TARC, the link, GIO_MASTER_DISABLE and bus mastering', () => {
    const bench = new Bench();
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 60, LAST);
    bench.write(reg.TCTL, 0);
    bench.write(reg.TARC, 0);
    bench.nic.setLink(false);
    bench.command(2);
    bench.write(reg.CTRL, reg.CTRL_INITIAL | reg.CTRL_GIO_MASTER_DISABLE.mask);
    bench.write(reg.TDT, 1);
    const lift = [
      () => bench.write(reg.TCTL, reg.TCTL_EN.mask),
      () => bench.write(reg.TARC, reg.TARC_INITIAL),
      () => bench.nic.setLink(true),
      () => bench.command(6),
      () => bench.write(reg.CTRL, reg.CTRL_INITIAL),
    ];
    for (const step of lift) {
      bench.run();
      expect(bench.sent).toEqual([]);
      step();
    }
    bench.run();
    expect(bench.sent.length).toBe(1);
    expect(bench.nic.dmaFaultCount).toBe(0);
  });

  it('queue 1 has a ring of its own', () => {
    const bench = new Bench();
    const frame = place(bench, BUFFERS, 90);
    bench.startTransmit(8, 1);
    bench.transmitDescriptor(0, BUFFERS, 90, LAST, 1);
    bench.write(reg.TDT + reg.QUEUE_STRIDE_BYTES, 1);
    bench.run();
    expect(bench.sent.map((sent) => sent.frame)).toEqual([frame]);
    expect(bench.read(reg.TDH + reg.QUEUE_STRIDE_BYTES)).toBe(1);
  });

  it('keeps its ring full at line rate, and never runs further ahead than its packet buffer', () => {
    const bench = new Bench();
    const frames = 200;
    bench.startTransmit(256);
    for (let i = 0; i < frames; i++) bench.transmitDescriptor(i, BUFFERS, 1514, LAST);
    bench.write(reg.TDT, frames);
    bench.run(10_000_000);
    expect(bench.sent.length).toBe(frames);
    const wireNs = (1514 + 24) * 8;
    const bufferNs = 20 * 1024 * 8;
    for (let i = 0; i < frames; i++) {
      expect(bench.sent[i]!.at).toBeGreaterThanOrEqual(i * wireNs - bufferNs);
      expect(bench.sent[i]!.at).toBeLessThanOrEqual(20_000 + i * wireNs);
    }
  });

  it('a DMA fault stops the queue, is counted, and is over after CTRL.RST', () => {
    const bench = new Bench();
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 60, LAST);
    bench.transmitDescriptor(1, 0xdead_0000, 60, LAST);
    bench.transmitDescriptor(2, BUFFERS, 60, LAST);
    bench.write(reg.TDT, 3);
    bench.run();
    expect([bench.sent.length, bench.nic.dmaFaultCount, bench.read(reg.TDH)]).toEqual([1, 1, 1]);
    bench.write(reg.TDT, 4);
    bench.run();
    expect([bench.sent.length, bench.nic.dmaFaultCount]).toEqual([1, 1]);
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    bench.startTransmit();
    bench.write(reg.TDT, 1);
    bench.run();
    expect(bench.sent.length).toBe(2);
  });

  it('a descriptor ring beyond memory faults and throws nothing', () => {
    const bench = new Bench();
    bench.startTransmit();
    bench.write(reg.TDBAH, 0xffff_ffff);
    bench.write(reg.TDT, 3);
    bench.run();
    expect([bench.sent.length, bench.nic.dmaFaultCount]).toEqual([0, 1]);
  });

  it('a head or tail beyond the ring sends nothing, until it is mended', () => {
    const bench = new Bench();
    bench.startTransmit();
    bench.transmitDescriptor(0, BUFFERS, 60, LAST);
    bench.write(reg.TDT, 0xffff);
    bench.run();
    bench.write(reg.TDH, 0x1234);
    bench.run();
    expect(bench.sent).toEqual([]);
    bench.write(reg.TDH, 0);
    bench.write(reg.TDT, 1);
    bench.run();
    expect(bench.sent.length).toBe(1);
  });

  it('MAC loopback receives what is sent and leaves the wire silent', () => {
    const bench = new Bench();
    const frame = place(bench, 0x8000, 80);
    bench.startTransmit();
    bench.startReceive(8, reg.RCTL_SECRC.mask | (reg.RCTL_LBM_MAC << reg.RCTL_LBM.shift));
    bench.transmitDescriptor(0, 0x8000, 80, LAST);
    bench.write(reg.TDT, 1);
    bench.run();
    expect(bench.sent).toEqual([]);
    expect(bench.ram.slice(bench.bufferOf(0), bench.bufferOf(0) + 80)).toEqual(frame);
  });

  it('sends every frame once, in order, for any cut into descriptors and any doorbells', () => {
    const cuts = fc.array(fc.integer({ min: 60, max: 400 }), { minLength: 1, maxLength: 5 });
    const frames = fc.array(cuts, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 7 }), (lengths, step) => {
        const bench = new Bench();
        const expected: Uint8Array[] = [];
        const pieces: (readonly [number, number, number])[] = [];
        let at = BUFFERS;
        lengths.forEach((frame, seed) => {
          const total = frame.reduce((sum, piece) => sum + piece, 0);
          expected.push(place(bench, at, total, seed));
          frame.forEach((piece, i) => {
            pieces.push([at, piece, i === frame.length - 1 ? LAST : reg.TDESC_CMD_RS.mask]);
            at += piece;
          });
        });
        bench.startTransmit(8);
        let tail = 0;
        let given = 0;
        while (given < pieces.length) {
          for (let i = 0; i < step && given < pieces.length; i++, given++, tail = (tail + 1) % 8) {
            bench.transmitDescriptor(tail, ...pieces[given]!);
          }
          bench.write(reg.TDT, tail);
          bench.run();
        }
        expect(bench.sent.map((sent) => sent.frame)).toEqual(expected);
        expect(bench.read(reg.TDH)).toBe(tail);
        expect(bench.ram[TX_RING + 12]! & 1).toBe(1);
      }),
      { numRuns: 30 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
});
