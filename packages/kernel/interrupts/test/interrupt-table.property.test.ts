import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InterruptTable, NOT_BOUND } from '../src/index.ts';
import { File } from './file.ts';

const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
const IDENTITIES = 5;

interface Bound {
  readonly component: number;
  readonly token: number;
  /** True from its delivery to its acknowledgement. */
  waits: boolean;
}

const identity = fc.integer({ min: 1, max: IDENTITIES });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('send' as const), identity }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('claim' as const), identity }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('acknowledge' as const), identity }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('bind' as const), identity }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('clear' as const), identity }) },
);

describe('an interrupt table over an interrupt file', () => {
  it('delivers each message once to whom it is bound, lowest identity first, none before its acknowledgement', () => {
    let delivered = 0;
    const property = fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const file = new File();
      const table = new InterruptTable(new Int32Array((IDENTITIES + 1) * 4), 0, IDENTITIES, file);
      const bound = new Map<number, Bound>();
      const sent = new Set<number>();
      steps.forEach(({ op, identity }, at) => {
        const binding = bound.get(identity);
        if (op === 'send') {
          file.send(identity);
          sent.add(identity);
        } else if (op === 'bind') {
          table.bind(identity, at, at + 1000);
          bound.set(identity, { component: at, token: at + 1000, waits: false });
        } else if (op === 'clear') {
          table.clear(identity);
          bound.delete(identity);
        } else if (op === 'acknowledge') {
          expect(table.acknowledge(identity)).toBe(binding !== undefined);
          if (binding !== undefined) binding.waits = false;
        } else {
          const ready = [...bound].filter(([each, { waits }]) => sent.has(each) && !waits).map(([each]) => each);
          const claimed = table.claim();
          expect(claimed).toBe(ready.length === 0 ? 0 : Math.min(...ready));
          if (claimed === 0) return;
          sent.delete(claimed);
          bound.get(claimed)!.waits = true;
          delivered++;
        }
        for (let each = 1; each <= IDENTITIES; each++) {
          expect(table.componentOf(each)).toBe(bound.get(each)?.component ?? NOT_BOUND);
          if (bound.has(each)) expect(table.tokenOf(each)).toBe(bound.get(each)!.token);
        }
      });
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
    expect(delivered).toBeGreaterThan(100);
  });
});
