/**
 * A broken pointer: from some moment on, one bit of the address of every store of a component is wrong. What that does
 * is for the MMU, and for the walls of the system, to say. (Class PTR of the software-implemented fault injection of
 * Ng and Chen, "The Design and Verification of the Rio File Cache", 1999.)
 *
 * The moment is counted in frames that the machine has sent, so that the same fault comes at the same point of the same
 * work in every system.
 *
 * CHOICE: the bit's weight is added to the address, so that the error is the same for all stores; where the bit is clear
 * already, that is the flip, and where it is set, the carry goes further up.
 */
import type { System } from '@bulkhead/assembler';

export interface BitFlip {
  readonly component: string;
  /** Bit of the address, 0 to 30. */
  readonly bit: number;
  /** Frames that the machine has sent when it begins. */
  readonly afterFrames: number;
}
export interface Injection {
  /** When it began, or -1 while it has not. */
  readonly atCycles: number;
}

/** How often the frames are counted. */
const LOOK_NS = 20_000;
const FROM_MACHINE = 0;
const HIGHEST_BIT = 30; // an offset is a signed word

/**
 * Arms the fault. It hits the life that the component lives when it begins, and where none lives then, the next one; a
 * fresh start after that is healthy.
 * @throws RangeError when the system has no such component, or an address no such bit.
 */
export function injectBitFlip(system: System, { component, bit, afterFrames }: BitFlip): Injection {
  const { clock, board } = system;
  const place = system.places.find(({ seat }) => seat.name === component);
  if (place === undefined) {
    const names = system.places.map(({ seat }) => seat.name).join(', ');
    throw new RangeError(`no component '${component}' in '${system.description.name}': use one of ${names}`);
  }
  if (!Number.isInteger(bit) || bit < 0 || bit > HIGHEST_BIT)
    throw new RangeError(`bit ${bit} is not one of 0 to ${HIGHEST_BIT}`);
  const injection = { atCycles: -1 };
  const look = (): void => {
    const isDue = board.link.carried(FROM_MACHINE) >= afterFrames;
    if (isDue && place.memory !== null && !place.life.over) {
      place.memory.skewBytes = 2 ** bit;
      injection.atCycles = clock.now;
    } else clock.set(alarm, clock.now + clock.cyclesOf(LOOK_NS));
  };
  const alarm = clock.createAlarm(look);
  clock.set(alarm, clock.now + clock.cyclesOf(LOOK_NS));
  return injection;
}
