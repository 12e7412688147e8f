import { errors, objects } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { CONTROL, IDENTITIES, notification, ROOT, UNTYPED, type World, world } from './world.ts';

const { IRQ_CONTROL_GET, IRQ_CONTROL_GET_TRIGGER, IRQ_HANDLER_ACK, IRQ_HANDLER_CLEAR, IRQ_HANDLER_SET_NOTIFICATION } =
  labels;
const HANDLER = 4;
const ORIGINAL = 10;
const BADGED = 11;
const OTHER = 12;

/** @returns the error; the memory must be as it was. */
function refused(w: World, run: () => number): number {
  const before = w.words.slice();
  const enabled = [...w.file.enabled];
  const error = run();
  expect(error).toBeLessThan(0);
  expect(w.words).toEqual(before);
  expect([...w.file.enabled]).toEqual(enabled);
  return error;
}
/** A handler for interrupt 3 that signals ORIGINAL's notification with badge 5. */
function bound(): World {
  const w = world();
  notification(w, ORIGINAL, BADGED, 5);
  expect(w.get(3, HANDLER)).toBe(0);
  expect(w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [BADGED])).toBe(0);
  return w;
}
/** Sends, and claims what is ready. @returns what is signalled, [object, badge], or undefined. */
function comes(w: World, identity: number): readonly [number, number] | undefined {
  w.file.send(identity);
  const claimed = w.file.claim();
  if (claimed === 0) return undefined;
  const slot = w.handlers.deliver(claimed);
  return slot === 0 ? undefined : [w.capabilities.objectOf(slot), w.capabilities.badgeOf(slot)];
}

describe('IRQControl_Get (manual §8.1, §10 IRQControl)', () => {
  it('makes a handler in the slot that is named, a child of the control', () => {
    const w = world();
    expect(w.get(3, HANDLER)).toBe(0);
    expect(w.capabilities.typeOf(w.at(HANDLER))).toBe(objects.IRQ_HANDLER);
    expect(w.capabilities.objectOf(w.at(HANDLER))).toBe(3);
    expect(w.capabilities.revoke(w.at(CONTROL))).toBe(0);
    expect(w.capabilities.typeOf(w.at(HANDLER))).toBe(objects.NULL);
    expect(w.get(3, HANDLER)).toBe(0);
  });
  it('IllegalOperation wins over TruncatedMessage: the label is the handler’s or nobody’s', () => {
    const w = world();
    for (const label of [IRQ_HANDLER_ACK, IRQ_HANDLER_CLEAR, IRQ_HANDLER_SET_NOTIFICATION, 0, 47, 53, -1, 48.5])
      expect(refused(w, () => w.invoke(CONTROL, label))).toBe(errors.ILLEGAL_OPERATION);
    expect(refused(w, () => w.invoke(UNTYPED, IRQ_CONTROL_GET))).toBe(errors.ILLEGAL_OPERATION);
  });
  it('InvalidCapability wins over IllegalOperation where nothing is invoked', () => {
    const w = world();
    expect(refused(w, () => w.invoke(20, 47))).toBe(errors.INVALID_CAPABILITY);
  });
  it('TruncatedMessage wins over RangeError: three words and the root', () => {
    const w = world();
    expect(refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [99, 4], [0]))).toBe(errors.TRUNCATED_MESSAGE);
    expect(refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [99, 4, 32]))).toBe(errors.TRUNCATED_MESSAGE);
  });
  it.each([0, -1, IDENTITIES + 1, 3 + 2 ** 32])(
    'RangeError with 1 … the last identity wins over the slot: %d',
    (identity) => {
      const w = world();
      const error = refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [identity, 2, 32], [0]));
      expect(error).toBe(errors.RANGE_ERROR);
      expect([w.capabilities.details.rangeMin, w.capabilities.details.rangeMax]).toEqual([1, IDENTITIES]);
    },
  );
  it('RevokeFirst, where there is a handler, wins over the slot', () => {
    const w = world();
    w.get(3, HANDLER);
    expect(refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [3, HANDLER, 99], [0]))).toBe(errors.REVOKE_FIRST);
  });
  it('the look-up of the slot wins over what the slot holds', () => {
    const w = world();
    expect(refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [3, 2, 33], [0]))).toBe(errors.RANGE_ERROR);
    expect(refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [3, 2, 32 + 2 ** 32], [0]))).toBe(errors.RANGE_ERROR);
    expect(refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [3, 2, 32], [UNTYPED]))).toBe(errors.FAILED_LOOKUP);
    expect(w.capabilities.details.wasSource).toBe(false);
    expect(refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET, [3, 2, 3], [0]))).toBe(errors.FAILED_LOOKUP);
  });
  it('DeleteFirst comes last', () => {
    const w = world();
    expect(refused(w, () => w.get(3, UNTYPED))).toBe(errors.DELETE_FIRST);
  });
});

