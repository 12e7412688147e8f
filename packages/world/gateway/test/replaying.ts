import type { System } from '@bulkhead/assembler';
import { type Journal, replay } from '../src/index.ts';

/** Replays to the end. @returns the digest. */
export function replayed(system: System, journal: Journal): string {
  const run = replay(system, journal);
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}
