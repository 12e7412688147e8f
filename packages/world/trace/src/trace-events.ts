/**
 * The log in the Trace Event Format, which Perfetto, chrome://tracing and others open ("Trace Event Format", the
 * document of the Chromium project; its JSON object form).
 *
 *   process        a domain; its threads are its components. The kernel's core is a thread of its own
 *   B, E           a handler; within it, or on the kernel's thread, a charge
 *   s, f           an arrow: a call, from the caller's handler to the one called; or casts, from the handler that
 *                  appended to the one that took them, or to a mark within it
 *   i              an interrupt, on the kernel's thread; a frame, on the wire's
 *   C              casts that wait in a queue; bytes in flight and window of one direction of a TCP connection
 *
 * Times are whole nanoseconds of simulated time; cycles stand in the arguments, exactly. Every slice is a B and an E and
 * none is an X, because a time and a duration that are rounded apart may end a nanosecond after what holds them. Readers
 * sort by time and keep the order of equals: the order here is the one that nests. Perfetto points an arrow away from
 * whichever of its two slices began first, so the one that it leaves must be that one.
 */
import { CALL, CAST, CHARGE, ENTERED, type EventLog, FRAME, LEFT, QUEUE, SEGMENT } from './event-log.ts';
import type { Names } from './names.ts';
import type { Recorder } from './recorder.ts';
import { inChunks, quoted } from './text.ts';

const NS_PER_SECOND = 1e9;
const NS_PER_US = 1000;
/** Process 0 is the idle task to some readers. Threads are numbered across processes. */
const FIRST_PID = 1;
const FIRST_TID = 1000;
const FIRST_WIRE_TID = 2_000_000;
const INTERRUPT_ENTRY = 'interrupt-entry';
const IDLE = 'idle';

/** @returns the file's text, in pieces. */
export const traceEvents = (recorder: Recorder, names: Names): Iterable<string> =>
  inChunks(new TraceEvents(recorder, names).lines());

class TraceEvents {
  readonly #recorder: Recorder;
  readonly #log: EventLog;
  readonly #names: Names;
  /** `"pid":…,"tid":…` by component. */
  readonly #tracks: readonly string[];
  readonly #wirePid: number;
  readonly #kernelTrack: string;
  /** Handlers that have begun: when, by component. */
  readonly #open: Map<number, number> = new Map();

  constructor(recorder: Recorder, names: Names) {
    this.#recorder = recorder;
    this.#log = recorder.log;
    this.#names = names;
    this.#tracks = names.components.map(({ domain }, index) => track(FIRST_PID + domain, FIRST_TID + index));
    this.#wirePid = FIRST_PID + names.domains.length;
    this.#kernelTrack = this.#tracks.at(-1)!;
  }

  *lines(): Generator<string> {
    yield `{"displayTimeUnit":"ns","otherData":${JSON.stringify(this.#about())},"traceEvents":[\n`;
    let separator = '';
    for (const event of this.#events()) {
      yield `${separator}${event}`;
      separator = ',\n';
    }
    yield '\n]}\n';
  }

