/** What deciding costs on this host: with thousands of threads as much as with one. */
import { bench } from '@bulkhead/bench';
import { Calls, Invocations, SchedContexts, Scheduler } from '../src/index.ts';

const ROUNDS = 1000;
const SIZE_BITS = 8;
const CONTEXT_WORDS = 1 << (SIZE_BITS - 2);
const PERIOD = 1000;

const contextOf = (index: number): number => (index + 1) * CONTEXT_WORDS;

interface Machine {
  readonly scheduler: Scheduler;
  readonly calls: Calls;
  readonly reply: number;
}

/** All threads runnable, each with a context of its own, but for the last, which is passive and waits. */
function machineOf(threadCount: number, budget: number): Machine {
  const reply = contextOf(threadCount);
  const scheduler = new Scheduler({ words: new Int32Array(reply + 8), threadCount });
  const calls = new Calls(scheduler);
  const invocations = new Invocations(scheduler, calls);
  for (let thread = 0; thread < threadCount - 1; thread++) {
    scheduler.setPriority(thread, 1 + ((thread * 37) & 127));
    invocations.configure(contextOf(thread), SIZE_BITS, budget, PERIOD, 4, 0, 0);
    invocations.bind(contextOf(thread), thread);
    scheduler.resume(thread);
  }
  scheduler.setPriority(threadCount - 1, 200);
  scheduler.block(threadCount - 1);
  return { scheduler, calls, reply };
}

for (const threadCount of [16, 4096]) {
  const { scheduler } = machineOf(threadCount, 100);
  bench(
    `choose and until, ${threadCount} threads`,
    () => {
      let sum = 0;
      for (let i = 0; i < ROUNDS; i++) sum += scheduler.choose() + scheduler.until();
      return sum;
    },
    { per: ROUNDS },
  );
}

for (const threadCount of [16, 4096]) {
  const { scheduler } = machineOf(threadCount, 100);
  bench(
    `block, choose, wake, choose, ${threadCount} threads`,
    () => {
      for (let i = 0; i < ROUNDS; i++) {
        const thread = scheduler.choose();
        scheduler.block(thread);
        scheduler.choose();
        scheduler.wake(thread);
      }
    },
    { per: ROUNDS },
  );
}

const contexts = new SchedContexts(new Int32Array(4 * CONTEXT_WORDS), 1);
contexts.renew(CONTEXT_WORDS, 8, 500, PERIOD, 0);
let now = 0;
bench(
  'charge a part of a refill, and begin again',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      now = Math.max(now + 70, contexts.headTime(CONTEXT_WORDS));
      contexts.unblock(CONTEXT_WORDS, now);
      contexts.charge(CONTEXT_WORDS, 30);
    }
  },
  { per: ROUNDS },
);

for (const threadCount of [16, 4096]) {
  const { scheduler } = machineOf(threadCount, Math.max(1, Math.floor(PERIOD / threadCount)));
  let time = 0;
  bench(
    `run to the next event, ${threadCount} budgets`,
    () => {
      for (let i = 0; i < ROUNDS; i++) {
        scheduler.choose();
        time = Math.min(scheduler.until(), time + PERIOD);
        scheduler.elapse(time);
      }
    },
    { per: ROUNDS },
  );
}

const { scheduler: caller, calls, reply } = machineOf(16, 100);
bench(
  'call a passive server and reply, with donation',
  () => {
    for (let i = 0; i < ROUNDS; i++) {
      calls.call(caller.choose(), 15, reply);
      caller.choose();
      caller.block(15);
      calls.reply(reply);
    }
  },
  { per: ROUNDS },
);
