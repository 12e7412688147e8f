import { setTimeout as sleep } from 'node:timers/promises';
import { assemble, type System } from '@bulkhead/assembler';
import { describe, expect, it } from 'vitest';
import { Live } from '../src/index.ts';
import { byName } from './systems.ts';

/** Something that is due again and again. */
function everyMs(system: System, periodMs: number): void {
  const { clock } = system;
  const again = (): void => clock.set(alarm, clock.now + clock.cyclesOf(periodMs * 1e6));
  const alarm = clock.createAlarm(again);
  again();
}

describe('Simulated time beside real time', () => {
  const description = byName('multiserver');
  const elapsedMs = (cycles: number, cyclesPerSecond: number): number => (cycles * 1000) / cyclesPerSecond;

  it('passes while the host does, and leads by a millisecond at most', async () => {
    const system = assemble(description);
    everyMs(system, 10);
    const live = new Live({ system, nowMs: () => performance.now(), onPanic: () => {} });
    const started = performance.now();
    live.start();
    for (let i = 0; i < 20; i++) {
      await sleep(5);
      live.wake();
      await new Promise((resolve) => setImmediate(resolve));
      const simulatedMs = elapsedMs(system.clock.now, system.clock.cyclesPerSecond);
      expect(simulatedMs).toBeLessThanOrEqual(performance.now() - started + 1.5);
    }
    expect(elapsedMs(system.clock.now, system.clock.cyclesPerSecond)).toBeGreaterThan(20);
    live.stop();
  });
  it('stands still before the start and after the stop', async () => {
    const system = assemble(description);
    const live = new Live({ system, nowMs: () => performance.now(), onPanic: () => {} });
    const bornAt = system.clock.now;
    live.wake();
    await sleep(10);
    expect(system.clock.now).toBe(bornAt);
    live.start();
    await sleep(30);
    live.stop();
    const stoppedAt = system.clock.now;
    expect(stoppedAt).toBeGreaterThan(bornAt);
    live.wake();
    await sleep(20);
    expect(system.clock.now).toBe(stoppedAt);
  });
  it('gives the host its event loop back while there is always something due', async () => {
    const system = assemble(description);
    everyMs(system, 0.0001);
    // A host's clock that moves whenever somebody looks at it, so that no real host's speed counts.
    let hostMs = 0;
    const live = new Live({ system, nowMs: () => hostMs++, onPanic: () => {} });
    live.start();
    for (let turn = 0; turn < 50; turn++) {
      const before = hostMs;
      await new Promise((resolve) => setImmediate(resolve));
      expect(hostMs - before).toBeGreaterThan(0);
      expect(hostMs - before).toBeLessThan(12);
    }
    live.stop();
  });
});
