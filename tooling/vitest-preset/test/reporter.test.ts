import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message, Results } from '@bulkhead/all-tests';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const REPORTER = join(import.meta.dirname, '../src/reporter.ts');

const TESTS = `
import { beforeAll, describe, expect, it } from 'vitest';
it('passes', () => {});
it('fails', () => { expect(1).toBe(2); });
it('skips itself', (context) => { context.skip('no tshark here'); });
it.skip('is skipped without a word', () => {});
it.todo('is to do');
describe('a suite whose hook throws', () => {
  beforeAll(() => { throw new Error('the hook'); });
  it('never runs', () => {});
});
`;
const CONFIG = `
import { CountingReporter } from '${REPORTER}';
export default { test: { include: ['*.test.ts'], reporters: [new CountingReporter()] } };
`;

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-reporter-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another vitest, in a process of its own, on a file with one test of each kind and a file that does not load. */
function runFixture(): Promise<{ results: Results | undefined; code: number | null }> {
  writeFileSync(join(folder, 'kinds.test.ts'), TESTS);
  writeFileSync(join(folder, 'broken.test.ts'), "throw new Error('does not load');\n");
  writeFileSync(join(folder, 'vitest.config.ts'), CONFIG);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const child = fork(vitest, ['run', '--root', folder], { cwd: folder, silent: true, execArgv: [] });
  let results: Results | undefined;
  child.on('message', (message: Message) => {
    if (message.kind === 'results') results = message.results;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ results, code })));
}

describe('the counting reporter', () => {
  let outcome: Awaited<ReturnType<typeof runFixture>>;
  beforeAll(async () => {
    outcome = await runFixture();
  });

  it('counts what passed', () => {
    expect(outcome.results?.passed).toBe(1);
    expect(outcome.code).toBe(1);
  });

  it('counts a failed test, a hook that throws and a file that does not load', () => {
    const reasons = outcome.results?.failed.map(({ reason }) => reason) ?? [];
    expect(reasons).toHaveLength(3);
    expect(reasons).toContain('the hook');
    expect(reasons).toContain('does not load');
  });

  it('names every skipped test with its reason', () => {
    const skipped = outcome.results?.skipped ?? [];
    expect(skipped).toContainEqual({ name: 'kinds.test.ts > skips itself', reason: 'no tshark here' });
    expect(skipped.map(({ name }) => name)).toContain('kinds.test.ts > is skipped without a word');
    expect(skipped.map(({ name }) => name)).toContain('kinds.test.ts > is to do');
  });
});
