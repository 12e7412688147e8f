import { describe, expect, it } from 'vitest';
import type { DemoReport } from '../src/commands/demo.ts';
import { bulkhead } from './run.ts';

describe('bulkhead demo', () => {
  it('serves a real client in both systems, compares them, and breaks the driver of both', async () => {
    const { status, stdout, stderr } = await bulkhead('demo', '--requests', '200', '--bytes', '1000000', '--json');
    expect([status, stderr]).toEqual([0, '']);
    const { fetched, compared, struck } = JSON.parse(stdout) as DemoReport;
    expect(fetched.map(({ system }) => system)).toEqual(['monolithic', 'multiserver']);
    for (const { pages } of fetched) for (const page of pages) expect(page.status).toBe(200);
    expect(compared.map(({ requests }) => requests)).toEqual([200, 200]);
    const [monolithic, multiserver] = struck;
    expect(monolithic).toMatchObject({
      isIntact: false,
      panic: expect.stringMatching(/^nic-driver: page fault: store to 0x/),
    });
    expect(monolithic!.download.broken).not.toBeNull();
    expect(multiserver).toMatchObject({ isIntact: true, panic: null, driverStarts: 2 });
    expect(multiserver!.download).toMatchObject({ receivedBytes: 1_000_000, broken: null });
  });
});
