import * as reg from '@bulkhead/intel-82574-datasheet';
import type { DmaPort } from '@bulkhead/ports';
import { describe, expect, it } from 'vitest';
import { Bench, frameTo, MAC, RX_RING, RX_RING_1 } from './bench.ts';

const BROADCAST = new Uint8Array(6).fill(0xff);
const OTHER = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x57);
const GROUP = Uint8Array.of(0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb);
const SECRC = reg.RCTL_SECRC.mask;

const lengthOf = (bench: Bench, index: number): number => bench.view.getUint16(RX_RING + index * 16 + 8, true);
const statusOf = (bench: Bench, index: number): number => bench.ram[RX_RING + index * 16 + 12]!;
const bufferOf = (bench: Bench, index: number, lenBytes: number): Uint8Array =>
  bench.ram.slice(bench.bufferOf(index), bench.bufferOf(index) + lenBytes);

function receive(bench: Bench, frame: Uint8Array): void {
  bench.nic.receive(frame, frame.length);
  bench.run();
}

describe('82574 reception (datasheet 3.4 §7.1)', () => {
  it('writes payload and legacy descriptor, moves the head and counts', () => {
    const bench = new Bench();
    bench.startReceive();
    const frame = frameTo(MAC, 100);
    bench.nic.receive(frame, 100);
    expect(statusOf(bench, 0)).toBe(0);
    bench.run();
    expect(bufferOf(bench, 0, 100)).toEqual(frame);
    expect(lengthOf(bench, 0)).toBe(100);
    expect(statusOf(bench, 0)).toBe(0b111); // DD, EOP, IXSM
    expect(bench.view.getUint32(RX_RING, true)).toBe(bench.bufferOf(0)); // the address is kept
    expect(bench.read(reg.RDH)).toBe(1);
    expect(bench.read(reg.GPRC)).toBe(1);
    expect(bench.read(reg.GPRC)).toBe(0);
    expect(bench.read(reg.ICR) & reg.ICR_RXT0.mask).not.toBe(0);
  });

  it('writes extended descriptors when RFCTL.EXTEN is set', () => {
    const bench = new Bench();
    bench.write(reg.RFCTL, reg.RFCTL_EXTEN.mask);
    bench.startReceive();
    receive(bench, frameTo(MAC, 100));
    expect(bench.view.getUint32(RX_RING + reg.RDESC_EXT_STATUS_ERROR, true)).toBe(0b111);
    expect(bench.view.getUint16(RX_RING + reg.RDESC_EXT_LENGTH, true)).toBe(100);
    expect(bench.view.getUint32(RX_RING, true)).toBe(0);
  });

  it('spreads a frame over buffers of RCTL.BSIZE; EOP is in the last alone', () => {
    const bench = new Bench();
    bench.startReceive(8, SECRC | (reg.RCTL_BSIZE_256 << reg.RCTL_BSIZE.shift));
    const frame = frameTo(MAC, 600);
    receive(bench, frame);
    expect([lengthOf(bench, 0), lengthOf(bench, 1), lengthOf(bench, 2)]).toEqual([256, 256, 88]);
    expect([statusOf(bench, 0), statusOf(bench, 1), statusOf(bench, 2)]).toEqual([1, 1, 7]);
    expect(bufferOf(bench, 2, 88)).toEqual(frame.slice(512));
  });

  it('BSEX makes the sizes sixteenfold, and LPE lets long frames in', () => {
    const bench = new Bench();
    const big = (reg.RCTL_BSIZE_512 << reg.RCTL_BSIZE.shift) | reg.RCTL_BSEX.mask;
    bench.startReceive(8, SECRC | big);
    receive(bench, frameTo(MAC, 9000));
    expect([bench.read(reg.RDH), bench.read(reg.ROC)]).toEqual([0, 1]);
    bench.write(reg.RCTL, bench.read(reg.RCTL) | reg.RCTL_LPE.mask);
    receive(bench, frameTo(MAC, 9000));
    expect([lengthOf(bench, 0), lengthOf(bench, 1), bench.read(reg.RDH)]).toEqual([8192, 808, 2]);
  });

  it('pads frames below 60 bytes with zeros and counts RUC', () => {
    const bench = new Bench();
    bench.startReceive();
    bench.ram.fill(0xee, bench.bufferOf(0), bench.bufferOf(0) + 64);
    receive(bench, frameTo(MAC, 42));
    expect(lengthOf(bench, 0)).toBe(60);
    expect([...bufferOf(bench, 0, 60).slice(42)]).toEqual(new Array(18).fill(0));
    expect(bench.read(reg.RUC)).toBe(1);
  });

  it('appends the frame check sequence while SECRC is clear', () => {
    const bench = new Bench();
    bench.startReceive(8, 0);
    const frame = frameTo(MAC, 60).fill(0, 14);
    frame.set(
      [...'123456789'].map((digit) => digit.charCodeAt(0)),
      14,
    );
    receive(bench, frame);
    expect(lengthOf(bench, 0)).toBe(64);
    // IEEE 802.3 §3.2.9: the CRC of a frame with its FCS leaves a fixed residue.
    let crc = 0xffff_ffff;
    for (const byte of bufferOf(bench, 0, 64)) {
      crc ^= byte;
      for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
    }
    expect(crc >>> 0).toBe(0xdebb_20e3);
  });

  it('takes its own unicast address, and others only promiscuously (UPE)', () => {
    const bench = new Bench();
    bench.startReceive(8, SECRC);
    receive(bench, frameTo(OTHER, 60));
    expect(bench.read(reg.RDH)).toBe(0);
    bench.write(reg.RCTL, reg.RCTL_EN.mask | SECRC | reg.RCTL_UPE.mask);
    receive(bench, frameTo(OTHER, 60));
    expect(bench.read(reg.RDH)).toBe(1);
  });

  it('takes further addresses from RAL and RAH while AV is set', () => {
    const bench = new Bench();
    bench.startReceive(8, SECRC);
    bench.write(reg.RAL + 15 * 8, 0x1200_5452);
    bench.write(reg.RAH + 15 * 8, 0x5734);
    receive(bench, frameTo(OTHER, 60));
    expect(bench.read(reg.RDH)).toBe(0);
    bench.write(reg.RAH + 15 * 8, 0x8000_5734);
    receive(bench, frameTo(OTHER, 60));
    expect(bench.read(reg.RDH)).toBe(1);
  });

  it('takes broadcast with BAM and any group address with MPE', () => {
    const bench = new Bench();
    bench.startReceive(8, SECRC);
    receive(bench, frameTo(BROADCAST, 60));
    expect(bench.read(reg.RDH)).toBe(0);
    bench.write(reg.RCTL, reg.RCTL_EN.mask | SECRC | reg.RCTL_BAM.mask);
    receive(bench, frameTo(BROADCAST, 60));
    receive(bench, frameTo(GROUP, 60));
    expect([bench.read(reg.RDH), bench.read(reg.BPRC), bench.read(reg.MPRC)]).toEqual([1, 1, 0]);
    bench.write(reg.RCTL, reg.RCTL_EN.mask | SECRC | reg.RCTL_MPE.mask);
    receive(bench, frameTo(GROUP, 60));
    receive(bench, frameTo(BROADCAST, 60)); // without BAM
    expect([bench.read(reg.RDH), bench.read(reg.MPRC)]).toEqual([2, 1]);
  });

  it.each([0, 1, 2, 3])('MO = %i chooses the 12 bits of the address that index MTA; PIF marks such a frame', (mo) => {
    const bench = new Bench();
    bench.startReceive(8, SECRC | (mo << reg.RCTL_MO.shift));
    const hash = (((GROUP[5]! << 8) | GROUP[4]!) >> [4, 3, 2, 0][mo]!) & 0xfff;
    receive(bench, frameTo(GROUP, 60));
    expect(bench.read(reg.RDH)).toBe(0);
    bench.write(reg.MTA + (hash >> 5) * 4, 1 << (hash & 31));
    receive(bench, frameTo(GROUP, 60));
    expect(statusOf(bench, 0)).toBe(0x87);
  });

  it('filters VLAN tags by VFTA while VFE is set', () => {
    const bench = new Bench();
    bench.startReceive(8, SECRC | reg.RCTL_VFE.mask);
    const frame = frameTo(MAC, 60);
    frame.set([0x81, 0x00, 0x00, 0x2a], 12);
    receive(bench, frame);
    expect(bench.read(reg.RDH)).toBe(0);
    bench.write(reg.VFTA + 4, 1 << (0x2a - 32));
    receive(bench, frame);
    expect(bench.read(reg.RDH)).toBe(1);
  });

  it('drops everything while RCTL.EN is clear or the link is down', () => {
    const bench = new Bench();
    bench.startReceive();
    bench.nic.setLink(false);
    receive(bench, frameTo(MAC, 60));
    bench.nic.setLink(true);
    bench.write(reg.RCTL, 0);
    receive(bench, frameTo(MAC, 60));
    expect([bench.read(reg.RDH), bench.read(reg.TPR)]).toEqual([0, 0]);
  });

  it('without descriptors frames wait (RNBC), then are missed (MPC, RXO); RDT lets them go in order', () => {
    const bench = new Bench();
    bench.startReceive(8);
    bench.write(reg.RDT, 0);
    const sent = Array.from({ length: 20 }, (_, i) => frameTo(MAC, 1500, i));
    for (const frame of sent) receive(bench, frame);
    const held = Math.floor((20 * 1024) / 1500);
    expect([bench.read(reg.RNBC), bench.read(reg.MPC)]).toEqual([1, 20 - held]);
    expect(bench.read(reg.ICR) & reg.ICR_RXO.mask).not.toBe(0);
    bench.write(reg.RDT, 7);
    bench.run();
    for (let i = 0; i < 7; i++) expect(bufferOf(bench, i, 1500)).toEqual(sent[i]);
    expect(bench.read(reg.RDH)).toBe(7);
    expect(bench.nic.statistics.framesMissed).toBe(20 - held);
  });

  it('raises RXDMT0 when the free descriptors fall to the threshold', () => {
    const bench = new Bench();
    bench.startReceive(8, SECRC | (1 << reg.RCTL_RDMTS.shift));
    for (let i = 0; i < 4; i++) receive(bench, frameTo(MAC, 60));
    expect(bench.read(reg.ICR) & reg.ICR_RXDMT0.mask).toBe(0);
    receive(bench, frameTo(MAC, 60));
    expect(bench.read(reg.ICR) & reg.ICR_RXDMT0.mask).not.toBe(0);
  });

  it('a DMA fault stops the queue, is counted, and is over after CTRL.RST', () => {
    const bench = new Bench();
    bench.startReceive();
    bench.limitBytes = 0x1_0000; // the rings, but no buffer
    receive(bench, frameTo(MAC, 60));
    receive(bench, frameTo(MAC, 60));
    expect([bench.nic.dmaFaultCount, bench.read(reg.RDH)]).toEqual([1, 0]);
    bench.limitBytes = bench.ram.length;
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    bench.startReceive();
    receive(bench, frameTo(MAC, 60));
    expect(bench.read(reg.RDH)).toBe(1);
  });

  it('waits for bus mastering and loses nothing', () => {
    const bench = new Bench();
    bench.startReceive();
    bench.command(2);
    receive(bench, frameTo(MAC, 60));
    expect([bench.read(reg.RDH), bench.nic.dmaFaultCount]).toEqual([0, 0]);
    bench.command(6);
    bench.run();
    expect(bench.read(reg.RDH)).toBe(1);
  });

  it('a frame that no ring of this length can hold is missed, and the next is received', () => {
    const bench = new Bench();
    bench.startReceive(8, SECRC | (reg.RCTL_BSIZE_256 << reg.RCTL_BSIZE.shift) | reg.RCTL_LPE.mask);
    receive(bench, frameTo(MAC, 4000));
    receive(bench, frameTo(MAC, 60));
    expect([bench.read(reg.MPC), bench.read(reg.RDH)]).toEqual([1, 1]);
  });
});

