/**
 * A broken component may never come back from its handler. Its limit ends it when it charges; an access that hits the
 * TLB charges nothing, so a test that breaks components counts those: so many accesses of memory, or so much time.
 */
import type { Place, System } from '@bulkhead/assembler';

const ACCESSES_MAX = 1_000_000;

/** Ends the life that a component lives now when it does not end by itself. */
export function watch({ clock }: System, place: Place, limitNs: number): void {
  const { life, memory } = place;
  const end = (): void => {
    life.over = true;
  };
  clock.set(clock.createAlarm(end), clock.now + clock.cyclesOf(limitNs));
  if (memory === null) return;
  let left = ACCESSES_MAX;
  const count = (): void => {
    if (--left < 0) end();
  };
  const counted =
    <Args extends readonly number[], Result>(access: (...args: Args) => Result) =>
    (...args: Args): Result => {
      count();
      return access.apply(memory, args as never);
    };
  const { load8, load16, load32, store8, store32 } = memory;
  memory.load8 = counted(load8);
  memory.load16 = counted(load16);
  memory.load32 = counted(load32);
  memory.store8 = counted(store8);
  memory.store32 = counted(store32);
}
