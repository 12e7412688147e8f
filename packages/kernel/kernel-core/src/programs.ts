/**
 * Threads whose code is a generator. The low lane of a thread's pc names its program, the high lane the step at which
 * it is: each yield is one step. So a thread's registers, which anybody with its TCB may write, say what it does next:
 * step 0 begins the program anew, the step at which it is makes the same system call again, the next one goes on, and
 * any other is nowhere: a fault.
 *
 * A program spends time only where it yields, and every yield takes at least 1: a program that yields makes time pass.
 * One that loops without a yield, nobody can stop.
 */

import { ILLEGAL_INSTRUCTION, INSTRUCTION_ACCESS_FAULT } from './fault-types.ts';
import type { KernelCore } from './kernel-core.ts';
import * as tcb from './tcb-layout.ts';
import { FAULT, SPEND, SYSTEM_CALL, ThreadContext } from './thread-context.ts';

export type Program = (t: ThreadContext) => Generator<number, void, void>;

/** What else goes on in time: devices, clocks. */
export interface Outside {
  /** When it is to be told of the time next; Infinity for never. */
  until(): number;
  elapse(now: number): void;
}
export interface ProgramsOptions {
  readonly kernel: KernelCore;
  /** A thread whose pc is p runs `programs[p]`. Where there is none, it faults. */
  readonly programs: readonly (Program | undefined)[];
  /** What a system call takes: at least 1. @defaultValue 1 */
  readonly systemCallTime?: number;
  readonly outside?: Outside;
}

/**
 * A thread's program, and where it is. What the program asks for is taken from its context once, as numbers: afterwards
 * nothing is read that it could have made to be something else.
 */
class Actor {
  readonly program: number;
  readonly incarnation: number;
  readonly context: ThreadContext;
  readonly generator: Generator<number, void, void>;
  /** The step whose action is held; -1 before the first. */
  step = -1;
  action = 0;
  number = 0;
  pointer = 0;
  reply = 0;
  destination = 0;
  code = 0;
  /** Time until the action takes effect. */
  left = 0;
  /** Whether its system call was made: then whoever finds it here makes it again. */
  isMade = false;

  constructor(program: number, incarnation: number, context: ThreadContext, generator: Generator<number, void, void>) {
    this.program = program;
    this.incarnation = incarnation;
    this.context = context;
    this.generator = generator;
  }

  /** Throws over what is no number: then it is the program that threw. @param systemCallTime what all but spending takes */
  take(action: number, systemCallTime: number): void {
    const { context } = this;
    this.action = action;
    this.left = systemCallTime;
    if (action === SPEND) this.left = Math.max(1, Math.floor(Number(context.time)));
    else this.number = Number(context.number);
    if (!(this.left < Number.MAX_SAFE_INTEGER)) this.left = Number.MAX_SAFE_INTEGER; // NaN, too
    if (action === FAULT) this.code = Number(context.code);
    if (action !== SYSTEM_CALL) return;
    this.pointer = Number(context.pointer);
    this.reply = Number(context.reply);
    this.destination = Number(context.destination);
  }
}

export class Programs {
  readonly #kernel: KernelCore;
  readonly #programs: readonly (Program | undefined)[];
  readonly #systemCallTime: number;
  readonly #outside: Outside | undefined;
  readonly #actors: (Actor | undefined)[];

  constructor({ kernel, programs, systemCallTime = 1, outside }: ProgramsOptions) {
    this.#kernel = kernel;
    this.#programs = programs;
    this.#systemCallTime = Math.max(1, systemCallTime);
    this.#outside = outside;
    this.#actors = new Array<Actor | undefined>(kernel.threads.threadCount).fill(undefined);
  }

  /** Everything that happens before `end`; less when the kernel finds its memory corrupted. */
  run(end: number): void {
    const kernel = this.#kernel;
    while (kernel.scheduler.now < end && !kernel.corrupted) {
      const thread = kernel.current;
      if (thread < 0) this.#pass(end);
      else this.#step(thread, end);
    }
  }

