/**
 * One supervisor-level interrupt file of an incoming MSI controller.
 *
 * Advanced Interrupt Architecture 1.0, chapter 3 "Incoming MSI Controller (IMSIC)". A message is a 32-bit write of an
 * identity number to the file's page; the hart reads which identity is first, and claims it.
 *
 * Invariant: bit `i` of `#pending` and `#enabled` is identity `i`; bit 0 and all above `identities` stay 0 (§3.8.3,
 * §3.8.4: read-only zeros). The line is asserted exactly while delivery is enabled and `top()` is not 0 (§3.10).
 */
import { swap32 } from '@bulkhead/bits';
import type { InterruptLine, RegisterDevice, WidthBytes } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { IDENTITIES_MAX, IDENTITIES_MIN, SETEIPNUM_BE, SETEIPNUM_LE } from '@bulkhead/riscv-datasheet';

export interface ImsicOptions {
  /** To the hart's supervisor external interrupt. */
  readonly line: InterruptLine;
  /** Implemented identities, 1 to this number: one less than a multiple of 64. @defaultValue 255 */
  readonly identities?: number;
}

export class Imsic implements RegisterDevice {
  readonly identities: number;
  readonly #line: InterruptLine;
  readonly #pending: Int32Array;
  readonly #enabled: Int32Array;
  #threshold = 0;
  /** CHOICE: reset enables delivery. §3.8.1 allows either while a PLIC cannot take the file's place. */
  #delivery = true;
  #asserted = false;
  #top = 0;

  constructor({ line, identities = 255 }: ImsicOptions) {
    invariant(
      identities >= IDENTITIES_MIN && identities <= IDENTITIES_MAX && (identities + 1) % 64 === 0,
      'an interrupt file has one identity less than a multiple of 64, from 63 to 2047',
    );
    this.identities = identities;
    this.#line = line;
    this.#pending = new Int32Array((identities + 1) / 32);
    this.#enabled = new Int32Array((identities + 1) / 32);
  }

  /** §3.5 "Memory region for an interrupt file": `seteipnum_*` reads 0, and so does every reserved byte. */
  read(_offset: number, _widthBytes: WidthBytes): number {
    return 0;
  }
  /** §3.5. CHOICE: other sizes than 32 bits are ignored; an access fault would be preferable, but a device has none. */
  write(offset: number, widthBytes: WidthBytes, value: number): void {
    if (widthBytes !== 4) return;
    if (offset === SETEIPNUM_LE) this.setPending(value, true);
    else if (offset === SETEIPNUM_BE) this.setPending(swap32(value), true);
  }

  /** `eidelivery` 1 or 0. §3.8.1 "External interrupt delivery enable register". */
  setDelivery(enabled: boolean): void {
    this.#delivery = enabled;
    this.#update();
  }
  /**
   * `eithreshold`. §3.8.2: identities from here upward do not interrupt; 0 stands for none.
   * CHOICE: a number above `identities` is ignored (the register is WLRL).
   */
  setThreshold(threshold: number): void {
    if (threshold < 0 || threshold > this.identities) return;
    this.#threshold = threshold;
    this.#update();
  }
  /** One bit of the `eie` array. §3.8.4. An identity that is not implemented is ignored. */
  enable(identity: number, enabled: boolean): void {
    if (!this.#has(identity)) return;
    setBit(this.#enabled, identity, enabled);
    this.#update();
  }
  isEnabled(identity: number): boolean {
    return this.#has(identity) && hasBit(this.#enabled, identity);
  }
  /** One bit of the `eip` array. §3.8.3. An identity that is not implemented is ignored. */
  setPending(identity: number, pending: boolean): void {
    if (!this.#has(identity)) return;
    setBit(this.#pending, identity, pending);
    this.#update();
  }
  isPending(identity: number): boolean {
    return this.#has(identity) && hasBit(this.#pending, identity);
  }

  /**
   * The identity in `stopei`. §3.9 "Top external interrupt CSRs".
   * @returns the lowest identity that is pending, enabled and below the threshold; 0 for none.
   */
  top(): number {
    return this.#top;
  }
  /** Reads and writes `stopei` at once: clears the pending bit of the top identity. §3.9. @returns it, or 0. */
  claim(): number {
    const identity = this.#top;
    if (identity !== 0) this.setPending(identity, false);
    return identity;
  }

  #has(identity: number): boolean {
    return identity > 0 && identity <= this.identities;
  }

  /** §3.3 "Interrupt priorities": the lower number first. */
  #find(): number {
    for (let word = 0; word < this.#pending.length; word++) {
      const both = this.#pending[word]! & this.#enabled[word]!;
      if (both === 0) continue;
      const identity = word * 32 + 31 - Math.clz32(both & -both);
      return this.#threshold === 0 || identity < this.#threshold ? identity : 0;
    }
    return 0;
  }

  #update(): void {
    this.#top = this.#find();
    const asserted = this.#delivery && this.#top !== 0;
    if (asserted === this.#asserted) return;
    this.#asserted = asserted;
    this.#line.set(asserted);
  }
}

const hasBit = (words: Int32Array, index: number): boolean => ((words[index >> 5]! >>> (index & 31)) & 1) !== 0;

function setBit(words: Int32Array, index: number, value: boolean): void {
  const mask = 1 << (index & 31);
  words[index >> 5] = value ? words[index >> 5]! | mask : words[index >> 5]! & ~mask;
}
