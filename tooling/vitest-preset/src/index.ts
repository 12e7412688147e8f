/** How every package is tested: `test/` mirrors `src/`, tests are named by the clause they hold. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { CountingReporter } from './reporter.ts';

const LIMIT_MS = 60_000;
/** Randomised tests take their size from it; so do the limits on their time. */
const effort: number = Number(process.env.BULKHEAD_EFFORT ?? 1);

/**
 * Files share a worker: modules hold no state here, and a fresh worker a file costs as much as the tests.
 * @param include globs of test files
 */
export const tests = (include: readonly string[]): ViteUserConfig =>
  defineConfig({
    test: {
      include: [...include],
      setupFiles: [fileURLToPath(new URL('./seed.ts', import.meta.url))],
      isolate: false,
      testTimeout: LIMIT_MS * effort,
      hookTimeout: LIMIT_MS * effort,
      reporters: ['default', new CountingReporter()],
    },
  });

/** One package alone. */
export const project: ViteUserConfig = tests(['test/**/*.test.ts']);
