/**
 * One deadline for each client, all of them on one alarm. A deadline that is met costs nothing but two stores: the alarm
 * stays where it is, and looks at all clients when it fires.
 *
 * Invariant: the alarm is armed at or before the earliest deadline, which holds because all delays are alike.
 */
import { type AlarmId, type Clock, NEVER } from '@bulkhead/clock';

const NONE = -1;

export class Deadlines {
  readonly #clock: Clock;
  readonly #delayCycles: number;
  readonly #at: Float64Array;
  readonly #onDue: (client: number) => void;
  /** Made when it is first wanted: an alarm lasts as long as its clock, and loads come and go. */
  #alarm: AlarmId = NONE;

  constructor(clock: Clock, clients: number, delayNs: number, onDue: (client: number) => void) {
    this.#clock = clock;
    this.#delayCycles = clock.cyclesOf(delayNs);
    this.#at = new Float64Array(clients).fill(NEVER);
    this.#onDue = onDue;
  }

  /** The client's deadline is a delay from now. */
  set(client: number): void {
    if (this.#alarm === NONE) this.#alarm = this.#clock.createAlarm(() => this.#look());
    this.#at[client] = this.#clock.now + this.#delayCycles;
    if (!this.#clock.isArmed(this.#alarm)) this.#clock.set(this.#alarm, this.#at[client]!);
  }
  clear(client: number): void {
    this.#at[client] = NEVER;
  }
  #look(): void {
    for (let client = 0; client < this.#at.length; client++) {
      if (this.#at[client]! > this.#clock.now) continue;
      this.#at[client] = NEVER;
      this.#onDue(client);
    }
    let earliest = NEVER;
    for (const at of this.#at) if (at < earliest) earliest = at;
    if (earliest !== NEVER) this.#clock.set(this.#alarm, earliest);
  }
}
