/** `bulkhead explain`: one operation, every cycle, with its source. */
import { assemble, Recorder, type Step } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import type { Profile } from '@bulkhead/costs';
import { NULL_PLACEMENTS, type NullPlacement, nullCall } from '@bulkhead/parts';
import { invariant } from '@bulkhead/result';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { UsageError } from '../errors.ts';
import { table, whole } from '../output/table.ts';
import { profileOf } from '../profiles.ts';

const WARM_UP_CALLS = 8;
/** What the lecture adds up: the kernel entered and left, and the page-table register reloaded, there and back. */
const LECTURE_PARTS = ['kernel-entry-exit', 'address-space-switch'];

export interface Explanation {
  readonly operation: string;
  readonly profile: string;
  readonly profileTitle: string;
  readonly gate: NullPlacement;
  /** The lecture's sum: its parts, and nothing else. */
  readonly lecture: { readonly parts: readonly Step[]; readonly cycles: number };
  /** What really happened besides. */
  readonly leftOut: { readonly parts: readonly Step[]; readonly cycles: number };
  readonly totalCycles: number;
}

/** Runs one null call and its reply on the machine, after a few to warm up, and tells what each charge was. */
export function explainCall(profile: Profile, gate: NullPlacement): Explanation {
  const recorder = new Recorder();
  let elapsed = 0;
  const system = assemble(
    nullCall({
      placement: gate,
      run: (nothing) => {
        for (let i = 0; i < WARM_UP_CALLS; i++) nothing();
        const start = system.clock.now;
        recorder.on = true;
        nothing();
        recorder.on = false;
        elapsed = system.clock.now - start;
      },
    }),
    { profile: profile.name, trace: recorder.sink },
  );
  system.runUntil(NEVER);
  const steps = recorder.steps(profile, system.ledger.components, system.ledger.primitives);
  const isLecture = ({ primitive }: Step): boolean => LECTURE_PARTS.includes(primitive);
  const lecture = sum(steps.filter(isLecture));
  const leftOut = sum(steps.filter((step) => !isLecture(step)));
  invariant(lecture.cycles + leftOut.cycles === elapsed, 'the steps add up to the time that passed');
  return {
    operation: 'ipc',
    profile: profile.name,
    profileTitle: profile.title,
    gate,
    lecture,
    leftOut,
    totalCycles: elapsed,
  };
}

const sum = (parts: readonly Step[]): { parts: readonly Step[]; cycles: number } => ({
  parts,
  cycles: parts.reduce((total, { cycles }) => total + cycles, 0),
});

const rowsOf = (steps: readonly Step[]): string[][] =>
  steps.map(({ component, label, count, cycles, certainty, source }) => [
    count === 1 ? label : `${label} × ${count}`,
    whole(cycles),
    component,
    certainty,
    source,
  ]);

function render({ profile, profileTitle, gate, lecture, leftOut, totalCycles }: Explanation): string {
  const rows = [
    ...rowsOf(lecture.parts),
    ['lecture', whole(lecture.cycles), '', '', ''],
    ...rowsOf(leftOut.parts),
    ['left out by the lecture', whole(leftOut.cycles), '', '', ''],
    ['total', whole(totalCycles), '', '', ''],
  ];
  const [head = '', ...lines] = table(['step', 'cycles', 'charged to', 'certainty', 'source'], rows, false).split('\n');
  return [`One call and its reply (${gate}), profile ${profile}: ${profileTitle}`, '', head, ...lines, ''].join('\n');
}

interface Flags {
  readonly profile: string;
  readonly gate: NullPlacement;
  readonly json: boolean;
}

export const explain: Command<CommandContext> = buildCommand<Flags, [string], CommandContext>({
  docs: { brief: 'One operation, every cycle, with its source' },
  parameters: {
    flags: {
      profile: { kind: 'parsed', parse: String, brief: 'Cost profile: lecture or haswell', default: 'haswell' },
      gate: { kind: 'enum', values: NULL_PLACEMENTS, brief: 'What stands between the two components', default: 'ipc' },
      json: { kind: 'boolean', brief: 'One JSON object on standard output', default: false },
    },
    positional: { kind: 'tuple', parameters: [{ brief: 'ipc', placeholder: 'operation', parse: String }] },
  },
  func(this: CommandContext, { profile, gate, json }: Flags, operation: string): void {
    if (operation !== 'ipc') throw new UsageError(`cannot explain '${operation}': use ipc`);
    const explanation = explainCall(profileOf(profile), gate);
    this.process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : render(explanation));
  },
});
