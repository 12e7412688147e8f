/** Deferred invalidation: what it saves, and the window that it opens. The IOMMU driver counts; the attack shows. */
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { type Exposure, exposureOf } from '../src/index.ts';

const DAMAGE = expect.stringMatching(/^memory that was given back was overwritten by the device at 0x/);
const REPORT = expect.objectContaining({ by: 'IOMMU', device: '00:01.0', cause: 'write page fault' });
const outcomes = ({ atOnce, later }: Exposure): string[] => [atOnce.outcome, later.outcome];

describe('a driver that maps and unmaps while it lives', () => {
  const strict = exposureOf(multiserver, 'strict');
  const deferred = exposureOf(multiserver, 'deferred');
  it('strict: exposes no page, and its device is stopped as soon as an unmap is answered', () => {
    expect(strict).toMatchObject({ exposedPages: 0, exposedAtOnce: 0, exposedLongestUs: 0, batches: 0 });
    expect(outcomes(strict)).toEqual(['stopped', 'stopped']);
    for (const { reports } of [strict.atOnce, strict.later]) expect(reports).toContainEqual(REPORT);
  });
  it('deferred: exposes every page that it unmaps, a batch at most, and no longer than the alarm and its handler take', () => {
    const { unmaps, exposedPages, exposedAtOnce, exposedLongestUs, batches } = deferred;
    expect([exposedPages, exposedAtOnce]).toEqual([unmaps, 32]);
    // Each full batch is told by its last page; the page alone by the alarm.
    expect(batches).toBe((unmaps - 1) / 32 + 1);
    expect(exposedLongestUs).toBeGreaterThanOrEqual(1000);
    expect(exposedLongestUs).toBeLessThan(1100);
  });
  it('deferred: the device overwrites what was given back within the window, and is stopped and reported after it', () => {
    expect(outcomes(deferred)).toEqual(['damage', 'stopped']);
    expect(deferred.atOnce).toMatchObject({ damage: DAMAGE, reports: [] });
    expect(deferred.later.reports).toContainEqual(REPORT);
  });
  it('deferred: an unmap costs fewer cycles', () => {
    expect(deferred.unmaps).toBe(strict.unmaps);
    expect(deferred.cyclesAnUnmap).toBeLessThan(strict.cyclesAnUnmap);
  });
  it('the window is what the configuration of the IOMMU driver says', () => {
    const hasty: typeof multiserver = {
      ...multiserver,
      config: (facts) => {
        const config = multiserver.config(facts);
        return { ...config, 'iommu-driver': { ...config['iommu-driver'], deferUs: 300, deferPages: 8 } };
      },
    };
    const { exposedAtOnce, exposedLongestUs } = exposureOf(hasty, 'deferred');
    expect(exposedAtOnce).toBe(8);
    expect(exposedLongestUs).toBeGreaterThanOrEqual(300);
    expect(exposedLongestUs).toBeLessThan(400);
  });
  it('under an IOMMU that is bare nothing waits, nothing is saved, and nothing is stopped', () => {
    const [one, other] = [exposureOf(monolithic, 'strict'), exposureOf(monolithic, 'deferred')];
    expect([one.exposedPages, other.exposedPages]).toEqual([0, 0]);
    expect(other.cyclesAnUnmap).toBe(one.cyclesAnUnmap);
    for (const each of [one, other]) expect(outcomes(each)).toEqual(['damage', 'damage']);
  });
});
