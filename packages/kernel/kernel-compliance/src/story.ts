/** Small verbs in which clauses are told: making objects, moving capabilities, starting threads. */

import { SetupError } from './check.ts';
import type { ObjectName } from './numbers.ts';
import { type Answer, done, Stage } from './stage.ts';
import type { Machine, Subject } from './subject.ts';

/** The initial thread steps down to this, and above its makers everybody runs at once. */
export const BASE_PRIORITY = 100;
const FIRST_BUFFER = 0x1000_0000;

export interface Agent {
  readonly id: number;
  readonly tcb: number;
  readonly schedContext: number;
  /** Of its IPC buffer; 0: it has none. */
  readonly frame: number;
}
export interface ThreadOptions {
  readonly priority?: number;
  /** A capability to the endpoint that hears of its faults. */
  readonly faults?: number;
  readonly timeouts?: number;
  readonly maximum?: number;
  readonly hasBuffer?: boolean;
  readonly cspace?: number;
  readonly budget?: number;
  readonly period?: number;
  readonly badge?: number;
  readonly flags?: number;
}

export class Story extends Stage {
  /** The initial thread. */
  readonly initial: number;
  /** Untyped memory from which everything is made that has no place of its own. */
  readonly memory: number;
  #nextEmpty: number;
  #buffers = 0;

  constructor(subject: Subject, machine: Machine, trace: string[]) {
    super(subject, machine, trace);
    this.initial = this.current;
    this.#nextEmpty = this.boot.empty.start;
    const ordinary = this.boot.untypeds.filter(({ isDevice }) => !isDevice);
    if (ordinary.length === 0) throw new SetupError('there is no untyped memory');
    const largest = ordinary.reduce((best, one) => (one.sizeBits > best.sizeBits ? one : best), ordinary[0]!);
    this.memory = largest.pointer;
    done(
      this.invoke(this.boot.tcb, 'TCB_SetPriority', [BASE_PRIORITY], [this.boot.tcb]),
      'the initial thread steps down',
    );
  }

  get all(): number {
    const { read, write, grant, grantReply } = this.numbers.rights;
    return read | write | grant | grantReply;
  }
  get depth(): number {
    return this.numbers.pointerBits;
  }
  get slice(): number {
    return 10 * this.numbers.minBudget;
  }

  // ---------------------------------------------------------------- objects

