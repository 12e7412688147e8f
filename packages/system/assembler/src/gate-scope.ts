/** What the generated gates ask of the kernel. */
import type { Kernel } from '@bulkhead/microkernel';
import type { Connection } from './connection.ts';
import { A0 } from './gate-words.ts';
import type { GateScope } from './gates.ts';
import { type MessageSink, watchedTransfer } from './messages.ts';
import type { Place } from './place.ts';

/** The sender of a ring's signal makes a system call, when its handler has ended. */
export function ringSignal(scope: GateScope, connection: Connection, toServer: boolean): () => void {
  const { kernel } = scope;
  const x = kernel.executive;
  const from = toServer ? connection.client : connection.server;
  return () => {
    const { life, seat } = from;
    const { level } = x;
    x.trap();
    scope.signal(from, toServer ? connection.signalServerRight : connection.signalClientRight);
    x.resume(seat, life, level);
    if (life.over) throw life.ended;
  };
}

/** @param messages who sees what goes through the gates, if anybody. */
export function gateScope(kernel: Kernel, places: readonly Place[], messages: MessageSink | undefined): GateScope {
  const { spaces, charge, primitives } = kernel;
  const transfer: GateScope['transfer'] = (from, right, to) => {
    charge.spend(primitives.capTransfer);
    const slot = spaces.lookup(from.seat.domain, right);
    if (slot < 0) {
      kernel.sound(slot);
      return slot;
    }
    return spaces.grant(slot, to.seat.domain);
  };
  return {
    kernel,
    places,
    ...(messages === undefined ? {} : { messages }),
    transfer: messages === undefined ? transfer : watchedTransfer(messages, kernel, transfer),
    holds: (from, right) => {
      const slot = spaces.lookup(from.seat.domain, right);
      if (slot < 0) kernel.sound(slot);
      return slot >= 0;
    },
    call: (caller, right) => {
      const slot = spaces.lookup(caller.seat.domain, right);
      if (slot < 0) kernel.sound(slot);
      const receiver = kernel.meeting.call(caller.seat, slot);
      if (receiver >= 0) kernel.hart.lo[A0] = kernel.meeting.badge - 1;
      return receiver;
    },
    signal: (caller, right) => {
      charge.spend(primitives.notificationSignal);
      const slot = spaces.lookup(caller.seat.domain, right);
      if (slot < 0) kernel.sound(slot);
      kernel.executive.signalThrough(slot);
    },
  };
}
