/** What interrupts and the timer bring to components and threads: signals, alarms, and turns that waited for a budget. */
import type { Kernel } from './kernel.ts';
import type { Seat } from './seat.ts';

export class Deliveries {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** All that are pending. */
  interrupts(): void {
    const { interrupts } = this.#kernel;
    for (let identity = interrupts.claim(); identity !== 0; identity = interrupts.claim()) {
      const slot = interrupts.deliver(identity);
      if (slot !== 0) this.#tell(slot);
    }
  }
  /** Signals by a right of the kernel's: a component, or whoever waits at the notification. */
  #tell(slot: number): void {
    const { capabilities, executive, meeting, seats } = this.#kernel;
    const notification = capabilities.wordOf(slot);
    const seat = seats[meeting.seatBoundTo(notification)];
    if (seat?.notification === notification) executive.signal(seat, capabilities.badgeOf(slot));
    else executive.signalThrough(slot);
  }

  /** Threads whose time has come, what lasts too long, components whose budget was refilled, and alarms that are due. */
  timer(): void {
    const { alarms, clock, executive, notices, seats, userThreads } = this.#kernel;
    if (userThreads !== null) userThreads.tick();
    notices.look();
    this.#release();
    for (let index = alarms.takeDue(clock.now); index >= 0; index = alarms.takeDue(clock.now)) {
      const seat = seats[index]!;
      executive.signal(seat, 1 << alarms.tokenOf(seat));
    }
  }
  /** What a component was told must wait for its budget. It sleeps on, so that it can be called meanwhile. */
  postpone(seat: Seat): void {
    const { alarms, meeting, notices } = this.#kernel;
    const bits = meeting.take(seat);
    meeting.sleep(seat);
    alarms.postpone(seat, bits);
    notices.exhausted(seat);
  }
  #release(): void {
    const { alarms, executive, seats } = this.#kernel;
    for (let index = alarms.nextReleased(); index >= 0; index = alarms.nextReleased()) {
      const seat = seats[index]!;
      executive.signal(seat, alarms.takePostponed(seat));
    }
  }
}
