/** A kernel in two megabytes of memory, the scheduler, and jobs that compute for so long in each period. */
import { bootSlots, KernelCore, Programs } from '@bulkhead/kernel-core';
import { alarm, jobDone, register, setUp, slotsFrom, userScheduler } from '@bulkhead/user-scheduler';

/** When the first jobs are released: by then everything is made, and every client has registered. */
export const START = 3000;
/** What a job takes besides its work: its calls to the scheduler. */
const CALLS = 30;

/** @returns what happened from START on: `{ kind, at, client }`, in order */
export function run(policy, jobs, time) {
  const words = new Int32Array(2 ** 19);
  const memory = { basePage: 0x80000, pageCount: 512, words, bytes: new Uint8Array(words.buffer) };
  const kernel = new KernelCore({ memory });
  const { untyped, untypedList } = kernel.boot();
  const slots = slotsFrom(64, jobs.length);
  const control = bootSlots.SCHED_CONTROL;
  const moments = [];

  const from = {
    untyped: untyped.start + untypedList.findIndex(({ sizeBits }) => sizeBits >= 20),
    cnode: bootSlots.CNODE,
    vspace: bootSlots.VSPACE,
    authority: bootSlots.TCB,
    control,
    programs: { scheduler: 1, alarm: 2, clients: jobs.map((_, i) => 3 + i) },
  };
  const initial = (t) => setUp(t, from, slots);
  const scheduler = userScheduler({ ...slots, control, policy, record: (moment) => moments.push(moment) });
  const timer = alarm({ armed: slots.alarm.armed, timer: slots.ring });
  const clients = jobs.map(({ work, period, wants = work }, i) => {
    const { entry } = slots.clients[i];
    return function* (t) {
      yield register(t, entry, { period, budget: work + CALLS, first: START });
      for (;;) {
        yield t.spend(wants);
        yield jobDone(t, entry);
      }
    };
  });
  new Programs({ kernel, programs: [initial, scheduler, timer, ...clients] }).run(START + time);
  return moments.map((moment) => ({ ...moment, at: moment.at - START }));
}
