/**
 * A scheduler outside the kernel: a program that holds one scheduling context and decides, job by job, which of its
 * passive threads has it.
 */
import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { labels, type Program } from '../src/index.ts';
import { World } from './support.ts';

interface Task {
  readonly work: number;
  readonly period: number;
}
interface Job {
  deadline: number;
  isReady: boolean;
}
type Policy = (job: Job, task: Task) => number;

const CLOCK = 1;
const UNBIND = message.messageTag(labels.SCHED_CONTEXT_UNBIND_OBJECT, 0, 1, 0);
const BIND = message.messageTag(labels.SCHED_CONTEXT_BIND, 0, 1, 0);

/** @returns how late each job was that was late. */
function run(tasks: readonly Task[], policy: Policy, end: number): { late: number; done: number } {
  let [events, sc] = [0, 0];
  const tcbs: number[] = [];
  const starts: number[] = [];
  const dones: number[] = [];
  const jobs = tasks.map((): Job => ({ deadline: 0, isReady: false }));
  let origin = 0;
  const outcome = { late: 0, done: 0 };

  const server: Program = function* (t) {
    let running = -1;
    for (;;) {
      yield t.wait(events);
      const bits = t.badge;
      for (const [i, task] of tasks.entries()) {
        const job = jobs[i]!;
        if ((bits & (2 << i)) !== 0) {
          job.isReady = false;
          outcome.done++;
          if (t.now > job.deadline) outcome.late++;
        }
        if ((bits & CLOCK) !== 0 && t.now >= job.deadline) {
          if (job.isReady) outcome.late++;
          job.isReady = true;
          job.deadline = Math.floor((t.now - origin) / task.period + 1) * task.period + origin;
          yield t.nbSend(starts[i]!);
        }
      }
      const ready = tasks.map((_, i) => i).filter((i) => jobs[i]!.isReady);
      const next = ready.sort((a, b) => policy(jobs[a]!, tasks[a]!) - policy(jobs[b]!, tasks[b]!))[0] ?? running;
      if (next === running) continue;
      if (running >= 0) {
        t.setCapability(0, tcbs[running]!);
        yield t.call(sc, UNBIND);
      }
      t.setCapability(0, tcbs[next]!);
      yield t.call(sc, BIND);
      expect(t.label).toBe(0);
      running = next;
    }
  };
  const task = (i: number): Program =>
    function* (t) {
      for (;;) {
        yield t.wait(starts[i]!);
        yield t.spend(tasks[i]!.work);
        yield t.send(dones[i]!);
      }
    };

  let nextTick = Number.POSITIVE_INFINITY;
  const w = new World({
    programs: [undefined, server, ...tasks.map((_, i) => task(i))],
    run: {
      outside: {
        until: () => nextTick,
        elapse: (now) => {
          w.kernel.signal(w.kernel.capabilities.wordOf(w.slot(events)), CLOCK);
          nextTick = Math.min(
            ...tasks.map(({ period }) => (Math.floor((now - origin) / period) + 1) * period + origin),
          );
        },
      },
    },
  });
  events = w.make(objects.NOTIFICATION);
  tasks.forEach((_, i) => {
    starts.push(w.make(objects.NOTIFICATION));
    dones.push(w.mint(events, objects.ALL_RIGHTS, 2 << i));
    tcbs.push(w.makeThread({ program: 2 + i, priority: 50, budget: 0 }));
  });
  sc = w.make(objects.SCHED_CONTEXT, 8);
  w.must(16, labels.SCHED_CONTROL_CONFIGURE_FLAGS, [1_000_000, 1_000_000, 0, 0, 0], [sc]);
  w.makeThread({ program: 1, priority: 200, budget: 1_000_000 });
  w.rest();
  w.step(50);
  origin = w.kernel.scheduler.now;
  for (const job of jobs) job.deadline = origin;
  nextTick = origin;
  w.step(end);
  return outcome;
}

describe('a scheduler that is a program', () => {
  const tasks = [
    { work: 2500, period: 5000 },
    { work: 4200, period: 9000 },
  ];
  it('meets all deadlines at a utilisation of 0.97 when it is earliest deadline first', () => {
    const { late, done } = run(tasks, (job) => job.deadline, 450_000);
    expect(late).toBe(0);
    expect(done).toBeGreaterThan(135);
  });
  it('misses some when it goes by the period', () => {
    expect(run(tasks, (_job, { period }) => period, 450_000).late).toBeGreaterThan(0);
  });
});
