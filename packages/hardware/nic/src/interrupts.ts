/**
 * Interrupt causes, masks, vectors and moderation. Intel 82574 Datasheet revision 3.4 §7.4 "Interrupts",
 * §10.2.4 "Interrupt Register Descriptions".
 *
 * An interrupt is due when a cause becomes both set and unmasked, not while it stays so; a driver clears the cause, or
 * lets EIAC do it, before it looks at the ring. Under MSI-X each vector sends a message for the causes that IVAR routes
 * to it; otherwise there is one interrupt, a message under MSI or the level of INTx, which falls when no cause is left.
 * An interrupt whose throttling interval (EITR; ITR without MSI-X) runs waits for its end.
 *
 * CHOICE: reading ICR under MSI-X clears it when no cause is enabled or an enabled one is set, as later QEMU does after
 * the hardware; else it stays. CHOICE: causes that are set while MSI-X is switched off assert INTx with the next one. CHOICE: CTRL_EXT.INT_TIMERS_CLEAR_ENA ends every wait when all causes are enabled at once.
 */
import { has } from '@bulkhead/bits';
import type { Clock } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { PciFunction } from '@bulkhead/pci';
import { DelayedCauses } from './delayed-causes.ts';
import type { RegisterFile } from './register-file.ts';
import { Throttle } from './throttle.ts';

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
/** In the throttle: what stands for MSI and INTx, behind the vectors of MSI-X. */
const SINGLE = reg.EITR_COUNT;

export class Interrupts {
  /** Messages that were refused or faulted on their way. */
  faultCount = 0;
  readonly delayed: DelayedCauses;
  readonly #registers: RegisterFile;
  readonly #throttle: Throttle;
  readonly #function: PciFunction;
  #causes = 0;
  #mask = 0;
  #isWireAsserted = false;

  constructor(clock: Clock, registers: RegisterFile, target: PciFunction) {
    this.#registers = registers;
    this.#function = target;
    this.#throttle = new Throttle(clock, SINGLE + 1, (line) => this.#send(line));
    this.delayed = new DelayedCauses(clock, registers, (causes) => this.raise(causes));
  }
  reset(): void {
    this.#causes = 0;
    this.#mask = 0;
    this.#throttle.reset();
    this.delayed.reset();
    this.#settleWire();
  }

  /** Interrupt Mask Set: what can be seen in IMS. */
  get mask(): number {
    return this.#mask;
  }

