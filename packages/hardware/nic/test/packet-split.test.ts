import * as reg from '@bulkhead/intel-82574-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, frameTo, MAC, RX_RING } from './bench.ts';
import { FLOW4, FLOW6, packet } from './internet.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const ENTRIES = 16; // of 16 bytes
const STEP = reg.RDESC_SPLIT_SIZE_BYTES;
const HDRSP = reg.RDESC_SPLIT_HDRSP.mask;
const PAYLOAD = Array.from({ length: 1400 }, (_, i) => (i * 3) & 0xff);

/** Buffer sizes: 0 in units of 128 bytes, the others of 1 KiB. */
function bench(sizes: readonly number[] = [2, 1, 1, 0], rfctl = 0): Bench {
  const made = new Bench();
  made.write(reg.RFCTL, reg.RFCTL_EXTEN.mask | rfctl);
  made.write(
    reg.PSRCTL,
    sizes.reduce((word, size, n) => word | (size << (8 * n)), 0),
  );
  made.startReceive(
    ENTRIES,
    reg.RCTL_SECRC.mask | reg.RCTL_LPE.mask | (reg.RCTL_DTYP_PACKET_SPLIT << reg.RCTL_DTYP.shift),
  );
  made.write(reg.RDT, ENTRIES - 2);
  for (let i = 0; i < ENTRIES / 2; i++) {
    for (let n = 0; n < 4; n++) {
      made.view.setUint32(RX_RING + i * STEP + n * 8, bufferOf(i, n), true);
      made.view.setUint32(RX_RING + i * STEP + n * 8 + 4, 0, true);
    }
  }
  return made;
}
const bufferOf = (index: number, n: number): number => 0x2_0000 + index * 0x8000 + n * 0x2000;
function receive(made: Bench, bytes: ArrayLike<number>): void {
  made.nic.receive(Uint8Array.from(bytes), bytes.length);
  made.run();
}
function told({ view }: Bench, index = 0): { header: number; lengths: number[]; done: boolean; last: boolean } {
  const at = RX_RING + index * STEP;
  const status = view.getUint32(at + reg.RDESC_EXT_STATUS_ERROR, true);
  const others = [0, 1, 2].map((n) => view.getUint16(at + reg.RDESC_SPLIT_LENGTH_1 + 2 * n, true));
  return {
    header: view.getUint16(at + reg.RDESC_SPLIT_HEADER_STATUS, true),
    lengths: [view.getUint16(at + reg.RDESC_EXT_LENGTH, true), ...others],
    done: (status & 1) !== 0,
    last: (status & 2) !== 0,
  };
}

