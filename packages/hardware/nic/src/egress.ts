/**
 * Where finished frames leave: padding, counters, and the wire's pace. Intel 82574 Datasheet revision 3.4 §7.2.2
 * "Transmission Flow Using Simplified Legacy Descriptors", §10.2.6 "Transmit Control - TCTL".
 *
 * CHOICE: a frame without so much as two addresses is not sent.
 */
import { has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { WIRE_OVERHEAD_BYTES } from '@bulkhead/link';
import type { DeviceParts } from './device.ts';
import { countTransmitted, destinationKind } from './statistics.ts';
import { ADDRESSES_BYTES } from './vlan.ts';

const FREE_AT = 0;
const PAUSED_UNTIL = 1;

export class Egress {
  readonly #parts: DeviceParts;
  /** In cycles: when the wire is free, and when a pause that the link partner asked for ends. */
  readonly #time: Float64Array = new Float64Array(2);

  constructor(parts: DeviceParts) {
    this.#parts = parts;
  }
  reset(): void {
    this.#time.fill(0);
  }

  /** When the wire is free, in cycles. */
  get freeAt(): number {
    return this.#time[FREE_AT]!;
  }
  /** No frame starts before this. */
  get pausedUntil(): number {
    return this.#time[PAUSED_UNTIL]!;
  }
  pauseUntil(atCycles: number): void {
    this.#time[PAUSED_UNTIL] = atCycles;
  }

  /** Sends the frame, whose array has room to be padded in. */
  transmit(frame: Uint8Array, lenBytes: number, mayPad: boolean): void {
    if (lenBytes < ADDRESSES_BYTES) return;
    const { registers, statistics, send } = this.#parts;
    let sentBytes = lenBytes;
    if (mayPad && lenBytes < reg.FRAME_MIN_BYTES && has(registers.get(reg.TCTL), reg.TCTL_PSP)) {
      frame.fill(0, lenBytes, reg.FRAME_MIN_BYTES);
      sentBytes = reg.FRAME_MIN_BYTES;
    }
    this.occupy(frame, sentBytes);
    statistics.framesTransmitted += 1;
    send(frame, sentBytes);
  }
  /** Counts a frame and gives the wire the time that it takes. */
  occupy(frame: Uint8Array, lenBytes: number): void {
    const { registers, timing, clock } = this.#parts;
    countTransmitted(registers, destinationKind(frame), lenBytes + reg.FRAME_CHECK_SEQUENCE_BYTES);
    const start = Math.max(clock.now, this.#time[FREE_AT]!);
    this.#time[FREE_AT] = start + (lenBytes + WIRE_OVERHEAD_BYTES) * timing.wireCyclesPerByte;
  }
}
