import { NEVER } from '@bulkhead/clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { assemble, type System } from '../src/index.ts';
import { type Placement, placements, script, story, toySystem } from './toy.ts';

const everywhere = Object.keys(placements) as Placement[];

/** The client casts, the server answers each cast with an event, and the client answers each event with a cast: for ever. */
function busy(placement: Placement): System {
  script.client = (ports) => {
    ports.toy['up']!(1);
    script.down = () => void ports.toy['up']!(1);
  };
  return assemble(toySystem(placement));
}

beforeEach(() => {
  story.length = 0;
  script.client = () => {};
  script.server = () => {};
  script.down = () => {};
});

describe.each(everywhere)('runUntil, %s', (placement) => {
  it('comes back when the time has come, though there is always something ready', () => {
    const system = busy(placement);
    const limit = 200_000;
    expect(system.runUntil(limit)).toBe('reached');
    expect(system.clock.now).toBeGreaterThanOrEqual(limit);
    expect(system.clock.now).toBeLessThan(limit + 20_000);
    expect(system.ledger.totalCycles()).toBe(system.clock.now);
  });
  it('stopping and going on makes no difference to what happens', () => {
    const digestOf = (steps: number): string => {
      const system = busy(placement);
      for (let step = 1; step <= steps; step++) system.runUntil((300_000 * step) / steps);
      return `${system.clock.now} ${system.digest()}`;
    };
    expect(digestOf(300)).toBe(digestOf(1));
    expect(digestOf(7)).toBe(digestOf(1));
  });
  it('comes back for good when nothing can ever happen again', () => {
    const system = assemble(toySystem(placement));
    expect(system.runUntil(NEVER)).toBe('dead-quiet');
  });
});
