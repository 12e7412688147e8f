import { describe, expect, it } from 'vitest';
import { findViolations } from '../src/host-rules.ts';

const rulesBroken = (text: string): readonly string[] => findViolations('file.ts', text).map(({ rule }) => rule);

describe('what a library may not read from its host', () => {
  it.each([
    ['no-host-clock-global', 'const now = Date.now();'],
    ['no-host-clock-global', 'const now = new Date();'],
    ['no-host-clock-global', 'const now = globalThis.performance.now() + performance.now();'],
    ['no-host-chance', 'const chance = Math.random();'],
    ['no-host-chance', 'const { random } = Math;'],
    ['no-host-chance', 'const id = crypto.randomUUID();'],
    ['no-transcendental-math', 'const root = Math.cbrt(2);'],
    ['no-transcendental-math', 'const { log2: bits } = Math;'],
  ])('%s: refuses `%s`', (rule, text) => {
    expect(rulesBroken(text)).toContain(rule);
  });

  it.each([
    'const root = Math.sqrt(Math.floor(2)) + Math.imul(3, 4);',
    'interface Stamp { readonly Date: number }',
    'const header = { Date: 1 };\nheader.Date;',
    'class Header { Date = 1; performance(): number { return 2; } }',
    '// Date and Math.random() in a comment\nconst text = "Date.now()";',
  ])('has nothing against `%s`', (text) => {
    expect(rulesBroken(text)).toEqual([]);
  });

  it('names the line', () => {
    expect(findViolations('file.ts', '\n\nMath.random();')[0]?.line).toBe(3);
  });
});
