/**
 * Each connection's timers: fields of its record, and one scan of the records when the alarm rings.
 *
 * CHOICE: retransmission, persist and linger (TIME-WAIT) exclude each other and share a field.
 */
import type { Alarm } from '../alarm.ts';
import type { Settings } from '../config.ts';
import type { Core } from '../core.ts';
import { NO_TIMER, type Tcb } from './tcb.ts';

export class TcpTimers {
  readonly #alarm: Alarm;
  readonly #settings: Settings;
  readonly #nowUs: () => number;

  constructor(core: Core) {
    this.#alarm = core.alarm;
    this.#settings = core.settings;
    this.#nowUs = () => core.nowUs();
  }
  /** Starts one of the exclusive timers in place of whichever runs. */
  start(tcb: Tcb, timer: number, delayUs: number): void {
    tcb.timer = timer;
    tcb.timerDue = (this.#nowUs() + delayUs) | 0;
    this.#alarm.request(tcb.timerDue);
  }
  stop(tcb: Tcb): void {
    tcb.timer = NO_TIMER;
  }
  /** RFC 9293 §3.8.6.3: an acknowledgment goes within the delay, whatever happens. */
  delayAck(tcb: Tcb): void {
    if (tcb.ackTimer !== 0) return;
    tcb.ackTimer = 1;
    tcb.ackDue = (this.#nowUs() + Math.max(1, this.#settings.delayedAckUs)) | 0;
    this.#alarm.request(tcb.ackDue);
  }
  stopAck(tcb: Tcb): void {
    if (tcb.ackTimer !== 0) tcb.ackTimer = 0;
  }
  /** @returns true when the exclusive timer is over; otherwise the alarm is asked for it. */
  isOver(tcb: Tcb): boolean {
    if (tcb.timer === NO_TIMER) return false;
    if (((this.#nowUs() - tcb.timerDue) | 0) >= 0) return true;
    this.#alarm.request(tcb.timerDue);
    return false;
  }
  isAckOver(tcb: Tcb): boolean {
    if (tcb.ackTimer === 0) return false;
    if (((this.#nowUs() - tcb.ackDue) | 0) >= 0) return true;
    this.#alarm.request(tcb.ackDue);
    return false;
  }
}
