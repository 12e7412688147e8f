/**
 * The intervals between interrupts. Intel 82574 Datasheet revision 3.4 §7.4.4 "Interrupt Moderation": a counter that is
 * loaded when an interrupt is sent, and holds the next one back until it has run out. Units are 256 ns.
 */
import type { AlarmId, Clock } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';

export class Throttle {
  readonly #clock: Clock;
  readonly #alarm: AlarmId;
  readonly #send: (line: number) => void;
  /** When each line may send again, in cycles. */
  readonly #freeAt: Float64Array;
  /** Lines, as bits, that wait for their interval to end. */
  #postponed = 0;

  constructor(clock: Clock, lines: number, send: (line: number) => void) {
    this.#clock = clock;
    this.#send = send;
    this.#freeAt = new Float64Array(lines);
    this.#alarm = clock.createAlarm(() => this.#endInterval());
  }
  reset(): void {
    this.#postponed = 0;
    this.#freeAt.fill(0);
    this.#clock.cancel(this.#alarm);
  }

  /** @returns true when the line's interval runs: `send` is called at its end. */
  postpones(line: number): boolean {
    if (this.#clock.now >= this.#freeAt[line]!) return false;
    this.#postponed |= 1 << line;
    this.#arm();
    return true;
  }
  /** The line has sent. @param interval ITR or EITR; 0 switches moderation off. */
  start(line: number, interval: number): void {
    const units = interval & reg.ITR_INTERVAL.mask;
    this.#freeAt[line] = units === 0 ? 0 : this.#clock.now + this.#clock.cyclesOf(units * reg.ITR_UNIT_NS);
  }
  /** Every interval ends now. */
  end(): void {
    this.#freeAt.fill(0);
    this.#endInterval();
  }

  #endInterval(): void {
    const now = this.#clock.now;
    for (let line = 0; line < this.#freeAt.length; line++) {
      if ((this.#postponed & (1 << line)) === 0 || now < this.#freeAt[line]!) continue;
      this.#postponed &= ~(1 << line);
      this.#send(line);
    }
    this.#arm();
  }
  #arm(): void {
    if (this.#postponed === 0) return;
    let earliest = Number.MAX_SAFE_INTEGER;
    for (let line = 0; line < this.#freeAt.length; line++) {
      if ((this.#postponed & (1 << line)) !== 0) earliest = Math.min(earliest, this.#freeAt[line]!);
    }
    this.#clock.setAfter(this.#alarm, earliest - this.#clock.now);
  }
}
