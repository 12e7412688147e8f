/**
 * The kernel of the book, without a hart: it is told which system call the running thread makes, which fault it has and
 * what time it is, and says which thread runs then. seL4 reference manual 13.0.0, configuration with MCS.
 *
 * All that it knows lies in the lent memory or in arrays as long as that memory has room for threads. Nothing throws
 * and nothing runs for ever, whatever that memory holds; when it is not what was left there, `corrupted` says so.
 */
import { Capabilities, granuleOf } from '@bulkhead/capabilities';
import { BlockedThreads, outcomes, SystemCalls } from '@bulkhead/ipc';
import type { PhysicalMemoryPort } from '@bulkhead/ports';
import { Calls, Invocations, Scheduler } from '@bulkhead/scheduler';
import { type BootOptions, boot } from './boot.ts';
import type { BootInfo } from './boot-info.ts';
import { CapabilityAdapter } from './capability-adapter.ts';
import type { Decoder } from './decoder.ts';
import { Dispatch } from './dispatch.ts';
import { Faults } from './faults.ts';
import { Finalisation } from './finalisation.ts';
import { Message } from './message.ts';
import { addressSpaceCheck, type KernelCoreOptions } from './options.ts';
import { SchedulingAdapter } from './scheduling-adapter.ts';
import { SchedulingInvocations } from './scheduling-invocations.ts';
import * as number from './system-call-numbers.ts';
import { makeTcbInvocations } from './tcb/make.ts';
import { TCB_WORDS } from './tcb-layout.ts';
import { Tcbs } from './tcbs.ts';
import { ThreadControl } from './thread-control.ts';

const NONE = -1;
/** As an argument of `attribute`: whoever the scheduler chooses. */
export const CHOSEN = -2;

export class KernelCore {
  readonly memory: PhysicalMemoryPort;
  readonly capabilities: Capabilities;
  readonly calls: SystemCalls;
  readonly scheduler: Scheduler;
  readonly threads: BlockedThreads;
  readonly tcbs: Tcbs;
  readonly control: ThreadControl;
  readonly schedulingInvocations: Invocations;
  readonly #donation: Calls;
  readonly #scheduling: SchedulingAdapter;
  readonly #port: CapabilityAdapter;
  readonly #faults: Faults;
  readonly #fastPath: boolean;
  readonly #onCorruption: () => void;
  #corrupted = false;
  #attributed: number = CHOSEN;

