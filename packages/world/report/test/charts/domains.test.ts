import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CORE, layoutOf, type Place, piecesOf } from '../../src/charts/domain-layout.ts';
import { domainBoxes } from '../../src/charts/domains.ts';
import { COMPARISON, EXOKERNEL_TWO } from '../sample.ts';

const numRuns = 200 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const SYSTEMS = [...COMPARISON.systems, EXOKERNEL_TWO];
const place = fc.record({ column: fc.nat(1), row: fc.nat(6) });
const key = ({ column, row }: Place): string => `${column},${row}`;

describe('the places of components', () => {
  it('are the same in every system that has one of each', () => {
    const [first, ...others] = COMPARISON.systems.map((system) => layoutOf(system, COMPARISON.systems));
    for (const other of others) expect(other.places).toEqual(first!.places);
  });
  it('are one each, and the kernel’s core has one', () => {
    for (const system of SYSTEMS) {
      const { places, rows } = layoutOf(system, SYSTEMS);
      expect(new Set([...places.values()].map(key)).size).toBe(places.size);
      expect(places.size).toBe(system.domains.flatMap(({ components }) => components).length + 1);
      expect(places.get(CORE)).toEqual({ column: 0, row: rows - 1 });
    }
  });
  it('follow the calls where levels say nothing: one thread of several components', () => {
    const exokernel = COMPARISON.systems.find(({ system }) => system === 'exokernel')!;
    const domains = exokernel.domains.map((domain) =>
      domain.isKernel
        ? domain
        : { ...domain, components: [...domain.components].reverse().map((component) => ({ ...component, level: 30 })) },
    );
    const { places } = layoutOf({ ...exokernel, domains }, [{ ...exokernel, domains }]);
    const column = ['web-server', 'net-stack', 'nic-driver'].map((name) => places.get(name)!.row);
    expect(column).toEqual([...column].sort((a, b) => a - b));
  });
});

describe('the pieces of a domain', () => {
  it('are what hangs together: two places are in one exactly when a way of neighbours leads from one to the other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(place, { selector: key, maxLength: 12 }), (places) => {
        const piece = new Map(
          piecesOf(places).flatMap((members, index) => members.map((member) => [key(member), index])),
        );
        expect(piece.size).toBe(places.length);
        const reached = (from: Place): Set<string> => {
          const found = new Set([key(from)]);
          for (let grew = true; grew; ) {
            grew = false;
            for (const other of places)
              for (const [right, down] of [
                [1, 0],
                [-1, 0],
                [0, 1],
                [0, -1],
              ] as const)
                if (!found.has(key(other)) && found.has(key({ column: other.column + right, row: other.row + down }))) {
                  found.add(key(other));
                  grew = true;
                }
          }
          return found;
        };
        for (const a of places)
          for (const b of places) expect(piece.get(key(a)) === piece.get(key(b))).toBe(reached(a).has(key(b)));
      }),
      { numRuns },
    );
  });
});

describe('the drawings', () => {
  const comparison = { ...COMPARISON, systems: SYSTEMS };
  const panels = String(domainBoxes(comparison).drawing).split('<div class="panel">').slice(1);

  it('have an arrow for each connection, and a label for each that crosses a wall', () => {
    SYSTEMS.forEach(({ connections, domains }, index) => {
      const home = (name: string) => domains.find(({ components }) => components.some((c) => c.name === name));
      const crossing = connections.filter(({ client, server }) => home(client) !== home(server));
      const panel = panels[index]!;
      expect(panel.match(/<path class="arrow/g)).toHaveLength(connections.length);
      expect(panel.match(/<path class="arrow crossing"/g) ?? []).toHaveLength(crossing.length);
      expect(panel.match(/<g transform=/g) ?? []).toHaveLength(crossing.length);
    });
  });
  it('have a cell for each component and one for the kernel’s core', () => {
    SYSTEMS.forEach(({ domains }, index) => {
      const count = domains.flatMap(({ components }) => components).length + 1;
      expect(panels[index]!.match(/<rect class="cell/g)).toHaveLength(count);
    });
  });
  it('say in words what they show', () => {
    expect(panels[0]).toContain(
      'aria-label="monolithic. In the kernel: pci-bus-driver, iommu-driver, supervisor, nic-driver, net-stack. Processes: web-server. IOMMU bare."',
    );
    expect(panels[2]).toContain('In the kernel: only its core.');
  });
  it('show whether the IOMMU is a wall', () => {
    expect(panels.map((panel) => /class="iommu (on|off)"/.exec(panel)?.[1])).toEqual(
      SYSTEMS.map(({ iommu }) => (iommu === 'translating' ? 'on' : 'off')),
    );
  });
});
