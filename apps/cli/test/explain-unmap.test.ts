/** Strict against deferred invalidation, to be seen: what is saved, and the window that it costs. */
import { describe, expect, it } from 'vitest';
import { checkDriver, type UnmapExplanation } from '../src/explain/unmap.ts';
import { tenths, whole } from '../src/output/table.ts';
import { loadSystem } from '../src/systems.ts';
import { command } from './execute.ts';

async function told(...flags: string[]): Promise<string> {
  const { stdout, status } = await command('explain', 'unmap', ...flags);
  expect(status).toBe(0);
  return stdout;
}
const cellsOf = (text: string, label: string): string[] =>
  text
    .split('\n')
    .find((line) => line.trim().startsWith(label))!
    .trim()
    .slice(label.length)
    .trim()
    .split(/ {2,}/);

describe('bulkhead explain unmap', () => {
  it('prints what deferred invalidation saves, and the window that it opens: pages and time', async () => {
    const { strict, deferred, savedCyclesAnUnmap } = JSON.parse(await told('--json')) as UnmapExplanation;
    const text = await told();
    expect(cellsOf(text, 'cycles an unmap')).toEqual([tenths(strict.cyclesAnUnmap), tenths(deferred.cyclesAnUnmap)]);
    expect(cellsOf(text, 'saved')).toEqual([tenths(strict.cyclesAnUnmap - deferred.cyclesAnUnmap)]);
    expect(savedCyclesAnUnmap).toBeGreaterThan(0);
    expect(cellsOf(text, 'pages whose invalidation waited')).toEqual(['0', whole(deferred.unmaps)]);
    expect(cellsOf(text, 'at once, at most')).toEqual(['0', '32']);
    expect(deferred.exposedLongestUs).toBeGreaterThanOrEqual(1000);
    expect(cellsOf(text, 'the longest, µs: the window')).toEqual(['0', whole(deferred.exposedLongestUs)]);
  });
  it.each([[], ['--nic', 'virtio-net']])(
    'shows the attack within the window and after it, by either card: %s',
    async (...flags) => {
      const text = await told(...flags);
      expect(cellsOf(text, 'strict, as soon as the unmap is answered')[0]).toMatch(
        /^stopped by: iommu \(00:01\.0 at 0x/,
      );
      expect(cellsOf(text, 'deferred, as soon as the unmap is answered')[0]).toMatch(
        /^DAMAGE: memory that was given back/,
      );
      expect(cellsOf(text, 'deferred, when the window is over')[0]).toMatch(/^stopped by: iommu .*write page fault\)$/);
    },
  );
  it('says where no window is because there is no wall', async () => {
    const text = await told('--system', 'monolithic');
    expect(text).toContain('The IOMMU translates nothing here');
    expect(text.match(/DAMAGE: memory that was given back/g)).toHaveLength(4);
  });
  it('refuses a system without a driver of a network card, before it begins', async () => {
    const multiserver = await loadSystem('multiserver');
    const components = multiserver.components.filter(({ name }) => name !== 'nic-driver');
    expect(() => checkDriver({ ...multiserver, components })).toThrow(/has no driver of a network card: add one of/);
    expect(() => checkDriver(multiserver)).not.toThrow();
  });
});
