/**
 * Interrupt causes, masks, vectors and moderation. Intel 82574 Datasheet revision 3.4 §7.4 "Interrupts",
 * §10.2.4 "Interrupt Register Descriptions".
 *
 * A message is sent when a cause becomes both set and unmasked, not while it stays so; a driver clears the cause, or
 * lets EIAC do it, before it looks at the ring. A vector whose throttling interval runs waits for its end.
 *
 * CHOICE: reading ICR under MSI-X clears it when no cause is enabled or an enabled one is set, as later QEMU does after
 * the hardware; else it stays. CHOICE: RDTR, RADV, TIDV and TADV are held and delay nothing.
 * UNIMPLEMENTED: INTx and MSI. Without MSI-X the causes can be polled in ICR, and nothing is sent.
 */
import { has } from '@bulkhead/bits';
import type { AlarmId, Clock } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { PciFunction } from '@bulkhead/pci';
import type { RegisterFile } from './register-file.ts';

/** The causes that IVAR gives a vector, lowest field first. */
const ROUTED: readonly number[] = [
  reg.ICR_RXQ0.mask,
  reg.ICR_RXQ1.mask,
  reg.ICR_TXQ0.mask,
  reg.ICR_TXQ1.mask,
  reg.ICR_OTHER.mask,
];
const IVAR_FIELD_BITS = 4;
const IVAR_VALID = 8;
const IVAR_VECTOR = 7;
const ALL_ROUTED = reg.EIAC_CAUSES.mask;

export class Interrupts {
  /** Messages that were refused or faulted on their way. */
  faultCount = 0;
  readonly #clock: Clock;
  readonly #registers: RegisterFile;
  readonly #alarm: AlarmId;
  /** When each vector may send again, in cycles. */
  readonly #freeAt: Float64Array = new Float64Array(reg.EITR_COUNT);
  readonly #function: PciFunction;
  #causes = 0;
  #mask = 0;
  /** Vectors, as bits, that wait for their interval to end. */
  #postponed = 0;

  constructor(clock: Clock, registers: RegisterFile, target: PciFunction) {
    this.#clock = clock;
    this.#registers = registers;
    this.#function = target;
    this.#alarm = clock.createAlarm(() => this.#endInterval());
  }
  reset(): void {
    this.#causes = 0;
    this.#mask = 0;
    this.#postponed = 0;
    this.#freeAt.fill(0);
    this.#clock.cancel(this.#alarm);
  }

  /** Interrupt Mask Set: what can be seen in IMS. */
  get mask(): number {
    return this.#mask;
  }

  /** Sets causes, and sends what they make newly asserted. */
  raise(causes: number): void {
    const before = this.#causes & this.#mask;
    this.#causes |= causes & reg.ICR_CAUSES;
    if (this.#usesMsix && (causes & reg.ICR_OTHER_CAUSES) !== 0) this.#causes |= reg.ICR_OTHER.mask;
    this.#notify(before);
  }
  /** A write of IMS. */
  unmask(causes: number): void {
    const before = this.#causes & this.#mask;
    this.#mask |= causes & reg.ICR_CAUSES;
    this.#notify(before);
  }
  /** A write of IMC. */
  maskOff(causes: number): void {
    this.#mask &= ~causes;
  }

  /** A read of ICR, with what it clears. */
  readCauses(): number {
    const asserted = (this.#causes & this.#mask) !== 0;
    const value = asserted ? this.#causes | reg.ICR_INT_ASSERTED.mask : this.#causes;
    this.#acknowledge(asserted);
    if (!this.#usesMsix || this.#mask === 0 || asserted) this.#causes = 0;
    return value >>> 0;
  }
  /** A write of ICR: a written 1 clears; OTHER clears what it stands for. */
  clearCauses(written: number): void {
    this.#acknowledge((this.#causes & this.#mask) !== 0);
    const others = has(written, reg.ICR_OTHER) ? reg.ICR_OTHER_CAUSES : 0;
    this.#causes &= ~(written | others);
  }

  get #usesMsix(): boolean {
    return this.#function.msixEnabled;
  }

  /** CTRL_EXT.IAME: acknowledging an interrupt masks what IAM names. */
  #acknowledge(asserted: boolean): void {
    if (!asserted || !has(this.#registers.get(reg.CTRL_EXT), reg.CTRL_EXT_IAME)) return;
    this.#mask &= ~this.#registers.get(reg.IAM);
  }

  #notify(before: number): void {
    const risen = this.#causes & this.#mask & ~before;
    if (risen === 0 || !this.#usesMsix) return;
    for (let vector = 0; vector < reg.EITR_COUNT; vector++) {
      if ((risen & this.#routedTo(vector)) !== 0) this.#send(vector);
    }
  }

  /** @returns the vector of a routed cause, or -1 when it has none. */
  #vectorOf(cause: number): number {
    const entry = this.#registers.get(reg.IVAR) >>> (cause * IVAR_FIELD_BITS);
    return (entry & IVAR_VALID) === 0 ? -1 : entry & IVAR_VECTOR;
  }

  /** §7.4.4 "Interrupt Moderation": at most one message a vector and interval. */
  #send(vector: number): void {
    const now = this.#clock.now;
    if (now < this.#freeAt[vector]!) {
      this.#postponed |= 1 << vector;
      this.#armInterval();
      return;
    }
    const asserted = this.#routedTo(vector) & this.#causes & this.#mask;
    if (asserted === 0) return; // cleared, masked, or told by the message of another cause
    const interval = this.#registers.get(reg.EITR + vector * 4) & reg.ITR_INTERVAL.mask;
    this.#freeAt[vector] = interval === 0 ? 0 : now + this.#clock.cyclesOf(interval * reg.ITR_UNIT_NS);
    this.#registers.count(reg.IAC);
    this.#clearAutomatically(asserted);
    if (this.#function.signal(vector) < 0) this.faultCount += 1;
  }

  /** The causes that IVAR routes to a vector. */
  #routedTo(vector: number): number {
    let causes = 0;
    for (let cause = 0; cause < ROUTED.length; cause++) {
      if (this.#vectorOf(cause) === vector) causes |= ROUTED[cause]!;
    }
    return causes;
  }

  /** §10.2.4 "Interrupt Auto Clear - EIAC": cleared in ICR and, without IAME, in IMS. */
  #clearAutomatically(causes: number): void {
    const cleared = causes & this.#registers.get(reg.EIAC) & ALL_ROUTED;
    this.#causes &= ~cleared;
    if (!has(this.#registers.get(reg.CTRL_EXT), reg.CTRL_EXT_IAME)) this.#mask &= ~cleared;
  }

  #endInterval(): void {
    const now = this.#clock.now;
    for (let vector = 0; vector < reg.EITR_COUNT; vector++) {
      if ((this.#postponed & (1 << vector)) === 0 || now < this.#freeAt[vector]!) continue;
      this.#postponed &= ~(1 << vector);
      this.#send(vector);
    }
    this.#armInterval();
  }

  #armInterval(): void {
    if (this.#postponed === 0) return;
    let earliest = Number.MAX_SAFE_INTEGER;
    for (let vector = 0; vector < reg.EITR_COUNT; vector++) {
      if ((this.#postponed & (1 << vector)) !== 0) earliest = Math.min(earliest, this.#freeAt[vector]!);
    }
    this.#clock.set(this.#alarm, earliest);
  }
}
