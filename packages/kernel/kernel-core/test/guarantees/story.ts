/** From random numbers to what somebody does next, in the state that the model is in; and what was done, in sentences. */
import { errors, objects, labels as slotLabels } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { labels, systemCalls } from '../../src/index.ts';
import { Cast, type CastOptions, differences, FIRST_FREE, modelOf, NAMES, threadOf } from './cast.ts';
import { isUntold, type Model } from './model/model.ts';
import type { Answer, Cap, Place, SystemCall, Thread } from './model/things.ts';
import { resume } from './model/waiting.ts';

export const DEEDS = [
  ...[
    'retype',
    'retype',
    'retype',
    'retype',
    'retype',
    'delete',
    'delete',
    'delete',
    'bind',
    'copy',
    'copy',
    'mint',
    'mint',
    'move',
    'mutate',
    'rotate',
    'delete',
    'revoke',
    'retire',
  ],
  ...[
    'call',
    'call',
    'send',
    'send',
    'send',
    'receive',
    'receive',
    'receive',
    'receive',
    'answer',
    'try',
    'wait',
    'signal',
    'pass on',
  ],
  ...['configure', 'set space', 'set buffer', 'suspend', 'resume', 'bind', 'unbind', 'set timeout', 'other'],
] as const;
export type Deed = readonly [deed: (typeof DEEDS)[number], passes: number, ...choices: number[]];

const KINDS: readonly (readonly [type: number, size: number])[] = [
  [objects.ENDPOINT, 0],
  [objects.NOTIFICATION, 0],
  [objects.REPLY, 0],
  [objects.CNODE, 2],
  [objects.CNODE, 1],
  [objects.TCB, 0],
  [objects.UNTYPED, 11],
  [objects.UNTYPED, 6],
  [objects.FRAME, 12],
  [objects.SCHED_CONTEXT, 8],
  [objects.PAGE_TABLE, 0],
  [objects.CNODE, 0],
  [objects.UNTYPED, 40],
  [objects.IO_PAGE_TABLE + 1, 0],
];
const OTHERS: readonly number[] = [
  labels.TCB_READ_REGISTERS,
  labels.TCB_SET_TLS_BASE,
  labels.TCB_SET_FLAGS,
  labels.TCB_SET_MC_PRIORITY,
  labels.SCHED_CONTEXT_CONSUMED,
  labels.SCHED_CONTEXT_BIND,
  labels.SCHED_CONTEXT_UNBIND,
  labels.SCHED_CONTROL_CONFIGURE_FLAGS,
];
const LABELS = new Map(
  [...Object.entries(slotLabels), ...Object.entries(labels)].map(([name, value]) => [value as number, name]),
);
const CALLS = new Map(Object.entries(systemCalls).map(([name, value]) => [value, name]));

/** Draws from a list of numbers, which need not be long enough. */
class Draw {
  readonly #numbers: readonly number[];
  #next = 0;
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }
  below(limit: number): number {
    return (this.#numbers[this.#next++] ?? 0) % limit;
  }
  from<T>(list: readonly T[], otherwise: T): T {
    return list.length === 0 ? otherwise : list[this.below(list.length)]!;
  }
}

/** What somebody sees of a capability space: pointers to what is in its root, and capabilities to nodes. */
class View {
  readonly #model: Model;
  readonly #thread: Thread;
  readonly #places: readonly Place[];
  readonly #draw: Draw;

