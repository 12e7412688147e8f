/** What was done, step by step on a kernel and on the model, and in sentences. */
import { errors, objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { systemCalls } from '../../src/index.ts';
import { Cast, type CastOptions, NAMES } from './cast.ts';
import { Census } from './census.ts';
import { differences, modelOf, threadOf } from './comparison.ts';
import { doomedBy, finishOrphans, follow, isDone } from './cut.ts';
import { callOf, type Deed } from './deeds.ts';
import { LABELS } from './labels.ts';
import { isUntold, type Model } from './model/model.ts';
import type { Answer, Cap, SystemCall, Thread } from './model/things.ts';
import { resume } from './model/waiting.ts';

const CALLS = new Map(Object.entries(systemCalls).map(([name, value]) => [value, name]));
const NEVER = -1;
const MEMORY: CastOptions = { pages: 128, untypedBits: 15, hardware: true, workUnits: 1 };

function sentence(name: string, model: Model, t: Thread, call: SystemCall): string {
  const what = (pointer: number): string => {
    const cap = model.find(t, pointer)?.cap;
    return cap ? `${pointer} (${objects.NAMES[cap.thing.type]}${rightsOf(cap)})` : `${pointer} (nothing)`;
  };
  const verb = (call.label ?? 0) === 0 ? CALLS.get(call.number) : LABELS.get(call.label!);
  const words = (call.words ?? []).length > 0 ? ` with ${call.words!.join(' ')}` : '';
  const extras = (call.extras ?? []).length > 0 ? ` and ${call.extras!.map(what).join(', ')}` : '';
  const reply = call.reply === undefined ? '' : `, reply ${what(call.reply)}`;
  const to = call.destination === undefined ? '' : `, after sending to ${what(call.destination)}`;
  return `${name} ${verb} on ${what(call.pointer)}${words}${extras}${reply}${to}`;
}
const rightsOf = ({ thing: { type }, rights, badge }: Cap): string => {
  if (objects.carriedRights(type) === 0) return '';
  const letters = ['w', 'r', 'g', 'p'].map((letter, i) => ((rights & (1 << i)) === 0 ? '-' : letter)).join('');
  return ` ${letters}${badge === 0 ? '' : ` badge ${badge}`}`;
};

/** A way to do what a cast does, wrongly. */
export type Spoil = (cast: Cast, call: SystemCall, perform: () => void) => void;

export class Story {
  readonly cast: Cast;
  readonly model: Model;
  readonly lines: string[] = [];
  readonly #spoil: Spoil;
  /** Errors that were answered, for whoever wants to know that all were met. */
  readonly answers = new Set<number>();
  /** Labels with which something was done. */
  readonly done = new Set<number>();
  transferred = 0;
  cuts = 0;
  /** System calls that were cut short, and are made again by whoever made them. */
  readonly #cut = new Map<number, SystemCall>();
  /** Deletions that were cut short and not made to an end. */
  #abandoned = 0;

  constructor(spoil: Spoil = (_cast, _call, perform) => perform(), options: CastOptions = MEMORY) {
    this.cast = new Cast(options);
    this.model = modelOf(this.cast);
    this.#spoil = spoil;
    this.cast.machine.readAhead();
  }
  /** @returns what is wrong then, in words; undefined when nobody can do anything any more. */
  tell(deed: Deed): string[] | undefined {
    const { cast, model } = this;
    if (deed[0] === 'interrupt') return this.#interrupt(deed[2] ?? 0);
    for (let passes = deed[1] % 4; passes > 0 && cast.current >= 0; passes--) cast.pass();
    if (deed[0] === 'nothing') return [];
    if (cast.current < 0) this.#wakeSomebody();
    const number = cast.current;
    if (number < 0) return undefined;
    const t = threadOf(cast, model, number);
    const last = Number(deed.at(-1));
    const cutAfter = last % 4 > 0 ? Math.floor(last / 4) % 3 : NEVER;
    return this.do(t, number, this.#cut.get(number) ?? callOf(model, t, deed), cutAfter);
  }
  /** One that is let through, if there is one. */
  #interrupt(choice: number): string[] {
    const open = this.model.interrupts.open();
    const identity = open[choice % open.length];
    if (identity === undefined) return [];
    this.lines.push(`Interrupt ${identity} comes`);
    this.model.interrupts.deliver(identity);
    this.cast.machine.interrupt(identity);
    return this.#differences();
  }
  /** Nobody runs: one who can is woken from outside. */
  #wakeSomebody(): void {
    const { threads } = this.cast;
    for (let turn = 0; turn < threads.length; turn++) {
      const i = (this.lines.length + turn) % threads.length;
      const number = threads[i]!;
      const t = threadOf(this.cast, this.model, number);
      const isAlive = [...this.model.caps()].some((cap) => cap.thing === t?.tcb && !cap.dying);
      if (t === undefined || !isAlive || this.cast.current >= 0) continue;
      this.lines.push(`${NAMES[i]} is woken`);
      resume(t);
      this.cast.wake(number);
    }
  }
  do(t: Thread, number: number, call: SystemCall, cutAfter: number = NEVER): string[] {
    const { cast, model } = this;
    const name = NAMES[cast.threads.indexOf(number)] ?? `Thread ${number}`;
    this.lines.push(sentence(this.#cut.has(number) ? `${name} goes on with` : `${name} does`, model, t, call));
    const held = [...model.caps()].length;
    const doomed = doomedBy(model, t, call);
    cast.machine.cutAfter(cutAfter);
    this.#spoil(cast, call, () => cast.perform(call));
    const wasCut = cast.machine.wasCut;
    cast.machine.cutAfter(NEVER);
    const answer = this.#tellModel(t, number, call, doomed, wasCut);
    if ([...model.caps()].length > held && (call.label ?? 0) === 0) this.transferred++;
    const wrong = [...this.#compareAnswer(number, call, answer), ...this.#differences()];
    this.lines[this.lines.length - 1] += wasCut ? ', and is cut short' : `: ${errors.NAMES[answer?.error ?? 0]}`;
    return wrong;
  }
  /** A deletion may end in parts: cut short, or because who asked for it lost the means. */
  #tellModel(t: Thread, number: number, call: SystemCall, doomed: Set<Cap> | null, wasCut: boolean): Answer | null {
    const { cast, model } = this;
    if (wasCut) this.#cut.set(number, call);
    else this.#cut.delete(number);
    if (doomed === null) return wasCut ? null : model.systemCall(t, call);
    const census = new Census(cast.w);
    const isWhole = !wasCut && (isDone(census, doomed) || this.#errorOf(number) === 0);
    if (isWhole) finishOrphans(model, census);
    else follow(model, census, doomed);
    if (wasCut) this.cuts++;
    else if (!isWhole) this.#abandoned++;
    return wasCut ? null : model.systemCall(t, call);
  }
  #differences(): string[] {
    const { cast, model } = this;
    for (const number of this.#cut.keys())
      if (threadOf(cast, model, number) === undefined) {
        this.#cut.delete(number);
        this.#abandoned++;
      }
    return differences(cast, model, this.#cut.size + this.#abandoned);
  }
  #errorOf(number: number): number {
    return message.labelOf(this.cast.w.kernel.threads.tag[number]!);
  }
  #compareAnswer(number: number, call: SystemCall, answer: Answer | null): string[] {
    if (answer === null || isUntold(call.label ?? 0)) return [];
    const { threads } = this.cast.w.kernel;
    const error = this.#errorOf(number);
    this.answers.add(error);
    if (error === 0) this.done.add(call.label ?? 0);
    const expected = errors.NAMES[answer.error];
    if (error !== answer.error) return [`the kernel answers ${errors.NAMES[error]}, the model ${expected}`];
    const left = threads.registers[number * 8]!;
    if (answer.bytesLeft !== undefined && left !== answer.bytesLeft)
      return [`the kernel has ${left} bytes left, the model ${answer.bytesLeft}`];
    return [];
  }
  /** Everything that was done, and what came of it. */
  toString(wrong: readonly string[]): string {
    return [
      '',
      ...this.lines.map((line, i) => `${i + 1}. ${line}`),
      ...wrong.slice(0, 6).map((line) => `   But ${line}.`),
    ].join('\n');
  }
}
