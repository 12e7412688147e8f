/** A recorded run, run again. */
import type { System } from '@bulkhead/assembler';
import type { Journal } from './journal.ts';

/** How much simulated time passes between two looks at how far it is. */
const STEP_NS = 1_000_000;

/**
 * Runs a journal again on a fresh system of the journal's own kind, in steps, so that the caller may show progress: each
 * `next()` runs a millisecond of simulated time and yields the share that is done. @returns the digest of the run.
 */
export function* replay(system: System, { frames, end }: Journal): Generator<number, string> {
  const { clock, wire } = system;
  let next = 0;
  const feed = (): void => {
    while (next < frames.length && frames[next]!.at <= clock.now) {
      const { bytes } = frames[next++]!;
      wire.transmit(bytes, bytes.length);
    }
    if (next < frames.length) clock.set(alarm, frames[next]!.at);
  };
  const alarm = clock.createAlarm(feed);
  feed();
  const step = clock.cyclesOf(STEP_NS);
  while (clock.now < end && system.runUntil(Math.min(end, clock.now + step)) !== 'panic') yield clock.now / end;
  return system.digest();
}
