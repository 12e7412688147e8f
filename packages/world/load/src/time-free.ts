/** A load under which what is on the wire does not depend on how fast the machine is. */
import type { NetStackConfig } from '@bulkhead/net-stack';
import type { MeasureOptions } from './measure.ts';

/**
 * How a stack leaves time out: it acknowledges at once, and its initial sequence numbers come from its seed and the
 * four-tuple alone. To be spread into the configuration of the machine's stack too.
 */
export const TIME_FREE_STACK: Pick<NetStackConfig, 'delayedAckMs' | 'clockedSequence'> = {
  delayedAckMs: 0,
  clockedSequence: false,
};

/**
 * The same load with one client who asks again when he is answered. Systems that differ only in their walls then put the
 * same frames on the wire, as long as nothing is lost.
 */
export function timeFree(options: MeasureOptions): MeasureOptions {
  return { ...options, clients: 1, loop: { kind: 'closed' }, config: { ...options.config, ...TIME_FREE_STACK } };
}
