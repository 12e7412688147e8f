/**
 * The component's one alarm, for the earliest of all deadlines.
 *
 * CHOICE: a deadline that is cancelled or postponed does not move the alarm; it rings for nothing and is set anew. So
 * a segment that is acknowledged in time costs no kernel call.
 */
import type { Window } from '@bulkhead/runtime';

/** Our token at the kernel's port. */
export const ALARM_TOKEN = 1;

const ARMED = 0;
const DUE = 4;
const STATE_BYTES = 8;

export interface AlarmOptions {
  readonly state: Window;
  readonly nowUs: () => number;
  readonly setAlarm: (token: number, delayUs: number) => number;
}

export class Alarm {
  static readonly STATE_BYTES: number = STATE_BYTES;
  readonly #state: Window;
  readonly #nowUs: () => number;
  readonly #setAlarm: (token: number, delayUs: number) => number;

  constructor({ state, nowUs, setAlarm }: AlarmOptions) {
    this.#state = state;
    this.#nowUs = nowUs;
    this.#setAlarm = setAlarm;
  }
  /** The alarm rings at `dueUs` or before. */
  request(dueUs: number): void {
    if (this.#state.load32(ARMED) !== 0 && ((dueUs - this.#state.load32(DUE)) | 0) >= 0) return;
    this.#state.store32(ARMED, 1);
    this.#state.store32(DUE, dueUs);
    this.#setAlarm(ALARM_TOKEN, Math.max(1, (dueUs - this.#nowUs()) | 0));
  }
  /** It has rung. */
  rang(): void {
    this.#state.store32(ARMED, 0);
  }
}
