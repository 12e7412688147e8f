/** What a random program does. */
import fc from 'fast-check';
import { ABSENT, THREADS } from './world.ts';

/** Pointers that are used: mostly full. The receive slot is 7 or 8. */
export const POINTERS = 9;

export const CALLS = ['call', 'send', 'nbSend', 'receive', 'nbReceive', 'wait', 'poll'] as const;
export const COMBINED = ['replyReceive', 'nbSendReceive', 'nbSendWait'] as const;
const OTHERS = ['raise', 'suspend', 'setPriority', 'bind', 'unbind', 'signal', 'buffer', 'put', 'slot'] as const;
const ENDINGS = ['deleteEndpoint', 'deleteNotification', 'deleteReply', 'cancelBadgedSends'] as const;
export type Operation =
  | 'resume'
  | (typeof CALLS)[number]
  | (typeof COMBINED)[number]
  | (typeof OTHERS)[number]
  | (typeof ENDINGS)[number];

/** What one thread does, or is done to it. */
export interface Step {
  readonly operation: Operation;
  readonly thread: number;
  readonly pointers: readonly [number, number, number];
  readonly label: number;
  readonly length: number;
  readonly caps: number;
  readonly number: number;
  readonly flag: boolean;
}

/** Mostly one of two that make sense there, sometimes any, seldom one that names nothing. */
const often = (usual: number, second: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 4, arbitrary: fc.constant(second) },
    { weight: 5, arbitrary: fc.noBias(fc.nat(POINTERS - 1)) },
    { weight: 1, arbitrary: fc.constant(ABSENT) },
  );

export const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<Operation>(...CALLS, 'call', 'receive', 'call', 'receive') },
    { weight: 6, arbitrary: fc.constantFrom<Operation>(...COMBINED, 'replyReceive') },
    { weight: 4, arbitrary: fc.constantFrom<Operation>(...OTHERS, 'slot') },
    { weight: 4, arbitrary: fc.constant<Operation>('resume') },
    { weight: 1, arbitrary: fc.constantFrom<Operation>(...ENDINGS) },
  ),
  thread: fc.noBias(fc.nat(THREADS - 1)),
  pointers: fc.tuple(often(0, 1), often(3, 4), often(0, 5)),
  label: fc.nat(3),
  length: fc.oneof(fc.nat(4), fc.nat(4), fc.nat(127)),
  caps: fc.constantFrom(0, 0, 0, 1, 2, 3),
  number: fc.noBias(fc.nat(9999)),
  flag: fc.boolean(),
});
