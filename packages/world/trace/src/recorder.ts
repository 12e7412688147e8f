/**
 * Everything that is told of one system's run, written down in order. It reads and never writes: a run with it is the
 * run without it.
 *
 * Time moves by charges alone, so it is the end of the last charge. Charges of the same primitive to the same component
 * that follow each other are one.
 */
import type { AssembleOptions, System } from '@bulkhead/assembler';
import type { TraceSink } from '@bulkhead/ledger';
import type { Observer } from '@bulkhead/microkernel';
import { CALL, CAST, CHARGE, ENTERED, EventLog, FRAME, LEFT, QUEUE, SEGMENT } from './event-log.ts';
import { type Frame, FrameReader } from './frames.ts';
import { type Names, namesOf } from './names.ts';
import { QueueWatch, queuesOf } from './queue-watch.ts';
import { Stacks } from './stacks.ts';

const NONE = -1;
const FROM_WORLD = 1;
const INTERRUPT_ENTRY = 'interrupt-entry';

export class Recorder {
  readonly log: EventLog;
  readonly stacks: Stacks = new Stacks();
  readonly frames: Frame[] = [];
  readonly reader: FrameReader;
  names: Names | null = null;
  queues: QueueWatch = new QueueWatch([], 0, () => {});
  #now = 0;
  /** By component: when its running handler was entered, and what it was charged since. */
  readonly #enteredAt: number[] = [];
  readonly #charged: number[] = [];
  #interruptEntry = NONE;
  #frameAt = 0;
  /** The charge that may still grow. */
  #component = NONE;
  #primitive = NONE;
  #count = 0;
  #beganAt = 0;

  constructor(limit: number, connections: number) {
    this.log = new EventLog(limit);
    this.reader = new FrameReader(connections * 2, (direction, inFlight) =>
      this.log.add(SEGMENT, this.#frameAt, direction.index, inFlight, direction.window),
    );
  }

  /** When the last thing happened, in cycles. */
  get now(): number {
    return this.#now;
  }
  get openComponents(): readonly number[] {
    return this.stacks.open;
  }

  attach(system: System): void {
    this.names = namesOf(system);
    this.#interruptEntry = this.names.primitives.findIndex(({ name }) => name === INTERRUPT_ENTRY);
    this.queues = new QueueWatch(queuesOf(system.connections), this.names.components.length, ({ index, length }) =>
      this.log.add(QUEUE, this.#now, index, length),
    );
  }

  readonly trace: TraceSink = (component, primitive, count, endCycles) => {
    const cycles = endCycles - this.#now;
    this.stacks.charge(component, primitive, cycles, primitive === this.#interruptEntry);
    if (component !== this.#component || primitive !== this.#primitive) {
      this.flush();
      this.#component = component;
      this.#primitive = primitive;
      this.#beganAt = this.#now;
    }
    this.#count += count;
    this.#charged[component] = (this.#charged[component] ?? 0) + cycles;
    this.#now = endCycles;
  };

  readonly observer: Observer = {
    entered: (component, caller) => {
      this.flush();
      this.#look(component);
      this.stacks.enter(component, caller);
      this.log.add(ENTERED, this.#now, component, caller);
      if (caller >= 0) this.log.add(CALL, this.#now, caller, component, this.#enteredAt[caller] ?? this.#now);
      this.#enteredAt[component] = this.#now;
      this.#charged[component] = 0;
    },
    left: (component) => {
      this.flush();
      this.#look(component);
      const enteredAt = this.#enteredAt[component] ?? this.#now;
      for (const { producer, appendedAt, producerEnteredAt } of this.queues.takenBy(component))
        this.log.add(CAST, Math.max(enteredAt, appendedAt), producer, component, appendedAt, producerEnteredAt);
      this.log.add(LEFT, this.#now, component, enteredAt, this.#charged[component] ?? 0);
      this.stacks.leave(component);
      this.#enteredAt[component] = NONE;
    },
  };

  readonly tap: NonNullable<AssembleOptions['tap']> = (from, atCycles, frame, lenBytes, nic) => {
    this.#frameAt = atCycles;
    const text = this.reader.read(frame, lenBytes);
    if (!this.log.isCut) this.frames.push({ text, nic, toMachine: from === FROM_WORLD, lenBytes });
    this.log.add(FRAME, atCycles, this.frames.length - 1);
  };

  /** Writes down the charge that may still have grown. */
  flush(): void {
    if (this.#component !== NONE)
      this.log.add(CHARGE, this.#beganAt, this.#component, this.#primitive, this.#count, this.#now);
    this.#component = NONE;
    this.#primitive = NONE;
    this.#count = 0;
  }

  #look(component: number): void {
    this.queues.look(component, this.#now, (other) => this.#enteredAt[other] ?? NONE);
  }
}