  /** What a reader of the file must know, as texts. */
  #about(): Readonly<Record<string, string>> {
    const { system, profile, cyclesPerSecond } = this.#names;
    const { dropped, cutAtCycles, limit, count } = this.#log;
    const cut = `yes: the limit of ${limit} records was reached at cycle ${cutAtCycles}; ${dropped} later ones are not here`;
    return {
      exporter: '@bulkhead/trace',
      system,
      profile,
      cyclesPerSecond: String(cyclesPerSecond),
      time: 'nanoseconds of simulated time, rounded; arguments called cycles are exact',
      records: String(count),
      cut: dropped === 0 ? 'no' : cut,
    };
  }

  *#events(): Generator<string> {
    yield* this.#metadata();
    for (let row = 0; row < this.#log.count; row++) yield* this.#row(row);
    const end = this.#ns(this.#log.isCut ? this.#log.cutAtCycles : this.#recorder.now);
    for (const component of this.#open.keys())
      yield `{"ph":"E",${this.#tracks[component]},"ts":${us(end)},"args":{"unfinished":true}}`;
    if (this.#log.isCut)
      yield `{"ph":"i",${this.#kernelTrack},"ts":${us(end)},"s":"g","cat":"trace","name":${quoted(`cut: the limit of ${this.#log.limit} records`)}}`;
  }

  *#metadata(): Generator<string> {
    const { domains, components } = this.#names;
    const name = (kind: string, where: string, text: string): string =>
      `{"ph":"M",${where},"name":"${kind}","args":{"name":${quoted(text)}}}`;
    const order = (kind: string, where: string, index: number): string =>
      `{"ph":"M",${where},"name":"${kind}","args":{"sort_index":${index}}}`;
    for (const [index, domain] of domains.entries()) {
      yield name('process_name', `"pid":${FIRST_PID + index}`, domain);
      yield order('process_sort_index', `"pid":${FIRST_PID + index}`, index);
    }
    yield name('process_name', `"pid":${this.#wirePid}`, 'wire');
    yield order('process_sort_index', `"pid":${this.#wirePid}`, domains.length);
    for (const [index, component] of components.entries()) {
      yield name('thread_name', this.#tracks[index]!, component.name);
      yield order('thread_sort_index', this.#tracks[index]!, -component.level);
    }
    for (const nic of new Set(this.#recorder.frames.map((frame) => frame.nic)))
      for (const toMachine of [true, false])
        yield name(
          'thread_name',
          this.#wireTrack(nic, toMachine),
          `NIC ${nic}: ${toMachine ? 'to' : 'from'} the machine`,
        );
  }

  *#row(row: number): Generator<string> {
    const cell = (column: number): number => this.#log.cell(row, column);
    const [kind, at, a, b, c, d] = [cell(0), cell(1), cell(2), cell(3), cell(4), cell(5)];
    switch (kind) {
      case ENTERED:
        yield* this.#entered(at, a, b);
        break;
      case LEFT:
        yield* this.#left(at, a, b, c);
        break;
      case CHARGE:
        yield* this.#charge(at, a, b, c, d);
        break;
      case CALL:
        yield* this.#arrow(row, 'call', a, Math.max(this.#ns(c), this.#ns(at) - 1), b, this.#ns(at));
        break;
      case CAST:
        yield* this.#cast(row, at, a, b, c, d);
        break;
      case QUEUE:
        yield this.#queue(at, a, b);
        break;
      case FRAME:
        yield this.#frame(at, a);
        break;
      case SEGMENT:
        yield this.#segment(at, a, b, c);
        break;
    }
  }

  *#entered(at: number, component: number, caller: number): Generator<string> {
    this.#open.set(component, at);
    const name = caller < 0 ? 'woken' : `called by ${this.#names.components[caller]!.name}`;
    yield `{"ph":"B",${this.#tracks[component]},"ts":${us(this.#ns(at))},"cat":"handler","name":${quoted(name)}}`;
  }
  *#left(at: number, component: number, enteredAt: number, charged: number): Generator<string> {
    if (!this.#open.delete(component)) return;
    const args = `{"cycles":${at - enteredAt},"cycles of its own":${charged}}`;
    yield `{"ph":"E",${this.#tracks[component]},"ts":${us(this.#ns(at))},"args":${args}}`;
  }
  *#charge(at: number, component: number, primitive: number, count: number, end: number): Generator<string> {
    const { name, label, cause } = this.#names.primitives[primitive]!;
    if (cause === IDLE) return;
    const where = `${this.#tracks[component]},"ts":${us(this.#ns(at))}`;
    const args = `{"cycles":${end - at},"count":${count},"label":${quoted(label)}}`;
    if (name === INTERRUPT_ENTRY) yield `{"ph":"i",${where},"s":"t","cat":"interrupt","name":"interrupt"}`;
    yield `{"ph":"B",${where},"cat":${quoted(cause)},"name":${quoted(name)},"args":${args}}`;
    yield `{"ph":"E",${this.#tracks[component]},"ts":${us(this.#ns(end))}}`;
  }
  /**
   * Of a producer whose handler took no time that shows there is no slice to start from. A consumer that ran already when
   * the cast was appended, as one that calls its producer does, takes it at a mark of no length: its handler began first.
   */
  *#cast(
    row: number,
    at: number,
    producer: number,
    consumer: number,
    appendedAt: number,
    enteredAt: number,
  ): Generator<string> {
    const from = this.#ns(appendedAt) - 1;
    if (from < this.#ns(enteredAt)) return;
    const arrow = this.#arrow(row, 'cast', producer, from, consumer, this.#ns(at));
    if (this.#ns(this.#open.get(consumer)!) > from) yield* arrow;
    else yield* this.#marked(at, consumer, `casts of ${this.#names.components[producer]!.name}`, arrow);
  }
  *#marked(at: number, component: number, name: string, events: Iterable<string>): Generator<string> {
    const where = `${this.#tracks[component]},"ts":${us(this.#ns(at))}`;
    yield `{"ph":"B",${where},"cat":"cast","name":${quoted(name)},"args":{"cycles":0}}`;
    yield* events;
    yield `{"ph":"E",${where}}`;
  }
  /** Both ends, or none: an arrow is one record. It starts inside the slice it leaves, one nanosecond before. */
  *#arrow(id: number, kind: string, from: number, fromNs: number, to: number, toNs: number): Generator<string> {
    const what = `"id":${id},"cat":"${kind}","name":"${kind}"`;
    yield `{"ph":"s",${this.#tracks[from]},"ts":${us(fromNs)},${what}}`;
    yield `{"ph":"f","bp":"e",${this.#tracks[to]},"ts":${us(toNs)},${what}}`;
  }
  #queue(at: number, index: number, length: number): string {
    const { name, consumer } = this.#recorder.queues.queues[index]!;
    const pid = FIRST_PID + this.#names.components[consumer]!.domain;
    return `{"ph":"C","pid":${pid},"ts":${us(this.#ns(at))},"name":${quoted(`queue ${name}`)},"args":{"casts":${length}}}`;
  }
  #frame(at: number, index: number): string {
    const { text, nic, toMachine, lenBytes } = this.#recorder.frames[index]!;
    const where = `${this.#wireTrack(nic, toMachine)},"ts":${us(this.#ns(at))}`;
    return `{"ph":"i",${where},"s":"t","cat":"frame","name":${quoted(text)},"args":{"bytes":${lenBytes}}}`;
  }
  #segment(at: number, index: number, inFlight: number, window: number): string {
    const { name } = this.#recorder.reader.directions[index]!;
    const args = `{"in flight":${inFlight},"window":${window}}`;
    return `{"ph":"C","pid":${this.#wirePid},"ts":${us(this.#ns(at))},"name":${quoted(`TCP ${name}`)},"args":${args}}`;
  }

  #wireTrack(nic: number, toMachine: boolean): string {
    return track(this.#wirePid, FIRST_WIRE_TID + nic * 2 + (toMachine ? 0 : 1));
  }
  #ns(cycles: number): number {
    return Math.round((cycles / this.#names.cyclesPerSecond) * NS_PER_SECOND);
  }
}

const track = (pid: number, tid: number): string => `"pid":${pid},"tid":${tid}`;

/** Microseconds, which the format counts in, with all digits of a nanosecond. */
const us = (ns: number): string => `${Math.floor(ns / NS_PER_US)}.${String(ns % NS_PER_US).padStart(3, '0')}`;
