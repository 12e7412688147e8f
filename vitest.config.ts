import { tests } from './tooling/vitest-preset/src/index.ts';

/** One process for the whole tree: on two cores that is faster than one a package. */
export default tests(['packages/*/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'tooling/*/test/**/*.test.ts']);
