/** One connection of the host's and its continuation in the far end's stack. */
import type { Socket } from 'node:net';

/** The far end had no socket for it, or has none any more. */
export const NO_SOCKET = -1;

export class Relay {
  readonly host: Socket;
  stackSocket: number = NO_SOCKET;
  isEstablished = false;
  /** The host's side has sent its last byte; the stack's has; we have told the stack so. */
  hostEnded = false;
  stackEnded = false;
  stackClosed = false;
  /** Bytes from the host that the stack has not taken. */
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;

  constructor(host: Socket) {
    this.host = host;
  }
  get queuedBytes(): number {
    return this.#queuedBytes;
  }
  /** The oldest bytes; undefined when there are none. */
  get front(): Buffer | undefined {
    return this.#queue[0];
  }
  push(data: Buffer): void {
    this.#queue.push(data);
    this.#queuedBytes += data.length;
  }
  /** The stack took the first `lenBytes` of `front`. */
  take(lenBytes: number): void {
    const front = this.#queue[0]!;
    if (lenBytes === front.length) this.#queue.shift();
    else this.#queue[0] = front.subarray(lenBytes);
    this.#queuedBytes -= lenBytes;
  }
}
