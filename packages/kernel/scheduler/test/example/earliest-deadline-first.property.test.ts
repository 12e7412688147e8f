import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulation } from '../../src/index.ts';
import { World } from '../support/world.ts';
import { EarliestDeadlineFirst } from './earliest-deadline-first.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { call, receive, run, sleep } = simulation;
const HYPERPERIOD = 120;
const DONE = 1;
const ABOVE = 200;
const BELOW = 10;

interface Task {
  readonly cost: number;
  readonly period: number;
}

/** The threads of one system: task i is thread i; behind them the clock and the server of the policy. */
class System {
  readonly world: World;
  readonly play: simulation.Simulation;
  readonly policy: EarliestDeadlineFirst;
  readonly tasks: readonly Task[];
  /** Which reply object answers the thread of a task, once it is done. */
  readonly replyOf: Map<number, number> = new Map();
  readonly #free: number[];
  readonly missed: string[] = [];
  completed = 0;

  constructor(tasks: readonly Task[]) {
    this.tasks = tasks;
    this.world = new World({ threadCount: tasks.length + 2, contextCount: tasks.length + 2 });
    this.#free = [...tasks, 0].map((_, i) => this.world.reply(i));
    this.play = new simulation.Simulation(this.world);
    this.policy = new EarliestDeadlineFirst(this.world.invocations, this.world.context(0));
    const clock = tasks.length;
    const server = tasks.length + 1;
    this.world.configure(0, HYPERPERIOD, HYPERPERIOD);
    this.world.start(server, ABOVE, 50, 50);
    this.world.start(clock, ABOVE, 50, 50);
    this.play.add(server, this.#server());
    this.play.add(clock, this.#clock());
    for (const [thread, { cost }] of tasks.entries()) {
      this.world.scheduler.setPriority(thread, BELOW);
      this.world.scheduler.resume(thread);
      this.play.add(thread, this.#task(cost));
    }
  }

  *#task(cost: number): simulation.Program {
    for (;;) {
      yield run(cost);
      yield call(DONE);
    }
  }
  *#server(): simulation.Program {
    for (;;) {
      const object = this.#free.pop()!;
      const thread = yield receive(DONE, object);
      this.completed++;
      this.replyOf.set(thread, object);
      this.policy.completed(thread);
    }
  }
  *#clock(): simulation.Program {
    for (let now = 0; ; now = this.#next(now)) {
      if (now > 0) yield sleep(now);
      for (const [thread, { period }] of this.tasks.entries()) if (now % period === 0) this.#release(thread, now);
    }
  }
  #next(now: number): number {
    return Math.min(...this.tasks.map(({ period }) => (Math.floor(now / period) + 1) * period));
  }
  #release(thread: number, now: number): void {
    const object = this.replyOf.get(thread);
    if (now > 0 && object === undefined) this.missed.push(`task ${thread} at ${now}`);
    if (object !== undefined) {
      this.world.calls.reply(object);
      this.#free.push(object);
    }
    this.replyOf.delete(thread);
    this.policy.released(thread, now + this.tasks[thread]!.period);
  }
}

/** Tasks that together need all the time there is. */
const fullLoad = fc
  .array(fc.tuple(fc.constantFrom(4, 6, 8, 10, 12, 15, 20, 24, 30, 40, 60), fc.integer({ min: 1, max: 12 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((wanted) => {
    let left = HYPERPERIOD;
    const tasks: Task[] = [];
    for (const [period, cost] of wanted) {
      const jobs = HYPERPERIOD / period;
      const fits = Math.min(cost, period - 1, Math.floor((left - 1) / jobs));
      if (fits < 1) continue;
      left -= fits * jobs;
      tasks.push({ cost: fits, period });
    }
    return [...tasks, { cost: left, period: HYPERPERIOD }];
  });

describe('a scheduler outside the kernel: earliest deadline first', () => {
  it('meets every deadline at a utilisation of 1 (Liu and Layland 1973, Theorem 7)', () => {
    fc.assert(
      fc.property(fullLoad, (tasks) => {
        const system = new System(tasks);
        system.play.run(3 * HYPERPERIOD + 1);
        expect(system.missed).toEqual([]);
        const jobs = tasks.reduce((sum, { period }) => sum + (3 * HYPERPERIOD) / period, 0);
        expect(system.completed).toBe(jobs);
      }),
      { numRuns: 60 * EFFORT, seed: 46 },
    );
  });

  it('where priorities in the order of the periods do not', () => {
    const tasks = [
      { cost: 3, period: 6 },
      { cost: 4, period: 8 },
    ];
    const system = new System(tasks);
    system.play.run(49);
    expect(system.missed).toEqual([]);

    const world = new World();
    world.start(0, 2, 3, 6);
    world.start(1, 1, 4, 8);
    const story = world.run(8).filter(({ thread }) => thread === 1);
    expect(story.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThan(4);
  });

  it('misses deadlines when more is asked than there is: the check can fail', () => {
    const system = new System([
      { cost: 4, period: 6 },
      { cost: 4, period: 8 },
    ]);
    system.play.run(100);
    expect(system.missed).not.toEqual([]);
  });
});
