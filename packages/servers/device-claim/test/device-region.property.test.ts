import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceRegion } from '../src/index.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('a shared region as the device sees it', () => {
  it('holds nothing before it is mapped', () => {
    expect([new DeviceRegion().holds(0, 1), new DeviceRegion().holds(0, 0)]).toEqual([false, true]);
  });
  it('holds what lies inside, whatever a peer says; the address is the first page’s and the offset', () => {
    const sizes = fc.record({
      page: fc.integer({ min: 0, max: 2 ** 32 - 2 ** 19 }),
      pages: fc.nat(2 ** 18),
      offset: word,
      lenBytes: word,
    });
    const near = sizes.map((one) => ({ ...one, offset: one.pages * 4096 - (one.offset & 0x1fff) }));
    fc.assert(
      fc.property(fc.oneof(sizes, near), ({ page, pages, offset, lenBytes }) => {
        const region = new DeviceRegion();
        region.mapped(page, pages * 4096);
        const inside = offset >= 0 && lenBytes >= 0 && BigInt(offset) + BigInt(lenBytes) <= BigInt(pages * 4096);
        expect(region.holds(offset, lenBytes)).toBe(inside);
        if (!inside) return;
        const address = BigInt(page) * 4096n + BigInt(offset);
        expect(BigInt(region.addressLow(offset) >>> 0)).toBe(address & 0xffff_ffffn);
        expect(BigInt(region.addressHigh(offset) >>> 0)).toBe(address >> 32n);
      }),
      { numRuns: 500 * EFFORT },
    );
  });
});