  /** @returns the pointer of the first of so many empty slots of the root CNode. */
  empty(count = 1): number {
    const first = this.#nextEmpty;
    this.#nextEmpty += count;
    if (this.#nextEmpty > this.boot.empty.end) throw new SetupError('the root CNode is full');
    return first;
  }
  /** Makes objects, by the initial thread or who shares its space. @returns the pointer of the first. */
  make(object: ObjectName, sizeBits = 0, count = 1, untyped: number = this.memory): number {
    const first = this.empty(count);
    done(this.retype(untyped, object, sizeBits, first, count), `making ${object}`);
    return first;
  }
  retype(untyped: number, object: ObjectName, sizeBits: number, first: number, count = 1): Answer {
    const { type, sizeArgument } = this.object(object);
    const size = sizeArgument === 0 ? sizeBits : sizeArgument;
    return this.invoke(untyped, 'Untyped_Retype', [type, size, 0, 0, first, count], [this.boot.cnode]);
  }
  /** Retype with another CNode as the root, itself the node (depth 0). */
  retypeInto(
    untyped: number,
    object: ObjectName,
    sizeBits: number,
    node: number,
    offset: number,
    count: number,
  ): Answer {
    const { type, sizeArgument } = this.object(object);
    const size = sizeArgument === 0 ? sizeBits : sizeArgument;
    return this.invoke(untyped, 'Untyped_Retype', [type, size, 0, 0, offset, count], [node]);
  }
  object(name: ObjectName): { readonly type: number; readonly sizeArgument: number; readonly bits: number } {
    const found = this.numbers.objects[name];
    if (found === undefined) throw new SetupError(`the subject has no ${name}`);
    return found;
  }

  // ---------------------------------------------------------------- capabilities, in the root CNode

  copy(to: number, from: number, rights: number = this.all): Answer {
    const { cnode } = this.boot;
    return this.invoke(cnode, 'CNode_Copy', [to, this.depth, from, this.depth, rights], [cnode]);
  }
  mint(to: number, from: number, rights: number, data: number): Answer {
    const { cnode } = this.boot;
    return this.invoke(cnode, 'CNode_Mint', [to, this.depth, from, this.depth, rights, data], [cnode]);
  }
  move(to: number, from: number): Answer {
    const { cnode } = this.boot;
    return this.invoke(cnode, 'CNode_Move', [to, this.depth, from, this.depth], [cnode]);
  }
  mutate(to: number, from: number, data: number): Answer {
    const { cnode } = this.boot;
    return this.invoke(cnode, 'CNode_Mutate', [to, this.depth, from, this.depth, data], [cnode]);
  }
  rotate(to: number, pivot: number, from: number, pivotData = 0, fromData = 0): Answer {
    const { cnode } = this.boot;
    const words = [to, this.depth, pivotData, pivot, this.depth, fromData, from, this.depth];
    return this.invoke(cnode, 'CNode_Rotate', words, [cnode, cnode]);
  }
  delete(pointer: number): Answer {
    return this.invoke(this.boot.cnode, 'CNode_Delete', [pointer, this.depth]);
  }
  revoke(pointer: number): Answer {
    return this.invoke(this.boot.cnode, 'CNode_Revoke', [pointer, this.depth]);
  }
  cancelBadgedSends(pointer: number): Answer {
    return this.invoke(this.boot.cnode, 'CNode_CancelBadgedSends', [pointer, this.depth]);
  }
  /** Derives to a fresh slot. */
  copied(from: number, rights: number = this.all): number {
    const to = this.empty();
    done(this.copy(to, from, rights), 'copying');
    return to;
  }
  minted(from: number, badge: number, rights: number = this.all): number {
    const to = this.empty();
    done(this.mint(to, from, rights, badge), 'minting');
    return to;
  }
  /** Whether a slot holds a capability: what is moved onto itself is refused as occupied, or as missing. */
  holds(pointer: number): boolean {
    return this.copy(pointer, pointer).error === 'DeleteFirst';
  }

  /** Polls a notification twice. @returns its word, and what is there once that is taken: nothing. */
  polled(notification: number): readonly number[] {
    return [0, 1].map(() => {
      this.poll(notification);
      return this.message.badge;
    });
  }

  // ---------------------------------------------------------------- threads

  /**
   * The initial thread makes a thread with a turn of its own, in its own spaces. Above BASE_PRIORITY it runs at once, and
   * the story goes on as that thread.
   */
  thread(options: ThreadOptions = {}): Agent {
    const { priority = 110, faults = 0, maximum = 255, hasBuffer = true, cspace = this.boot.cnode } = options;
    const maker = this.current;
    const tcb = this.make('TCB');
    const schedContext = this.schedContext(options);
    const frame = hasBuffer ? this.make('Frame4K') : 0;
    const address = hasBuffer ? FIRST_BUFFER + 0x1000 * this.#buffers++ : 0;
    const spaces = [cspace, this.boot.vspace, frame];
    done(this.invoke(tcb, 'TCB_Configure', [0, 0, address], spaces), 'TCB_Configure');
    const parameters = [this.boot.tcb, schedContext, faults];
    done(this.invoke(tcb, 'TCB_SetSchedParams', [maximum, priority], parameters), 'TCB_SetSchedParams');
    if (options.timeouts) done(this.invoke(tcb, 'TCB_SetTimeoutEndpoint', [], [options.timeouts]), 'a timeout handler');
    done(this.invoke(tcb, 'TCB_Resume'), 'TCB_Resume');
    const id = this.current;
    if (id === maker) throw new SetupError(`a thread of priority ${priority} does not run when it is resumed`);
    return { id, tcb, schedContext, frame };
  }
  /** A scheduling context, by default with all the time, in turns. */
  schedContext({ budget = this.slice, period = this.slice, badge = 0, flags = 0 }: ThreadOptions = {}): number {
    const schedContext = this.make('SchedContext', this.numbers.schedContextBits);
    done(this.configure(schedContext, budget, period, 0, badge, flags), 'SchedControl_ConfigureFlags');
    return schedContext;
  }
  configure(schedContext: number, budget: number, period: number, extraRefills = 0, badge = 0, flags = 0): Answer {
    const words = [budget, period, extraRefills, badge, flags];
    return this.invoke(this.boot.schedControl, 'SchedControl_ConfigureFlags', words, [schedContext]);
  }
  /** A thread above the initial one that waits at an endpoint. The initial thread runs on. */
  server(endpoint: number, options: ThreadOptions = {}): Agent & { readonly reply: number } {
    const reply = this.make('Reply');
    const agent = this.thread({ priority: 120, ...options });
    this.recv(endpoint, reply);
    return { ...agent, reply };
  }
  /** As `server`, without a scheduling context of its own. */
  passiveServer(endpoint: number, options: ThreadOptions = {}): Agent & { readonly reply: number } {
    const server = this.server(endpoint, options);
    done(this.invoke(server.schedContext, 'SchedContext_UnbindObject', [], [server.tcb]), 'making a thread passive');
    return server;
  }
  /** A thread that waits at a notification until it is needed: a signal to `wake` and it runs. */
  sleeper(options: ThreadOptions = {}): Agent & { readonly wake: number } {
    const wake = this.make('Notification');
    const agent = this.thread({ priority: 110, ...options });
    this.wait(wake);
    return { ...agent, wake };
  }
  /** The initial thread does something while nobody else runs, and then steps down again. */
  together(act: () => void): void {
    const { tcb } = this.boot;
    this.stepUp();
    act();
    this.call(tcb, {
      label: this.numbers.labels.TCB_SetPriority ?? 0,
      words: [BASE_PRIORITY],
      capabilities: [tcb],
    });
  }
  /** The initial thread stays above the others, so that whom it lets go on does not take its place. */
  stepUp(): void {
    const { tcb } = this.boot;
    done(this.invoke(tcb, 'TCB_SetPriority', [200], [tcb]), 'the initial thread steps up');
  }
  suspend(agent: Agent): Answer {
    return this.invoke(agent.tcb, 'TCB_Suspend');
  }
  resume(agent: Agent): Answer {
    return this.invoke(agent.tcb, 'TCB_Resume');
  }
  setPriority(agent: Agent, priority: number): Answer {
    return this.invoke(agent.tcb, 'TCB_SetPriority', [priority], [this.boot.tcb]);
  }
}