describe('IRQControl_GetTrigger (RISC-V)', () => {
  it('takes an edge, which a message is', () => {
    const w = world();
    expect(w.invoke(CONTROL, IRQ_CONTROL_GET_TRIGGER, [3, labels.TRIGGER_EDGE, HANDLER, 32], [0])).toBe(0);
    expect(w.capabilities.objectOf(w.at(HANDLER))).toBe(3);
  });
  it('refuses a level: RangeError of the identity, InvalidArgument 1, RevokeFirst, in this order', () => {
    const w = world();
    w.get(3, HANDLER);
    const ask = (identity: number, trigger: number): number =>
      refused(w, () => w.invoke(CONTROL, IRQ_CONTROL_GET_TRIGGER, [identity, trigger, HANDLER, 32], [0]));
    expect(ask(0, labels.TRIGGER_LEVEL)).toBe(errors.RANGE_ERROR);
    expect(ask(3, labels.TRIGGER_LEVEL)).toBe(errors.INVALID_ARGUMENT);
    expect(w.capabilities.details.argument).toBe(1);
    expect(ask(3, labels.TRIGGER_EDGE + 2 ** 32)).toBe(errors.INVALID_ARGUMENT);
    expect(ask(3, labels.TRIGGER_EDGE)).toBe(errors.REVOKE_FIRST);
    expect(ask(4, labels.TRIGGER_EDGE)).toBe(errors.DELETE_FIRST);
  });
});

describe('IRQHandler_SetNotification', () => {
  it('delivers the badge of the capability given, so that one notification stands for several interrupts', () => {
    const w = bound();
    notification(w, ORIGINAL, OTHER, 8);
    w.get(4, 5);
    w.invoke(5, IRQ_HANDLER_SET_NOTIFICATION, [], [OTHER]);
    const object = w.capabilities.objectOf(w.at(ORIGINAL));
    expect(comes(w, 3)).toEqual([object, 5]);
    expect(comes(w, 4)).toEqual([object, 8]);
  });
  it('TruncatedMessage without a capability', () => {
    const w = bound();
    expect(refused(w, () => w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION))).toBe(errors.TRUNCATED_MESSAGE);
  });
  it('InvalidCapability 0 for what is no notification, or has no Write; the old one stays', () => {
    const w = bound();
    w.capabilities.copy(w.at(OTHER), w.at(ORIGINAL), objects.READ);
    for (const extra of [OTHER, UNTYPED, 30]) {
      const error = refused(w, () => w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [extra]));
      expect(error).toBe(errors.INVALID_CAPABILITY);
      expect(w.capabilities.details.capability).toBe(0);
    }
    expect(comes(w, 3)).toEqual([w.capabilities.objectOf(w.at(ORIGINAL)), 5]);
  });
  it('replaces the capability that was held, the last one to its notification too', () => {
    const w = bound();
    const first = w.capabilities.objectOf(w.at(ORIGINAL));
    notification(w, 20, OTHER, 9);
    w.capabilities.delete(w.at(BADGED));
    w.capabilities.delete(w.at(ORIGINAL));
    expect(w.destroyed).toEqual([]);
    expect(w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [OTHER])).toBe(0);
    expect(w.destroyed).toEqual([first]);
    expect(comes(w, 3)).toEqual([w.capabilities.objectOf(w.at(20)), 9]);
  });
  it('does not unmask what was delivered and not acknowledged', () => {
    const w = bound();
    comes(w, 3);
    w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [BADGED]);
    expect(comes(w, 3)).toBeUndefined();
  });
  it('revoking the notification’s capability stops the interrupt from being delivered', () => {
    const w = bound();
    w.capabilities.revoke(w.at(ORIGINAL));
    expect(comes(w, 3)).toBeUndefined();
    expect(w.capabilities.typeOf(w.handlers.slotOf(3))).toBe(objects.NULL);
  });
  it('a message that came before anybody was told is not lost', () => {
    const w = world();
    w.get(3, HANDLER);
    expect(comes(w, 3)).toBeUndefined();
    notification(w, ORIGINAL, BADGED, 5);
    w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [BADGED]);
    expect(w.file.claim()).toBe(3);
  });
});

