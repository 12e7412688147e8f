/** A figure before and after. */
export interface Change {
  readonly before: number;
  readonly after: number;
  /** `after - before`. */
  readonly change: number;
}

export const changeOf = (before: number, after: number): Change => ({ before, after, change: after - before });
