/**
 * Makes a scheduler and its clients out of untyped memory, and starts them: steps for a thread that holds what is named
 * in `SetUpFrom`, as the initial thread does. It is the only one that needs it: the scheduler gets what it holds, and
 * each client an endpoint.
 */
import { labels as capabilityLabels, objects } from '@bulkhead/capabilities';
import { labels, type ThreadContext } from '@bulkhead/kernel-core';
import { invoke } from './invocations.ts';
import { type SchedulerCapabilities, TIMER } from './options.ts';

/** Where everything is put: slots of one CNode, one behind the other. */
export interface SetUpSlots extends Omit<SchedulerCapabilities, 'control'> {
  readonly first: number;
  readonly count: number;
  /** The timer's notification with its badge: what the alarm signals. */
  readonly ring: number;
}
/** Capabilities of whoever sets up, and what is to run. */
export interface SetUpFrom {
  readonly untyped: number;
  readonly cnode: number;
  /** @defaultValue 12 */
  readonly cnodeRadix?: number;
  readonly vspace: number;
  readonly control: number;
  /** A thread that controls the priorities below: the caller itself. */
  readonly authority: number;
  /** Numbers of programs. */
  readonly programs: { readonly scheduler: number; readonly alarm: number; readonly clients: readonly number[] };
  /** Of the scheduler; the alarm is one below it, the clients two. @defaultValue 200 */
  readonly priority?: number;
  /** The scheduler's time slice. It takes what it needs. @defaultValue 1000000 */
  readonly timeSlice?: number;
}

const CONTEXT_BITS = 8;
const PAGE_BITS = 12;
const POINTER_BITS = 32;
const BUFFER_ADDRESS = 0x4000_0000;
const SHARED_OBJECTS = 4;

/** @returns where everything of so many clients is put, from a free slot on. */
export function slotsFrom(first: number, clientCount: number): SetUpSlots {
  const threads = clientCount + 2;
  const thread = first + SHARED_OBJECTS;
  const context = thread + threads;
  const reply = context + 2 * threads; // the threads' buffers lie between
  const entry = reply + clientCount + 1;
  const clients = Array.from({ length: clientCount }, (_, i) => ({
    thread: thread + 2 + i,
    context: context + 2 + i,
    entry: entry + i,
  }));
  return {
    first,
    count: entry + clientCount - first,
    endpoint: first,
    timer: first + 1,
    ring: first + 3,
    thread,
    alarm: { thread: thread + 1, context: context + 1, armed: first + 2 },
    replies: Array.from({ length: clientCount + 1 }, (_, i) => reply + i),
    clients,
  };
}

/** @throws Error when an invocation is refused: not enough memory, or a slot in use. */
export function* setUp(t: ThreadContext, from: SetUpFrom, slots: SetUpSlots): Generator<number, void, void> {
  const { programs, priority = 200, timeSlice = 1_000_000 } = from;
  yield* makeObjects(t, from, slots);
  const { thread, clients, alarm } = slots;
  const contextOf = (tcb: number): number => tcb + clients.length + 2;
  const must = (...[object, ...rest]: Invocation): Generator<number, void, void> => succeed(t, object, ...rest);
  for (const [tcb, slice, below] of [
    [thread, timeSlice, 0],
    [alarm.thread, 1, 1],
    ...clients.map((client) => [client.thread, 1, 2] as const),
  ] as const) {
    const guard = POINTER_BITS - (from.cnodeRadix ?? 12);
    const spaces = [from.cnode, from.vspace, contextOf(tcb) + clients.length + 2];
    yield* must(tcb, labels.TCB_CONFIGURE, [guard, 0, BUFFER_ADDRESS], spaces);
    yield* must(from.control, labels.SCHED_CONTROL_CONFIGURE_FLAGS, [slice, slice, 0, 0, 0], [contextOf(tcb)]);
    const parameters = [from.authority, contextOf(tcb), 0];
    yield* must(tcb, labels.TCB_SET_SCHED_PARAMS, [priority - below, priority - below], parameters);
  }
  for (const [tcb, program] of [
    [thread, programs.scheduler],
    [alarm.thread, programs.alarm],
    ...clients.map((client, i) => [client.thread, programs.clients[i]!] as const),
  ] as const)
    yield* must(tcb, labels.TCB_WRITE_REGISTERS, [1, 1, program], []);
}

function* makeObjects(t: ThreadContext, from: SetUpFrom, slots: SetUpSlots): Generator<number, void, void> {
  const { untyped, cnode } = from;
  const { endpoint, timer, ring, thread, clients, replies } = slots;
  const threads = clients.length + 2;
  for (const [type, sizeBits, slot, count] of [
    [objects.ENDPOINT, 0, endpoint, 1],
    [objects.NOTIFICATION, 0, timer, 2],
    [objects.TCB, 0, thread, threads],
    [objects.SCHED_CONTEXT, CONTEXT_BITS, thread + threads, threads],
    [objects.FRAME, PAGE_BITS, thread + 2 * threads, threads],
    [objects.REPLY, 0, replies[0]!, replies.length],
  ] as const)
    yield* succeed(t, untyped, capabilityLabels.UNTYPED_RETYPE, [type, sizeBits, 0, 0, slot, count], [cnode]);
  for (const [slot, source, badge] of [
    [ring, timer, TIMER],
    ...clients.map(({ entry }, i) => [entry, endpoint, i + 1] as const),
  ] as const) {
    const words = [slot, POINTER_BITS, source, POINTER_BITS, objects.ALL_RIGHTS, badge];
    yield* succeed(t, cnode, capabilityLabels.CNODE_MINT, words, [cnode]);
  }
}

type Invocation = [object: number, label: number, words: readonly number[], capabilities: readonly number[]];

function* succeed(
  t: ThreadContext,
  ...[object, label, words, capabilities]: Invocation
): Generator<number, void, void> {
  yield invoke(t, object, label, words, capabilities);
  if (t.label !== 0) throw new Error(`invocation ${label} of ${object}: error ${t.label}`);
}
