/**
 * Threads with a stack of their own, beside components: programs that may block anywhere and spend time only where they
 * yield. They have priorities, scheduling contexts, system calls and faults as the book has them
 * (`@bulkhead/kernel-core`), run when no component of their priority or above is ready, and call components through
 * endpoints like each other. A component calls none of them: it could not wait.
 *
 * A call lends its time to the component, as to any passive thread. But a component's handler is never postponed: when
 * the time that was lent is used up, the handler goes on, and what it takes is missing in the refills that follow.
 *
 * CHOICE: a system call is charged as what it came to: the fast path of messages, an invocation of the kernel's, or the
 * general path.
 */
import { errors, objects } from '@bulkhead/capabilities';
import type { Clock } from '@bulkhead/clock';
import { fastPath } from '@bulkhead/ipc';
import { CHOSEN, type KernelCore, makeThread, Programs, tcbLayout } from '@bulkhead/kernel-core';
import type { Charge } from '@bulkhead/ledger';
import type { Executive } from './executive.ts';
import type { Meeting } from './meeting.ts';
import type { OtherThreads } from './other-threads.ts';
import type { Domain, Seat } from './seat.ts';
import type { Spaces } from './spaces.ts';
import type { UserCode, UserThread } from './user-code.ts';

const NOBODY = -1;
const PAGE_BITS = 12;
const CONTEXT_BITS = 8;
const READ_WRITE = 6;
/** Cycles of a program's own between two system calls: the instruction that traps. */
const TRAP_CYCLES = 1;

export interface UserThreadsOptions {
  readonly core: KernelCore;
  readonly executive: Executive;
  readonly meeting: Meeting;
  readonly spaces: Spaces;
  readonly clock: Clock;
  readonly seats: readonly Seat[];
  readonly code: UserCode;
  /** Says when the hart's timer is wanted for threads. */
  readonly wakeAt: (atCycles: number) => void;
}

export class UserThreads implements OtherThreads {
  /** How far behind a thread's right that to its scheduling context lies. */
  static readonly CONTEXT_OFFSET = 1;
  readonly #core: KernelCore;
  readonly #executive: Executive;
  readonly #meeting: Meeting;
  readonly #spaces: Spaces;
  readonly #clock: Clock;
  readonly #seats: readonly Seat[];
  readonly #programs: Programs;
  readonly #charges: readonly Charge[];
  readonly #work: readonly number[];
  /** Threads that were made for domains. */
  readonly #made: { readonly domain: Domain; readonly thread: number; readonly incarnation: number }[] = [];
  readonly #wakeAt: (atCycles: number) => void;

  constructor({ core, executive, meeting, spaces, clock, seats, code, wakeAt }: UserThreadsOptions) {
    this.#core = core;
    this.#executive = executive;
    this.#meeting = meeting;
    this.#spaces = spaces;
    this.#clock = clock;
    this.#seats = seats;
    this.#programs = new Programs({ kernel: core, programs: code.programs, systemCallTime: TRAP_CYCLES });
    this.#charges = code.charges;
    this.#work = code.work;
    this.#wakeAt = wakeAt;
  }

