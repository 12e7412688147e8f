import { beforeEach, describe, expect, it } from 'vitest';
import { World } from './support/world.ts';

const NOBODY = -1;
let world: World;
beforeEach(() => {
  world = new World({ minBudget: 3 });
  world.start(0, 5, 10, 50);
  world.start(1, 9, 20, 90);
});
const consumed = (index: number): number => world.scheduler.contexts.consumedBy(world.context(index));

describe('somebody runs whom the scheduler did not choose', () => {
  it('peek names whom choose would choose, and changes nothing', () => {
    const { scheduler } = world;
    scheduler.attribute(NOBODY);
    expect(scheduler.peek()).toBe(1);
    expect([scheduler.current, scheduler.context]).toEqual([NOBODY, 0]);
    expect(scheduler.choose()).toBe(1);
  });
  it('time is nobody’s while who runs is none of these threads', () => {
    const { scheduler } = world;
    scheduler.choose();
    scheduler.elapse(2);
    scheduler.attribute(NOBODY);
    scheduler.elapse(7);
    scheduler.choose();
    scheduler.elapse(8);
    expect([consumed(0), consumed(1)]).toEqual([0, 3]);
  });
  it('time is of a thread that goes on though others would be chosen, and beyond what its context has', () => {
    const { scheduler } = world;
    scheduler.attribute(0);
    scheduler.elapse(14);
    expect(scheduler.peek()).toBe(1);
    scheduler.attribute(0);
    scheduler.elapse(16);
    expect(consumed(0)).toBe(16);
    scheduler.attribute(NOBODY);
    expect(world.refills(0).reduce((sum, { amount }) => sum + amount, 0)).toBe(10);
    expect(scheduler.isPostponed(0)).toBe(true);
  });
});
