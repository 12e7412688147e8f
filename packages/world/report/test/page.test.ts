import type { Comparison } from '@bulkhead/comparison';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ReportInput, reportHtml } from '../src/index.ts';
import { fileOf, tagsOf } from './markup.ts';
import { COMPARISON, EXOKERNEL_TWO, SAMPLE } from './sample.ts';

const numRuns = 5 * Number(process.env.BULKHEAD_EFFORT ?? 1);
const page = reportHtml(SAMPLE);
const tags = tagsOf(page);
const ids = (text: string): string[] => tagsOf(text).flatMap(({ attributes: { id } }) => id ?? []);
const figures = (text: string): string[] => [...text.matchAll(/<figure id="([^"]*)">/g)].map(([, id]) => id!);
const withSystems = (systems: Comparison['systems']): ReportInput => ({
  comparison: { ...COMPARISON, systems },
  generatedBy: 'a test',
});
const words = (text: string): string => text.replace(/<style>.*?<\/style>|<[^>]*>/gs, ' ').replace(/\s+/g, ' ');

describe('the page', () => {
  it('is the same, byte for byte, for the same input', () => {
    expect(reportHtml(structuredClone(SAMPLE))).toBe(page);
  });
  it('is well formed, says its language and fits a phone', () => {
    expect(tags.find(({ name }) => name === 'html')?.attributes['lang']).toBe('en');
    const viewport = tags.find(({ attributes }) => attributes['name'] === 'viewport');
    expect(viewport?.attributes['content']).toContain('width=device-width');
  });
  it('stands alone: no script, nothing to fetch, and a policy that forbids it', () => {
    expect(tags.map(({ name }) => name)).not.toContain('script');
    for (const { attributes } of tags) {
      expect(attributes).not.toHaveProperty('src');
      expect(Object.keys(attributes).filter((name) => name.startsWith('on'))).toEqual([]);
      if (attributes['href'] !== undefined)
        expect(attributes['href']).toMatch(/^(#|data:(text\/csv|application\/json);)/);
    }
    expect(page.match(/url\([^)]*\)/g)?.filter((url) => !url.startsWith('url(#'))).toEqual([]);
    const policy = tags.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    expect(policy?.attributes['content']).toMatch(/^default-src 'none';/);
  });
  it('has every chart, each in the contents, with a caption, its data and its command', () => {
    const charts = [
      'domains',
      'cycles-by-cause',
      'cycles-by-component',
      'latency',
      'cost-containment',
      'containment',
      'ipc',
      'sweep',
    ];
    expect(figures(page)).toEqual(charts);
    for (const [, figure = ''] of page.matchAll(/<figure (.*?)<\/figure>/gs)) {
      expect(figure).toMatch(/<figcaption>[^<]*\S/);
      expect(figure).toMatch(/<code>bulkhead (compare|audit|explain) /);
      expect(figure.match(/<a download="[a-z-]+\.(csv|json)"/g)).toHaveLength(2);
      expect(figure).toMatch(/<th scope="col">/);
    }
    expect(tags.flatMap(({ attributes: { href } }) => (href?.startsWith('#') ? [href.slice(1)] : []))).toEqual(charts);
  });
  it('names nothing twice, and refers to nothing that is not there', () => {
    const names = ids(page);
    expect(new Set(names).size).toBe(names.length);
    for (const [, name] of page.matchAll(/url\(#([^)]*)\)/g)) expect(names).toContain(name);
  });
  it('says of every drawing what it is', () => {
    const drawings = tags.filter(({ name, attributes }) => name === 'svg' && attributes['role'] === 'img');
    expect(drawings.length).toBeGreaterThan(15);
    for (const { attributes } of drawings) expect(attributes['aria-label']).toMatch(/\w+ \w+/);
  });
  it('gives the comparison away as it came', () => {
    const link = tags.find(({ attributes }) => attributes['download'] === 'comparison.json');
    expect(JSON.parse(fileOf(link!.attributes['href']!))).toEqual(JSON.parse(JSON.stringify(COMPARISON)));
  });
  it('is small: a photograph at most', () => {
    expect(page.length).toBeLessThan(512 * 1024);
  });
});

describe('what is not given', () => {
  it('has no chart', () => {
    const { sweep: _, ...comparison } = COMPARISON;
    expect(figures(reportHtml({ comparison, generatedBy: 'a test' }))).toEqual([
      'domains',
      'cycles-by-cause',
      'cycles-by-component',
      'latency',
    ]);
  });
  it.each([0, 1, 2, 6])('%i systems make a page', (count) => {
    const text = reportHtml(withSystems([...COMPARISON.systems, EXOKERNEL_TWO].slice(0, count)));
    tagsOf(text);
    expect(words(text)).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
  it('a system that did nothing makes a page', () => {
    const [first] = COMPARISON.systems;
    const zeros = (value: unknown): unknown => {
      if (typeof value === 'number') return 0;
      if (Array.isArray(value)) return value.map(zeros);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, zeros(member)]));
    };
    const idle = { ...(zeros(first) as typeof first), system: 'idle' } as NonNullable<typeof first>;
    for (const systems of [[idle], [first!, idle]]) {
      const text = reportHtml(withSystems(systems));
      tagsOf(text);
      expect(words(text)).not.toMatch(/NaN|undefined|Infinity/);
    }
  });
});

describe('names out of the data', () => {
  const hostile = '<script>alert(1)</script>';

  it('are text, wherever they stand', () => {
    const text = JSON.stringify(SAMPLE).replaceAll('"multiserver"', JSON.stringify(hostile));
    const spoilt = reportHtml(JSON.parse(text) as ReportInput);
    expect(tagsOf(spoilt).map(({ name }) => name)).not.toContain('script');
    expect(spoilt).not.toContain('<script');
    expect(spoilt.split('&lt;script&gt;alert(1)&lt;/script&gt;').length).toBeGreaterThan(10);
  });
  it('change no tag: pages with names of the same length have the same skeleton', () => {
    const names = [
      ...new Set([...JSON.stringify(SAMPLE).matchAll(/"(?:system|name|kind|summary|label|source|title)":"([^"]*)"/g)]),
    ].map(([, name]) => name!);
    const renamed = (letter: (index: number) => string): string[] => {
      const map = new Map(
        [...new Set(names)].map((name, index) => [
          name,
          `${Array.from({ length: name.length }, (_, place) => letter(index * 31 + place)).join('')}${index}`,
        ]),
      );
      const rename = (value: unknown): unknown => {
        if (typeof value === 'string') return map.get(value) ?? value;
        if (Array.isArray(value)) return value.map(rename);
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(
          Object.entries(value).map(([name, member]) => [map.get(name) ?? name, rename(member)]),
        );
      };
      return tagsOf(reportHtml(rename(SAMPLE) as ReportInput)).map(({ name }) => name);
    };
    const plain = renamed(() => 'n');
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'<>"\'&/ =;-!'), { minLength: 7, maxLength: 7 }), (letters) => {
        expect(renamed((index) => letters[index % 7]!)).toEqual(plain);
      }),
      { numRuns },
    );
  });
});
