/** Components that were told something and must wait for their budget. */
import type { Kernel } from './kernel.ts';
import type { Seat } from './seat.ts';

/** What a component was told must wait for its budget. It sleeps on, so that it can be called meanwhile. */
export function postpone({ alarms, meeting, notices }: Kernel, seat: Seat): void {
  const bits = meeting.take(seat);
  meeting.sleep(seat);
  alarms.postpone(seat, bits);
  notices.exhausted(seat);
}
/** Whoever may begin now is told what waited. */
export function release({ alarms, executive, seats }: Kernel): void {
  for (let index = alarms.nextReleased(); index >= 0; index = alarms.nextReleased()) {
    const seat = seats[index]!;
    executive.signal(seat, alarms.takePostponed(seat));
  }
}
