/** What somebody does with address spaces, interrupts and IO spaces. */
import { labels as spaceLabels } from '@bulkhead/address-space';
import { objects } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { labels as ioLabels } from '@bulkhead/io-spaces';
import type { Cap, SystemCall, Thing } from './model/things.ts';
import { type Draw, invocation, type View } from './view.ts';

/** How often each is done. */
export const HARDWARE_DEEDS = {
  ...{ 'map table': 2, 'unmap table': 1, 'map page': 5, 'unmap page': 1, 'make pool': 1, assign: 2 },
  ...{ 'issue handler': 1, 'set handler': 2, 'clear handler': 1, acknowledge: 1, interrupt: 2 },
  ...{ 'issue space': 1, 'map io table': 2, 'unmap io table': 1, 'map io page': 2, 'unmap io page': 1 },
} as const;
export type HardwareDeed = keyof typeof HARDWARE_DEEDS;

const { ASID_CONTROL, ASID_POOL, FRAME, IO_PAGE_TABLE, IO_SPACE, IO_SPACE_CONTROL, IRQ_CONTROL, IRQ_HANDLER } = objects;
const { NOTIFICATION, PAGE_TABLE, UNTYPED } = objects;
/** The same page, its neighbours at every level, and no page. */
const ADDRESSES = [0, 0, 0x1000, 0x1000, 0x2000, 0x20_0000, 0x4000_0000, 0x800] as const;

const isFree = (_: Thing, { mapping }: Cap): boolean => mapping === null;
const isMapped = (_: Thing, { mapping }: Cap): boolean => mapping !== null;
/** Mapped, and at the beginning of a space or of its first half. */
const isLow = (_: Thing, { mapping }: Cap): boolean => mapping?.page === 0;

export function onHardware(deed: HardwareDeed, view: View, draw: Draw): SystemCall {
  const address = ADDRESSES[draw.below(ADDRESSES.length)]!;
  const rights = [3, 3, 3, 2, 1][draw.below(5)]!;
  switch (deed) {
    case 'map table':
      return invocation(
        view.one(isFree, PAGE_TABLE),
        spaceLabels.PAGE_TABLE_MAP,
        [address, 0],
        [view.one(isLow, PAGE_TABLE)],
      );
    case 'unmap table':
      return invocation(view.pointer(PAGE_TABLE), spaceLabels.PAGE_TABLE_UNMAP, [], []);
    case 'map page':
      return invocation(
        view.one(draw.below(4) > 0 ? isFree : isMapped, FRAME),
        spaceLabels.PAGE_MAP,
        [address, rights, draw.below(2)],
        [view.one(isLow, PAGE_TABLE)],
      );
    case 'unmap page':
      return invocation(view.one(isMapped, FRAME), spaceLabels.PAGE_UNMAP, [], []);
    case 'make pool': {
      const { node, index, depth } = view.slot(true);
      const untyped = view.one(({ size }) => size === 12, UNTYPED);
      const pointer = view.pointer(ASID_CONTROL);
      return invocation(pointer, spaceLabels.ASID_CONTROL_MAKE_POOL, [index, depth], [untyped, node]);
    }
    case 'assign':
      return invocation(view.pointer(ASID_POOL), spaceLabels.ASID_POOL_ASSIGN, [], [view.one(isFree, PAGE_TABLE)]);
    case 'map io table':
      return invocation(
        view.one(isFree, IO_PAGE_TABLE),
        ioLabels.IO_PAGE_TABLE_MAP,
        [address],
        [view.pointer(IO_SPACE)],
      );
    case 'unmap io table':
      return invocation(view.pointer(IO_PAGE_TABLE), ioLabels.IO_PAGE_TABLE_UNMAP, [], []);
    case 'map io page':
      return invocation(
        view.one(isFree, FRAME),
        ioLabels.PAGE_MAP_IO,
        [rights, address & ~0x800],
        [view.pointer(IO_SPACE)],
      );
    case 'unmap io page':
      return invocation(view.one(isMapped, FRAME), ioLabels.PAGE_UNMAP_IO, [], []);
    case 'issue space': {
      const { node, index, depth } = view.slot(true);
      const words = [7 + draw.below(2), draw.below(4), index, depth];
      return invocation(view.pointer(IO_SPACE_CONTROL), ioLabels.IO_SPACE_CONTROL_ISSUE, words, [node]);
    }
    default:
      return onInterrupt(deed, view, draw);
  }
}
function onInterrupt(deed: HardwareDeed, view: View, draw: Draw): SystemCall {
  const handler = view.pointer(IRQ_HANDLER);
  switch (deed) {
    case 'issue handler': {
      const { node, index, depth } = view.slot(true);
      const identity = [3, 4, 5, 32][draw.below(4)]!;
      const control = view.pointer(IRQ_CONTROL);
      if (draw.below(2) === 0) return invocation(control, irqLabels.IRQ_CONTROL_GET, [identity, index, depth], [node]);
      return invocation(control, irqLabels.IRQ_CONTROL_GET_TRIGGER, [identity, draw.below(4), index, depth], [node]);
    }
    case 'set handler':
      return invocation(handler, irqLabels.IRQ_HANDLER_SET_NOTIFICATION, [], [view.pointer(NOTIFICATION)]);
    case 'clear handler':
      return invocation(handler, irqLabels.IRQ_HANDLER_CLEAR, [], []);
    default:
      return invocation(handler, irqLabels.IRQ_HANDLER_ACK, [], []);
  }
}
