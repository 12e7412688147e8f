/** Counts checks, shows how far they are, and tells whoever started them. */
import { duration, type Failure, lastLine, type Results, showProgress, tell } from '@bulkhead/all-tests';

export class Report {
  readonly #total: number;
  readonly #failed: Failure[] = [];
  readonly #startedAt: number = performance.now();
  readonly #stopProgress: () => void;
  #passed = 0;
  #stage = 'reading';

  constructor(total: number) {
    this.#total = total;
    this.#stopProgress = process.send === undefined ? showProgress({ text: () => this.#text() }) : () => {};
  }

  stage(name: string): void {
    this.#stage = name;
    this.#tell();
  }

  note(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  record(name: string, problems: readonly string[]): void {
    if (problems.length === 0) this.#passed++;
    else {
      this.#failed.push({ name, reason: problems.join('; ') });
      process.stdout.write(
        `${name}:\n${problems.map((problem) => `  ${problem.replaceAll('\n', '\n  ')}\n`).join('')}`,
      );
    }
    this.#tell();
  }

  /** @returns the exit status. */
  end(): number {
    this.#stopProgress();
    const results: Results = { passed: this.#passed, failed: this.#failed, skipped: [] };
    tell({ kind: 'results', results });
    process.stdout.write(`${lastLine(results)}\n`);
    return this.#failed.length > 0 ? 1 : 0;
  }

  #tell(): void {
    const done = this.#passed + this.#failed.length;
    tell({ kind: 'progress', done, total: this.#total, stage: this.#stage });
  }

  #text(): string {
    const done = this.#passed + this.#failed.length;
    return `${done} of ${this.#total} package checks, ${duration(performance.now() - this.#startedAt)}: ${this.#stage}`;
  }
}