  constructor(options: KernelCoreOptions) {
    const { memory, workUnits = 100, preempt = () => false, instruction = [0, 1] } = options;
    const { words, basePage } = memory;
    const threadCount = Math.floor(words.length / TCB_WORDS);
    this.memory = memory;
    this.#fastPath = options.fastPath ?? true;
    this.#onCorruption = options.onCorruption ?? (() => {});
    this.threads = new BlockedThreads(words, threadCount);
    this.tcbs = new Tcbs(this.threads, granuleOf(basePage, 0), instruction);
    this.capabilities = new Capabilities({
      words,
      basePage,
      finalise: (type, object, slot, final) => finalisation.finalise(type, object, slot, final),
      cancelBadgedSends: (endpoint, badge) => finalisation.cancelBadgedSends(endpoint, badge),
    });
    const decoders = decodersOf(options, this.capabilities);
    this.scheduler = new Scheduler({ ...schedulerOptions(options), words, threadCount });
    this.#donation = new Calls(this.scheduler);
    this.schedulingInvocations = new Invocations(this.scheduler, this.#donation);
    const isSpace = addressSpaceCheck(options, this.capabilities);
    this.#scheduling = new SchedulingAdapter(this.scheduler, this.#donation, this.tcbs, options.native, isSpace);
    const mustStop = (): boolean => preempt() || this.scheduler.until() <= this.scheduler.now;
    const dispatch = new Dispatch(this.capabilities, workUnits, mustStop, decoders);
    this.#port = new CapabilityAdapter(this.capabilities, this.tcbs, new Message(), dispatch);
    this.calls = new SystemCalls(this.threads, this.#port, this.#scheduling);
    this.control = new ThreadControl(this.calls, this.scheduler, this.tcbs);
    this.#faults = new Faults(this.capabilities, this.calls, this.scheduler, this.tcbs);
    const scheduling = new SchedulingInvocations(this.capabilities, this.schedulingInvocations, this.tcbs);
    dispatch.connect(makeTcbInvocations(this, isSpace), scheduling, (object) => this.#join(object));
    const finalisation = new Finalisation({
      capabilities: this.capabilities,
      calls: this.calls,
      scheduler: this.scheduler,
      donation: this.#donation,
      tcbs: this.tcbs,
      control: this.control,
      decoders,
      onCorruption: () => this.#corrupt(),
    });
  }

  /** The thread that runs now, or -1. */
  get current(): number {
    return this.scheduler.current;
  }
  /** Whether the lent memory held what was not left there. Whoever runs the kernel should stop it. */
  get corrupted(): boolean {
    return this.#corrupted;
  }

  /** Makes the initial thread, which holds all that there is. Once, in memory that nobody uses yet. */
  boot(options: BootOptions = {}): BootInfo {
    return boot(this, options);
  }

  /* System calls. */

  /**
   * The thread that runs makes a system call. Its message is in `threads.tag`, `threads.registers` and its buffer.
   * @param pointer what it sends to or receives from. @param destination of NB_SEND_RECEIVE and NB_SEND_WAIT: where the
   * message goes. An unknown number is a fault.
   */
  systemCall(callNumber: number, pointer: number, reply: number, destination: number): void {
    const thread = this.scheduler.current;
    if (thread === NONE) return;
    this.tcbs.enter(thread, callNumber, pointer, reply, destination);
    this.#finish(thread, this.#perform(thread, callNumber, pointer, reply, destination));
  }
  #perform(thread: number, callNumber: number, pointer: number, reply: number, destination: number): number {
    const { calls } = this;
    switch (callNumber) {
      case number.CALL:
        return this.#fastPath ? calls.call(thread, pointer) : calls.callSlowly(thread, pointer);
      case number.REPLY_RECEIVE:
        return this.#fastPath
          ? calls.replyReceive(thread, pointer, reply)
          : calls.replyReceiveSlowly(thread, pointer, reply);
      case number.NB_SEND_RECEIVE:
        return calls.nbSendReceive(thread, destination, pointer, reply);
      case number.NB_SEND_WAIT:
        return calls.nbSendWait(thread, destination, pointer);
      case number.SEND:
        return calls.send(thread, pointer);
      case number.NB_SEND:
        return calls.nbSend(thread, pointer);
      case number.RECEIVE:
        return calls.receive(thread, pointer, reply);
      case number.NB_RECEIVE:
        return calls.nbReceive(thread, pointer, reply);
      case number.WAIT:
        return calls.wait(thread, pointer);
      case number.NB_WAIT:
        return calls.poll(thread, pointer);
      case number.YIELD:
        return calls.yield(thread);
      default:
        return this.#faults.unknownSystemCall(thread, callNumber | 0, Math.floor(callNumber / 2 ** 32) | 0);
    }
  }
  #finish(thread: number, outcome: number): void {
    if (outcome === outcomes.DONE) this.tcbs.complete(thread);
    else if (outcome === outcomes.CAP_FAULT) this.#corruptIf(this.#faults.capability(thread));
    else this.#corruptIf(outcome, thread);
    this.#settle(thread);
    this.#choose();
  }

  /* Faults of the thread that runs. */

  vmFault(low: number, high: number, isInstruction: boolean, fsr: number): void {
    this.#fault((thread) => this.#faults.virtualMemory(thread, low, high, isInstruction, fsr));
  }
  userException(exception: number, code: number): void {
    this.#fault((thread) => this.#faults.userException(thread, exception, code));
  }
  unknownSystemCall(callNumber: number): void {
    this.#fault((thread) =>
      this.#faults.unknownSystemCall(thread, callNumber | 0, Math.floor(callNumber / 2 ** 32) | 0),
    );
  }
  debugException(reason: number, low: number, high: number, breakpoint: number): void {
    this.#fault((thread) => this.#faults.debugException(thread, reason, low, high, breakpoint));
  }
  #fault(raise: (thread: number) => number): void {
    const thread = this.scheduler.current;
    if (thread === NONE) return;
    this.#corruptIf(raise(thread), thread);
    this.#settle(thread);
    this.#choose();
  }

  /* Time. */

  /** It is `now`. Time goes forward. */
  elapse(now: number): void {
    const thread = this.scheduler.elapse(now);
    if (thread !== NONE) this.#timeout(thread);
    this.#choose();
  }
  /** When `elapse` is to be called next, if nothing happens before. */
  until(): number {
    return this.scheduler.until();
  }

  /* What happens outside. */

  /** Sets bits of a notification, as an interrupt does. @param notification index of its first word */
  signal(notification: number, bits: number): void {
    this.#corruptIf(this.calls.signal(notification, bits));
    this.#choose();
  }
  /** A thread may run, or may not any more, by a hand other than the kernel's own: who runs is decided anew. */
  reschedule(): void {
    this.#choose();
  }

  /** For whom time passes: a thread, -1 for nobody, or CHOSEN. */
  get attributed(): number {
    return this.#attributed;
  }
  /**
   * Until further notice somebody runs whom the kernel did not choose: a native thread to which time was lent and that
   * cannot be postponed; or, with -1, somebody who takes nobody's time. With CHOSEN the kernel chooses again.
   */
  attribute(thread: number): void {
    this.#attributed = thread;
    this.#choose();
  }

  /** A new thread belongs to the domain in which it is made. */
  #join(tcb: number): void {
    const { threads, domains } = this.scheduler;
    const thread = this.tcbs.threadAt(tcb);
    if (thread >= 0) threads.domain[thread] = domains.current;
  }
  #timeout(thread: number): void {
    this.#corruptIf(this.#faults.timeout(thread), thread);
    this.#scheduling.settle(thread);
  }
  /** Brings both books together, after everything that a thread did. */
  #settle(thread: number): void {
    const scheduling = this.#scheduling;
    scheduling.settle(thread);
    const answered = scheduling.answeredThread;
    if (answered !== NONE) {
      scheduling.answeredThread = NONE;
      if (scheduling.answeredFault !== 0) this.#faults.writeBack(answered, scheduling.answeredFault);
      scheduling.settle(answered);
    }
    const timedOut = scheduling.timedOut;
    if (timedOut !== NONE) {
      scheduling.timedOut = NONE;
      this.#timeout(timedOut);
    }
    if (this.#port.corrupted) this.#corrupt();
  }
  #choose(): void {
    if (this.#attributed !== CHOSEN) {
      this.scheduler.attribute(this.#attributed);
      return;
    }
    const thread = this.scheduler.choose();
    if (thread !== NONE) this.control.answerYield(thread);
  }

  /** @param thread stops: it would find the same again */
  #corruptIf(outcome: number, thread: number = NONE): void {
    if (outcome !== outcomes.RECORD_CORRUPTED) return;
    this.#corrupt();
    if (thread !== NONE) this.control.suspend(thread);
  }
  #corrupt(): void {
    this.#port.corrupted = false;
    if (this.#corrupted) return;
    this.#corrupted = true;
    this.#onCorruption();
  }
}

function schedulerOptions({ domainCount = 1, scheduleLength = 1, minBudget = 1 }: KernelCoreOptions): {
  domainCount: number;
  scheduleLength: number;
  minBudget: number;
} {
  return { domainCount, scheduleLength, minBudget };
}

const decodersOf = ({ decoders = [] }: KernelCoreOptions, capabilities: Capabilities): readonly Decoder[] =>
  typeof decoders === 'function' ? decoders(capabilities) : decoders;
