import type { Conclusion, Sweep } from '@bulkhead/comparison';
import { describe, expect, it } from 'vitest';
import { sweepTornadoes } from '../../src/charts/sweep.ts';
import { COMPARISON } from '../sample.ts';

const conclusion = (survives: boolean, ratio: number, widths: readonly number[]): Conclusion => ({
  ahead: `a${ratio}`,
  behind: `b${ratio}`,
  ratio,
  survives,
  swings: widths.map((width, index) => ({
    primitive: `p${index}`,
    label: `assumption ${index}`,
    cycles: 100,
    certainty: 'assumed',
    source: 'made up',
    ratios: [ratio - width, ratio, ratio + width],
  })),
});
const sweep = (...conclusions: Conclusion[]): Sweep => ({ factors: [0.5, 1, 2], conclusions });

describe('tornado charts', () => {
  it('a bar is the range of its ratios, and stands where the axis says', () => {
    const drawing = String(sweepTornadoes(sweep(conclusion(true, 2, [1, 0.5])), 'x').drawing);
    const bars = [...drawing.matchAll(/<rect class="bar (down|up)" x="([^"]*)%" width="([^"]*)%"/g)];
    expect(bars.map(([, side, x, width]) => [side, Number(x), Number(width)])).toEqual([
      ['down', 0, 50],
      ['up', 50, 50],
      ['down', 25, 25],
      ['up', 50, 25],
    ]);
  });
  it('shows the six widest, and keeps all of them in the data', () => {
    const { drawing, data } = sweepTornadoes(
      sweep(
        conclusion(
          true,
          3,
          [8, 7, 6, 5, 4, 3, 2, 1].map((n) => n / 10),
        ),
      ),
      'x',
    );
    expect(String(drawing).match(/class="part"/g)).toHaveLength(6);
    expect(data.rows).toHaveLength(8);
    expect(data.columns).toContain('at ×0.5');
  });
  it('the caption counts what survives and names what does not', () => {
    const { caption } = sweepTornadoes(sweep(conclusion(true, 2, [0.1]), conclusion(false, 1.1, [0.5])), 'x');
    expect(String(caption)).toContain(
      'One of two conclusions survives. Turned round by some value: <b>a1.1</b> ahead of',
    );
  });
  it('has a bar for all assumptions at once where they were varied together', () => {
    const { drawing } = sweepTornadoes(COMPARISON.sweep!, 'x');
    expect(String(drawing).match(/>all of them at once</g)?.length).toBeGreaterThan(0);
  });
});
