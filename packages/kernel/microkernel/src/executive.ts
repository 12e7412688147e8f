/**
 * Who runs now. Components stand on the host's stack in strictly rising levels; the one on top is `current`.
 *
 * Three rules (checked when a system is assembled, so that nothing has to be checked here):
 * - a call goes to a strictly higher level, so its target is never on the stack;
 * - a queued cast, an interrupt or an alarm only marks its target ready, and `settle` runs what is ready above a floor;
 * - interrupts are taken in a component's charge, or when the kernel is about to return to a component.
 *
 * A user domain that holds several components is one thread: one level, one event loop (`#turn`). Inside, a call is a
 * function call, and whoever is ready is served, the component of the highest own level first, before the thread waits.
 * CHOICE: each component of such a domain keeps an endpoint and a notification of its own, as if the thread waited at
 * all of them at once; a signal inside the domain is a flag in its own memory, and no system call.
 */
import type { Clock } from '@bulkhead/clock';
import type { Charge } from '@bulkhead/ledger';
import type { HartPort } from '@bulkhead/ports';
import { S_EXTERNAL_INTERRUPT, S_TIMER_INTERRUPT } from '@bulkhead/riscv-datasheet';
import type { AboveExecutive } from './above-executive.ts';
import { Crossings } from './crossings.ts';
import type { Meeting } from './meeting.ts';
import type { Meter } from './meter.ts';
import type { Observer } from './observer.ts';
import type { OtherThreads } from './other-threads.ts';
import type { KernelPrimitives } from './primitives.ts';
import { ReadySeats } from './ready-seats.ts';
import type { Domain, Life, Seat } from './seat.ts';

const MODE_USER = 0;
const MODE_SUPERVISOR = 1;
const NOBODY = -1;
/** Handlers that a domain of several components runs before others of its level have their turn. */
const TURN_HANDLERS = 16;

export interface ExecutiveOptions {
  readonly hart: HartPort;
  readonly meeting: Meeting;
  readonly meter: Meter;
  readonly clock: Clock;
  /** The kernel's own hand on the clock: nothing preempts it. */
  readonly charge: Charge;
  readonly primitives: KernelPrimitives;
  readonly seats: readonly Seat[];
  readonly observer?: Observer;
}

export class Executive extends Crossings {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly #meeting: Meeting;
  readonly #ready: ReadySeats;
  readonly #seats: readonly Seat[];
  readonly #observer: Observer | null;
  /** With nobody on the stack, `settle` returns when this time has come, whatever is ready. */
  limitCycles = 0;
  /** Level of `current`; 0 when nobody runs. */
  level = 0;
  current: Seat | null = null;
  #others: OtherThreads | null = null;
  #kernel: AboveExecutive | null = null;

  constructor({ hart, meeting, meter, clock, charge, primitives, seats, observer }: ExecutiveOptions) {
    super(hart, charge, primitives);
    this.#meeting = meeting;
    this.meter = meter;
    this.clock = clock;
    this.#seats = seats;
    this.#ready = new ReadySeats(seats);
    this.#observer = observer ?? null;
  }

  /** Names whom the executive calls on, once, when the kernel is put together. */
  attach(kernel: AboveExecutive): void {
    this.#kernel = kernel;
  }

  // ---------------------------------------------------------------- in and out of a component

