/**
 * A function's 4 KiB of configuration space: values and, beside each, what a write may do to it.
 *
 * PCIe Base 5.0 §7.4 "Configuration Register Types". Invariant: bits that no rule names never change by a
 * write; the device itself changes them through `force`. Sticky bits outlive every reset but power-on (§7.4, table
 * "Register and Register Bit-Field Types": ROS, RWS, RW1CS).
 */
import type { WriteRule } from '@bulkhead/bits';
import { CONFIGURATION_SPACE_SIZE_BYTES } from '@bulkhead/pci-datasheet';
import type { WidthBytes } from '@bulkhead/ports';

const WORDS = CONFIGURATION_SPACE_SIZE_BYTES / 4;
/** The bits that an access of 1, 2 or 4 bytes covers. */
export const WIDTH_MASK: readonly number[] = [0, 0xff, 0xffff, 0xffffff, 0xffffffff];

export const READ_ONLY: WriteRule = { readWrite: 0, writeOneToClear: 0 };
export const readWrite = (mask: number): WriteRule => ({ readWrite: mask, writeOneToClear: 0 });

export class ConfigurationSpace {
  readonly #values: Int32Array = new Int32Array(WORDS);
  readonly #initial: Int32Array = new Int32Array(WORDS);
  readonly #readWrite: Int32Array = new Int32Array(WORDS);
  readonly #writeOneToClear: Int32Array = new Int32Array(WORDS);
  readonly #sticky: Int32Array = new Int32Array(WORDS);

  /** Declares a register: its value after reset, and its rule. Registers do not straddle words. */
  define(offset: number, widthBytes: WidthBytes, initial: number, rule: WriteRule, stickyBits = 0): void {
    const shift = (offset & 3) * 8;
    const lanes = WIDTH_MASK[widthBytes]! << shift;
    this.#place(this.#initial, offset, lanes, initial << shift);
    this.#place(this.#readWrite, offset, lanes, rule.readWrite << shift);
    this.#place(this.#writeOneToClear, offset, lanes, rule.writeOneToClear << shift);
    this.#place(this.#sticky, offset, lanes, stickyBits << shift);
    this.#place(this.#values, offset, lanes, initial << shift);
  }

  /** @returns the unsigned value; offsets wrap at the end of the space. */
  read(offset: number, widthBytes: WidthBytes): number {
    const word = this.#values[(offset >>> 2) & (WORDS - 1)]!;
    return ((word >>> ((offset & 3) * 8)) & WIDTH_MASK[widthBytes]!) >>> 0;
  }

  /** A write of software: applies the rules. */
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    const index = (offset >>> 2) & (WORDS - 1);
    const shift = (offset & 3) * 8;
    const lanes = WIDTH_MASK[widthBytes]! << shift;
    const written = (value << shift) & lanes;
    const keep = ~(this.#readWrite[index]! & lanes);
    const replaced = (this.#values[index]! & keep) | (written & ~keep);
    this.#values[index] = replaced & ~(written & this.#writeOneToClear[index]!);
  }

  /** A change by the device itself, whatever the rules say. */
  force(offset: number, widthBytes: WidthBytes, value: number): void {
    const shift = (offset & 3) * 8;
    this.#place(this.#values, offset, WIDTH_MASK[widthBytes]! << shift, value << shift);
  }

  /** The device itself sets and clears bits. */
  change(offset: number, widthBytes: WidthBytes, setBits: number, clearBits: number): void {
    this.force(offset, widthBytes, (this.read(offset, widthBytes) & ~clearBits) | setBits);
  }

  /** Everything returns to its initial value, but for sticky bits. */
  reset(): void {
    for (let index = 0; index < WORDS; index++) {
      const sticky = this.#sticky[index]!;
      this.#values[index] = (this.#values[index]! & sticky) | (this.#initial[index]! & ~sticky);
    }
  }

  #place(words: Int32Array, offset: number, lanes: number, bits: number): void {
    const index = (offset >>> 2) & (WORDS - 1);
    words[index] = (words[index]! & ~lanes) | (bits & lanes);
  }
}
