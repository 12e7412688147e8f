/** The suites of chapter 4 go by the fast path, and miss it for every reason that they can give a kernel. */
import { fastPath } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { runClause, type Subject, suites } from '../src/index.ts';
import { CoreMachine, kernelCore } from './subject/subject.ts';

/** Records in the lent memory are damaged by nobody here. */
const OUT_OF_REACH = ['corrupted'];

describe('the fast path', () => {
  it('is taken and missed, for every reason', () => {
    const machines: CoreMachine[] = [];
    const subject: Subject = {
      ...kernelCore,
      boot: (options) => {
        const machine = new CoreMachine(options.fastPath);
        machines.push(machine);
        return machine;
      },
    };
    const missing = new Set<string>(fastPath.NAMES.filter((name) => !OUT_OF_REACH.includes(name)));
    for (const clause of suites.filter(({ section }) => /^(2\.2|4\.|6\.)/.test(section))) {
      machines.length = 0;
      runClause(subject, clause);
      for (const { kernel } of machines)
        for (const name of fastPath.NAMES) if (kernel.calls.misses.of(name) > 0) missing.delete(name);
    }
    expect([...missing]).toEqual([]);
  });
});
