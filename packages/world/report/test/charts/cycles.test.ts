import { describe, expect, it } from 'vitest';
import { cyclesByComponent } from '../../src/charts/components.ts';
import { cyclesByCause } from '../../src/charts/cycles.ts';
import { tagsOf } from '../markup.ts';
import { COMPARISON } from '../sample.ts';

const { systems } = COMPARISON;

interface Bar {
  readonly title: string;
  readonly from: number;
  readonly share: number;
}
/** Every part of every bar, read from the drawing. */
const barsOf = (drawing: string): Bar[] =>
  [...drawing.matchAll(/<rect class="bar[^>]*x="([^"]*)%" width="([^"]*)%"[^>]*><title>([^<]*)<\/title>/g)].map(
    ([, from, share, title]) => ({ title: title!, from: Number(from), share: Number(share) }),
  );
const byWhom = (bars: readonly Bar[], whom: string): Bar[] => bars.filter(({ title }) => title.startsWith(`${whom}, `));

describe('cycles by cause', () => {
  const chart = cyclesByCause(COMPARISON);
  const bars = barsOf(String(chart.drawing));

  it('a bar is as long as its system needs cycles, and the longest fills the width', () => {
    const most = Math.max(...systems.map(({ perRequest }) => perRequest.cycles));
    for (const { system, perRequest } of systems) {
      const length = byWhom(bars, system).reduce((sum, { share }) => sum + share, 0);
      expect(length).toBeCloseTo((perRequest.cycles / most) * 100, 0);
    }
  });
  it('its parts stand one after the other, one a cause, each as long as its share', () => {
    const most = Math.max(...systems.map(({ perRequest }) => perRequest.cycles));
    for (const { system, perRequest } of systems) {
      const parts = byWhom(bars, system);
      const causes = Object.entries(perRequest.byCause).filter(([, cycles]) => cycles > 0);
      expect(parts).toHaveLength(causes.length);
      for (const [cause, cycles] of causes)
        expect(parts.find(({ title }) => title.startsWith(`${system}, ${cause}: `))?.share).toBeCloseTo(
          (cycles / most) * 100,
          1,
        );
      parts.slice(1).forEach((part, index) => {
        expect(part.from).toBeCloseTo(parts[index]!.from + parts[index]!.share, 1);
      });
    }
  });
  it('counts no idle cycle', () => {
    const [first] = systems;
    const byCause = { ...first!.perRequest.byCause, idle: 1e6 };
    const chart = cyclesByCause({
      ...COMPARISON,
      systems: [{ ...first!, perRequest: { ...first!.perRequest, byCause } }],
    });
    expect(chart.data.columns).not.toContain('idle');
    expect(barsOf(String(chart.drawing)).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(100, 0);
  });
  it('draws a cause that it does not know, last', () => {
    const [first] = systems;
    const byCause = { magic: 1000, ...first!.perRequest.byCause };
    const chart = cyclesByCause({
      ...COMPARISON,
      systems: [{ ...first!, perRequest: { ...first!.perRequest, byCause } }],
    });
    expect(chart.data.columns.at(-2)).toBe('magic');
    expect(barsOf(String(chart.drawing)).at(-1)?.title).toContain('magic: 1,000 cycles');
  });
  it('the caption says what share the walls have: trap, switch, ipc and tlb', () => {
    for (const { system, perRequest } of systems) {
      const { trap = 0, switch: switches = 0, ipc = 0, tlb = 0 } = perRequest.byCause;
      const share = Math.round(((trap + switches + ipc + tlb) / perRequest.cycles) * 100);
      expect(String(chart.caption)).toContain(`<b>${system}</b> ${share}\u00a0%`);
    }
  });
});

describe('cycles by component', () => {
  const chart = cyclesByComponent(COMPARISON);

  it('all panels have one scale', () => {
    const panels = String(chart.drawing).split('<div class="panel">').slice(1);
    const most = Math.max(...systems.flatMap(({ perRequest }) => Object.values(perRequest.byComponent)));
    panels.forEach((panel, index) => {
      const { byComponent } = systems[index]!.perRequest;
      for (const [component, cycles] of Object.entries(byComponent)) {
        const length = byWhom(barsOf(panel), component).reduce((sum, { share }) => sum + share, 0);
        expect(length, component).toBeCloseTo((cycles / most) * 100, 0);
      }
    });
  });
  it('components stand in one order, the application first, and the kernel last', () => {
    for (const { system } of systems) {
      const rows = chart.data.rows.filter(([of]) => of === system).map(([, component]) => component);
      expect([rows[0], rows[1], rows[2], rows.at(-1)]).toEqual(['web-server', 'net-stack', 'nic-driver', 'kernel']);
    }
  });
  it('whoever costs nothing in any system is named and not drawn', () => {
    expect(String(chart.key)).toContain('supervisor, iommu-driver and pci-bus-driver');
    expect(String(chart.drawing)).not.toContain('>supervisor<');
  });
  it('is one drawing a system, each with a name', () => {
    const drawings = tagsOf(String(chart.drawing)).filter(({ attributes }) => attributes['role'] === 'img');
    expect(drawings.map(({ attributes }) => attributes['aria-label']!.split(':')[0])).toEqual(
      systems.map(({ system }) => system),
    );
  });
});
