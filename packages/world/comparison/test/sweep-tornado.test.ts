import { describe, expect, it } from 'vitest';
import { type Conclusion, tornadoText } from '../src/index.ts';

const FACTORS = [0.5, 2];
const swing = (primitive: string, ...ratios: number[]) => ({
  primitive,
  label: primitive,
  cycles: 100,
  certainty: 'assumed' as const,
  source: 'a source',
  ratios,
});
const conclusion = (change: Partial<Conclusion>): Conclusion => ({
  ahead: 'one',
  behind: 'other',
  ratio: 1.5,
  survives: true,
  swings: [swing('wide', 1.25, 2), swing('narrow', 1.55, 1.45), swing('still', 1.5, 1.5)],
  ...change,
});

describe('a tornado in plain characters', () => {
  it('draws a bar an assumption, from factor to factor, across the published ratio', () => {
    expect(tornadoText(conclusion({}), FACTORS, 48)).toBe(
      [
        'one is ahead of other: 1.500, whatever is assumed (x0.5, x2)',
        '  wide   --------|+++++++++++++++ 1.250 to 2.000',
        '  narrow       ++|-               1.450 to 1.550',
        '',
      ].join('\n'),
    );
  });
  it('marks where the two are level, and says what ends the claim', () => {
    const text = tornadoText(
      conclusion({ survives: false, swings: [swing('wide', 0.5, 2.5), swing('less', 1.25, 1.5)] }),
      FACTORS,
      46,
    );
    expect(text).toBe(
      [
        'one is ahead of other: 1.500, but not with wide x0.5',
        '  wide ------------|+++++++++++ 0.500 to 2.500',
        '  less       :  ---|            1.250 to 1.500',
        '',
      ].join('\n'),
    );
  });
  it('puts all assumptions at once on top', () => {
    const lines = tornadoText(conclusion({ together: [1.4, 3], survives: true }), FACTORS, 60).split('\n');
    expect(lines[1]).toMatch(/^ {2}all at once +-+\|\++ 1\.400 to 3\.000$/);
    const ended = tornadoText(conclusion({ together: [0.9, 3], survives: false }), FACTORS, 60);
    expect(ended.split('\n')[0]).toBe('one is ahead of other: 1.500, but not with all at once x0.5');
  });
  it('shows a bar to one side that both factors reach', () => {
    const text = tornadoText(conclusion({ swings: [swing('bent', 1.75, 2)] }), FACTORS, 40);
    expect(text.split('\n')[1]).toMatch(/^ {2}bent \|\*+\++ 1\.500 to 2\.000$/);
  });
  it('fits the columns that it is given, and no fewer than a bar needs', () => {
    for (const width of [40, 60, 100, 200]) {
      const long = swing('a-component-of-a-long-name.and-its-long-piece', 1.2, 12.5);
      const lines = tornadoText(conclusion({ swings: [long, swing('b', 1.4, 1.6)] }), FACTORS, width).split('\n');
      for (const line of lines.slice(1, -1)) expect(line.length).toBeLessThanOrEqual(Math.max(width, 62));
    }
  });
  it('says how many it leaves out', () => {
    const swings = Array.from({ length: 15 }, (_, at) => swing(`p${at}`, 1.4, 1.6));
    const lines = tornadoText(conclusion({ swings }), FACTORS, 60).split('\n');
    expect(lines).toHaveLength(1 + 12 + 1 + 1);
    expect(lines.at(-2)).toBe('  and 3 more, none of them wider');
  });
  it('says when nothing moves it', () => {
    const text = tornadoText(conclusion({ swings: [swing('still', 1.5, 1.5)], together: [1.5, 1.5] }), FACTORS, 60);
    expect(text.split('\n')[1]).toBe('  no assumption moves it');
  });
  it('says of two that are level that they are', () => {
    expect(tornadoText(conclusion({ ratio: 1, swings: [] }), FACTORS, 60)).toMatch(
      /^one and other are level, whatever/,
    );
  });
  it('is plain ASCII', () => {
    expect(tornadoText(conclusion({ together: [0.5, 3], survives: false }), FACTORS, 60)).toMatch(/^[\n -~]*$/);
  });
});
