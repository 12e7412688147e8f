import { NOT_MAPPED } from '@bulkhead/iommu-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EFFORT, MSI_PAGE, NIC_DRIVER, OTHER_DRIVER, pageOfFrame, SUPERVISOR, started } from './bench.ts';

const DEVICES = [0x18, 0x20, 0x108];
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('map'), device: fc.nat(2), n: fc.nat(40), bits: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('unmap'), device: fc.nat(2), n: fc.nat(40), bits: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reclaim'), device: fc.nat(2), n: fc.nat(40), bits: fc.boolean() }),
  },
);

describe('The IOMMU driver', () => {
  it('whatever is asked in whatever order, each device reaches what a list of its mappings says, and no more', () => {
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { handlers, iommu, map, owners } = started();
      owners.set(DEVICES[1]!, OTHER_DRIVER);
      owners.set(DEVICES[2]!, NIC_DRIVER);
      const model = DEVICES.map(() => new Map<number, { page: number; write: boolean; pages: number }>());
      for (const { kind, device, n, bits } of steps) {
        const [id, mine] = [DEVICES[device]!, model[device]!];
        const from = owners.get(id)!;
        if (kind === 'map') {
          const [physical, pages] = bits ? [n * 512, 512] : [n, 1];
          const ioPage = map(physical, n % 2 === 0 ? 3 : 1, bits ? 21 : 12, id, from);
          for (const [start, { pages: held }] of mine)
            expect(ioPage + pages <= start || ioPage >= start + held).toBe(true);
          mine.set(ioPage, { page: pageOfFrame(physical), write: n % 2 === 0, pages });
        } else if (kind === 'unmap') {
          const ioPage = [...mine.keys()][n % 7] ?? 32 + n;
          expect(handlers.iommu.unmap(from, id, ioPage)).toBe(mine.delete(ioPage) ? 0 : NOT_MAPPED);
        } else {
          expect(handlers.iommu.reclaim(SUPERVISOR, id)).toBe(mine.size);
          mine.clear();
        }
        DEVICES.forEach((other, d) => {
          for (const ioPage of [0, 16, 31, 32, 33, 36, 4096, 4607, 4608, MSI_PAGE]) {
            const start = [...model[d]!].find(([first, { pages }]) => ioPage >= first && ioPage < first + pages);
            const read = iommu.translate(other, ioPage, false);
            if (start === undefined) expect(typeof read).toBe('string');
            else {
              expect(read).toBe(start[1].page + ioPage - start[0]);
              expect(typeof iommu.translate(other, ioPage, true)).toBe(start[1].write ? 'number' : 'string');
            }
          }
        });
      }
    });
    fc.assert(property, { numRuns: 80 * EFFORT });
  });
});
