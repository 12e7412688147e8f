import { describe, expect, it } from 'vitest';
import { CAUSE_WORDS, colourOf } from '../src/causes.ts';
import { DARK, LIGHT, STYLE, type Theme } from '../src/style.ts';

/** WCAG 2.2, "relative luminance". */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
/** WCAG 2.2, "contrast ratio". */
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

const CAUSES = [...CAUSE_WORDS.map(({ cause }) => cause), 'other'];

describe.each<[string, Theme]>([
  ['light', LIGHT],
  ['dark', DARK],
])('%s', (_, theme) => {
  it('letters stand out from all that they stand on, 4.5 to 1 (WCAG 2.2 §1.4.3 "Contrast (Minimum)")', () => {
    const under = ['bg', 'panel', 'user', 'privileged', 'harm1', 'harm2', 'harm3', 'harm4', 'harm5'];
    const pairs = [
      ...under.map((ground) => ['fg', ground]),
      ...['bg', 'panel', 'user', 'privileged'].map((ground) => ['dim', ground]),
      ...CAUSES.map((cause) => ['in', cause]),
      ['link', 'bg'],
      ['kernel', 'bg'],
      ['trap', 'bg'],
    ] as [string, string][];
    for (const [letters, ground] of pairs)
      expect(contrast(theme[letters]!, theme[ground]!), `${letters} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });
  it('marks stand out from the page, 3 to 1 (WCAG 2.2 §1.4.11 "Non-text Contrast")', () => {
    for (const mark of [...CAUSES, 'privileged-wall', 'user-wall'])
      expect(contrast(theme[mark]!, theme['bg']!), mark).toBeGreaterThanOrEqual(3);
  });
});

describe('the style sheet', () => {
  it('defines every variable that it uses, in both themes', () => {
    const used = new Set([...STYLE.matchAll(/var\(--([a-z0-9-]+)\)/g)].map(([, name]) => name!));
    expect([...used].filter((name) => !(name in LIGHT) || !(name in DARK))).toEqual([]);
    expect(Object.keys(DARK)).toEqual(Object.keys(LIGHT));
  });
  it('has a colour for every cause, and one for those that it does not know', () => {
    for (const cause of [...CAUSES, 'something new']) expect(STYLE).toContain(`.${colourOf(cause)}{fill:`);
  });
  it('fetches nothing', () => {
    expect(STYLE).not.toMatch(/url\(|@import|@font-face/);
  });
});
