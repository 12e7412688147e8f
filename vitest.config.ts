import { defineConfig } from 'vitest/config';

/** One process for the whole tree: on two cores that is faster than one a package. */
export default defineConfig({
  test: {
    include: ['packages/*/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
