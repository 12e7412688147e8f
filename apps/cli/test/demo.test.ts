import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DemoReport } from '../src/commands/demo.ts';
import { privilegedLines } from '../src/privileged-lines.ts';
import { DESIGN_NAMES, loadSystem } from '../src/systems.ts';
import { bulkhead } from './run.ts';

describe('bulkhead demo', () => {
  it('serves a real client in every design, compares them, and breaks the driver of each', async () => {
    const { status, stdout, stderr } = await bulkhead('demo', '--requests', '200', '--bytes', '1000000', '--json');
    expect([status, stderr]).toEqual([0, '']);
    const { fetched, compared, struck } = JSON.parse(stdout) as DemoReport;
    expect(fetched.map(({ system }) => system)).toEqual(DESIGN_NAMES);
    for (const { pages } of fetched) for (const page of pages) expect(page.status).toBe(200);
    expect(compared.map(({ requests }) => requests)).toEqual(DESIGN_NAMES.map(() => 200));
    const [monolithic, hybrid, multiserver, multiserverAsync, exokernel] = struck;
    expect(monolithic, 'takes the system down').toMatchObject({
      isIntact: false,
      panic: expect.stringMatching(/^nic-driver: page fault: store to 0x/),
      answersAfterwards: false,
    });
    expect(monolithic!.download.broken).not.toBeNull();
    for (const survivor of [hybrid!, multiserver!, multiserverAsync!]) {
      expect(survivor, 'is survived, connections live').toMatchObject({
        isIntact: true,
        panic: null,
        driverStarts: 2,
        answersAfterwards: true,
      });
      expect(survivor.download).toMatchObject({ receivedBytes: 1_000_000, broken: null });
    }
    expect(exokernel, 'takes that application down, and its connections; it is started again').toMatchObject({
      isIntact: false,
      panic: null,
      driverStarts: 2,
      answersAfterwards: true,
    });
  });
});

describe('README.md', () => {
  it('says how much code is privileged as npm start does: pnpm readme', async () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const row = /^privileged code, TypeScript lines +(.*)$/m.exec(readme)?.[1];
    const printed = await Promise.all(DESIGN_NAMES.map(async (name) => privilegedLines(await loadSystem(name))));
    expect(row?.split(/ +/)).toEqual(printed.map((lines) => lines.toLocaleString('en')));
  });
});
