/** The page in a real browser: opened from a file, on a phone and on a desk, by day and by night, and printed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportHtml } from '../src/index.ts';
import { COMPARISON, EXOKERNEL_TWO, SAMPLE } from './sample.ts';

function findBrowser(): string | null {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'])
    try {
      return execFileSync('bash', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not this one.
    }
  return null;
}
const program = findBrowser();
const WHY_NOT = 'there is no Chromium';

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-report-'));
const LONG = 'a-system-whose-name-is-longer-than-anybody-would-ever-want-to-type-again';
const FILES = {
  sample: SAMPLE,
  // Two of some components, and names that nobody foresaw.
  odd: {
    ...SAMPLE,
    comparison: {
      ...COMPARISON,
      systems: [...COMPARISON.systems, EXOKERNEL_TWO, { ...EXOKERNEL_TWO, system: LONG, summary: '<b>&amp;' }],
    },
  },
} as const;

interface Opened {
  readonly page: Page;
  /** Whatever the browser complained of, or asked for beside the file itself. */
  readonly troubles: string[];
}
async function open(browser: Browser, name: keyof typeof FILES): Promise<Opened> {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, reportHtml(FILES[name]));
  const url = pathToFileURL(file).href;
  const page = await browser.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => troubles.push(message.text()));
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('request', (request) => request.url() !== url && troubles.push(`asks for ${request.url()}`));
  await page.goto(url);
  return { page, troubles };
}

let browser: Browser | null = null;
/** Opened once: a page follows its reader's window and colours while it is open. */
let sample: Opened;
let odd: Opened;
beforeAll(async () => {
  if (program === null) return;
  browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
  sample = await open(browser, 'sample');
  odd = await open(browser, 'odd');
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Scheme = 'light' | 'dark';
async function look({ page }: Opened, width: number, colorScheme: Scheme, media: 'screen' | 'print' = 'screen') {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme, media });
}

/** In the page, as text: the browser's own names are not ours to import. */
const DRAWINGS = `[...document.querySelectorAll('figure')].map((figure) => ({
  id: figure.id,
  drawings: [...figure.querySelectorAll('svg[role=img], table.matrix')].map((drawing) => {
    const { width, height } = drawing.getBoundingClientRect();
    const shapes = [...drawing.querySelectorAll('rect, path, circle, line, polyline, td')];
    const marks = shapes.filter((shape) => {
      const box = shape.getBoundingClientRect();
      return box.width + box.height > 1 && getComputedStyle(shape).visibility === 'visible';
    });
    return { width, height, marks: marks.length };
  }),
}))`;
interface Drawn {
  readonly id: string;
  readonly drawings: readonly { readonly width: number; readonly height: number; readonly marks: number }[];
}
/** Letters that stick out of the page. */
const OUTSIDE = `[...document.querySelectorAll('svg text, th, td, p, li, h1, h2, h3, figcaption')]
  .filter((element) => element.closest('details') === null && element.closest('thead') === null)
  .map((element) => ({ text: element.textContent, box: element.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5))
  .map(({ text }) => text)`;
/** Words of one chart that stand on each other, or so near that two are read as one. Those of the boxes are laid out by arrows and are looked at by people. */
const OVERLAPPING = `[...document.querySelectorAll('svg.plot')].flatMap((plot) => {
  const texts = [...plot.querySelectorAll('text')]
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0);
  const onEachOther = (a, b) =>
    a.left < b.right + 2 && b.left < a.right + 2 && a.top < b.bottom - 4 && b.top < a.bottom - 4;
  return texts.flatMap((a, index) =>
    texts.slice(index + 1).filter((b) => onEachOther(a.box, b.box)).map((b) => a.text + ' / ' + b.text));
})`;
const BACKGROUND = 'getComputedStyle(document.documentElement).backgroundColor';
const SCROLL_WIDTH = 'document.documentElement.scrollWidth';
const SIZES: readonly (readonly [number, Scheme])[] = [
  [360, 'light'],
  [360, 'dark'],
  [860, 'light'],
  [1280, 'dark'],
];

describe.each(SIZES)('%i pixels wide, %s', (width, scheme) => {
  it('every chart is drawn, nothing is asked for and nothing complained of', async (context) => {
    if (browser === null) return context.skip(WHY_NOT);
    const { page, troubles } = sample;
    await look(sample, width, scheme);
    const figures = await page.evaluate<Drawn[]>(DRAWINGS);
    expect(figures.map(({ id }) => id)).toContain('sweep');
    for (const { id, drawings } of figures) {
      expect(drawings.length, id).toBeGreaterThan(0);
      for (const drawing of drawings) {
        expect(drawing.width, id).toBeGreaterThan(200);
        expect(drawing.height, id).toBeGreaterThan(80);
        expect(drawing.marks, id).toBeGreaterThan(4);
      }
    }
    expect(troubles).toEqual([]);
  });
  it('nothing sticks out, nothing scrolls sideways, and no word of a chart stands on another', async (context) => {
    if (browser === null) return context.skip(WHY_NOT);
    await look(sample, width, scheme);
    expect(await sample.page.evaluate(SCROLL_WIDTH)).toBe(width);
    expect(await sample.page.evaluate(OUTSIDE)).toEqual([]);
    expect(await sample.page.evaluate(OVERLAPPING)).toEqual([]);
  });
  it('names that nobody foresaw, and tables laid open, scroll nothing sideways', async (context) => {
    if (browser === null) return context.skip(WHY_NOT);
    await look(odd, width, scheme);
    await odd.page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
    expect(await odd.page.evaluate(SCROLL_WIDTH)).toBe(width);
    expect(odd.troubles).toEqual([]);
  });
});

describe('day, night and paper', () => {
  it('the page follows the reader, and paper is always light', async (context) => {
    if (browser === null) return context.skip(WHY_NOT);
    const { page } = sample;
    const colours: unknown[] = [];
    for (const [scheme, media] of [
      ['light', 'screen'],
      ['dark', 'screen'],
      ['dark', 'print'],
    ] as const) {
      await look(sample, 800, scheme, media);
      colours.push(await page.evaluate(BACKGROUND));
    }
    expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(15, 20, 25)', 'rgb(255, 255, 255)']);
  });
  it('on paper every chart is drawn, and what can only be clicked is left out', async (context) => {
    if (browser === null) return context.skip(WHY_NOT);
    const { page, troubles } = sample;
    await look(sample, 720, 'dark', 'print');
    for (const { id, drawings } of await page.evaluate<Drawn[]>(DRAWINGS))
      for (const drawing of drawings) expect(drawing.marks, id).toBeGreaterThan(4);
    expect(await page.evaluate("document.querySelector('details').getBoundingClientRect().height")).toBe(0);
    const pdf = await page.pdf({ format: 'A4', printBackground: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(troubles).toEqual([]);
  });
  it('the data of a chart is downloaded from the page itself', async (context) => {
    if (browser === null) return context.skip(WHY_NOT);
    const { page, troubles } = sample;
    await look(sample, 1280, 'light');
    await page.click('#latency summary');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#latency a[download$=".csv"]')]);
    expect(download.suggestedFilename()).toBe('latency.csv');
    expect(troubles.filter((trouble) => !trouble.startsWith('asks for data:'))).toEqual([]);
  });
});
