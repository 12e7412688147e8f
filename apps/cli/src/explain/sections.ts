/** The moments of one operation as sections that can be read from top to bottom: one for each time somebody goes on. */
import type { Description, Moment, Step } from '@bulkhead/assembler';
import { kindOf } from '@bulkhead/runtime';
import { Wakers } from './wakers.ts';
import { wordsOf } from './words.ts';

export interface StepLine extends Step {
  readonly kind: 'step';
  /** Since the operation began. */
  readonly atCycles: number;
  readonly what: string;
}
/** A frame on the wire: time of its arrival. */
export interface WireLine {
  readonly kind: 'wire';
  readonly atCycles: number;
  readonly what: string;
  readonly toMachine: boolean;
  readonly lenBytes: number;
}
/** Nobody has anything to do. */
export interface WaitLine {
  readonly kind: 'wait';
  readonly atCycles: number;
  readonly what: string;
  readonly cycles: number;
}
export type Line = StepLine | WireLine | WaitLine;

export interface Section {
  /** Who is on top of the stack; 'kernel' when nobody is. */
  readonly component: string;
  /** How it came to run: 'woken by interrupt', 'called by …', 'goes on'. */
  readonly how: string;
  /** Its busy cycles, the kernel's on its behalf included. */
  readonly cycles: number;
  readonly lines: readonly Line[];
}

interface OpenSection extends Section {
  cycles: number;
  readonly lines: Line[];
}

const KERNEL = 'kernel';
const NOBODY = 'nobody runs';
/** What the kernel does when it has chosen somebody: it belongs to the chosen. */
const CHOICES: readonly string[] = ['schedule', 'cast-dispatch'];

class Sections {
  readonly made: OpenSection[] = [];
  readonly #description: Description;
  readonly #moments: readonly Moment[];
  readonly #stack: string[] = [];
  readonly #wakers: Wakers;
  readonly #startCycles: number;

  constructor(description: Description, moments: readonly Moment[], startCycles: number) {
    this.#description = description;
    this.#moments = moments;
    this.#wakers = new Wakers(description);
    this.#startCycles = startCycles;
    moments.forEach((moment, index) => {
      this.#add(moment, index);
    });
  }
  #add(moment: Moment, index: number): void {
    const atCycles = moment.atCycles - this.#startCycles;
    switch (moment.kind) {
      case 'entered': {
        const { component, caller } = moment;
        const choice = caller === null ? this.#takeChoice() : [];
        this.#stack.push(component);
        this.#open(component, caller === null ? this.#wakers.of(component) : `called by ${caller}`);
        for (const line of choice) this.#line(line);
        break;
      }
      case 'left':
        this.#stack.pop();
        this.#wakers.left(moment.component);
        this.#open(this.#running, this.#stack.length > 0 ? 'goes on' : NOBODY);
        break;
      case 'frame': {
        const { toMachine, lenBytes } = moment;
        const what = `wire: ${lenBytes} bytes ${toMachine ? 'in' : 'out'}`;
        this.#line({ kind: 'wire', atCycles, what, toMachine, lenBytes });
        break;
      }
      case 'charge':
        this.#charge(moment.step, atCycles, index);
    }
  }
  #charge(step: Step, atCycles: number, index: number): void {
    if (step.cause === 'idle') {
      const last = this.#lines().at(-1);
      if (last?.kind === 'wait')
        this.#lines()[this.#lines().length - 1] = { ...last, cycles: last.cycles + step.cycles };
      else this.#line({ kind: 'wait', atCycles, what: 'the machine waits', cycles: step.cycles });
    } else if (step.count > 0) {
      this.#wakers.charged(step, this.#running);
      this.#line({ kind: 'step', atCycles, what: this.#wordsOf(step, index), ...step });
    }
  }
  #wordsOf(step: Step, index: number): string {
    const running = this.#running;
    const found = this.#description.components.find(({ name }) => name === step.component);
    const domain = Object.entries(this.#description.domains).find(([, members]) => members.includes(running))?.[0];
    return wordsOf(step, found === undefined ? KERNEL : kindOf(found), {
      domain: domain ?? running,
      purpose: purposeOf(this.#moments, index),
    });
  }
  /** Who is on top of the stack. */
  get #running(): string {
    return this.#stack.at(-1) ?? KERNEL;
  }
  #lines(): Line[] {
    if (this.made.length === 0) this.#open(KERNEL, NOBODY);
    return this.made.at(-1)!.lines;
  }
  #line(line: Line): void {
    this.#lines().push(line);
    if (line.kind === 'step') this.made.at(-1)!.cycles += line.cycles;
  }
  /** Takes the kernel's choice of the next component out of the section in which it was made. */
  #takeChoice(): Line[] {
    const lines = this.#lines();
    const last = lines.at(-1);
    if (last?.kind !== 'step' || last.component !== KERNEL || !CHOICES.includes(last.primitive)) return [];
    this.made.at(-1)!.cycles -= last.cycles;
    return lines.splice(-1);
  }
  #open(component: string, how: string): void {
    if (this.made.at(-1)?.lines.length === 0) this.made.pop();
    this.made.push({ component, how, cycles: 0, lines: [] });
  }
}

/** What the kernel is entered for shows in what came before, or comes next. */
function purposeOf(moments: readonly Moment[], index: number): string {
  if (primitiveOf(moments[index - 1]) === 'notification-wait') return 'to wait';
  for (let i = index + 1; i < moments.length; i++) {
    const moment = moments[i]!;
    if (moment.kind === 'entered' && moment.caller !== null) return `to call ${moment.component}`;
    if (moment.kind === 'left') return 'to answer';
    const primitive = primitiveOf(moment);
    if (primitive === 'invocation') return 'to invoke the kernel';
    if (primitive === 'notification-signal') return 'to signal';
  }
  return 'and exit';
}
const primitiveOf = (moment: Moment | undefined): string | null =>
  moment?.kind === 'charge' ? moment.step.primitive : null;

/** @param startCycles when the operation began */
export function sectionsOf(description: Description, moments: readonly Moment[], startCycles: number): Section[] {
  return new Sections(description, moments, startCycles).made.filter(({ lines }) => lines.length > 0);
}
