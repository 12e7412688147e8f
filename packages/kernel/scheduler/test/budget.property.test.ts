import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPORADIC, simulation } from '../src/index.ts';
import { World } from './support/world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { call, receive, replyReceive, run, sleep, yieldNow } = simulation;
const SERVER = 5;
const ENDPOINT = 1;

/** What a thread does next: which kind of thing, and for how long. */
type Step = readonly [kind: number, length: number];

function* behaviour(world: World, steps: readonly Step[]): simulation.Program {
  for (let i = 0; ; i++) {
    const [kind, length] = steps[i % steps.length]!;
    if (kind === 0) yield sleep(world.scheduler.now + 1 + length);
    else if (kind === 1) yield yieldNow;
    else if (kind === 2) yield call(ENDPOINT);
    yield run(1 + length);
  }
}
/** A passive server: it runs on the time of whoever calls. */
function* service(world: World): simulation.Program {
  yield receive(ENDPOINT, world.reply(0));
  for (let i = 1; ; i++) {
    yield run(1 + (i % 7));
    yield replyReceive(ENDPOINT, world.reply(0));
  }
}
/** Makes a thread wait at its endpoint, and then takes its time away. */
function startServer(world: World, play: simulation.Simulation): void {
  world.start(SERVER, 255, 5, 5);
  play.add(SERVER, service(world));
  play.run(1);
  expect(world.invocations.unbindObject(world.context(SERVER), SERVER)).toBe(0);
}

/** The most that a context was used within any time of this length. */
function mostWithin(slices: readonly simulation.Slice[], context: number, length: number): number {
  const mine = slices.filter((slice) => slice.context === context);
  const used = (from: number, to: number): number =>
    mine.reduce((sum, slice) => sum + Math.max(0, Math.min(to, slice.to) - Math.max(from, slice.from)), 0);
  return Math.max(0, ...mine.map(({ from, to }) => Math.max(used(from, from + length), used(to - length, to))));
}

const step = fc.tuple(fc.nat(5), fc.nat(12));
const parameters = fc.record({
  budget: fc.integer({ min: 2, max: 12 }),
  slack: fc.integer({ min: 1, max: 30 }),
  priority: fc.integer({ min: 1, max: 3 }),
  extra: fc.nat(6),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});

describe('scheduling contexts bound execution (seL4 reference manual §6.1 "Scheduling Contexts")', () => {
  it('no thread runs for more than its budget within any time as long as its period, donated or not', () => {
    let donated = 0;
    fc.assert(
      fc.property(fc.array(parameters, { minLength: 1, maxLength: 5 }), (threads) => {
        const world = new World({ minBudget: 2 });
        const play = new simulation.Simulation(world);
        startServer(world, play);
        threads.forEach(({ budget, slack, priority, extra, steps }, thread) => {
          world.start(thread, priority, budget, budget + slack, { extra });
          play.add(thread, behaviour(world, steps));
        });
        play.run(500);
        threads.forEach(({ budget, slack }, thread) => {
          expect(mostWithin(play.slices, world.context(thread), budget + slack)).toBeLessThanOrEqual(budget);
        });
        donated += play.slices.filter(({ thread }) => thread === SERVER).length;
      }),
      { numRuns: 60 * EFFORT, seed: 42 },
    );
    expect(donated).toBeGreaterThan(100);
  });

  it('a sporadic context may catch up on what it was kept from using, and never had more than its share since it began', () => {
    fc.assert(
      fc.property(
        fc.array(parameters, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (threads, n) => {
          const world = new World({ minBudget: 2 });
          const play = new simulation.Simulation(world);
          threads.forEach(({ budget, slack, priority, extra, steps }, thread) => {
            world.start(thread, priority, budget, budget + slack, { extra, flags: SPORADIC });
            play.add(thread, behaviour(world, steps));
          });
          play.run(500);
          threads.forEach(({ budget, slack }, thread) => {
            const mine = play.slices.filter(({ context }) => context === world.context(thread));
            const end = n * (budget + slack);
            const used = mine.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - from), 0);
            expect(used).toBeLessThanOrEqual(n * budget);
          });
        },
      ),
      { numRuns: 30 * EFFORT, seed: 43 },
    );
  });

  it('the highest gets all of its budget in every period, whatever the others do', () => {
    fc.assert(
      fc.property(fc.array(parameters, { minLength: 1, maxLength: 4 }), fc.nat(9), (threads, extra) => {
        const world = new World();
        const play = new simulation.Simulation(world);
        threads.forEach(({ budget, slack, priority, steps }, thread) => {
          world.start(thread, priority, budget, budget + (thread === 0 ? 0 : slack));
          play.add(thread, behaviour(world, steps));
        });
        world.start(4, 200, 7, 20, { extra });
        play.add(4, behaviour(world, [[5, 9]]));
        play.run(600);
        for (let from = 0; from < 600; from += 20) {
          const mine = play.slices.filter((slice) => slice.thread === 4 && slice.from >= from && slice.to <= from + 20);
          expect(mine.reduce((sum, slice) => sum + slice.to - slice.from, 0)).toBe(7);
        }
      }),
      { numRuns: 30 * EFFORT, seed: 44 },
    );
  });

  it('time that nobody above uses goes to the lowest: none is lost', () => {
    fc.assert(
      fc.property(fc.array(parameters, { minLength: 1, maxLength: 4 }), (threads) => {
        const world = new World({ minBudget: 2 });
        const play = new simulation.Simulation(world);
        threads.forEach(({ budget, slack, priority, steps }, thread) => {
          world.start(thread, priority, budget, budget + slack);
          play.add(thread, behaviour(world, steps));
        });
        world.start(5, 0, 9, 9);
        play.add(5, behaviour(world, [[5, 9]]));
        play.run(400);
        expect(play.slices.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(400);
      }),
      { numRuns: 30 * EFFORT, seed: 45 },
    );
  });
});
