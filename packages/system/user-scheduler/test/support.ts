/** A kernel without a hart, whose initial thread sets a scheduler up. */
import { labels as capabilityLabels } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { bootSlots, KernelCore, type Program, Programs, type ThreadContext } from '@bulkhead/kernel-core';
import {
  alarm,
  jobDone,
  type Moment,
  type Policy,
  register,
  setUp,
  slotsFrom,
  type Times,
  type UserSchedulerOptions,
  userScheduler,
} from '../src/index.ts';

export const FIRST_SLOT = 64;
const PAGES = 512;

export interface TestJob extends Times {
  readonly work: number;
  readonly code?: (entry: number) => Program;
}
export interface Run {
  readonly moments: readonly Moment[];
  readonly kernel: KernelCore;
  /** By client, of each job: release and when its work was over. */
  readonly finished: readonly (readonly [number, number])[][];
  readonly count: (kind: Moment['kind'], client?: number) => number;
  readonly entries: readonly number[];
}

/** The first jobs of all are released at `START`. */
export const START = 3000;

export function run(
  policy: Policy,
  jobs: readonly TestJob[],
  time: number,
  options: Partial<UserSchedulerOptions> = {},
): Run {
  const words = new Int32Array(PAGES * 1024);
  const memory = { basePage: 0x80000, pageCount: PAGES, words, bytes: new Uint8Array(words.buffer) };
  const kernel = new KernelCore({ memory } as ConstructorParameters<typeof KernelCore>[0]);
  const slots = slotsFrom(FIRST_SLOT, jobs.length);
  const moments: Moment[] = [];
  const finished: [number, number][][] = jobs.map(() => []);
  const info = kernel.boot();
  const untyped = info.untyped.start + info.untypedList.findIndex(({ sizeBits }) => sizeBits >= 20);
  untypedSlot = untyped;
  const initial: Program = function* (t) {
    yield* setUp(
      t,
      {
        untyped,
        cnode: bootSlots.CNODE,
        vspace: bootSlots.VSPACE,
        control: bootSlots.SCHED_CONTROL,
        authority: bootSlots.TCB,
        programs: { scheduler: 1, alarm: 2, clients: jobs.map((_, i) => 3 + i) },
      },
      slots,
    );
  };
  const periodic = (entry: number, { work, ...times }: TestJob, client: number): Program =>
    function* (t) {
      yield register(t, entry, { first: START, ...times });
      for (let release = START; t.label === 0; release += times.period) {
        yield t.spend(work);
        finished[client]!.push([release, t.now]);
        yield jobDone(t, entry);
      }
    };
  const scheduler = userScheduler({
    ...slots,
    control: bootSlots.SCHED_CONTROL,
    policy,
    record: (moment) => moments.push(moment),
    ...options,
  });
  const clients = jobs.map((job, i) => {
    const { entry } = slots.clients[i]!;
    return job.code?.(entry) ?? periodic(entry, job, i);
  });
  const programs = new Programs({
    kernel,
    programs: [initial, scheduler, alarm({ armed: slots.alarm.armed, timer: slots.ring }), ...clients],
  });
  programs.run(START + time);
  const count: Run['count'] = (kind, client) =>
    moments.filter((moment) => moment.kind === kind && (client === undefined || moment.client === client)).length;
  return { moments, kernel, finished, count, entries: slots.clients.map(({ entry }) => entry) };
}

/** The largest untyped's slot, which does not depend on what runs. */
let untypedSlot = 0;
/** Makes one object in a slot, by whoever runs. */
export function* make(t: ThreadContext, type: number, slot: number): Generator<number, void, void> {
  for (const [i, word] of [type, 0, 0, 0, slot, 1].entries()) t.setWord(i, word);
  t.setCapability(0, bootSlots.CNODE);
  yield t.call(untypedSlot, message.messageTag(capabilityLabels.UNTYPED_RETYPE, 0, 1, 6));
}