describe('82574 packet split (datasheet 3.4 §7.1.5)', () => {
  it('puts the headers into buffer 0 and the payload into the others; the head moves by two entries', () => {
    const made = bench();
    const { bytes, payloadAt } = packet(FLOW4, PAYLOAD);
    receive(made, bytes);
    expect(told(made)).toEqual({
      header: HDRSP | payloadAt,
      lengths: [payloadAt, 1024, 376, 0],
      done: true,
      last: true,
    });
    expect([...made.ram.slice(bufferOf(0, 0), bufferOf(0, 0) + payloadAt)]).toEqual(bytes.slice(0, payloadAt));
    expect([...made.ram.slice(bufferOf(0, 1), bufferOf(0, 1) + 1024)]).toEqual(PAYLOAD.slice(0, 1024));
    expect([...made.ram.slice(bufferOf(0, 2), bufferOf(0, 2) + 376)]).toEqual(PAYLOAD.slice(1024));
    expect(made.read(reg.RDH)).toBe(2);
  });
  it('a frame that it does not split starts in buffer 0', () => {
    const made = bench();
    receive(made, frameTo(MAC, 600));
    expect(told(made)).toMatchObject({ header: 0, lengths: [256, 344, 0, 0], last: true });
  });
  it('headers longer than buffer 0 are not split', () => {
    const made = bench([1, 2, 0, 0]);
    const { bytes } = packet(FLOW6, PAYLOAD, {
      extensions: [6, 7, 1, 60, ...new Array(60).fill(0)],
      firstExtension: 0,
    });
    receive(made, bytes);
    expect(told(made)).toMatchObject({ header: 0, lengths: [128, bytes.length - 128, 0, 0] });
  });
  it('fragments are split behind IP, unless IPFRSP_DIS', () => {
    const { bytes, transportAt } = packet(FLOW4, PAYLOAD, { fragment: 0x2000 });
    const made = bench();
    receive(made, bytes);
    expect(told(made).header).toBe(HDRSP | transportAt);
    const without = bench(undefined, reg.RFCTL_IPFRSP_DIS.mask);
    receive(without, bytes);
    expect(told(without).header).toBe(0);
  });
  it('a frame longer than a descriptor goes on in the next, whose buffer 0 stays empty', () => {
    const made = bench([1, 1, 0, 0]);
    const { bytes, payloadAt } = packet(FLOW4, PAYLOAD);
    receive(made, bytes);
    expect(told(made)).toEqual({
      header: HDRSP | payloadAt,
      lengths: [payloadAt, 1024, 0, 0],
      done: true,
      last: false,
    });
    expect(told(made, 1)).toEqual({ header: 0, lengths: [0, 376, 0, 0], done: true, last: true });
  });
  it('buffers of size 0 or without an address are passed over', () => {
    const made = bench([2, 0, 1, 1]);
    made.view.setUint32(RX_RING + 16, 0, true);
    receive(made, packet(FLOW4, PAYLOAD.slice(0, 900)).bytes);
    expect(told(made).lengths).toEqual([54, 0, 0, 900]);
  });
  it('when no buffer has a size, frames are missed', () => {
    const made = bench([0, 0, 0, 0]);
    receive(made, packet(FLOW4, PAYLOAD).bytes);
    expect([made.read(reg.MPC), made.read(reg.RDH)]).toEqual([1, 0]);
  });
  it('without RFCTL.EXTEN the descriptors are legacy ones', () => {
    const made = bench();
    made.write(reg.RFCTL, 0);
    receive(made, frameTo(MAC, 100));
    expect([made.view.getUint16(RX_RING + 8, true), made.read(reg.RDH)]).toEqual([100, 1]);
  });
  it('nothing is lost: header and payload lengths cover every frame, for any sizes', () => {
    const size = fc.integer({ min: 0, max: 2 });
    fc.assert(
      fc.property(fc.tuple(size, fc.constant(1), size, size), fc.integer({ min: 1, max: 3000 }), (sizes, length) => {
        const made = bench(sizes);
        const { bytes } = packet(FLOW4, new Array(length).fill(7));
        receive(made, bytes);
        const count = made.read(reg.RDH) / 2;
        const total = Array.from({ length: count }, (_, i) => told(made, i).lengths)
          .flat()
          .reduce((sum, part) => sum + part, 0);
        expect(total).toBe(Math.max(60, bytes.length));
        expect(told(made, count - 1).last).toBe(true);
      }),
      { numRuns: 20 * EFFORT },
    );
  });
});

describe('82574 descriptors with a null address (§7.1.7 "Receive Descriptor Write-Back")', () => {
  it('are written back done and passed over; the frame goes to the next', () => {
    const made = new Bench();
    made.startReceive(8);
    made.view.setUint32(RX_RING, 0, true);
    made.nic.receive(frameTo(MAC, 100), 100);
    made.run();
    expect([made.ram[RX_RING + 12], made.view.getUint16(RX_RING + 8, true)]).toEqual([1, 0]);
    expect(made.view.getUint16(RX_RING + 16 + 8, true)).toBe(100);
    expect(made.read(reg.RDH)).toBe(2);
  });
  it('and when there are no others, the frame is lost and the ring survives', () => {
    const made = new Bench();
    made.startReceive(8);
    for (let i = 0; i < 8; i++) made.view.setUint32(RX_RING + i * 16, 0, true);
    made.nic.receive(frameTo(MAC, 100), 100);
    made.run();
    expect([made.read(reg.MPC), made.read(reg.RDH)]).toEqual([1, 7]);
  });
});
