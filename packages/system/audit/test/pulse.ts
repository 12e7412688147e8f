/**
 * Whether a component runs: it is told something that means nothing to it, again and again, and has to begin a handler
 * within a bound of simulated time. Nobody loses an alarm or a message by that, and the bit is one that no component
 * uses. But the hart looks who is ready when an interrupt comes, so where somebody does not run at once, the broken
 * component, which may be what keeps the hart, is given an alarm: whose level is higher runs then.
 */
import type { AssembleOptions, Place, System } from '@bulkhead/assembler';

/** A token that neither a component nor a mole uses. */
const TOKEN = 14;
const EVERY_NS = 200_000;
/** Longer than any handler of a system that works, and than what is left to somebody by a budget, which is 4 ms. */
const BOUND_NS = 4_200_000;

export class Pulse {
  /** Components that lived, and began no handler for so long. */
  readonly stalled: Set<string> = new Set<string>();
  readonly observer: NonNullable<AssembleOptions['observer']> = {
    entered: (component) => this.#told.delete(component),
    left: () => {},
  };
  /** Since when each has been told and has not run. */
  readonly #told = new Map<number, number>();

  /** Begins with the system, whose observer has to be `observer`. */
  watch(system: System, broken: string): void {
    const suspect = system.places.find(({ seat }) => seat.name === broken)!;
    const { clock } = system;
    const every = clock.cyclesOf(EVERY_NS);
    const alarm = clock.createAlarm(() => {
      if (system.panic === null) this.#beat(system, suspect);
      clock.set(alarm, clock.now + every);
    });
    clock.set(alarm, clock.now + every);
  }
  #beat({ clock, kernel, places }: System, { seat: suspect }: Place): void {
    if (this.#told.size > 0 && !suspect.life.over) kernel.alarms.set(suspect, TOKEN, clock.now);
    places.forEach(({ seat, life }, component) => {
      const since = this.#told.get(component);
      if (life.over || seat.life.over) this.#told.delete(component);
      else if (since === undefined) {
        this.#told.set(component, clock.now);
        kernel.executive.signal(seat, 1 << TOKEN);
      } else if (clock.now - since > clock.cyclesOf(BOUND_NS)) this.stalled.add(seat.name);
    });
  }
}
