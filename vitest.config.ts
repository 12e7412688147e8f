import { defineConfig } from 'vitest/config';
import { CountingReporter } from './tooling/vitest-preset/src/reporter.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);

/** One process for the whole tree: on two cores that is faster than one a package. */
export default defineConfig({
  test: {
    include: ['packages/*/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'],
    testTimeout: 60_000 * effort,
    hookTimeout: 60_000 * effort,
    reporters: ['default', new CountingReporter()],
  },
});
