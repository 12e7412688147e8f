/** A root CNode of 32 slots, untyped memory, the control of interrupts, and handlers over an interrupt file. */
import { Capabilities, granuleOf, type InvocationMessage, objects } from '@bulkhead/capabilities';
import { HANDLER_WORDS, InterruptHandlers, InterruptInvocations } from '../src/index.ts';
import { File } from './file.ts';

export const IDENTITIES = 7;
export const ROOT = 8;
export const CONTROL = 1;
export const UNTYPED = 2;
const RECORDS = 512;
const CNODE_WORD = 1024;

export interface World {
  readonly words: Int32Array;
  readonly capabilities: Capabilities;
  readonly handlers: InterruptHandlers;
  readonly file: File;
  /** What the watch was told: identities that await, and negative ones that are settled. */
  readonly watched: number[];
  /** Objects of notifications that were destroyed. */
  readonly destroyed: number[];
  /** The word index of a slot of the root CNode. */
  readonly at: (index: number) => number;
  readonly message: InvocationMessage;
  /** Invokes the capability in a slot of the root CNode, with words and with slots of the root as extra capabilities. */
  readonly invoke: (index: number, label: number, words?: readonly number[], extras?: readonly number[]) => number;
  /** Issues a handler for an interrupt to a slot of the root CNode. */
  readonly get: (identity: number, index: number) => number;
}

export function message(): InvocationMessage {
  const lanes = (): Int32Array => new Int32Array(16);
  const answer = { low: lanes(), high: lanes(), length: 0 };
  return { low: lanes(), high: lanes(), length: 0, extras: new Int32Array(3), extraCount: 0, answer };
}

export function world(): World {
  const words = new Int32Array(65536 / 4);
  const file = new File();
  const destroyed: number[] = [];
  const capabilities: Capabilities = new Capabilities({
    words,
    finalise: (type, object, slot, final) => {
      if (type === objects.NOTIFICATION && final) destroyed.push(object);
      invocations.finalise(type, object, slot, final);
    },
  });
  const watched: number[] = [];
  const watch = {
    awaits: (identity: number) => void watched.push(identity),
    settled: (identity: number) => void watched.push(-identity),
  };
  const handlers = new InterruptHandlers({ capabilities, base: RECORDS, identities: IDENTITIES, mask: file, watch });
  const invocations = new InterruptInvocations(capabilities, handlers);
  if (RECORDS + (IDENTITIES + 1) * HANDLER_WORDS > CNODE_WORD) throw new Error('the records need more room');
  const at = (index: number): number => CNODE_WORD + index * 8;
  capabilities.install(ROOT, objects.CNODE, granuleOf(1, 0), 5);
  capabilities.installGuard(ROOT, 0, 27);
  capabilities.install(at(CONTROL), objects.IRQ_CONTROL, 0, 0);
  capabilities.install(at(UNTYPED), objects.UNTYPED, granuleOf(8, 0), 15);
  const sent = message();
  const invoke = (
    index: number,
    label: number,
    values: readonly number[] = [],
    extras: readonly number[] = [],
  ): number => {
    sent.low.fill(0);
    sent.high.fill(0);
    values.forEach((value, word) => {
      sent.low[word] = value | 0;
      sent.high[word] = Math.floor(value / 2 ** 32);
    });
    extras.forEach((extra, i) => {
      sent.extras[i] = extra === 0 ? ROOT : at(extra);
    });
    sent.length = values.length;
    sent.extraCount = extras.length;
    return invocations.invoke(at(index), label, sent);
  };
  const get = (identity: number, index: number): number => invoke(CONTROL, 48, [identity, index, 32], [0]);
  return { words, capabilities, handlers, file, watched, destroyed, at, message: sent, invoke, get };
}

/** Makes an unbadged notification in one slot, and a badged capability to it in another. */
export function notification({ capabilities, at }: World, original: number, badged: number, badge: number): void {
  if (capabilities.typeOf(at(original)) === objects.NULL)
    capabilities.retype(at(UNTYPED), objects.NOTIFICATION, 0, ROOT, 0, 0, original, 1);
  capabilities.mint(at(badged), at(original), objects.WRITE, badge);
}
