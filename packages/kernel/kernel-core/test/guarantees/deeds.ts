/** From random numbers to what somebody does next, in the state that the model is in. */
import { labels as spaceLabels } from '@bulkhead/address-space';
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels, systemCalls } from '../../src/index.ts';
import { HARDWARE_DEEDS, type HardwareDeed, onHardware } from './hardware-deeds.ts';
import type { Model } from './model/model.ts';
import type { Cap, SystemCall, Thread } from './model/things.ts';
import { Draw, invocation, View } from './view.ts';

/** How often each is done. */
const WEIGHTS = {
  ...{ retype: 8, delete: 6, copy: 4, mint: 2, move: 2, mutate: 1, rotate: 1, revoke: 5, retire: 1 },
  ...{ call: 2, send: 3, receive: 4, answer: 1, try: 1, wait: 1, signal: 1, 'pass on': 1 },
  ...{ configure: 1, 'set space': 1, 'set buffer': 1, 'set timeout': 1, suspend: 1, resume: 1, other: 1 },
  ...{ bind: 3, unbind: 1, bell: 4 },
  ...HARDWARE_DEEDS,
} as const;
type DeedName = keyof typeof WEIGHTS;
export const DEEDS: readonly DeedName[] = Object.entries(WEIGHTS).flatMap(([name, weight]) =>
  new Array<DeedName>(weight).fill(name as DeedName),
);
/** Nothing is done after the passes by `nothing`. */
export type Deed = readonly [deed: DeedName | 'nothing', passes: number, ...choices: number[]];

const KINDS: readonly (readonly [type: number, size: number])[] = [
  [objects.ENDPOINT, 0],
  [objects.NOTIFICATION, 0],
  [objects.REPLY, 0],
  [objects.CNODE, 2],
  [objects.CNODE, 2],
  [objects.CNODE, 2],
  [objects.CNODE, 1],
  [objects.TCB, 0],
  [objects.UNTYPED, 11],
  [objects.UNTYPED, 6],
  [objects.FRAME, 12],
  [objects.SCHED_CONTEXT, 8],
  [objects.PAGE_TABLE, 0],
  [objects.PAGE_TABLE, 0],
  [objects.IO_PAGE_TABLE, 0],
  [objects.FRAME, 12],
  [objects.FRAME, 21],
  [objects.UNTYPED, 12],
  [objects.CNODE, 0],
  [objects.UNTYPED, 40],
  [objects.IO_PAGE_TABLE + 1, 0],
];
const OTHERS: readonly number[] = [
  spaceLabels.PAGE_GET_ADDRESS,
  labels.TCB_READ_REGISTERS,
  labels.TCB_SET_TLS_BASE,
  labels.TCB_SET_FLAGS,
  labels.TCB_SET_MC_PRIORITY,
  labels.SCHED_CONTEXT_CONSUMED,
  labels.SCHED_CONTEXT_BIND,
  labels.SCHED_CONTEXT_UNBIND,
  labels.SCHED_CONTROL_CONFIGURE_FLAGS,
];
/** What a deed is for this thread, now. */
export function callOf(model: Model, t: Thread, [deed, , ...choices]: Deed): SystemCall {
  const draw = new Draw(choices);
  const view = new View(model, t, draw);
  if (['copy', 'mint', 'move', 'mutate', 'rotate', 'delete', 'revoke', 'retire'].includes(deed))
    return onSlots(deed, view, draw);
  if (deed in HARDWARE_DEEDS) return onHardware(deed as HardwareDeed, view, draw);
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
    case 'bell':
      return onBell(view);
    case 'bind':
      return invocation(
        view.one(({ thread }) => thread?.bound === null, objects.TCB),
        labels.TCB_BIND_NOTIFICATION,
        [],
        [view.one(({ bound, queue }) => bound === null && queue.length === 0, objects.NOTIFICATION)],
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
/** Makes a notification, binds it, and deletes it while it is bound. */
function onBell(view: View): SystemCall {
  const bell = view.bell();
  if (bell?.isBound === true) return invocation(bell.node, slotLabels.CNODE_DELETE, bell.at, []);
  const tcb = view.one(({ thread }) => thread?.bound === null, objects.TCB);
  if (bell !== null && bell.pointer !== null) return invocation(tcb, labels.TCB_BIND_NOTIFICATION, [], [bell.pointer]);
  const { node, index } = view.slot(true);
  const words = [objects.NOTIFICATION, 0, 0, 0, index & 0x1f, 1];
  return invocation(view.pointer(objects.UNTYPED), slotLabels.UNTYPED_RETYPE, words, [node]);
}
const isMappedFrame = ({ thing: { type }, mapping }: Cap): boolean => type === objects.FRAME && mapping !== null;
const addressOf = (draw: Draw): number => [0x4000_0000, 0x4000_0000, 0, 0x4000_0010][draw.below(4)]!;

function onSlots(deed: string, view: View, draw: Draw): SystemCall {
  const onOne = ['delete', 'revoke', 'retire'].includes(deed);
  const hasMany = ({ children }: Cap): boolean => children.length > 1;
  const isWanted =
    deed === 'revoke' ? hasMany : deed === 'delete' ? (cap: Cap) => view.isLong(cap) || isMappedFrame(cap) : undefined;
  const to = view.slot(!onOne, draw.below(4) === 0 || deed === 'revoke', isWanted);
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
