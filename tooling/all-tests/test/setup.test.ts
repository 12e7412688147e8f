import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SETUP = join(import.meta.dirname, '../../../scripts/setup.mjs');

describe('scripts/setup.mjs', () => {
  it.each([[[]], [['nonsense']], [['toString']]])('refuses the job %j, and names those it has', (args) => {
    const { status, stderr } = spawnSync(process.execPath, [SETUP, ...args], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('start|test');
  });
});
