/**
 * Seeing what goes through the gates. Where somebody looks, every forwarder is wrapped when it is made; where nobody
 * does, nothing is added, so that a run which is not watched pays nothing.
 */
import { type Contract, kernel } from '@bulkhead/abi';
import type { Kernel } from '@bulkhead/microkernel';
import type { Connection, Method } from './connection.ts';
import type { Forwarder, GateScope } from './gates.ts';
import type { Place } from './place.ts';

/** In place of a component: the kernel itself. */
export const TO_KERNEL = -1;

export interface Message {
  /** Components by index; the receiver may be TO_KERNEL. */
  readonly from: number;
  readonly to: number;
  readonly contract: Contract;
  readonly method: Method;
  /** As the sender gave them: its rights are indices in its own capability space. */
  readonly args: readonly number[];
}

/** Told of messages and rights in the order in which they happen, while they do. It changes nothing. */
export interface MessageSink {
  sent(message: Message): void;
  /** A right was derived for another component, inside the message that is under way. @param slot the new capability. */
  moved(from: number, to: number, slot: number): void;
  /** Of the last message that was sent and has no answer yet. @param answers beside the result; rights are the caller's. */
  answered(result: number, answers: readonly number[]): void;
  /** The sender was over before the answer came. */
  lost(): void;
}

/** @returns a forwarder that tells, before and after. */
export function watched(
  sink: MessageSink,
  connection: Connection | null,
  caller: Place,
  method: Method,
  forward: Forwarder,
): Forwarder {
  const isUp = connection?.client === caller;
  const receiver = isUp ? connection?.server : connection?.client;
  const from = caller.seat.index;
  const to = receiver?.seat.index ?? TO_KERNEL;
  const contract = connection?.contract ?? kernel.contractOfKernel;
  const { spec } = method;
  const answers = spec.kind === 'call' ? spec.answers.length : 0;
  return (...args) => {
    sink.sent({ from, to, contract, method, args });
    let result: number;
    try {
      result = forward(...args);
    } catch (error) {
      sink.lost();
      throw error;
    }
    sink.answered(result, Array.from(caller.seat.answer.subarray(1, 1 + answers)));
    return result;
  };
}

/** @returns a transfer of rights that tells. */
export function watchedTransfer(
  sink: MessageSink,
  { spaces }: Kernel,
  transfer: GateScope['transfer'],
): GateScope['transfer'] {
  return (from, right, to) => {
    const moved = transfer(from, right, to);
    if (moved >= 0) sink.moved(from.seat.index, to.seat.index, spaces.lookup(to.seat.domain, moved));
    return moved;
  };
}
