import { describe, expect, it } from 'vitest';
import { failedLines, lastLine, type Results, skippedLines, sum } from '../src/results.ts';
import { judge } from '../src/run-job.ts';

const NONE: Results = { passed: 0, failed: [], skipped: [] };
const counting = { name: 'unit tests', args: [], counts: true, usualMs: 1 };
const single = { name: 'lint', args: [], counts: false, usualMs: 1 };

describe('the last line of npm test', () => {
  it('is `N passed, M failed, K skipped`, over all jobs', () => {
    const first: Results = { passed: 3, failed: [{ name: 'a', reason: 'b' }], skipped: [] };
    const second: Results = { passed: 4, failed: [], skipped: [{ name: 'c', reason: 'no tshark here' }] };
    expect(lastLine(sum([first, second]))).toBe('7 passed, 1 failed, 1 skipped');
  });

  it('follows every failed and every skipped test by name, with the reason', () => {
    const results: Results = {
      passed: 0,
      failed: [{ name: 'a', reason: 'first line\nsecond line' }],
      skipped: [{ name: 'c', reason: 'no tshark here' }],
    };
    expect(failedLines(results)).toEqual(['failed: a (first line)']);
    expect(skippedLines(results)).toEqual(['skipped: c (no tshark here)']);
  });
});

describe('what a job’s end means', () => {
  it('a job that does not count is one test', () => {
    expect(judge(single, 0, undefined).passed).toBe(1);
    expect(judge(single, 1, undefined).failed).toHaveLength(1);
    expect(judge(single, null, undefined).failed).toHaveLength(1);
  });

  it('a job that counts and told nothing has failed, whatever its exit status', () => {
    expect(judge(counting, 0, undefined).failed).toHaveLength(1);
  });

  it('a bad exit status is a failure even when no test failed', () => {
    expect(judge(counting, 1, { ...NONE, passed: 5 }).failed).toHaveLength(1);
    expect(judge(counting, 0, { ...NONE, passed: 5 }).failed).toHaveLength(0);
  });

  it('a failed test is counted once', () => {
    expect(judge(counting, 1, { ...NONE, failed: [{ name: 'a', reason: 'b' }] }).failed).toHaveLength(1);
  });
});
