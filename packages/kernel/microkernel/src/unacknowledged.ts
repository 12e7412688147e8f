/**
 * Interrupts that were delivered and wait for their acknowledgement, those first that are to be looked at first. A ring
 * through both tables; 0, which is no identity, ties it. One that did not come again is looked at after twice as long,
 * and so on: it may wait for ever, and a machine in which nothing happens is to come to rest.
 */
import { NEVER } from '@bulkhead/clock';
import type { DeliveryWatch } from '@bulkhead/interrupts';

const TIE = 0;

export interface UnacknowledgedOptions {
  readonly identities: number;
  readonly patienceCycles: number;
  readonly now: () => number;
  /** When the first is to be looked at; NEVER while none waits. */
  readonly wakeAt: (atCycles: number) => void;
}

export class Unacknowledged implements DeliveryWatch {
  readonly #options: UnacknowledgedOptions;
  /** By identity: its neighbours, itself while it is in no ring. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #since: Float64Array;
  readonly #lookAt: Float64Array;
  /** By identity: how long it is left alone. */
  readonly #patience: Float64Array;
  /** By identity: 1 while it waits too long, and nobody has been told. */
  readonly #untold: Uint8Array;
  #untoldCount = 0;

  constructor(options: UnacknowledgedOptions) {
    const size = options.identities + 1;
    this.#options = options;
    this.#next = Int32Array.from({ length: size }, (_, identity) => identity);
    this.#previous = this.#next.slice();
    this.#since = new Float64Array(size);
    this.#lookAt = new Float64Array(size);
    this.#patience = new Float64Array(size);
    this.#untold = new Uint8Array(size);
  }

  awaits(identity: number): void {
    this.settled(identity);
    this.#since[identity] = this.#options.now();
    this.#patience[identity] = this.#options.patienceCycles;
    this.#insert(identity);
  }
  settled(identity: number): void {
    if (this.#untold[identity] === 1) this.#tell(identity);
    if (this.#next[identity] !== identity) this.#remove(identity);
  }

  /** @returns an interrupt that nobody acknowledged for as long as patience lasts, and does not wait any more; or 0. */
  takeDue(): number {
    const first = this.#next[TIE]!;
    if (first === TIE || this.#lookAt[first]! > this.#options.now()) return 0;
    this.#remove(first);
    return first;
  }
  /** It did not come again yet: it waits on. */
  lookAgain(identity: number): void {
    this.#patience[identity]! *= 2;
    this.#insert(identity);
  }
  /** It did: somebody is to be told. */
  blame(identity: number): void {
    this.#untold[identity] = 1;
    this.#untoldCount++;
  }
  /** Takes one that is to be told, of those that the component is told of. @returns it, or 0. */
  takeUntold(isOf: (identity: number) => boolean): number {
    if (this.#untoldCount === 0) return 0;
    for (let identity = 1; identity < this.#untold.length; identity++) {
      if (this.#untold[identity] === 0 || !isOf(identity)) continue;
      this.#tell(identity);
      return identity;
    }
    return 0;
  }
  /** When it was delivered. */
  sinceCycles(identity: number): number {
    return this.#since[identity]!;
  }

  #tell(identity: number): void {
    this.#untold[identity] = 0;
    this.#untoldCount--;
  }
  #insert(identity: number): void {
    const at = this.#options.now() + this.#patience[identity]!;
    let before = this.#previous[TIE]!;
    while (before !== TIE && this.#lookAt[before]! > at) before = this.#previous[before]!;
    this.#lookAt[identity] = at;
    this.#link(identity, this.#next[before]!);
    this.#link(before, identity);
    if (before === TIE) this.#wake();
  }
  #remove(identity: number): void {
    const wasFirst = this.#previous[identity] === TIE;
    this.#link(this.#previous[identity]!, this.#next[identity]!);
    this.#next[identity] = identity;
    this.#previous[identity] = identity;
    if (wasFirst) this.#wake();
  }
  #link(identity: number, next: number): void {
    this.#next[identity] = next;
    this.#previous[next] = identity;
  }
  #wake(): void {
    const first = this.#next[TIE]!;
    this.#options.wakeAt(first === TIE ? NEVER : this.#lookAt[first]!);
  }
}
