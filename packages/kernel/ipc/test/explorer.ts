/**
 * Runs two programs in every possible order of their steps. The programs are ordinary functions over a port: a program
 * is run again from its start with the answers that it got so far, up to the first step that has none yet. So what is
 * explored is the code that is shipped, and not a drawing of it.
 *
 * Under store buffering (x86-TSO) a store waits in a queue of its thread, from which it may reach memory at any later
 * time; loads look into the own queue first; a fence waits for the queue to be empty, and so does a signal, unless
 * signals may overtake.
 */
export interface Steps {
  load32(offset: number): number;
  store32(offset: number, value: number): void;
  fence(): void;
  /** Sets the sticky word of the other side's notification. */
  signal(): void;
  /** Sleeps until the own notification is set, and clears it. */
  wait(): void;
}
/** @returns what the program saw, for people and for `expected`. */
export type Program = (steps: Steps) => string;

interface Step {
  readonly kind: 'load' | 'store' | 'fence' | 'signal' | 'wait';
  readonly offset: number;
  readonly value: number;
}
interface Pending {
  readonly offset: number;
  readonly value: number;
}
interface State {
  readonly memory: readonly number[];
  readonly histories: readonly (readonly number[])[];
  readonly buffers: readonly (readonly Pending[])[];
  readonly signalled: readonly boolean[];
  readonly depth: number;
}
/** Signals that overtake the stores before them: a notification that is no system call and takes no lock. */
export type MemoryModel = 'sequential' | 'store-buffers' | 'store-buffers-overtaken-by-signals';
export interface Verdict {
  readonly states: number;
  /** Steps to the nearest end that is not the expected one, or 0: there is none. */
  readonly lostAfter: number;
  readonly outcomes: ReadonlySet<string>;
}

class Stop {
  readonly step: Step;
  constructor(step: Step) {
    this.step = step;
  }
}

/** @returns the step that a program does after those with known answers, or its result. */
function next(program: Program, history: readonly number[]): Step | string {
  let at = 0;
  const step = (kind: Step['kind'], offset: number, value: number): number => {
    if (at < history.length) return history[at++]!;
    throw new Stop({ kind, offset, value });
  };
  try {
    return program({
      load32: (offset) => step('load', offset, 0),
      store32: (offset, value) => void step('store', offset, value),
      fence: () => void step('fence', 0, 0),
      signal: () => void step('signal', 0, 0),
      wait: () => void step('wait', 0, 0),
    });
  } catch (thrown) {
    if (thrown instanceof Stop) return thrown.step;
    throw thrown;
  }
}

const replace = <T>(list: readonly T[], index: number, value: T): T[] =>
  list.map((element, i) => (i === index ? value : element));

export function explore(
  programs: readonly [Program, Program],
  expected: string,
  memoryWords: number,
  model: MemoryModel,
): Verdict {
  const start: State = {
    memory: new Array<number>(memoryWords).fill(0),
    histories: [[], []],
    buffers: [[], []],
    signalled: [false, false],
    depth: 0,
  };
  const seen = new Set<string>();
  const outcomes = new Set<string>();
  let lostAfter = 0;
  let frontier: State[] = [start];
  while (frontier.length > 0) {
    const following: State[] = [];
    for (const state of frontier) {
      const successors = [0, 1].flatMap((thread) => successorsOf(programs[thread]!, state, thread, model));
      if (successors.length === 0) {
        const outcome = programs.map((program, i) => describeEnd(next(program, state.histories[i]!))).join(' ');
        outcomes.add(outcome);
        if (outcome !== expected && lostAfter === 0) lostAfter = state.depth;
      }
      for (const successor of successors) {
        const key = JSON.stringify([successor.memory, successor.histories, successor.buffers, successor.signalled]);
        if (seen.has(key)) continue;
        seen.add(key);
        following.push(successor);
      }
    }
    frontier = following;
  }
  return { states: seen.size + 1, lostAfter, outcomes };
}

const describeEnd = (end: Step | string): string => (typeof end === 'string' ? end : `stuck in ${end.kind}`);

function successorsOf(program: Program, state: State, thread: number, model: MemoryModel): State[] {
  const flushed = flush(state, thread);
  const step = next(program, state.histories[thread]!);
  const stepped = typeof step === 'string' ? null : perform(state, thread, step, model);
  return [flushed, stepped].filter((successor) => successor !== null);
}

function flush(state: State, thread: number): State | null {
  const [oldest, ...rest] = state.buffers[thread]!;
  if (oldest === undefined) return null;
  const memory = replace(state.memory, oldest.offset / 4, oldest.value);
  return { ...state, memory, buffers: replace(state.buffers, thread, rest), depth: state.depth + 1 };
}

/** @returns the state after a step, or null while the step cannot be done. */
function perform(state: State, thread: number, step: Step, model: MemoryModel): State | null {
  const buffer = state.buffers[thread]!;
  const answered = (answer: number): State => ({
    ...state,
    histories: replace(state.histories, thread, [...state.histories[thread]!, answer]),
    depth: state.depth + 1,
  });
  switch (step.kind) {
    case 'load': {
      const own = buffer.findLast((pending) => pending.offset === step.offset);
      return answered(own?.value ?? state.memory[step.offset / 4]!);
    }
    case 'store':
      if (model === 'sequential') return { ...answered(0), memory: replace(state.memory, step.offset / 4, step.value) };
      return { ...answered(0), buffers: replace(state.buffers, thread, [...buffer, step]) };
    case 'fence':
      return buffer.length === 0 ? answered(0) : null;
    case 'signal':
      if (buffer.length > 0 && model === 'store-buffers') return null;
      return { ...answered(0), signalled: replace(state.signalled, 1 - thread, true) };
    case 'wait':
      return state.signalled[thread] ? { ...answered(0), signalled: replace(state.signalled, thread, false) } : null;
  }
}