describe('82574 receive side scaling (datasheet 3.4 §7.1)', () => {
  const KEY = '6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa';
  const ipv4 = (source: readonly number[], destination: readonly number[], ports: readonly number[]): Uint8Array => {
    const frame = frameTo(MAC, 60);
    frame.set([0x08, 0x00, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, ...source, ...destination], 12);
    frame.set(
      ports.flatMap((port) => [port >> 8, port & 0xff]),
      34,
    );
    return frame;
  };
  // The published verification suite of Microsoft's RSS: destination, source, hash over IPv4, hash over TCP/IPv4.
  const frame = ipv4([66, 9, 149, 187], [161, 142, 100, 80], [2794, 1766]);
  const CASES: readonly (readonly [string, number, number])[] = [
    ['IPv4', reg.MRQC_RSS_IPV4.mask, 0x323e_8fc2],
    ['TCP/IPv4', reg.MRQC_RSS_TCP_IPV4.mask, 0x51cc_c178],
  ];

  it.each(CASES)('hashes %s as published and redirects by the low seven bits', (_name, fields, hash) => {
    const bench = new Bench();
    bench.write(reg.RFCTL, reg.RFCTL_EXTEN.mask);
    bench.write(reg.RXCSUM, reg.RXCSUM_PCSD.mask);
    bench.write(reg.MRQC, reg.MRQC_ENABLE_RSS | fields);
    const key = Uint8Array.from(KEY.match(/../g)!, (byte) => Number.parseInt(byte, 16));
    for (let i = 0; i < 10; i++) bench.write(reg.RSSRK + i * 4, new DataView(key.buffer).getUint32(i * 4, true));
    const entry = hash & 127;
    bench.write(reg.RETA + (entry & ~3), 0x80 << ((entry & 3) * 8));
    bench.startReceive(8);
    bench.startReceive(8, undefined, 1);
    receive(bench, frame);
    expect([bench.read(reg.RDH), bench.read(reg.RDH + reg.QUEUE_STRIDE_BYTES)]).toEqual([0, 1]);
    expect(bench.view.getUint32(RX_RING_1 + reg.RDESC_EXT_RSS_HASH, true)).toBe(hash);
  });
});

