import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameFifo } from '../src/index.ts';

describe('frame queue', () => {
  it('gives back what was pushed, in order and padded with zeros, and never more than fits', () => {
    const step = fc.record({ push: fc.boolean(), lenBytes: fc.nat({ max: 90 }), pad: fc.nat({ max: 20 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const fifo = new FrameFifo(256, 6);
        const model: number[][] = [];
        const into = new Int32Array(32);
        steps.forEach(({ push, lenBytes, pad }, seed) => {
          if (push) {
            const frame = new Uint8Array(lenBytes).map((_, i) => i + seed);
            const at = fifo.push(frame, lenBytes, lenBytes + pad);
            if (at >= 0) model.push([...frame, ...new Array<number>(pad).fill(0)]);
            else expect(model.length === 6 || model.flat().length + lenBytes + pad > 256 - 2 * 110).toBe(true);
          } else if (model.length > 0) {
            const { frontAt, frontLenBytes } = fifo;
            fifo.copyFront(into);
            expect([...fifo.bytes.slice(frontAt, frontAt + frontLenBytes)]).toEqual(model[0]);
            expect([...new Uint8Array(into.buffer).slice(0, frontLenBytes)]).toEqual(model.shift());
            fifo.shift();
          }
          expect(fifo.count).toBe(model.length);
        });
      }),
      { numRuns: 200 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });

  it('an empty queue takes a frame as long as itself, and none longer', () => {
    const fifo = new FrameFifo(64, 2);
    expect(fifo.push(new Uint8Array(65), 65)).toBe(-1);
    expect(fifo.push(new Uint8Array(64), 64)).toBe(0);
    expect(fifo.push(new Uint8Array(1), 1)).toBe(-1);
  });
});
