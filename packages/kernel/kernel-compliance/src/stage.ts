/**
 * System calls as the thread that runs makes them, and what it then finds. All that a thread could see is written down,
 * so that two runs can be compared.
 */
import { SetupError } from './check.ts';
import type { LabelName } from './interface.ts';
import { ERRORS, type Numbers } from './numbers.ts';
import type { AccessKind, BootInfo, Machine, Received, ReceivePath, Subject, SystemCall } from './subject.ts';

/** What an invocation answers: an error's name, and the words that come with it. */
export interface Answer {
  readonly error: string;
  readonly words: readonly number[];
}

const NOWHERE: ReceivePath = { root: 0, index: 0, depth: 0 };
const BLANK: SystemCall = {
  name: 'Yield',
  pointer: 0,
  destination: 0,
  reply: 0,
  label: 0,
  words: [],
  length: 0,
  capabilities: [],
  receive: NOWHERE,
};

/** What a thread sends. */
export interface Message {
  readonly label?: number;
  readonly words?: readonly number[];
  readonly length?: number;
  readonly capabilities?: readonly number[];
}

export class Stage {
  readonly subject: Subject;
  readonly numbers: Numbers;
  readonly machine: Machine;
  readonly boot: BootInfo;
  readonly #trace: string[];
  /** Where the threads that receive from now on want a capability. */
  receive: ReceivePath = NOWHERE;

  constructor(subject: Subject, machine: Machine, trace: string[]) {
    this.subject = subject;
    this.numbers = subject.numbers;
    this.machine = machine;
    this.boot = machine.bootInfo;
    this.#trace = trace;
  }

  /** The thread that runs; -1 is nobody. */
  get current(): number {
    return this.machine.current;
  }
  /** What the thread that runs finds. */
  get message(): Received {
    const { current } = this;
    if (current < 0) throw new SetupError('nobody runs');
    return this.machine.received(current);
  }
  messageOf(thread: number): Received {
    return this.machine.received(thread);
  }

  /** The thread that runs makes a system call. */
  perform(call: Partial<SystemCall> & Pick<SystemCall, 'name'>): void {
    if (this.current < 0) throw new SetupError(`nobody runs, to make the system call ${call.name}`);
    const length = call.length ?? call.words?.length ?? 0;
    this.machine.perform({ ...BLANK, receive: this.receive, ...call, length });
    this.#see(call.name);
  }
  call(pointer: number, message: Message = {}): void {
    this.perform({ name: 'Call', pointer, ...message });
  }
  send(pointer: number, message: Message = {}): void {
    this.perform({ name: 'Send', pointer, ...message });
  }
  nbSend(pointer: number, message: Message = {}): void {
    this.perform({ name: 'NBSend', pointer, ...message });
  }
  /** As Send: what is sent to a notification, or to a reply object, does not wait. */
  signal(pointer: number): void {
    this.perform({ name: 'Send', pointer });
  }
  recv(pointer: number, reply: number): void {
    this.perform({ name: 'Recv', pointer, reply });
  }
  nbRecv(pointer: number, reply: number): void {
    this.perform({ name: 'NBRecv', pointer, reply });
  }
  wait(pointer: number): void {
    this.perform({ name: 'Wait', pointer });
  }
  poll(pointer: number): void {
    this.perform({ name: 'NBWait', pointer });
  }
  replyRecv(pointer: number, reply: number, message: Message = {}): void {
    this.perform({ name: 'ReplyRecv', pointer, reply, ...message });
  }
  nbSendRecv(destination: number, pointer: number, reply: number, message: Message = {}): void {
    this.perform({ name: 'NBSendRecv', destination, pointer, reply, ...message });
  }
  nbSendWait(destination: number, pointer: number, message: Message = {}): void {
    this.perform({ name: 'NBSendWait', destination, pointer, ...message });
  }
  yield(): void {
    this.perform({ name: 'Yield' });
  }

  elapse(time: number): void {
    this.machine.elapse(time);
    this.#see('time');
  }
  interrupt(irq: number): void {
    this.machine.interrupt(irq);
    this.#see('interrupt');
  }
  access(address: number, kind: AccessKind, value = 0): number | 'fault' {
    const result = this.machine.access(address, kind, value);
    this.#see(`${kind} ${result}`);
    return result;
  }

  /** Who runs after something has happened, and all that it finds. */
  #see(what: string): void {
    const { current } = this;
    const found = current < 0 ? '' : JSON.stringify(this.machine.received(current));
    this.#trace.push(`${what}: ${current} runs ${found}`);
  }

  /** The thread that runs calls a kernel object, by the name of the label. */
  invoke(
    pointer: number,
    label: LabelName,
    words: readonly number[] = [],
    capabilities: readonly number[] = [],
  ): Answer {
    const number = this.numbers.labels[label];
    if (number === undefined) throw new SetupError(`the subject has no number for ${label}`);
    return this.invokeNumbered(pointer, number, words, capabilities);
  }
  invokeNumbered(
    pointer: number,
    label: number,
    words: readonly number[] = [],
    capabilities: readonly number[] = [],
  ): Answer {
    const caller = this.current;
    this.call(pointer, { label, words, capabilities });
    return this.answerOf(caller);
  }
  /** What a thread was answered. A thread that waits, faulted or ended was not. */
  answerOf(thread: number): Answer {
    const { label, words } = this.messageOf(thread);
    const error = ERRORS.find((name) => this.numbers.errors[name] === label) ?? `label ${label}`;
    return { error, words };
  }
}

/** @returns the answer's words, of an invocation that sets the stage. */
export function done(answer: Answer, what: string): readonly number[] {
  if (answer.error !== 'NoError') throw new SetupError(`${what}: ${answer.error} ${answer.words.join(' ')}`);
  return answer.words;
}
