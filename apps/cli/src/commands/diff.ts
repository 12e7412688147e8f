/** `bulkhead diff BEFORE AFTER`: two saved comparisons side by side, what changed and why. */
import { type ComparisonDiff, diffComparisons } from '@bulkhead/comparison';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { type DiffFiles, diffText } from '../output/diff-text.ts';
import { jsonOf } from '../output/json.ts';
import { readComparison } from '../saved-comparison.ts';
import { fileName, jsonFlag } from './flags.ts';

interface Flags {
  readonly json: boolean;
}
/** What `--json` prints. */
export interface DiffReport extends ComparisonDiff {
  readonly files: DiffFiles;
}

export const diff: Command<CommandContext> = buildCommand<Flags, [string, string], CommandContext>({
  docs: {
    brief: 'Two saved comparisons side by side: what changed, and why',
    fullDescription:
      'Reads two files that bulkhead compare --json has printed. Says what differs in what was asked, and for each system that is in both how its cycles a request changed, by cause and by component: by how often, and by what each costs.',
  },
  parameters: {
    flags: { json: jsonFlag },
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'What bulkhead compare --json printed', placeholder: 'before', parse: fileName },
        { brief: 'What it printed another time', placeholder: 'after', parse: fileName },
      ],
    },
  },
  func(this: CommandContext, { json }: Flags, before: string, after: string): void {
    const files = { before, after };
    const changes = diffComparisons(readComparison(before), readComparison(after));
    const report: DiffReport = { ...changes, files };
    this.process.stdout.write(json ? jsonOf(report) : diffText(changes, files));
  },
});
