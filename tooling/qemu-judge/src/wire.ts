/**
 * The wire at the device's back, synchronous in both directions: QEMU's filter-redirector reads frames from a pipe and
 * appends what the device sends to a file. Each frame stands after its length, 32 bits big-endian.
 */
import { readSync, writeSync } from 'node:fs';

const LENGTH_BYTES = 4;
const BUFFER_BYTES = 0x1_0000;
/** QEMU reads so much of a pipe at once. */
const READ_BYTES = 4096;

export class Wire {
  readonly #toDevice: number;
  readonly #fromDevice: number;
  readonly #settle: () => void;
  readonly #roundTrip: () => void;
  readonly #buffer: Buffer = Buffer.alloc(BUFFER_BYTES);
  #readBytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #underWayBytes = 0;

  /**
   * @param settle returns when everything that was posted has been done
   * @param roundTrip returns when QEMU's main loop has gone round once
   */
  constructor(toDevice: number, fromDevice: number, settle: () => void, roundTrip: () => void) {
    this.#toDevice = toDevice;
    this.#fromDevice = fromDevice;
    this.#settle = settle;
    this.#roundTrip = roundTrip;
  }
  /** A frame for the device. It has arrived after `settle`, or waits because the device cannot take it. */
  send(frame: Uint8Array): void {
    if (this.#underWayBytes === 0) this.#settle();
    const head = Buffer.alloc(LENGTH_BYTES);
    head.writeUInt32BE(frame.length);
    writeSync(this.#toDevice, Buffer.concat([head, frame]));
    this.#underWayBytes += LENGTH_BYTES + frame.length;
  }
  /** Every turn of QEMU's loop takes one read of the pipe, before the command that ends the turn or just after it. */
  settle(): void {
    for (; this.#underWayBytes > 0; this.#underWayBytes -= READ_BYTES) this.#roundTrip();
    this.#underWayBytes = 0;
    this.#roundTrip();
  }
  /** @returns the frames that the device has sent since the last call. */
  sent(): Uint8Array[] {
    for (;;) {
      const count = readSync(this.#fromDevice, this.#buffer, 0, BUFFER_BYTES, this.#readBytes);
      if (count === 0) break;
      this.#readBytes += count;
      this.#rest = Buffer.concat([this.#rest, this.#buffer.subarray(0, count)]);
    }
    const frames: Uint8Array[] = [];
    let at = 0;
    while (at + LENGTH_BYTES <= this.#rest.length) {
      const end = at + LENGTH_BYTES + this.#rest.readUInt32BE(at);
      if (end > this.#rest.length) break;
      frames.push(Uint8Array.from(this.#rest.subarray(at + LENGTH_BYTES, end)));
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
    return frames;
  }
}
