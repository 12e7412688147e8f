/**
 * Transmit descriptors whose status is not written yet. Intel 82574 Datasheet revision 3.4 §7.2.4.2 "Transmit Descriptor
 * Write Back": with TXDCTL.WTHRESH and a delayed interrupt (IDE, TIDV) they are written in bursts, from the first with
 * RS on with or without RS, and of each only the status byte.
 *
 * CHOICE: without GRAN a threshold counts cache lines of 16 descriptors.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { DmaPort } from '@bulkhead/ports';
import type { RegisterFile } from './register-file.ts';
import type { Ring } from './ring.ts';

const CACHE_LINE_ENTRIES = 16;
const DONE: Uint8Array = Uint8Array.of(reg.TDESC_STA_DD.mask);

export class HeldWriteBack {
  readonly #registers: RegisterFile;
  readonly #ring: Ring;
  readonly #control: number;
  #first = 0;
  #count = 0;

  /** @param control offset of TXDCTL of the queue. */
  constructor(registers: RegisterFile, ring: Ring, control: number) {
    this.#registers = registers;
    this.#ring = ring;
    this.#control = control;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }
  /** @returns after how many descriptors they are written; 0: each at once. */
  get thresholdEntries(): number {
    const control = this.#registers.get(this.#control);
    const threshold = get(control, reg.TXDCTL_WTHRESH);
    return has(control, reg.TXDCTL_GRAN) ? threshold : threshold * CACHE_LINE_ENTRIES;
  }
  /** Remembers the descriptor at `index` of the ring, which follows those held. */
  hold(index: number): void {
    if (this.#count === 0) this.#first = index;
    this.#count += 1;
  }
  get count(): number {
    return this.#count;
  }
  forget(): void {
    this.#count = 0;
  }
  /** Writes them. @returns 0, or a negative fault. */
  flush(dma: DmaPort): number {
    const length = this.#ring.lengthEntries;
    const count = Math.min(this.#count, length);
    this.#count = 0;
    for (let i = 0; i < count; i++) {
      const fault = this.#ring.write(dma, (this.#first + i) % length, reg.TDESC_STA, DONE, 0, 1);
      if (fault < 0) return fault;
    }
    return 0;
  }
}
