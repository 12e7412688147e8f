import { assemble, checkDescription, type Metrics, metricsBetween, snapshot } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { NULL_PLACEMENTS, type NullPlacement, nullCall } from '../src/index.ts';

/** What one call costs, when a hundred before it have warmed the TLB. */
function costOf(placement: NullPlacement): Metrics {
  let metrics: Metrics | null = null;
  const description = nullCall({
    placement,
    run: (nothing) => {
      for (let i = 0; i < 100; i++) expect(nothing()).toBe(0);
      const from = snapshot(system);
      nothing();
      metrics = metricsBetween(system, from, snapshot(system));
    },
  });
  expect(checkDescription(description)).toEqual([]);
  const system = assemble(description);
  expect(system.runUntil(NEVER)).toBe('dead-quiet');
  return metrics!;
}

describe('a call that does nothing', () => {
  const [direct, systemCall, ipc] = NULL_PLACEMENTS.map(costOf) as [Metrics, Metrics, Metrics];

  it('costs more with every wall in its way', () => {
    expect(direct.elapsedCycles).toBeGreaterThan(0);
    expect(systemCall.elapsedCycles).toBeGreaterThan(direct.elapsedCycles);
    expect(ipc.elapsedCycles).toBeGreaterThan(systemCall.elapsedCycles);
  });
  it('takes no trap in one domain, one into the kernel, and two to another process with a switch each way', () => {
    expect([direct, systemCall, ipc].map(({ traps }) => traps)).toEqual([0, 1, 2]);
    expect([direct, systemCall, ipc].map(({ addressSpaceSwitches }) => addressSpaceSwitches)).toEqual([0, 0, 2]);
    expect([direct, systemCall, ipc].map(({ ipcs }) => ipcs)).toEqual([0, 0, 1]);
  });
  it('computes nothing beyond the function call, idles never, and touches no device', () => {
    expect([direct, systemCall, ipc].map(({ byCause }) => byCause.compute)).toEqual([direct.elapsedCycles, 0, 0]);
    for (const { deviceAccesses, elapsedCycles, busyCycles } of [direct, systemCall, ipc]) {
      expect(deviceAccesses).toBe(0);
      expect(busyCycles).toBe(elapsedCycles);
    }
  });
});
