/**
 * Interrupt causes that wait for more of their kind. Intel 82574 Datasheet revision 3.4 §7.1.9 "Receive Interrupts",
 * §7.2.4.3 "Transmit Interrupts", and the registers RDTR, RADV, TIDV, TADV and RAID.
 *
 * A packet timer starts again with each event; an absolute timer starts with the first and bounds the wait. When either
 * ends, or an interrupt has another reason, all that waited is raised and every timer stops, so that nothing is told
 * twice.
 *
 * CHOICE: under MSI-X nothing waits here; EITR moderates each vector. CHOICE: RDTR.FPD and TIDV.FPD do nothing while
 * nothing waits.
 */
import { get, has } from '@bulkhead/bits';
import { type AlarmId, type Clock, NEVER } from '@bulkhead/clock';
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { RegisterFile } from './register-file.ts';

const RECEIVE_PACKET = 0;
const RECEIVE_ABSOLUTE = 1;
const TRANSMIT_PACKET = 2;
const TRANSMIT_ABSOLUTE = 3;
const ACK = 4;
const TIMERS = 5;

export class DelayedCauses {
  /** The end of a wait is also when descriptors that were held back are written. */
  onEnd: () => void = () => {};
  readonly #clock: Clock;
  readonly #registers: RegisterFile;
  readonly #raise: (causes: number) => void;
  readonly #alarm: AlarmId;
  readonly #deadline: Float64Array = new Float64Array(TIMERS).fill(NEVER);
  #waiting = 0;

  constructor(clock: Clock, registers: RegisterFile, raise: (causes: number) => void) {
    this.#clock = clock;
    this.#registers = registers;
    this.#raise = raise;
    this.#alarm = clock.createAlarm(() => this.end());
  }

  /** @returns true when a received packet's cause will be raised later. */
  delayReceive(causes: number): boolean {
    return this.#delay(causes, reg.RDTR, RECEIVE_PACKET, reg.RADV, RECEIVE_ABSOLUTE);
  }
  /** @returns true when the cause of a written-back descriptor with IDE will be raised later. */
  delayTransmit(causes: number): boolean {
    return this.#delay(causes, reg.TIDV, TRANSMIT_PACKET, reg.TADV, TRANSMIT_ABSOLUTE);
  }
  /** @returns true when the cause of a received acknowledgement will be raised later. */
  delayAck(causes: number): boolean {
    const delay = get(this.#registers.get(reg.RAID), reg.RAID_ACK_DELAY);
    if (delay === 0) return false;
    if (this.#deadline[ACK] === NEVER) this.#start(ACK, delay);
    this.#waiting |= causes;
    return true;
  }

  /** A write of RDTR or TIDV: FPD ends the wait at once. */
  written(offset: number, value: number): void {
    if (!has(value, reg.DELAY_FPD)) return;
    const timer = offset === reg.RDTR ? RECEIVE_PACKET : TRANSMIT_PACKET;
    if (this.#deadline[timer] !== NEVER) this.end();
  }

  /** Ends every wait. @returns the causes that waited. */
  collect(): number {
    const causes = this.#waiting;
    if (causes === 0) return 0;
    this.#stop();
    this.onEnd();
    return causes;
  }
  /** Ends every wait and raises what waited. */
  end(): void {
    const causes = this.collect();
    if (causes !== 0) this.#raise(causes);
  }
  reset(): void {
    this.#stop();
  }

  #delay(causes: number, packetRegister: number, packet: number, absoluteRegister: number, absolute: number): boolean {
    const delay = get(this.#registers.get(packetRegister), reg.DELAY_VALUE);
    if (delay === 0) return false;
    this.#waiting |= causes;
    const bound = get(this.#registers.get(absoluteRegister), reg.DELAY_VALUE);
    if (bound !== 0 && this.#deadline[absolute] === NEVER) this.#start(absolute, bound);
    this.#start(packet, delay);
    return true;
  }
  #start(timer: number, units: number): void {
    this.#deadline[timer] = this.#clock.now + this.#clock.cyclesOf(units * reg.DELAY_UNIT_NS);
    let earliest = NEVER;
    for (let i = 0; i < TIMERS; i++) earliest = Math.min(earliest, this.#deadline[i]!);
    this.#clock.setAfter(this.#alarm, earliest - this.#clock.now);
  }
  #stop(): void {
    this.#waiting = 0;
    this.#deadline.fill(NEVER);
    this.#clock.cancel(this.#alarm);
  }
}
