/** How every package is tested: `test/` mirrors `src/`, tests are named by the clause they hold. */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

export const project: ViteUserConfig = defineConfig({
  test: { include: ['test/**/*.test.ts'], passWithNoTests: true, testTimeout: 60_000 },
});