  /**
   * Makes a thread of a domain's promised memory, in its capability space and address space.
   * @returns its right there, which its scheduling context's follows; or an error of capabilities.
   */
  add(domain: Domain, { program, priority, budgetCycles, periodCycles }: UserThread): number {
    const right = this.#spaces.freeSlots(domain, 1 + UserThreads.CONTEXT_OFFSET);
    if (right < 0) return errors.DELETE_FIRST;
    const context = right + UserThreads.CONTEXT_OFFSET;
    const made =
      this.#spaces.makeAt(domain, right, objects.TCB, 0) ||
      this.#spaces.makeAt(domain, context, objects.SCHED_CONTEXT, CONTEXT_BITS);
    if (made < 0) return made;
    const buffer = this.#spaces.make(domain, objects.FRAME, PAGE_BITS, 1);
    if (buffer < 0) return buffer;
    const mapped = this.#spaces.map(domain, buffer, 1, READ_WRITE);
    if (mapped < 0) return mapped;
    this.#core.elapse(this.#clock.now);
    const thread = makeThread(this.#core, {
      tcbSlot: this.#spaces.slotAt(domain, right),
      cspaceSlot: domain.cnodeSlot,
      vspaceSlot: domain.rootSlot,
      bufferSlot: this.#spaces.slotAt(domain, buffer),
      bufferPage: this.#spaces.mappedPage,
      schedContextSlot: this.#spaces.slotAt(domain, context),
      budget: budgetCycles,
      period: periodCycles,
      priority,
      maximumControlled: priority,
      pc: [program, 0],
    });
    if (thread < 0) return thread;
    this.#made.push({ domain, thread, incarnation: this.#core.tcbs.incarnation[thread]! });
    return right;
  }
  /** A domain is over: none of its threads runs any more. */
  stop(domain: Domain): void {
    const gone = this.#made.filter((made) => made.domain === domain);
    for (const made of gone) {
      this.#made.splice(this.#made.indexOf(made), 1);
      if (this.#core.tcbs.incarnation[made.thread] === made.incarnation) this.#core.control.suspend(made.thread);
    }
    this.#core.reschedule();
  }

  /** The hart's timer interrupted. */
  tick(): void {
    this.#core.elapse(this.#clock.now);
    this.#wakeAt(Math.max(this.#core.until(), this.#clock.now + 1));
  }
  priority(): number {
    this.tick();
    const next = this.#core.scheduler.peek();
    return next === NOBODY ? 0 : this.#core.scheduler.threads.priority[next]!;
  }
  run(): void {
    const before = this.#core.attributed;
    this.#core.attribute(CHOSEN);
    const thread = this.#core.current;
    const seat = this.#seats[this.#meeting.seatOf(thread)];
    if (seat === undefined) this.#runProgram(thread);
    else this.#serve(seat);
    this.#core.attribute(before);
  }
  standAside(): number {
    this.#core.elapse(this.#clock.now);
    const before = this.#core.attributed;
    this.#core.attribute(NOBODY);
    return before;
  }
  goOn(before: number): void {
    this.#core.elapse(this.#clock.now);
    this.#core.attribute(before);
  }

  /** In user mode, as long as nothing happens and it asks for nothing. */
  #runProgram(thread: number): void {
    const space = this.#core.tcbs.wordOf(thread) + tcbLayout.VSPACE_SLOT;
    this.#executive.enterSpace(this.#spaces.asidOf(space), this.#spaces.rootOf(space));
    while (this.#core.current === thread) {
      const left = this.#programs.leftOf(thread);
      if (left < 0) break;
      const slice = Math.max(0, Math.min(left, this.#clock.due - this.#clock.now));
      this.#spend(thread, slice);
      if (slice === left && this.#programs.isSystemCall(thread)) {
        this.#ask(thread, slice);
        return;
      }
      this.#core.elapse(this.#clock.now);
      this.#programs.spend(thread, slice);
      if (this.#clock.isEventDue) break;
    }
    this.#executive.interrupted();
  }
  #spend(thread: number, cycles: number): void {
    const program = this.#core.tcbs.low(thread, tcbLayout.PC);
    this.#charges[program]!.spendMany(this.#work[program]!, cycles);
  }
  #ask(thread: number, slice: number): void {
    const { misses } = this.#core.calls;
    this.#executive.trap();
    this.#core.elapse(this.#clock.now);
    misses.last = fastPath.NOT_AN_ENDPOINT;
    this.#programs.spend(thread, slice);
    const { charge, primitives } = this.#executive;
    charge.spend(primitives.capLookup);
    if (misses.last === fastPath.TAKEN) charge.spend(primitives.ipcPath);
    else charge.spend(misses.last === fastPath.NOT_AN_ENDPOINT ? primitives.invocation : primitives.ipcSlowPath);
  }

  /** A component handles what came with time, which goes back with the answer; or is lost, when none is wanted. */
  #serve(seat: Seat): void {
    const { scheduler } = this.#core;
    this.#core.attribute(seat.thread);
    const isAnswered = this.#meeting.owesAnswer(seat);
    this.#executive.serve(seat);
    this.#core.elapse(this.#clock.now);
    const context = scheduler.threads.context[seat.thread]!;
    if (!isAnswered && context !== 0) scheduler.release(context);
  }
}
