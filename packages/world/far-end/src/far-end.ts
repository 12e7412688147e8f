/**
 * What stands at the other end of the wire: a second instance of the network stack, outside the machine, that costs no
 * cycles and lives in the same simulated time.
 */
import type { Clock } from '@bulkhead/clock';
import type { LinkEnd } from '@bulkhead/link';
import { createLoneStack, type LoneSockets, type LoneStack, type NetStackConfig } from '@bulkhead/net-stack';

export interface FarEndOptions {
  readonly clock: Clock;
  /** The end of the link that is not the machine's. */
  readonly wire: LinkEnd;
  readonly config: NetStackConfig;
  /** A socket became readable, writable, acceptable, or ended. It may call the sockets. */
  readonly onReady: (socket: number, what: number) => void;
}

export interface FarEnd {
  readonly sockets: LoneSockets;
  /** Sends what there is to send. After calls that were made from outside `onReady`. */
  settle(): void;
}

export function createFarEnd({ clock, wire, config, onReady }: FarEndOptions): FarEnd {
  let stack: LoneStack | null = null;
  const alarm = clock.createAlarm(() => {
    stack!.alarm();
    stack!.settle();
  });
  const cyclesPerUs = clock.cyclesPerSecond / 1e6;
  stack = createLoneStack({
    config,
    nowUs: () => Math.floor(clock.now / cyclesPerUs) | 0,
    transmit: (frame, lenBytes) => wire.transmit(frame, lenBytes),
    setAlarm: (delayUs) => {
      if (delayUs <= 0) clock.cancel(alarm);
      else clock.setAfter(alarm, clock.cyclesOf(delayUs * 1000));
    },
    onReady,
  });
  const made = stack;
  wire.connect((frame, lenBytes) => {
    made.receive(frame, lenBytes);
    made.settle();
  });
  made.settle();
  return { sockets: made.sockets, settle: () => made.settle() };
}