  /** From the kernel into `seat`: its level, its address space, its mode. */
  enter(seat: Seat): void {
    this.enterWithin(seat);
    if (!seat.domain.isKernel) this.#toUser(seat.domain);
  }
  /** A call inside a domain: the level rises, mode and address space stay. */
  enterWithin(seat: Seat): void {
    if (this.#observer !== null) this.#observer.entered(seat.index, this.current === null ? -1 : this.current.index);
    this.level = seat.level;
    this.current = seat;
    seat.busy = true;
    this.meter.begin(seat.index);
  }
  /**
   * Back into the kernel, by a system call if `seat` runs in user mode. Whoever called it is answered, and what was
   * signalled meanwhile makes it ready again.
   */
  leave(seat: Seat): void {
    if (this.hart.mode === MODE_USER) this.trap();
    this.#rest(seat);
    if (!seat.life.over && this.#meeting.sleep(seat)) this.makeReady(seat);
  }
  /** The return of a call inside a user domain: whoever was called slept, and sleeps on, or again if it called others. */
  leaveWithin(seat: Seat): void {
    this.#rest(seat);
    if (!seat.life.over && this.#meeting.isAwake(seat) && this.#meeting.sleep(seat)) this.makeReady(seat);
  }
  #rest(seat: Seat): void {
    seat.busy = false;
    this.meter.end(seat.index);
    if (this.#observer !== null) this.#observer.left(seat.index);
  }
  /** After `leaveWithin`: back to who called, at `level`. */
  resumeWithin(seat: Seat, life: Life, level: number): void {
    this.level = level;
    this.current = seat;
    this.meter.resume(seat.index);
    if (this.clock.isOverLimit) this.overran(seat, life);
  }
  /** A handler that passed its limit ends here, with its life. */
  overran(seat: Seat, life: Life): void {
    if (life.over) return;
    if (this.hart.mode === MODE_USER) {
      this.hart.trap(S_TIMER_INTERRUPT, true, 0, 0);
      this.charge.spend(this.primitives.interruptEntry);
    }
    this.#kernel!.overran(seat);
    throw life.ended;
  }
  /** A call that was delivered is taken back before its receiver runs: it sleeps on. */
  turnAway(receiver: Seat): void {
    if (this.#meeting.sleep(receiver)) this.makeReady(receiver);
  }
  /**
   * From the kernel back to `seat`, which was at `level`, after everything above it has run.
   * When `life` is over there is nobody to return to: the caller, a gate, throws.
   */
  resume(seat: Seat, life: Life, level: number): void {
    this.level = level;
    this.meter.pause();
    this.settle(level);
    this.level = level;
    this.current = seat;
    this.meter.resume(seat.index);
    if (this.clock.isOverLimit) this.overran(seat, life);
    if (!life.over && !seat.domain.isKernel) this.#toUser(seat.domain);
  }

  #toUser(domain: Domain): void {
    this.enterSpace(domain.asid, domain.rootPage);
  }

  // ---------------------------------------------------------------- who is next

  /** Sets bits of a component's notification. Bits are sticky: nothing is lost, or counted twice. */
  signal(seat: Seat, bits: number): void {
    if (!seat.life.over && this.#meeting.signal(seat, bits)) this.makeReady(seat);
  }
  /** The same by a right of the signaller's. @param slot the right's slot, or a negative error */
  signalThrough(slot: number): void {
    const woken = this.#meeting.signalThrough(slot);
    if (woken >= 0) this.makeReady(this.#seats[woken]!);
  }
  makeReady(seat: Seat): void {
    if (!this.meter.mayBegin(seat.index)) this.#kernel!.postpone(seat);
    else this.#ready.add(seat);
  }
  /** @returns the notification's bits, and clears them. */
  takeNotification(seat: Seat): number {
    return this.#meeting.take(seat);
  }
  /** A component that is over is not ready for anything. */
  withdraw(seat: Seat): void {
    this.#ready.withdraw(seat);
  }

  get hasReady(): boolean {
    return this.#ready.highestLevel > 0 || (this.#others !== null && this.#others.priority() > 0);
  }
  /** Runs everything that is ready above `floor`, highest level first, and takes what the devices have for the hart. */
  settle(floor: number): void {
    // Mostly nothing is: then this is all, and short enough to be part of whoever asks.
    if (!this.clock.isEventDue && this.#ready.highestLevel <= floor && this.#others === null) return;
    this.#settle(floor);
  }
  #settle(floor: number): void {
    for (;;) {
      // Taking an interrupt takes time, in which more may come due: a pause here must not change what happens.
      while (this.clock.isEventDue) this.#events();
      const level = this.#ready.highestLevel;
      const other = this.#others === null ? 0 : this.#others.priority();
      if (level <= floor && other <= floor) return;
      if (floor === 0 && this.clock.now >= this.limitCycles) return;
      if (other > level) {
        this.#others!.run();
        continue;
      }
      const seat = this.#ready.highest;
      if (seat.domain.isOneThread) this.#turn(seat.domain);
      else {
        this.#ready.withdraw(seat);
        this.#run(seat);
      }
    }
  }
  #run(seat: Seat): void {
    const { castDispatch, schedule } = this.primitives;
    const { payer } = this.meter;
    const others = this.#others === null ? 0 : this.#others.standAside();
    this.meter.dispatch(seat.index);
    this.charge.spend(seat.domain.isKernel ? castDispatch : schedule);
    const life = seat.life;
    this.current = null;
    this.enter(seat);
    try {
      seat.deliver();
      if (!life.over && this.hart.mode === MODE_USER) this.charge.spend(this.primitives.notificationWait);
    } catch (error) {
      this.#kernel!.caught(seat, life, error);
    }
    this.leave(seat);
    this.meter.payBy(payer);
    if (this.#others !== null) this.#others.goOn(others);
  }

  // ---------------------------------------------------------------- threads that are no components

  /** From now on these run, too. */
  runBeside(others: OtherThreads): void {
    this.#others = others;
  }
  /** A thread in user mode is interrupted by what is due, or by the end of its time; the kernel does not return to it. */
  interrupted(): void {
    this.clock.runDue();
    const cause = this.hart.pendingInterrupt();
    if (cause >= 0) this.#take(cause);
    else {
      this.hart.trap(S_TIMER_INTERRUPT, true, 0, 0);
      this.charge.spend(this.primitives.interruptEntry);
    }
  }
  /** A component handles a message, in the time of whoever sent it; its answer goes the same way back. */
  serve(seat: Seat): void {
    const { payer } = this.meter;
    const { life } = seat;
    this.meter.payBy(NOBODY);
    this.current = null;
    this.enter(seat);
    let answer = 0;
    try {
      answer = seat.receive();
    } catch (error) {
      this.#kernel!.caught(seat, life, error);
    }
    if (this.hart.mode === MODE_USER) this.trap();
    this.#others!.tick();
    if (!life.over) this.#meeting.answerWith(seat, answer);
    this.#rest(seat);
    if (!life.over && this.#meeting.sleep(seat)) this.makeReady(seat);
    this.meter.payBy(payer);
  }

  /** One turn of a domain's event loop: into user mode once, out of it once. */
  #turn(domain: Domain): void {
    const { payer } = this.meter;
    const others = this.#others === null ? 0 : this.#others.standAside();
    let seat = this.#ready.takeOf(domain)!;
    this.meter.dispatch(seat.index);
    this.charge.spend(this.primitives.schedule);
    this.current = null;
    this.enter(seat);
    for (let left = TURN_HANDLERS; this.#handle(seat) && left > 0; left--) {
      const next = this.#ready.takeOf(domain);
      if (next === null) break;
      seat = next;
      this.meter.dispatch(seat.index);
      seat.quiet!.spend(this.primitives.castDispatch);
      this.current = null;
      this.enterWithin(seat);
    }
    this.meter.payBy(payer);
    if (this.hart.mode === MODE_USER) {
      if (domain.alive) this.charge.spend(this.primitives.notificationWait);
      this.trap();
    }
    if (this.#others !== null) this.#others.goOn(others);
  }
  /** @returns false when the domain is over. */
  #handle(seat: Seat): boolean {
    const { life } = seat;
    try {
      seat.deliver();
    } catch (error) {
      this.#kernel!.caught(seat, life, error);
    }
    this.#rest(seat);
    if (life.over) return false;
    if (this.#meeting.sleep(seat)) this.makeReady(seat);
    return true;
  }

  // ---------------------------------------------------------------- events and interrupts

  /** In the kernel: devices first, then the interrupts they raised. */
  #events(): void {
    this.clock.runDue();
    for (let cause = this.hart.pendingInterrupt(); cause >= 0; cause = this.hart.pendingInterrupt()) {
      const mode = this.hart.mode;
      this.#take(cause);
      this.hart.setPreviousMode(mode);
      this.hart.sret();
    }
  }
  #take(cause: number): void {
    this.hart.trap(cause, true, 0, 0);
    this.charge.spend(this.primitives.interruptEntry);
    if (cause === S_EXTERNAL_INTERRUPT) this.#kernel!.serveExternal();
    else this.#kernel!.serveTimer();
  }
  /**
   * A preemption point of a long operation that the kernel does for a component: what is due is taken, and whatever is
   * ready above the component runs. The operation then begins again, from its first check.
   */
  preempt(seat: Seat): void {
    const { level } = this;
    this.meter.pause();
    this.settle(level);
    this.level = level;
    this.current = seat;
    this.meter.resume(seat.index);
  }
  /** In a component's charge: something is due. The component is interrupted, and goes on when nothing above it is ready. */
  attend(seat: Seat, life: Life): void {
    this.meter.pause();
    this.clock.runDue();
    const cause = this.hart.pendingInterrupt();
    if (cause >= 0) {
      const { mode } = this.hart;
      const { level } = this;
      this.#take(cause);
      this.settle(level);
      this.level = level;
      this.current = seat;
      if (!life.over && mode === MODE_USER) this.activate(seat.domain.asid, seat.domain.rootPage);
      this.hart.setPreviousMode(life.over ? MODE_SUPERVISOR : mode);
      this.hart.sret();
    }
    if (life.over) throw life.ended;
    this.meter.resume(seat.index);
    if (this.clock.isOverLimit) this.overran(seat, life);
  }
}
