/** What a clause says of a kernel: equal or not, with the place. It knows no test runner. */
export class Check {
  readonly failures: string[] = [];
  /** How many things were compared: a clause that compares nothing holds nothing. */
  count = 0;

  /** Compares by what is printed: numbers, strings, lists of them. */
  equal(actual: unknown, expected: unknown, what: string): void {
    this.count++;
    const is = JSON.stringify(actual);
    const should = JSON.stringify(expected);
    if (is !== should) this.failures.push(`${what}: ${is}, not ${should}`);
  }
  that(holds: boolean, what: string): void {
    this.count++;
    if (!holds) this.failures.push(what);
  }
}

/** The stage could not be set: what a clause needs did not work, so the clause cannot hold. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
