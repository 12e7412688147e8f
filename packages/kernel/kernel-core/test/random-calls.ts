/** Random system calls by whoever runs, in a world that is kept alive. */
import { labels as spaceLabels } from '@bulkhead/address-space';
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import { blocking, message } from '@bulkhead/ipc';
import { bootSlots, labels, systemCalls } from '../src/index.ts';
import { everything } from './everything.ts';
import type { World } from './support.ts';

/** A small source of chance that two worlds can share. */
export class Dice {
  #state: number;
  constructor(state: number) {
    this.#state = state | 1;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 0x41c6_4e6d) + 12345) | 0;
    return (this.#state >>> 8) % limit;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const LABELS: readonly number[] = [
  ...Object.values(slotLabels),
  ...Object.values(labels).filter((label) => label !== labels.TCB_LAST),
  ...Object.values(spaceLabels),
  ...Object.values(irqLabels),
  ...Object.values(ioLabels),
  0,
  1000,
];
const CALLS = [...Object.values(systemCalls), 0, 5];
const WORDS = [
  0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 24, 32, 64, 70, 80, 90, 100, 120, 200, 255, 256, 1000, 5000, -1, 0x4000_0000,
];

/** A world with a dozen objects of all kinds, and four threads that share its capability space. */
export function furnished(fastPath: boolean): World {
  const w = everything({
    pages: 64,
    kernel: { fastPath, domainCount: 2, scheduleLength: 3, workUnits: 3 },
    boot: { priority: 100 },
  });
  for (const type of [
    objects.ENDPOINT,
    objects.ENDPOINT,
    objects.NOTIFICATION,
    objects.NOTIFICATION,
    objects.REPLY,
    objects.REPLY,
  ])
    w.make(type);
  w.mint(64, objects.ALL_RIGHTS, 7);
  w.mint(64, objects.READ, 0);
  w.mint(66, objects.ALL_RIGHTS, 3);
  const handler = w.mint(65, objects.ALL_RIGHTS, 9);
  w.make(objects.UNTYPED, 12);
  w.make(objects.CNODE, 4);
  for (const type of [objects.PAGE_TABLE, objects.PAGE_TABLE, objects.IO_PAGE_TABLE]) w.make(type);
  w.make(objects.FRAME, 12);
  for (let i = 0; i < 4; i++) {
    const tcb = w.makeThread({
      priority: 98 + (i % 3),
      budget: 50,
      period: i === 3 ? 200 : 50,
      faultEndpoint: handler,
      badge: i,
    });
    if (i > 1) w.must(tcb, labels.TCB_SET_TIMEOUT_ENDPOINT, [], [handler]);
    w.kernel.control.resume(w.thread(tcb));
  }
  w.kernel.reschedule();
  return w;
}

export function randomStep(w: World, dice: Dice): void {
  const { kernel } = w;
  const thread = kernel.current;
  if (thread < 0 || dice.below(15) === 0) {
    if (thread < 0) revive(w, dice);
    for (let i = 0; i < 20; i++) impoverish(w, dice);
    kernel.elapse(Math.min(kernel.until(), kernel.scheduler.now + dice.below(60) + 1));
    return;
  }
  const pointers = [dice.below(17), 64 + dice.below(40), 64 + dice.below(12)];
  const anyPointer = (): number => dice.pick(pointers) + (dice.below(60) === 0 ? dice.below(300) : 0);
  const buffer = kernel.threads.buffer[thread]!;
  for (let i = 0; i < 8; i++) {
    const at = i < 4 ? thread * 8 + i * 2 : buffer + message.BUFFER_MESSAGE + i * 2;
    const target = i < 4 ? kernel.threads.registers : kernel.threads.words;
    if (i >= 4 && buffer === 0) break;
    target[at] = dice.below(3) === 0 ? dice.pick(WORDS) : dice.below(3) === 0 ? 64 + dice.below(60) : dice.below(33);
    target[at + 1] = dice.below(20) === 0 ? dice.below(3) : 0;
  }
  const caps = Math.max(0, dice.below(7) - 3);
  if (buffer !== 0) {
    for (let i = 0; i < caps; i++) kernel.threads.words[buffer + message.CAPS_OR_BADGES + i * 2] = anyPointer();
    kernel.threads.words[buffer + message.RECEIVE_ROOT] = bootSlots.CNODE;
    kernel.threads.words[buffer + message.RECEIVE_INDEX] = 64 + dice.below(100);
    kernel.threads.words[buffer + message.RECEIVE_DEPTH] = 32;
  }
  if (dice.below(2) === 0) {
    kernel.threads.tag[thread] = message.messageTag(dice.below(2), 0, Math.max(0, caps - 2), dice.below(7));
    talk(w, dice);
    return;
  }
  const label = dice.pick(LABELS);
  kernel.threads.tag[thread] = message.messageTag(label, 0, caps, dice.below(9));
  const kind = dice.below(40);
  if (kind === 0) kernel.userException(dice.below(4), dice.below(9));
  else if (kind === 1) kernel.vmFault(dice.below(99), 0, dice.below(2) === 0, 13);
  else
    kernel.systemCall(
      dice.below(2) === 0 ? systemCalls.CALL : dice.pick(CALLS),
      anyPointer(),
      anyPointer(),
      anyPointer(),
    );
}

/** What an operator would do when nothing runs: starts a thread, and gives it time. */
function revive(w: World, dice: Dice): void {
  const { capabilities, scheduler, control, schedulingInvocations } = w.kernel;
  const ofType = (type: number): number[] => {
    const found: number[] = [];
    for (let index = 1; index < 128; index++) if (capabilities.typeOf(w.slot(index)) === type) found.push(index);
    return found;
  };
  const tcbs = ofType(objects.TCB);
  if (tcbs.length === 0) return;
  const thread = w.thread(dice.pick(tcbs));
  const contexts = ofType(objects.SCHED_CONTEXT).map((index) => capabilities.wordOf(w.slot(index)));
  const sc = contexts.find((context) => scheduler.holderOf(context) < 0);
  if (thread < 0) return;
  if (w.kernel.threads.state[thread] === blocking.INACTIVE || dice.below(8) === 0) control.resume(thread);
  if (w.kernel.threads.state[thread] !== blocking.RUNNING) return;
  if (scheduler.threads.context[thread] === 0 && sc !== undefined) schedulingInvocations.bind(sc, thread);
  schedulingInvocations.setDomain(0, thread);
  if (dice.below(4) === 0) schedulingInvocations.configureSchedule(0, 0, 1000);
  if (dice.below(4) === 0) schedulingInvocations.setScheduleStart(0);
  w.kernel.reschedule();
}
/** Takes the time of a thread that waits for a message: it runs on that of its callers from now on. */
function impoverish(w: World, dice: Dice): void {
  const { threads, scheduler, schedulingInvocations } = w.kernel;
  const thread = dice.below(threads.threadCount);
  const sc = scheduler.threads.context[thread]!;
  if (sc !== 0 && threads.state[thread] === blocking.BLOCKED_ON_RECEIVE) schedulingInvocations.unbindObject(sc, thread);
}
/** Messages, to where they make sense. */
function talk(w: World, dice: Dice): void {
  const { kernel } = w;
  const endpoint = dice.pick([64, 65, 70, 64]);
  const reply = dice.pick([68, 69]);
  switch (dice.below(9)) {
    case 0:
    case 1:
      kernel.systemCall(systemCalls.RECEIVE, endpoint, reply, 0);
      break;
    case 2:
    case 3:
      kernel.systemCall(systemCalls.REPLY_RECEIVE, endpoint, reply, 0);
      break;
    case 4:
      kernel.systemCall(systemCalls.NB_SEND_RECEIVE, endpoint, reply, dice.pick([reply, 66, 64]));
      break;
    case 5:
      kernel.systemCall(dice.pick([systemCalls.WAIT, systemCalls.NB_WAIT]), dice.pick([66, 67]), 0, 0);
      break;
    case 6:
      kernel.systemCall(
        dice.pick([systemCalls.SEND, systemCalls.NB_SEND]),
        dice.pick([66, 67, 72, endpoint, reply]),
        0,
        0,
      );
      break;
    default:
      kernel.systemCall(systemCalls.CALL, endpoint, 0, 0);
      break;
  }
}
