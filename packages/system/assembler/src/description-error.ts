/** The description cannot be assembled. `problems` has one line a mistake, each naming its mend. */
export class DescriptionError extends Error {
  override readonly name = 'DescriptionError';
  readonly problems: readonly string[];
  constructor(system: string, problems: readonly string[]) {
    super(`system '${system}' cannot be assembled:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}
