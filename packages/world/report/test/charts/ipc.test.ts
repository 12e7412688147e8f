import { describe, expect, it } from 'vitest';
import { syncAgainstAsync } from '../../src/charts/ipc.ts';

const rows = (asynchronous: readonly number[]) =>
  asynchronous.map((asyncCyclesPerMessage, index) => ({
    batch: 2 ** index,
    syncCyclesPerMessage: 1000,
    asyncCyclesPerMessage,
  }));
const captionOf = (asynchronous: readonly number[]): string =>
  String(syncAgainstAsync({ profile: 'haswell', rows: rows(asynchronous) }).caption);

describe('synchronous against asynchronous IPC', () => {
  it('says from which batch on asynchronous IPC is ahead, and stays so', () => {
    expect(captionOf([1200, 600, 300])).toContain('From batches of 2, asynchronous IPC is ahead');
    expect(captionOf([900, 1100, 500])).toContain('From batches of 4, asynchronous IPC is ahead');
    expect(captionOf([900, 600, 500])).toContain('At every size shown, asynchronous IPC is ahead');
    expect(captionOf([1200, 1100, 1000])).toContain('Synchronous IPC stays ahead');
    expect(captionOf([])).toBe('Nothing was measured.');
  });
  it('draws two lines with a mark for each size, and tells them apart by more than colour', () => {
    const drawing = String(syncAgainstAsync({ profile: 'haswell', rows: rows([1200, 600, 300]) }).drawing);
    expect(drawing.match(/<polyline/g)).toHaveLength(2);
    expect(drawing.match(/<circle class="dot sync"/g)).toHaveLength(3);
    expect(drawing.match(/<rect class="dot async"/g)).toHaveLength(3);
  });
  it('is made again by the command of its profile', () => {
    expect(syncAgainstAsync({ profile: 'lecture', rows: [] }).command).toBe('bulkhead explain ipc --profile lecture');
  });
});