  #step(thread: number, end: number): void {
    const left = this.leftOf(thread);
    if (left >= 0) this.spend(thread, this.#pass(Math.min(end, this.#kernel.scheduler.now + left)));
  }
  /**
   * For a kernel that lets time pass itself, in place of `run`.
   * @returns how long the thread that runs spends until it does what it wants; -1 when it is to be asked again who runs:
   * the thread has ended, or faulted.
   */
  leftOf(thread: number): number {
    const actor = this.#actorOf(thread);
    if (actor === undefined) return -1;
    if (actor.isMade) this.#makeAgain(thread, actor);
    return actor.left;
  }
  /** The thread spent so much, of which the kernel was told. If that is all and it still runs, it does what it wants. */
  spend(thread: number, time: number): void {
    const actor = this.#actors[thread]!;
    actor.left -= time;
    if (actor.left <= 0 && this.#kernel.current === thread) this.#act(thread, actor);
  }
  /** Whether what the thread wants is a system call. */
  isSystemCall(thread: number): boolean {
    return this.#actors[thread]?.action === SYSTEM_CALL;
  }
  /** @returns the actor, which holds an action; undefined when the thread did something else than to act. */
  #actorOf(thread: number): Actor | undefined {
    const { tcbs } = this.#kernel;
    const program = tcbs.low(thread, tcb.PC);
    const step = tcbs.high(thread, tcb.PC);
    const actor = this.#actors[thread];
    const isItself = actor?.program === program && actor.incarnation === tcbs.incarnation[thread];
    if (isItself && actor.step >= 0 && actor.step === step) return actor;
    if (isItself && actor.step + 1 === step) return this.#fetch(thread, actor);
    if (step === 0) return this.#begin(thread, program);
    this.#kernel.userException(INSTRUCTION_ACCESS_FAULT, program);
    return undefined;
  }
  #begin(thread: number, program: number): Actor | undefined {
    const code = this.#programs[program];
    if (code === undefined) {
      this.#kernel.userException(INSTRUCTION_ACCESS_FAULT, program);
      return undefined;
    }
    const { threads, tcbs, scheduler } = this.#kernel;
    const context = new ThreadContext(thread, threads, () => scheduler.now);
    const actor = new Actor(program, tcbs.incarnation[thread]!, context, started(code, context));
    this.#actors[thread] = actor;
    return this.#fetch(thread, actor);
  }
  #fetch(thread: number, actor: Actor): Actor | undefined {
    try {
      const { done, value } = actor.generator.next();
      if (done === true) return this.#end(thread);
      actor.take(value, this.#systemCallTime);
    } catch {
      actor.action = 0;
      actor.left = this.#systemCallTime;
    }
    actor.step++;
    actor.isMade = false;
    return actor;
  }
  /** A program that ends stops its thread. */
  #end(thread: number): undefined {
    this.#kernel.control.suspend(thread);
    this.#kernel.reschedule();
  }

  #act(thread: number, actor: Actor): void {
    switch (actor.action) {
      case SPEND:
        this.#kernel.tcbs.set(thread, tcb.PC, actor.program, actor.step + 1);
        break;
      case SYSTEM_CALL:
        actor.isMade = true;
        this.#kernel.systemCall(actor.number, actor.pointer, actor.reply, actor.destination);
        break;
      case FAULT:
        actor.isMade = true;
        this.#kernel.userException(actor.number, actor.code);
        break;
      default:
        actor.isMade = true;
        this.#kernel.userException(ILLEGAL_INSTRUCTION, 0);
        break;
    }
  }
  /** Its arguments are what its registers hold by now. */
  #makeAgain(thread: number, actor: Actor): void {
    const { tcbs } = this.#kernel;
    actor.isMade = false;
    actor.left = this.#systemCallTime;
    if (actor.action !== SYSTEM_CALL) return;
    actor.number = tcbs.low(thread, tcb.A7);
    actor.pointer = tcbs.low(thread, tcb.A0);
    actor.reply = tcbs.low(thread, tcb.A6);
    actor.destination = tcbs.low(thread, tcb.T0);
  }

  /** Lets time pass, to the next thing that happens and no longer. @returns how much. */
  #pass(end: number): number {
    const kernel = this.#kernel;
    const from = kernel.scheduler.now;
    const outside = this.#outside?.until() ?? Number.POSITIVE_INFINITY;
    const to = Math.max(from, Math.min(end, kernel.until(), outside));
    kernel.elapse(to);
    if (outside <= to) this.#outside?.elapse(to);
    return to - from;
  }
}

/** What is no generator, or throws before it is one, is a program that throws at its first step. */
function started(code: Program, context: ThreadContext): Generator<number, void, void> {
  try {
    return code(context);
  } catch {
    return broken();
  }
}
// biome-ignore lint/correctness/useYield: it throws instead
function* broken(): Generator<number, void, void> {
  throw new Error('the program could not begin');
}
