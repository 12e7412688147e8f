/** Two systems of the same parts with walls in different places, booted; and one whose driver broke and came back. */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import { injectBitFlip } from '@bulkhead/faults';
import { multiserver as manyWalls, monolithic as oneWall } from '@bulkhead/test-systems';

const BOOT_NS = 50_000_000;

export { manyWalls, oneWall };

export function booted(description: Description): System {
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  return system;
}
/** The driver's pointers break at its first frame, and it is started again. */
export function broken(description: Description = manyWalls): System {
  const system = assemble(description);
  injectBitFlip(system, { component: 'nic-driver', bit: 30, afterFrames: 0 });
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  return system;
}
