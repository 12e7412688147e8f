import * as reg from '@bulkhead/riscv-iommu-datasheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DmaGate } from '../src/index.ts';
import { Bench, EFFORT, FREE, LEAF, ROOT } from './bench.ts';

const DEVICE = 0x18;
const PEER_PAGE = 0x40000;

interface Access {
  readonly page: number;
  readonly offset: number;
  readonly widthBytes: number;
  readonly value: number;
}

/** A peer with one page of bytes: naturally aligned accesses only, and a refusal everywhere else. */
class Peer {
  readonly bytes: Uint8Array = new Uint8Array(4096);
  readonly stores: Access[] = [];
  load(page: number, offset: number, widthBytes: number): number {
    if (page !== PEER_PAGE || offset % widthBytes !== 0) return -1;
    let value = 0;
    for (let i = widthBytes - 1; i >= 0; i--) value = value * 256 + this.bytes[offset + i]!;
    return value;
  }
  store(page: number, offset: number, widthBytes: number, value: number): number {
    if (page !== PEER_PAGE || offset % widthBytes !== 0 || value < 0) return -1;
    this.stores.push({ page, offset, widthBytes, value });
    for (let i = 0; i < widthBytes; i++) this.bytes[offset + i] = value / 256 ** i;
    return 0;
  }
}

const wired = (): { bench: Bench; peer: Peer; port: DmaGate } => {
  const bench = new Bench();
  const peer = new Peer();
  bench.context(DEVICE, ROOT);
  bench.mode(reg.DDTP_MODE_1LVL);
  bench.map(16, FREE + 4);
  bench.map(17, FREE + 1);
  bench.map(18, PEER_PAGE);
  bench.map(20, 0x50000);
  return { bench, peer, port: bench.iommu.dmaPort(DEVICE, peer) };
};

describe('A requester behind the IOMMU (RISC-V IOMMU 1.0 §2.3)', () => {
  it('what it writes over any pages it reads back, and it stands where the tables say', () => {
    const property = fc.property(
      fc.nat(3 * 4096 - 1),
      fc.uint8Array({ minLength: 1, maxLength: 9000 }),
      (start, data) => {
        const { bench, peer, port } = wired();
        const len = Math.min(data.length, 3 * 4096 - start);
        const back = new Uint8Array(len + 2);
        expect(port.write(16, start, data, 0, len)).toBe(0);
        expect(port.read(16 + (start >>> 12), start & 0xfff, back, 1, len)).toBe(0);
        expect(back.subarray(1, len + 1)).toEqual(data.subarray(0, len));
        expect([back[0], back[len + 1]]).toEqual([0, 0]);
        const pages = [bench.ram.bytes.subarray((4 + 8) * 4096), bench.ram.bytes.subarray((1 + 8) * 4096), peer.bytes];
        for (let i = 0; i < len; i += 97) expect(pages[(start + i) >>> 12]![(start + i) & 0xfff]).toBe(data[i]);
      },
    );
    fc.assert(property, { numRuns: 60 * EFFORT });
  });
  it('stops at the first page that is not mapped, with what came before done', () => {
    const { bench, port } = wired();
    bench.faultQueue();
    const data = new Uint8Array(4096 * 3 + 8).fill(9);
    expect(port.write(16, 0, data, 0, data.length)).toBe(-15);
    expect(bench.record(0)).toMatchObject({ cause: 15, deviceId: DEVICE, page: 19 });
    expect(bench.ram.bytes[(FREE + 1 - 0x80000) * 4096 + 4095]).toBe(9);
  });
  it('a read-only page refuses a write and keeps its bytes', () => {
    const { bench, port } = wired();
    bench.map(16, FREE + 4, LEAF & ~4);
    expect(port.write(16, 0, new Uint8Array([1]), 0, 1)).toBe(-15);
    expect(port.read(16, 0, new Uint8Array(1), 0, 1)).toBe(0);
    expect(bench.ram.word(FREE + 4, 0)).toBe(0);
  });
  it('a place that nobody answers for is a fault of the bus, without a record', () => {
    const { bench, port } = wired();
    expect(port.write(20, 0, new Uint8Array(4), 0, 4)).toBe(-1);
    expect(port.read(20, 0, new Uint8Array(4), 0, 4)).toBe(-1);
    expect(bench.iommu.faultCount).toBe(0);
  });
  it('a message is one store of 4 bytes, translated as DMA is', () => {
    const { peer, port, bench } = wired();
    expect(port.send(18, 0, 0x80000005)).toBe(0);
    expect(peer.stores).toEqual([{ page: PEER_PAGE, offset: 0, widthBytes: 4, value: 0x80000005 }]);
    expect(port.send(99, 0, 5)).toBe(-15);
    expect(port.send(17, 8, 6)).toBe(0);
    expect(bench.ram.word(FREE + 1, 2)).toBe(6);
  });
  it('when the IOMMU is off nothing passes', () => {
    const { bench, port } = wired();
    bench.mode(reg.DDTP_MODE_OFF);
    expect(port.write(16, 0, new Uint8Array(1), 0, 1)).toBe(-256);
    expect(port.send(18, 0, 1)).toBe(-256);
  });
  it('in bare mode a page below 0 is one of the upper half, which nobody holds', () => {
    const { bench, port } = wired();
    bench.mode(reg.DDTP_MODE_BARE);
    expect(port.write(-1, 0, new Uint8Array(4), 0, 4)).toBe(-1);
    expect(port.write(FREE, 0, new Uint8Array([5]), 0, 1)).toBe(0);
    expect(bench.ram.word(FREE, 0)).toBe(5);
  });
});