describe('IRQHandler_Ack', () => {
  it('the line is masked from the delivery to the acknowledgement', () => {
    const w = bound();
    expect(comes(w, 3)).toBeDefined();
    expect(comes(w, 3)).toBeUndefined();
    expect(w.invoke(HANDLER, IRQ_HANDLER_ACK)).toBe(0);
    expect(w.file.claim()).toBe(3);
  });
  it('is no error where nothing was delivered', () => {
    const w = bound();
    expect(w.invoke(HANDLER, IRQ_HANDLER_ACK)).toBe(0);
    expect(comes(w, 3)).toBeDefined();
  });
  it('does not unmask what tells nobody', () => {
    const w = world();
    w.get(3, HANDLER);
    w.invoke(HANDLER, IRQ_HANDLER_ACK);
    expect(w.file.enabled.size).toBe(0);
  });
});

describe('IRQHandler_Clear', () => {
  it('nobody is told any more, and the notification’s last capability goes', () => {
    const w = bound();
    const object = w.capabilities.objectOf(w.at(ORIGINAL));
    w.capabilities.delete(w.at(BADGED));
    w.capabilities.delete(w.at(ORIGINAL));
    expect(w.invoke(HANDLER, IRQ_HANDLER_CLEAR)).toBe(0);
    expect(w.destroyed).toEqual([object]);
    expect(comes(w, 3)).toBeUndefined();
  });
  it('is no error twice', () => {
    const w = bound();
    expect([w.invoke(HANDLER, IRQ_HANDLER_CLEAR), w.invoke(HANDLER, IRQ_HANDLER_CLEAR)]).toEqual([0, 0]);
  });
});