  /** Sets causes, and those that waited when these interrupt, and sends what they make newly asserted. */
  raise(causes: number): void {
    const before = this.#causes & this.#mask;
    const all = causes | ((causes & this.#mask) === 0 ? 0 : this.delayed.collect());
    this.#causes |= all & reg.ICR_CAUSES;
    if (this.#usesMsix && (all & reg.ICR_OTHER_CAUSES) !== 0) this.#causes |= reg.ICR_OTHER.mask;
    this.#notify(before);
  }
  /** A write of IMS. */
  unmask(causes: number): void {
    const before = this.#causes & this.#mask;
    this.#mask |= causes & reg.ICR_CAUSES;
    const control = this.#registers.get(reg.CTRL_EXT);
    if (has(control, reg.CTRL_EXT_PBA_CLR)) this.#clearPending(causes);
    if (has(control, reg.CTRL_EXT_INT_TIMERS_CLEAR_ENA) && (causes & reg.ICR_CAUSES) === reg.ICR_CAUSES) {
      this.#throttle.end();
      this.delayed.end();
    }
    this.#notify(before);
  }
  /** A write of IMC. */
  maskOff(causes: number): void {
    this.#mask &= ~causes;
    this.#settleWire();
  }

  /** A read of ICR, with what it clears. */
  readCauses(): number {
    const asserted = (this.#causes & this.#mask) !== 0;
    const value = asserted ? this.#causes | reg.ICR_INT_ASSERTED.mask : this.#causes;
    this.#acknowledge(asserted);
    if (!this.#usesMsix || this.#mask === 0 || asserted) this.#causes = 0;
    this.#settleWire();
    return value >>> 0;
  }
  /** A write of ICR: a written 1 clears; OTHER clears what it stands for. */
  clearCauses(written: number): void {
    this.#acknowledge((this.#causes & this.#mask) !== 0);
    const others = has(written, reg.ICR_OTHER) ? reg.ICR_OTHER_CAUSES : 0;
    this.#causes &= ~(written | others);
    this.#settleWire();
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
    if (risen === 0) return;
    if (!this.#usesMsix) {
      this.#due(SINGLE);
      return;
    }
    for (let vector = 0; vector < reg.EITR_COUNT; vector++) {
      if ((risen & this.#routedTo(vector)) !== 0) this.#due(vector);
    }
  }

  /** §7.4.4 "Interrupt Moderation": at most one interrupt a vector and interval. */
  #due(line: number): void {
    if (!this.#throttle.postpones(line)) this.#send(line);
  }
  #send(line: number): void {
    if (this.#usesMsix !== (line !== SINGLE)) return; // the kind of interrupt was changed meanwhile
    const asserted = this.#causes & this.#mask & (line === SINGLE ? reg.ICR_CAUSES : this.#routedTo(line));
    if (asserted === 0) return; // cleared, masked, or told by the message of another cause
    this.#throttle.start(line, this.#registers.get(line === SINGLE ? reg.ITR : reg.EITR + line * 4));
    this.#registers.count(reg.IAC);
    if (line === SINGLE) this.#sendSingle();
    else this.#sendVector(line, asserted);
  }
  #sendVector(vector: number, causes: number): void {
    this.#clearAutomatically(causes);
    if (this.#function.signal(vector) < 0) this.faultCount += 1;
  }
  #sendSingle(): void {
    if (!this.#function.msiEnabled) this.#setWire(true);
    else if (this.#function.signalMsi(0) < 0) this.faultCount += 1;
  }

  /** INTx falls with the last cause. It rises in `sendSingle` alone, so that ITR holds it back. */
  #settleWire(): void {
    if (this.#isWireAsserted && (this.#causes & this.#mask) === 0) this.#setWire(false);
  }
  #setWire(asserted: boolean): void {
    this.#isWireAsserted = asserted;
    this.#function.setInterrupt(asserted);
  }

  /** CTRL_EXT.PBA_CLR: enabling a cause clears the pending bit of its vector. */
  #clearPending(causes: number): void {
    if (!this.#usesMsix || (causes & ALL_ROUTED) === 0) return;
    for (let cause = 0; cause < ROUTED.length; cause++) {
      const vector = this.#vectorOf(cause);
      const isThere = vector >= 0 && vector < reg.MSIX_VECTOR_COUNT;
      if ((causes & ROUTED[cause]!) !== 0 && isThere) this.#function.clearPending(vector);
    }
  }

  /** @returns the vector of a routed cause, or -1 when it has none. */
  #vectorOf(cause: number): number {
    const entry = this.#registers.get(reg.IVAR) >>> (cause * IVAR_FIELD_BITS);
    return (entry & IVAR_VALID) === 0 ? -1 : entry & IVAR_VECTOR;
  }
  /** The causes that IVAR routes to a vector. */
  #routedTo(vector: number): number {
    let causes = 0;
    for (let cause = 0; cause < ROUTED.length; cause++) {
      if (this.#vectorOf(cause) === vector) causes |= ROUTED[cause]!;
    }
    return causes;
  }

  /**
   * §10.2.4 "Interrupt Auto Clear - EIAC": cleared in ICR and, without IAME, in IMS. With EIAME the message masks what
   * IAM names of its causes.
   */
  #clearAutomatically(causes: number): void {
    const control = this.#registers.get(reg.CTRL_EXT);
    if (has(control, reg.CTRL_EXT_EIAME)) this.#mask &= ~(causes & this.#registers.get(reg.IAM));
    const cleared = causes & this.#registers.get(reg.EIAC) & ALL_ROUTED;
    this.#causes &= ~cleared;
    if (!has(control, reg.CTRL_EXT_IAME)) this.#mask &= ~cleared;
  }
}
