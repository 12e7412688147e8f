/** The causes of cycles in the order in which they are drawn, and what a reader must know of them. */

interface CauseWords {
  readonly cause: string;
  /** What the walls add, as against work that every design does. */
  readonly isWall: boolean;
  /** In a sentence. */
  readonly short: string;
  readonly meaning: string;
}

/**
 * CHOICE: the walls are entries into the kernel, address-space switches, messages and the translations that a switch
 * costs. Queues and scheduling inside a kernel count as work: a system without walls has them too.
 */
export const CAUSE_WORDS: readonly CauseWords[] = [
  { cause: 'compute', short: 'own work', isWall: false, meaning: "the components' own work" },
  { cause: 'copy', short: 'copies', isWall: false, meaning: 'data copied' },
  { cause: 'device', short: 'device registers', isWall: false, meaning: 'device registers read and written' },
  { cause: 'interrupt', short: 'interrupts', isWall: false, meaning: 'interrupts taken and acknowledged' },
  {
    cause: 'kernel',
    short: 'queues and scheduling',
    isWall: false,
    meaning: "the kernel's queues, scheduling and invocations",
  },
  { cause: 'trap', short: 'kernel entries', isWall: true, meaning: 'entries into the kernel and the way back' },
  { cause: 'switch', short: 'address-space switches', isWall: true, meaning: 'address-space switches' },
  { cause: 'ipc', short: 'messages', isWall: true, meaning: 'messages, signals and rings between domains' },
  { cause: 'tlb', short: 'TLB refills', isWall: true, meaning: 'translations fetched again after a switch' },
];
const IDLE = 'idle';
const KNOWN: ReadonlySet<string> = new Set(CAUSE_WORDS.map(({ cause }) => cause));
const WALLS: readonly string[] = CAUSE_WORDS.filter(({ isWall }) => isWall).map(({ cause }) => cause);

export type Cycles = Readonly<Record<string, number>>;

/** Idle cycles are nobody's, and what is not a positive number cannot be drawn. */
export const cyclesOf = (byCause: Cycles, cause: string): number =>
  Object.hasOwn(byCause, cause) && byCause[cause]! > 0 && cause !== IDLE ? byCause[cause]! : 0;

/** @returns the causes in any of them, in the order of drawing; those that we do not know come last. */
export function causesIn(all: readonly Cycles[]): string[] {
  const present = new Set(
    all.flatMap((byCause) => Object.keys(byCause).filter((cause) => cyclesOf(byCause, cause) > 0)),
  );
  const known = CAUSE_WORDS.map(({ cause }) => cause).filter((cause) => present.has(cause));
  return [...known, ...[...present].filter((cause) => !KNOWN.has(cause))];
}

export const shortOf = (cause: string): string => CAUSE_WORDS.find((known) => known.cause === cause)?.short ?? cause;

/** The class that gives a cause its colour. */
export const colourOf = (cause: string): string => (KNOWN.has(cause) ? `k-${cause}` : 'k-other');

export const sumOf = (byCause: Cycles): number =>
  Object.keys(byCause).reduce((sum, cause) => sum + cyclesOf(byCause, cause), 0);

export const wallsOf = (byCause: Cycles): number => WALLS.reduce((sum, cause) => sum + cyclesOf(byCause, cause), 0);
