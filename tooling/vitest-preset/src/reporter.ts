/** Counts for the last line of `npm test`, and every skipped test by name with its reason. */
import { type Failure, lastLine, NO_REASON, type Results, type Skip, skippedLines, tell } from '@bulkhead/all-tests';
import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason } from 'vitest/node';

const MESSAGE_EVERY = 25;

const nameOf = (test: TestCase): string => `${test.module.relativeModuleId} > ${test.fullName}`;

export class CountingReporter implements Reporter {
  #passed = 0;
  #collected = 0;
  #failed: Failure[] = [];
  #skipped: Skip[] = [];

  onTestModuleCollected(module: TestModule): void {
    for (const _ of module.children.allTests()) this.#collected++;
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'passed') this.#passed++;
    if (result.state === 'failed')
      this.#failed.push({ name: nameOf(test), reason: result.errors[0]?.message ?? NO_REASON });
    if (result.state === 'skipped') this.#skipped.push({ name: nameOf(test), reason: result.note ?? NO_REASON });
    if (this.#done % MESSAGE_EVERY === 0) tell({ kind: 'progress', done: this.#done, total: this.#collected });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    for (const module of modules) this.#moduleFailures(module);
    for (const error of unhandled) this.#failed.push({ name: 'an error outside every test', reason: error.message });
    if (reason === 'interrupted') this.#failed.push({ name: 'the test run', reason: 'interrupted' });
    const results: Results = { passed: this.#passed, failed: this.#failed, skipped: this.#skipped };
    tell({ kind: 'results', results });
    if (process.send === undefined)
      process.stdout.write(`${[...skippedLines(results), lastLine(results)].join('\n')}\n`);
  }

  get #done(): number {
    return this.#passed + this.#failed.length + this.#skipped.length;
  }

  /** A file that does not load, or a hook that throws, has no failed test of its own. */
  #moduleFailures(module: TestModule): void {
    for (const error of module.errors()) this.#failed.push({ name: module.relativeModuleId, reason: error.message });
    for (const suite of module.children.allSuites())
      for (const error of suite.errors()) this.#failed.push({ name: suite.fullName, reason: error.message });
  }
}
