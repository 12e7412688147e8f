/** A stream without end, taken in blocks: every byte must be the pattern's. RFC 864. */
import { ANSWERED, type Dialogue, MORE, type Outcome, WRONG } from './dialogue.ts';

export interface StreamDialogueOptions {
  readonly clients: number;
  readonly blockBytes: number;
  /** One period of what every connection is sent. */
  readonly pattern: Uint8Array;
}

export class StreamDialogue implements Dialogue {
  readonly isStream = true;
  outcome: Outcome = MORE;
  readonly #blockBytes: number;
  readonly #pattern: Uint8Array;
  /** By client: where in the pattern the next byte stands, and how much of the block is still to come. */
  readonly #place: Int32Array;
  readonly #left: Int32Array;

  constructor({ clients, blockBytes, pattern }: StreamDialogueOptions) {
    this.#blockBytes = blockBytes;
    this.#pattern = pattern;
    this.#place = new Int32Array(clients);
    this.#left = new Int32Array(clients);
  }
  connected(client: number): void {
    this.#place[client] = 0;
  }
  failed(): void {}
  ask(client: number): number {
    this.#left[client] = this.#blockBytes;
    return 0;
  }
  feed(client: number, bytes: Uint8Array, from: number, to: number): number {
    const taken = Math.min(this.#left[client]!, to - from);
    const left = this.#left[client]! - taken;
    this.#left[client] = left;
    if (!this.#isPattern(client, bytes, from, from + taken)) this.outcome = WRONG;
    else this.outcome = left === 0 ? ANSWERED : MORE;
    return taken;
  }
  #isPattern(client: number, bytes: Uint8Array, from: number, to: number): boolean {
    const pattern = this.#pattern;
    let place = this.#place[client]!;
    for (let at = from; at < to; at++) {
      if (bytes[at] !== pattern[place]) return false;
      place = place + 1 === pattern.length ? 0 : place + 1;
    }
    this.#place[client] = place;
    return true;
  }
}
