export interface SchedulerOptions {
  /** Memory in which scheduling contexts, reply objects and notifications lie. */
  readonly words: Int32Array;
  readonly threadCount: number;
  /** @defaultValue 1 */
  readonly domainCount?: number;
  /** Entries of the domain schedule. @defaultValue 1 */
  readonly scheduleLength?: number;
  /** The least that a thread runs for, in the caller's unit of time. The manual's kernel takes twice its own worst case. @defaultValue 1 */
  readonly minBudget?: number;
}