  constructor(model: Model, t: Thread, draw: Draw) {
    this.#model = model;
    this.#thread = t;
    this.#places = model.cspaceOf(t)?.thing.places ?? [];
    this.#draw = draw;
  }
  /** What names a slot of the root, whatever its guard; bits behind are 0. */
  #pointerTo(index: number): number {
    const root = this.#model.cspaceOf(this.#thread);
    if (root === null) return index;
    const { size } = root.thing;
    return ((root.guard * 2 ** size + index) * 2 ** (32 - root.guardSize - size)) | 0;
  }
  /** A pointer to one of a type, if there is one and mostly. */
  pointer(...types: readonly number[]): number {
    const all = [...this.#places.keys()];
    const occupied = all.filter((i) => this.#places[i]!.cap !== null);
    const fitting = occupied.filter((i) => types.includes(this.#places[i]!.cap!.thing.type));
    const list = fitting.length === 0 || this.#draw.below(20) === 19 ? occupied : fitting;
    return this.#pointerTo(this.#draw.below(40) === 39 ? 31 : this.#draw.from(list, 1));
  }
  /** An endpoint at which somebody waits, if there is one and often. */
  meeting(): number {
    const busy = [...this.#places.keys()].filter((i) => {
      const cap = this.#places[i]!.cap;
      return cap?.thing.type === objects.ENDPOINT && cap.thing.queue.length > 0;
    });
    return busy.length > 0 && this.#draw.below(4) > 0
      ? this.#pointerTo(this.#draw.from(busy, 1))
      : this.pointer(objects.ENDPOINT);
  }
  any(): number {
    return this.pointer(...objects.NAMES.keys());
  }
  capAt(pointer: number): Cap | null {
    return this.#model.find(this.#thread, pointer)?.cap ?? null;
  }
  /** A node, and a slot in it; of what somebody needs to go on only if it may be lost. */
  slot(isFree: boolean, mayLose = true): { node: number; index: number; depth: number } {
    const node = this.pointer(objects.CNODE);
    const cap = this.capAt(node);
    if (cap === null || cap.thing.type !== objects.CNODE) return { node, index: 3, depth: 32 };
    const { places } = cap.thing;
    const fitting = [...places.keys()].filter(
      (i) =>
        (places[i]!.cap === null) === isFree && (isFree || mayLose || i >= FIRST_FREE || places.length < FIRST_FREE),
    );
    const index = this.#draw.from(this.#draw.below(10) === 9 ? [...places.keys()] : fitting, 0);
    const wrong = this.#draw.below(40) === 39 ? 1 : 0;
    return { node, index: cap.guard * 2 ** cap.thing.size + index, depth: cap.guardSize + cap.thing.size - wrong };
  }
}

const invocation = (
  pointer: number,
  label: number,
  words: readonly number[],
  extras: readonly number[],
): SystemCall => ({
  number: systemCalls.CALL,
  pointer,
  label,
  words,
  extras,
});

/** What a deed is for this thread, now. */
export function callOf(model: Model, t: Thread, [deed, , ...choices]: Deed): SystemCall {
  const draw = new Draw(choices);
  const view = new View(model, t, draw);
  if (['copy', 'mint', 'move', 'mutate', 'rotate', 'delete', 'revoke', 'retire'].includes(deed))
    return onSlots(deed, view, draw);
  switch (deed) {
    case 'retype': {
      const { node, index } = view.slot(true);
      const [type, size] = draw.from(KINDS, KINDS[0]!);
      const count = [1, 1, 2, 3][draw.below(4)]!;
      const words = [type, size, 0, 0, index & 0x1f, count];
      return invocation(view.pointer(objects.UNTYPED), slotLabels.UNTYPED_RETYPE, words, [node]);
    }
    case 'configure':
    case 'set space': {
      const [tcb, node] = [view.pointer(objects.TCB), view.pointer(objects.CNODE)];
      const guard = 32 - (view.capAt(node)?.thing.size ?? 5);
      const data = [guard, guard, guard, guard, 0, 30, 12, guard | (1 << 5)][draw.below(8)]!;
      const space = view.pointer(objects.PAGE_TABLE);
      const handler = draw.below(3) === 0 ? 31 : view.pointer(objects.ENDPOINT);
      if (deed === 'set space') return invocation(tcb, labels.TCB_SET_SPACE, [data, 0], [handler, node, space]);
      const frame = view.pointer(objects.FRAME);
      return invocation(tcb, labels.TCB_CONFIGURE, [data, 0, addressOf(draw)], [node, space, frame]);
    }
    case 'set buffer':
      return invocation(
        view.pointer(objects.TCB),
        labels.TCB_SET_IPC_BUFFER,
        [addressOf(draw)],
        [view.pointer(objects.FRAME)],
      );
    case 'set timeout':
      return invocation(
        view.pointer(objects.TCB),
        labels.TCB_SET_TIMEOUT_ENDPOINT,
        [],
        [view.pointer(objects.ENDPOINT)],
      );
    case 'suspend':
      return invocation(view.pointer(objects.TCB), labels.TCB_SUSPEND, [], []);
    case 'resume':
      return invocation(view.pointer(objects.TCB), labels.TCB_RESUME, [], []);
    case 'bind':
      return invocation(
        view.pointer(objects.TCB),
        labels.TCB_BIND_NOTIFICATION,
        [],
        [view.pointer(objects.NOTIFICATION)],
      );
    case 'unbind':
      return invocation(view.pointer(objects.TCB), labels.TCB_UNBIND_NOTIFICATION, [], []);
    case 'other': {
      const pointer = view.pointer(objects.TCB, objects.SCHED_CONTEXT, objects.SCHED_CONTROL);
      const words = [draw.below(2) * 100, draw.below(3) * 100, 0, 0, 0].map((word, i) => (i === 0 ? word & ~1 : word));
      const extras = [view.pointer(objects.TCB, objects.SCHED_CONTEXT), view.any()];
      return invocation(pointer, draw.from(OTHERS, OTHERS[0]!), words, extras);
    }
    default:
      return talk(deed, view, draw);
  }
}
const addressOf = (draw: Draw): number => [0x4000_0000, 0x4000_0000, 0, 0x4000_0010][draw.below(4)]!;

function onSlots(deed: string, view: View, draw: Draw): SystemCall {
  const onOne = ['delete', 'revoke', 'retire'].includes(deed);
  const to = view.slot(!onOne, draw.below(4) === 0 || deed === 'revoke');
  const here = [to.index, to.depth];
  const label = slotLabels;
  if (deed === 'delete') return invocation(to.node, label.CNODE_DELETE, here, []);
  if (deed === 'revoke') return invocation(to.node, label.CNODE_REVOKE, here, []);
  if (deed === 'retire') return invocation(to.node, label.CNODE_CANCEL_BADGED_SENDS, here, []);
  const from = view.slot(false, ['copy', 'mint'].includes(deed) || draw.below(8) === 0);
  const words = [...here, from.index, from.depth];
  const data = [0, 1, 2, 30, 27, 27 | (1 << 5)][draw.below(6)]!;
  const rights = draw.below(16);
  if (deed === 'copy') return invocation(to.node, label.CNODE_COPY, [...words, rights], [from.node]);
  if (deed === 'mint')
    return invocation(to.node, label.CNODE_MINT, [...words, rights | draw.below(16), data], [from.node]);
  if (deed === 'move') return invocation(to.node, label.CNODE_MOVE, words, [from.node]);
  if (deed === 'mutate') return invocation(to.node, label.CNODE_MUTATE, [...words, data], [from.node]);
  const pivot = view.slot(false);
  const isSwap = draw.below(3) === 0;
  const target = isSwap ? from : to;
  const all = [target.index, target.depth, data, pivot.index, pivot.depth, data, from.index, from.depth];
  return invocation(target.node, label.CNODE_ROTATE, all, [pivot.node, from.node]);
}

function talk(deed: string, view: View, draw: Draw): SystemCall {
  const extras = Array.from({ length: draw.below(4) }, () =>
    view.pointer(objects.ENDPOINT, objects.UNTYPED, objects.REPLY, objects.NOTIFICATION, objects.FRAME, objects.TCB),
  );
  const into = view.slot(true);
  const receive = [into.node, into.index, into.depth];
  const endpoint = view.meeting();
  const reply = view.pointer(objects.REPLY);
  const words = Array.from({ length: draw.below(6) }, (_, i) => i);
  const common = { extras, receive, words, pointer: endpoint };
  switch (deed) {
    case 'send':
      return { ...common, number: systemCalls.SEND };
    case 'try':
      return { ...common, number: [systemCalls.NB_SEND, systemCalls.NB_RECEIVE][draw.below(2)]!, reply };
    case 'receive':
      return { ...common, number: systemCalls.RECEIVE, reply };
    case 'answer':
      return { ...common, number: systemCalls.REPLY_RECEIVE, reply };
    case 'wait':
      return {
        ...common,
        number: [systemCalls.WAIT, systemCalls.NB_WAIT][draw.below(2)]!,
        pointer: view.pointer(objects.NOTIFICATION),
      };
    case 'signal':
      return { ...common, number: systemCalls.SEND, pointer: view.pointer(objects.NOTIFICATION, objects.REPLY) };
    case 'pass on':
      return {
        ...common,
        number: [systemCalls.NB_SEND_RECEIVE, systemCalls.NB_SEND_WAIT][draw.below(2)]!,
        reply,
        destination: view.pointer(objects.ENDPOINT, objects.NOTIFICATION, objects.REPLY),
      };
    default:
      return { ...common, number: systemCalls.CALL };
  }
}

function sentence(name: string, model: Model, t: Thread, call: SystemCall): string {
  const what = (pointer: number): string => {
    const cap = model.find(t, pointer)?.cap;
    return cap ? `${pointer} (${objects.NAMES[cap.thing.type]}${rightsOf(cap)})` : `${pointer} (nothing)`;
  };
  const verb = (call.label ?? 0) === 0 ? CALLS.get(call.number) : LABELS.get(call.label!);
  const words = (call.words ?? []).length > 0 ? ` with ${call.words!.join(' ')}` : '';
  const extras = (call.extras ?? []).length > 0 ? ` and ${call.extras!.map(what).join(', ')}` : '';
  const reply = call.reply === undefined ? '' : `, reply ${what(call.reply)}`;
  const to = call.destination === undefined ? '' : `, after sending to ${what(call.destination)}`;
  return `${name} does ${verb} on ${what(call.pointer)}${words}${extras}${reply}${to}`;
}
const rightsOf = ({ thing: { type }, rights, badge }: Cap): string => {
  if (objects.carriedRights(type) === 0) return '';
  const letters = ['w', 'r', 'g', 'p'].map((letter, i) => ((rights & (1 << i)) === 0 ? '-' : letter)).join('');
  return ` ${letters}${badge === 0 ? '' : ` badge ${badge}`}`;
};

/** A way to do what a cast does, wrongly. */
export type Spoil = (cast: Cast, call: SystemCall, perform: () => void) => void;

export class Story {
  readonly cast: Cast;
  readonly model: Model;
  readonly lines: string[] = [];
  readonly #spoil: Spoil;
  /** Errors that were answered, for whoever wants to know that all were met. */
  readonly answers = new Set<number>();
  transferred = 0;

  constructor(spoil: Spoil = (_cast, _call, perform) => perform(), options: CastOptions = {}) {
    this.cast = new Cast(options);
    this.model = modelOf(this.cast);
    this.#spoil = spoil;
  }
  /** @returns what is wrong then, in words; undefined when nobody can do anything any more. */
  tell(deed: Deed): string[] | undefined {
    const { cast, model } = this;
    for (let passes = deed[1] % 4; passes > 0 && cast.current >= 0; passes--) cast.pass();
    if (cast.current < 0) this.#wakeSomebody();
    const number = cast.current;
    if (number < 0) return undefined;
    const t = threadOf(cast, model, number);
    return this.do(t, number, callOf(model, t, deed));
  }
  /** Nobody runs: the first who can is woken from outside. */
  #wakeSomebody(): void {
    for (const [i, number] of this.cast.threads.entries()) {
      const t = threadOf(this.cast, this.model, number);
      if (t === undefined || this.cast.current >= 0) continue;
      this.lines.push(`${NAMES[i]} is woken`);
      resume(t);
      this.cast.wake(number);
    }
  }
  do(t: Thread, number: number, call: SystemCall): string[] {
    const { cast, model } = this;
    const name = NAMES[cast.threads.indexOf(number)] ?? `Thread ${number}`;
    this.lines.push(sentence(name, model, t, call));
    const held = [...model.caps()].length;
    const answer = model.systemCall(t, call);
    if ([...model.caps()].length > held && (call.label ?? 0) === 0) this.transferred++;
    this.#spoil(cast, call, () => cast.perform(call));
    const wrong = [...this.#compareAnswer(number, call, answer), ...differences(cast, model)];
    this.lines[this.lines.length - 1] += `: ${errors.NAMES[answer?.error ?? 0]}`;
    return wrong;
  }
  #compareAnswer(number: number, call: SystemCall, answer: Answer | null): string[] {
    if (answer === null || isUntold(call.label ?? 0)) return [];
    const { threads } = this.cast.w.kernel;
    const error = message.labelOf(threads.tag[number]!);
    this.answers.add(error);
    const expected = errors.NAMES[answer.error];
    if (error !== answer.error) return [`the kernel answers ${errors.NAMES[error]}, the model ${expected}`];
    const left = threads.registers[number * 8]!;
    if (answer.bytesLeft !== undefined && left !== answer.bytesLeft)
      return [`the kernel has ${left} bytes left, the model ${answer.bytesLeft}`];
    return [];
  }
  /** Everything that was done, and what came of it. */
  toString(wrong: readonly string[]): string {
    return [
      '',
      ...this.lines.map((line, i) => `${i + 1}. ${line}`),
      ...wrong.slice(0, 6).map((line) => `   But ${line}.`),
    ].join('\n');
  }
}
