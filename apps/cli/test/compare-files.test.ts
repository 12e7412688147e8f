/** What compare writes beside its table: a report, traces; and the sweep. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison } from '@bulkhead/comparison';
import { chromium } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { tracePathOf } from '../src/tracing.ts';
import { bulkhead, findProgram, inFolder, stopAll } from './run.ts';

afterAll(stopAll);

const LOAD = ['--requests', '60', '--warm-up', '20', '--clients', '4'];
const SYSTEMS = ['monolithic', 'multiserver', 'exokernel'];
const browser = findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');

async function compare(...args: string[]): Promise<Comparison> {
  const { status, stdout, stderr } = await bulkhead('compare', '--systems', SYSTEMS.join(','), ...LOAD, ...args);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Comparison;
}

describe('bulkhead compare --report --trace', () => {
  it('writes a page whose charts all stand in a browser, and traces that change nothing', (context) =>
    inFolder(async (folder) => {
      const [page, trace] = [join(folder, 'report.html'), join(folder, 'trace.json')];
      const plain = await compare('--json');
      const traced = await compare('--report', page, '--trace', trace, '--json');
      expect(traced.systems).toEqual(plain.systems);
      for (const system of SYSTEMS) {
        const { traceEvents } = JSON.parse(readFileSync(join(folder, `trace.${system}.json`), 'utf8'));
        expect(traceEvents.length).toBeGreaterThan(500);
      }
      const html = readFileSync(page, 'utf8');
      for (const id of ['domains', 'cycles-by-cause', 'cycles-by-component'])
        expect(html).toContain(`<figure id="${id}"`);
      expect(html).not.toMatch(/\bNaN\b|\bundefined\b|\bInfinity\b/);
      if (browser === null) return context.skip('there is no Chromium');
      expect(await lookAt(browser, page)).toEqual({ problems: [], charts: true, empty: 0 });
    }));
  it('names a file a system, unless there is one alone', () => {
    expect(tracePathOf('a/b.c/t.speedscope.json', 'hybrid', false)).toBe('a/b.c/t.hybrid.speedscope.json');
    expect(tracePathOf('a.b/trace', 'hybrid', false)).toBe('a.b/trace.hybrid');
    expect(tracePathOf('./t.json', 'hybrid', true)).toBe('./t.json');
  });
  it('leaves no file when a system is not there', () =>
    inFolder(async (folder) => {
      const page = join(folder, 'report.html');
      const { status } = await bulkhead('compare', '--systems', 'nobody', '--report', page);
      expect([status, existsSync(page)]).toEqual([2, false]);
    }));
});

async function lookAt(
  executablePath: string,
  path: string,
): Promise<{ problems: string[]; charts: boolean; empty: number }> {
  const problems: string[] = [];
  const opened = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await opened.newPage({ viewport: { width: 800, height: 900 } });
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('requestfailed', (request) => problems.push(request.url()));
    await page.goto(`file://${path}`);
    const charts = (await page.locator('figure svg[role=img]').count()) >= SYSTEMS.length + 3;
    const empty = await page.locator('figure svg[role=img]').evaluateAll(
      (all) =>
        all.filter((svg) => {
          const { width, height } = svg.getBoundingClientRect();
          return width === 0 || height === 0 || svg.childElementCount === 0;
        }).length,
    );
    return { problems, charts, empty };
  } finally {
    await opened.close();
  }
}

describe('bulkhead compare --sweep', () => {
  it('says of each conclusion whether it survives, and names the constants', async () => {
    const args = ['--workload', 'null-call', '--systems', 'monolithic,multiserver', '--requests', '30', '--sweep'];
    const { status, stdout } = await bulkhead('compare', ...args, '--json');
    expect(status).toBe(0);
    const { sweep } = JSON.parse(stdout) as Comparison;
    const [conclusion] = sweep!.conclusions;
    expect(conclusion).toMatchObject({ ahead: 'monolithic', behind: 'multiserver' });
    for (const { ratios, source } of conclusion!.swings) {
      expect(ratios.length).toBe(sweep!.factors.length);
      expect(source).not.toBe('');
    }
    expect(conclusion!.survives).toBe(conclusion!.swings.every(({ ratios }) => ratios.every((ratio) => ratio > 1)));
  });
});
