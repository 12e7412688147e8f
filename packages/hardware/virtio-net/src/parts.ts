/** What the queues' engines share: the device's clock, features, interrupts, its way to memory, and its pace. */
import type { Clock } from '@bulkhead/clock';
import type { Features } from './features.ts';
import type { Timing } from './timing.ts';
import type { Virtqueue } from './virtqueue.ts';

/** Totals since construction, which no read and no reset clears. */
export interface NicStatistics {
  framesReceived: number;
  framesTransmitted: number;
  /** Frames for the device that it had no room for. */
  framesMissed: number;
  /** How often the device came to need a reset: bad rings, and memory that it could not reach. */
  dmaFaults: number;
}

export interface DeviceParts {
  readonly clock: Clock;
  readonly features: Features;
  readonly timing: Timing;
  readonly statistics: NicStatistics;
  /** The largest Ethernet payload. */
  readonly mtuBytes: number;
  /** @returns true while the device may take buffers: DRIVER_OK, no need of a reset, and bus mastering. */
  readonly isLive: () => boolean;
  readonly isLinkUp: () => boolean;
  /** A used buffer notification. */
  readonly notify: (queue: Virtqueue) => void;
  /** The driver broke the rules, or memory could not be reached: DEVICE_NEEDS_RESET. */
  readonly fail: () => void;
  /** A frame leaves the device. */
  readonly send: (frame: Uint8Array, lenBytes: number) => void;
}

/** How many bytes are moved an alarm: a compromise between the simulation's cost and the grain of its latencies. */
export const BURST_BYTES = 4096;
/** What the device holds of frames on their way, each direction. */
export const BUFFER_BYTES = 20480;
export const ETHERNET_HEADER_BYTES = 14;
export const VLAN_TAG_BYTES = 4;
