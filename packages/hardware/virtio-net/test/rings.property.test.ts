/**
 * The rings against a slow model of them: whatever the pieces, the tables, the batches and the pauses, every frame that
 * was offered leaves once, in order and with its bytes, and every frame that arrived stands in the buffers in order.
 */
import * as virtio from '@bulkhead/virtio-datasheet';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC, type Piece, type Ring } from './bench.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const SIZE = 8;
const HEADER = virtio.NET_HDR_SIZE_BYTES;

/** Cuts `lenBytes` at these places, in per mille. */
function piecesOf(address: number, lenBytes: number, cuts: readonly number[], writes: boolean): Piece[] {
  const at = [...new Set([0, ...cuts.map((cut) => Math.floor((cut * lenBytes) / 1000)), lenBytes])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, i) => ({ address: address + at[i]!, lenBytes: end - at[i]!, writes }));
}

/** Writes a chain, in an indirect table when that is asked for. One chain a head: up to 4 descriptors of a table of 32. */
function offer(ring: Ring, head: number, pieces: readonly Piece[], indirect: boolean): void {
  const table = BUFFERS + 0xc_0000 + ring.at + head * 0x100;
  if (!indirect) ring.chain(head * 4, pieces);
  else {
    ring.chain(0, pieces, table);
    ring.descriptor(head * 4, table, pieces.length * 16, virtio.DESC_F_INDIRECT, 0);
  }
  ring.offer(head * 4);
}

const cuts = fc.array(fc.nat({ max: 1000 }), { maxLength: 3 });
const step = fc.record({
  kind: fc.constantFrom('transmit', 'supply', 'arrive', 'notify', 'wait'),
  lenBytes: fc.integer({ min: 14, max: 1514 }),
  cuts,
  indirect: fc.boolean(),
  waitNs: fc.nat({ max: 20_000 }),
});

describe('the rings, against a slow model', () => {
  it('lose nothing, repeat nothing and keep the order', () => {
    let carried = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.boolean(), fc.boolean(), (steps, merges, hasEvents) => {
        const bench = new Bench();
        const features = [
          virtio.F_INDIRECT_DESC,
          ...(merges ? [virtio.NET_F_MRG_RXBUF] : []),
          ...(hasEvents ? [virtio.F_EVENT_IDX] : []),
        ];
        const { rx, tx } = bench.start(features, SIZE * 4);
        const free = { tx: Array.from({ length: SIZE }, (_, i) => i), rx: Array.from({ length: SIZE }, (_, i) => i) };
        const sizes = new Map<number, number>();
        const wanted: Uint8Array[] = [];
        const arrived: Uint8Array[] = [];
        const received: Uint8Array[] = [];
        const bufferOf = (side: number, head: number): number => BUFFERS + side * 0x2_0000 + head * 0x1000;
        /** The driver takes back what is used; a frame may stand in several buffers. */
        const collect = (): void => {
          for (const { id } of tx.reap()) free.tx.push(id / 4);
          const used = rx.reap();
          for (let i = 0; i < used.length; ) {
            const first = bufferOf(1, used[i]!.id / 4);
            const count = bench.view.getUint16(first + virtio.NET_HDR_NUM_BUFFERS, true);
            const parts = used.slice(i, i + count).map(({ id, lenBytes }) => {
              free.rx.push(id / 4);
              return bench.ram.slice(bufferOf(1, id / 4), bufferOf(1, id / 4) + lenBytes);
            });
            for (const [n, part] of parts.entries())
              if (n + 1 < parts.length) expect(part.length).toBe(sizes.get(used[i + n]!.id / 4));
            received.push(Uint8Array.from(parts.flatMap((part) => [...part]).slice(HEADER)));
            i += count;
          }
        };
        steps.forEach(({ kind, lenBytes, cuts, indirect, waitNs }, number) => {
          if (kind === 'transmit' && free.tx.length > 0) {
            const head = free.tx.shift()!;
            const frame = frameTo(MAC, lenBytes, number);
            bench.ram.fill(0, bufferOf(0, head), bufferOf(0, head) + HEADER);
            bench.ram.set(frame, bufferOf(0, head) + HEADER);
            offer(tx, head, piecesOf(bufferOf(0, head), lenBytes + HEADER, cuts, false), indirect);
            wanted.push(frame);
          } else if (kind === 'supply' && free.rx.length > 0) {
            const head = free.rx.shift()!;
            const size = merges ? Math.max(300, lenBytes) : 1600;
            sizes.set(head, size);
            offer(rx, head, piecesOf(bufferOf(1, head), size, cuts, true), indirect);
          } else if (kind === 'arrive' && arrived.length - received.length < 8) {
            const frame = frameTo(MAC, lenBytes, number);
            bench.nic.receive(frame, lenBytes);
            arrived.push(frame);
          } else if (kind === 'notify') {
            bench.notify(virtio.NET_TRANSMITQ);
            bench.notify(virtio.NET_RECEIVEQ);
          } else bench.run(waitNs);
          collect();
        });
        bench.notify(virtio.NET_TRANSMITQ);
        bench.notify(virtio.NET_RECEIVEQ);
        bench.run();
        collect();
        expect(bench.needsReset).toBe(false);
        expect(bench.sent.map(({ frame }) => frame)).toEqual(wanted);
        expect(received).toEqual(arrived.slice(0, received.length));
        expect(bench.nic.statistics.framesMissed).toBe(0);
        // What has not been received waits for room.
        if (arrived.length > received.length) expect(free.rx.length).toBeGreaterThan(0);
        carried += wanted.length + received.length;
      }),
      { numRuns: 60 * EFFORT },
    );
    expect(carried).toBeGreaterThan(0);
  });
});
