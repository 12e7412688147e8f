/** Threads that are no components, which run while no component of their priority or above is ready. */
export interface OtherThreads {
  /** Time has passed, for whoever it is counted. */
  tick(): void;
  /** Of the thread that would run now; 0 when none would. */
  priority(): number;
  /** Runs it until something happens. */
  run(): void;
  /** A component is about to run, in nobody's time. @returns what `goOn` is to be told. */
  standAside(): number;
  goOn(before: number): void;
}