describe('82574 receive descriptors (datasheet 3.4 §7.1.6, §7.1.7)', () => {
  /** Every access of the device to memory, as `kind address length`. */
  const watch = (bench: Bench): string[] => {
    const seen: string[] = [];
    const at = (page: number, offset: number): number => page * 4096 + offset;
    const dma: DmaPort = {
      read: (page, offset, into, to, lenBytes) => {
        seen.push(`read ${at(page, offset)} ${lenBytes}`);
        into.set(bench.ram.subarray(at(page, offset), at(page, offset) + lenBytes), to);
        return at(page, offset) < bench.limitBytes ? 0 : -13;
      },
      write: (page, offset, from, start, lenBytes) => {
        seen.push(`write ${at(page, offset)} ${lenBytes}`);
        if (at(page, offset) >= bench.limitBytes) return -15;
        bench.ram.set(from.subarray(start, start + lenBytes), at(page, offset));
        return 0;
      },
    };
    bench.nic.function.connect({ dma, message: { send: () => 0 } });
    return seen;
  };
  const arrive = (bench: Bench, count: number): void => {
    for (let i = 0; i < count; i++) bench.nic.receive(frameTo(MAC, 100 + i), 100 + i);
    bench.run();
  };

  it('are fetched and written back together for a burst, behind all of its payload', () => {
    const bench = new Bench();
    bench.startReceive();
    const seen = watch(bench);
    arrive(bench, 3);
    const payload = [0, 1, 2].map((i) => `write ${bench.bufferOf(i)} ${100 + i}`);
    expect(seen).toEqual([`read ${RX_RING} 48`, ...payload, `write ${RX_RING + 8} 40`]);
    expect([0, 1, 2].map((i) => [lengthOf(bench, i), statusOf(bench, i)])).toEqual([100, 101, 102].map((n) => [n, 7]));
  });
  it('are taken in two runs where the ring ends between', () => {
    const bench = new Bench();
    bench.startReceive();
    arrive(bench, 6);
    bench.write(reg.RDT, 5);
    const seen = watch(bench);
    arrive(bench, 4);
    expect(seen.filter((line) => line.startsWith('read'))).toEqual([`read ${RX_RING + 96} 32`, `read ${RX_RING} 32`]);
    expect([6, 7, 0, 1].map((i) => lengthOf(bench, i))).toEqual([100, 101, 102, 103]);
    expect(bench.read(reg.RDH)).toBe(2);
  });
  it('are not held between bursts: software may have moved the ring', () => {
    const bench = new Bench();
    bench.startReceive();
    arrive(bench, 1);
    bench.write(reg.RCTL, 0);
    bench.startReceive(8, SECRC, 0);
    bench.view.setUint32(RX_RING + 16, bench.bufferOf(20), true);
    arrive(bench, 1);
    expect(lengthOf(bench, 1)).toBe(100);
    expect(bufferOf(bench, 20, 100)).toEqual(frameTo(MAC, 100));
  });
  it('of the frames before a fault in the same burst are written back', () => {
    const bench = new Bench();
    bench.startReceive();
    bench.view.setUint32(RX_RING + 32, 0x7fff_0000, true);
    const seen = watch(bench);
    arrive(bench, 4);
    expect(seen.at(-1)).toBe(`write ${RX_RING + 8} 24`);
    expect([0, 1, 2, 3].map((i) => statusOf(bench, i))).toEqual([7, 7, 0, 0]);
    expect([bench.nic.dmaFaultCount, bench.read(reg.RDH)]).toEqual([1, 2]);
  });
});
