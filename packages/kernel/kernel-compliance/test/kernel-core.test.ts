/** Every clause, on the kernel of `@bulkhead/kernel-core`, with its fast path and without. */
import { describe, expect, it } from 'vitest';
import { runClause, suites } from '../src/index.ts';
import { kernelCore } from './subject/subject.ts';

const sections = [...new Set(suites.map(({ section }) => section))];

describe.each(sections)('§%s', (section) => {
  for (const clause of suites.filter((each) => each.section === section)) {
    const missing = clause.needs.filter((feature) => !kernelCore.features.has(feature));
    it.skipIf(missing.length > 0)(clause.clause, () => {
      expect(runClause(kernelCore, clause).reasons).toEqual([]);
    });
  }
});
