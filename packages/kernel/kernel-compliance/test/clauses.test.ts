/** The list of clauses is what the suites say it is: `vitest -u` writes it anew. */
import { describe, expect, it } from 'vitest';
import { FEATURES, suites } from '../src/index.ts';

const listed = (): string => {
  const lines = [
    '# Clauses',
    '',
    'What the suites ask of a kernel, in the order of the seL4 reference manual. Generated.',
  ];
  let section = '';
  for (const clause of suites) {
    if (clause.section !== section) lines.push('', `## ${clause.section}`, '');
    section = clause.section;
    const needs = clause.needs.map((feature) => FEATURES[feature]).join('; ');
    lines.push(`- ${clause.clause}${needs === '' ? '' : ` (needs: ${needs})`}`);
  }
  return `${lines.join('\n')}\n`;
};

describe('CLAUSES.md', () => {
  it('is in step with the suites', async () => {
    await expect(listed()).toMatchFileSnapshot('../CLAUSES.md');
  });
  it('lists no clause twice', () => {
    const titles = suites.map(({ section, clause }) => `${section}: ${clause}`);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
  it('lists sections in the order of the manual', () => {
    const chapters = suites.map(({ section }) => Number.parseInt(section, 10));
    expect(chapters).toEqual([...chapters].sort((a, b) => a - b));
    expect([...new Set(chapters)]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
