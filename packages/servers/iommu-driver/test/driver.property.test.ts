import { NOT_MAPPED, NOT_OWNER } from '@bulkhead/iommu-driver-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bench, EFFORT, MSI_PAGE, NIC_DRIVER, OTHER_DRIVER, pageOfFrame, SUPERVISOR, started } from './bench.ts';

const DEVICES = [0x18, 0x20, 0x108];
const DRIVERS = [NIC_DRIVER, OTHER_DRIVER];
const LARGE_PAGES = 512;
/** Where small pages, large ones, interrupts and nothing may be found. */
const ASKED: readonly number[] = [
  ...Array.from({ length: 72 }, (_, page) => page),
  ...[4096, 4607, 4608, 5119, 5120, MSI_PAGE],
];

const kinds = [
  ...['map', 'map', 'map', 'map', 'map', 'unmap', 'unmap', 'unmap', 'unmap'],
  ...['reclaim', 'death', 'claim', 'trespass', 'alarm'],
] as const;
const step = fc.record({ kind: fc.constantFrom(...kinds), device: fc.nat(2), n: fc.nat(40), large: fc.boolean() });
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Who reaches what, as a list: one a device, of one tenure. */
interface Space {
  holder: number;
  tenure: number;
  readonly mappings: Map<number, { page: number; write: boolean; pages: number }>;
}

class Model {
  readonly spaces: readonly Space[] = DEVICES.map(() => ({ holder: -1, tenure: 0, mappings: new Map() }));
  /** Deferred: what was unmapped and may still be reached, by device and page. */
  readonly exposed = new Set<string>();
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
    for (const [d, device] of DEVICES.entries()) bench.owners.set(device, DRIVERS[d % 2]!);
  }
  owner(d: number): number {
    return this.#bench.owners.get(DEVICES[d]!)!;
  }
  tenure(d: number): number {
    return this.#bench.tenures.get(DEVICES[d]!) ?? 1;
  }
  isOpen(d: number): boolean {
    const { holder, tenure } = this.spaces[d]!;
    return holder === this.owner(d) && tenure === this.tenure(d);
  }
  do({ kind, device: d, n, large }: Step): void {
    const { handlers, map, owners, tenures } = this.#bench;
    const [id, space] = [DEVICES[d]!, this.spaces[d]!];
    const from = this.owner(d);
    switch (kind) {
      case 'map': {
        const [physical, pages] = large ? [n * LARGE_PAGES, LARGE_PAGES] : [n, 1];
        const ioPage = map(physical, n % 2 === 0 ? 3 : 1, large ? 21 : 12, id, from);
        if (!this.isOpen(d)) space.mappings.clear();
        Object.assign(space, { holder: from, tenure: this.tenure(d) });
        this.exposed.clear(); // a map's fence tells of all that waits
        for (const [start, { pages: held }] of space.mappings)
          expect(ioPage + pages <= start || ioPage >= start + held).toBe(true);
        space.mappings.set(ioPage, { page: pageOfFrame(physical), write: n % 2 === 0, pages });
        return;
      }
      case 'unmap': {
        const ioPage = [...space.mappings.keys()][n % 7] ?? 32 + n;
        const pages = space.mappings.get(ioPage)?.pages ?? 0;
        const isThere = this.isOpen(d) && space.mappings.delete(ioPage);
        expect(handlers.iommu.unmap(from, id, ioPage)).toBe(isThere ? 0 : NOT_MAPPED);
        for (let i = 0; isThere && i < pages; i++) this.exposed.add(`${d} ${ioPage + i}`);
        return;
      }
      case 'reclaim':
        expect(handlers.iommu.reclaim(SUPERVISOR, id)).toBe(this.#clear([d]));
        return;
      case 'death': {
        const driver = DRIVERS[n % 2]!;
        const held = DEVICES.flatMap((_, other) => (this.spaces[other]!.holder === driver ? [other] : []));
        expect(handlers.iommu.reclaimFrom(SUPERVISOR, driver)).toBe(this.#clear(held));
        return;
      }
      case 'claim':
        owners.set(id, DRIVERS[n % 2]!);
        tenures.set(id, this.tenure(d) + 1);
        return;
      case 'trespass':
        expect(handlers.iommu.unmap(from === NIC_DRIVER ? OTHER_DRIVER : NIC_DRIVER, id, 32)).toBe(NOT_OWNER);
        return;
      case 'alarm':
        handlers.kernel.notified(1);
        this.exposed.clear();
    }
  }
  #clear(devices: readonly number[]): number {
    let count = 0;
    for (const d of devices) {
      const space = this.spaces[d]!;
      if (space.holder !== -1) this.exposed.clear();
      count += space.mappings.size;
      space.mappings.clear();
      space.holder = -1;
    }
    return count;
  }
  /** The device reaches exactly this, page by page; in a window of exposure perhaps what it did before. */
  check(): void {
    const { iommu } = this.#bench;
    DEVICES.forEach((device, d) => {
      for (const ioPage of ASKED) {
        if (this.exposed.has(`${d} ${ioPage}`)) continue;
        const { mappings } = this.spaces[d]!;
        const held = [...mappings].find(([first, { pages }]) => ioPage >= first && ioPage < first + pages);
        const read = iommu.translate(device, ioPage, false);
        if (held === undefined) expect(typeof read).toBe('string');
        else {
          expect(read).toBe(held[1].page + ioPage - held[0]);
          expect(typeof iommu.translate(device, ioPage, true)).toBe(held[1].write ? 'number' : 'string');
        }
      }
    });
  }
}

describe('The IOMMU driver', () => {
  it.each(['strict', 'deferred'] as const)(
    'whatever is asked, claimed or dies in whatever order, each device reaches what a list of its mappings says: %s',
    (invalidation) => {
      const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const bench = started({ invalidation });
        const model = new Model(bench);
        for (const one of steps) {
          model.do(one);
          if (invalidation === 'strict') model.exposed.clear();
          model.check();
        }
      });
      fc.assert(property, { numRuns: 60 * EFFORT });
    },
  );
  it('tables that were given back hold as much as at first', () => {
    const bench = started();
    const devices = Array.from({ length: 20 }, (_, i) => 0x100 + i * 8);
    for (const device of devices) bench.vectors.set(device, 5);
    for (const device of devices) bench.owners.set(device, NIC_DRIVER);
    const fill = (): number => devices.filter((device) => bench.map(1, 3, 12, device) >= 0).length;
    const first = fill();
    expect(first).toBeGreaterThan(4);
    for (let round = 0; round < 5; round++) {
      bench.handlers.iommu.reclaimFrom(SUPERVISOR, NIC_DRIVER);
      expect(fill()).toBe(first);
    }
  });
});