describe('deleting handlers (manual §8.1)', () => {
  it('the last capability takes the notification’s with it, masks the line, and the interrupt can be issued again', () => {
    const w = bound();
    w.capabilities.copy(w.at(5), w.at(HANDLER), objects.ALL_RIGHTS);
    w.capabilities.delete(w.at(HANDLER));
    expect(w.file.enabled.has(3)).toBe(true);
    expect(w.get(3, 6)).toBe(errors.REVOKE_FIRST);
    w.capabilities.delete(w.at(5));
    expect(w.file.enabled.has(3)).toBe(false);
    expect(w.capabilities.typeOf(w.handlers.slotOf(3))).toBe(objects.NULL);
    expect(w.get(3, 6)).toBe(0);
  });
  it('revoking the control takes all handlers and what they hold', () => {
    const w = bound();
    w.get(4, 5);
    w.capabilities.revoke(w.at(CONTROL));
    expect([3, 4].map((identity) => w.handlers.isIssued(identity))).toEqual([false, false]);
    expect(w.file.enabled.size).toBe(0);
  });
  it('a handler that was issued again does not wait for the acknowledgement of the one before', () => {
    const w = bound();
    comes(w, 3);
    w.capabilities.delete(w.at(HANDLER));
    w.get(3, HANDLER);
    w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [BADGED]);
    expect(comes(w, 3)).toBeDefined();
  });
  it('what came while there was no handler, or for the one before, is not heard by whoever has the next', () => {
    const w = bound();
    comes(w, 3);
    w.file.send(3); // masked, and pending when its handler goes
    w.capabilities.delete(w.at(HANDLER));
    expect(w.file.pending.has(3)).toBe(true);
    w.file.send(5);
    for (const identity of [3, 5]) {
      expect(w.get(identity, HANDLER)).toBe(0);
      expect(w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [BADGED])).toBe(0);
      expect(w.file.claim()).toBe(0);
      expect(comes(w, identity)).toEqual([w.capabilities.objectOf(w.at(ORIGINAL)), 5]);
      w.capabilities.delete(w.at(HANDLER));
    }
  });
  it('a refused issue forgets nothing, and neither does another notification', () => {
    const w = bound();
    comes(w, 3);
    w.file.send(3);
    w.file.send(5);
    expect(w.get(3, OTHER)).toBe(errors.REVOKE_FIRST);
    expect(w.get(5, HANDLER)).toBe(errors.DELETE_FIRST);
    expect(w.invoke(HANDLER, IRQ_HANDLER_SET_NOTIFICATION, [], [BADGED])).toBe(0);
    expect([...w.file.pending].sort()).toEqual([3, 5]);
    expect(w.invoke(HANDLER, IRQ_HANDLER_ACK)).toBe(0);
    expect(w.file.claim()).toBe(3);
  });
});

describe('the watch', () => {
  it('is told of a delivery, of its acknowledgement, and of a handler that is gone', () => {
    const w = bound();
    w.watched.length = 0;
    comes(w, 3);
    expect(w.watched).toEqual([3]);
    w.invoke(HANDLER, IRQ_HANDLER_ACK);
    expect(w.watched).toEqual([3, -3]);
    comes(w, 3);
    w.capabilities.delete(w.at(HANDLER));
    expect(w.watched).toEqual([3, -3, 3, -3]);
  });
  it('is not told of what has no handler, and so no acknowledgement', () => {
    const w = world();
    w.handlers.deliver(3);
    w.handlers.deliver(IDENTITIES + 1);
    expect(w.watched).toEqual([]);
  });
});

describe('damaged memory', () => {
  it('a handler’s capability to an interrupt that is not there is answered, and told nobody', () => {
    const w = bound();
    w.words[w.at(HANDLER) + 1] = -1;
    for (const label of [IRQ_HANDLER_ACK, IRQ_HANDLER_CLEAR, IRQ_HANDLER_SET_NOTIFICATION])
      expect(w.invoke(HANDLER, label, [], [BADGED])).toBe(errors.CORRUPTED);
    expect(w.capabilities.delete(w.at(HANDLER))).toBe(0);
    expect([-1, 0, IDENTITIES + 1].map((identity) => w.handlers.deliver(identity))).toEqual([0, 0, 0]);
  });
  it('a record that holds another type, or no Write, names nothing to signal', () => {
    const w = bound();
    const kept = w.words[w.handlers.slotOf(3)]!;
    for (const header of [objects.ENDPOINT | (15 << 19), objects.NOTIFICATION, 0xff]) {
      w.words[w.handlers.slotOf(3)] = header;
      expect(w.handlers.deliver(3)).toBe(0);
    }
    w.words[w.handlers.slotOf(3)] = kept;
    expect(w.handlers.deliver(3)).toBe(w.handlers.slotOf(3));
    expect(w.capabilities.typeOf(ROOT)).toBe(objects.CNODE);
  });
});
