/** `bulkhead explain`: one operation, every cycle, with its source. */
import { assemble, Recorder, type Step } from '@bulkhead/assembler';
import { NEVER } from '@bulkhead/clock';
import type { Profile, ProfileName } from '@bulkhead/costs';
import { NULL_PLACEMENTS, type NullPlacement, nullCall } from '@bulkhead/parts';
import { invariant } from '@bulkhead/result';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { jsonOf } from '../output/json.ts';
import { table, whole } from '../output/table.ts';
import { profileOf } from '../profiles.ts';
import { jsonFlag, oneOf, profileFlag } from './flags.ts';

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
    [profile === 'lecture' ? 'lecture' : "the lecture's parts", whole(lecture.cycles), '', '', ''],
    ...rowsOf(leftOut.parts),
    ['left out by the lecture', whole(leftOut.cycles), '', '', ''],
    ['total', whole(totalCycles), '', '', ''],
  ];
  const [head = '', ...lines] = table(['step', 'cycles', 'charged to', 'certainty', 'source'], rows, false).split('\n');
  return [`One call and its reply (${gate}), profile ${profile}: ${profileTitle}`, '', head, ...lines, ''].join('\n');
}

interface Flags {
  readonly profile: ProfileName;
  readonly gate: NullPlacement;
  readonly json: boolean;
}

export const explain: Command<CommandContext> = buildCommand<Flags, ['ipc'], CommandContext>({
  docs: {
    brief: 'One operation, every cycle, with its source',
    fullDescription:
      'Runs one call and its reply on the machine and prints every charge: first those that the lecture adds up,\nthen what it leaves out, then the total.',
  },
  parameters: {
    flags: {
      profile: profileFlag,
      gate: { kind: 'enum', values: NULL_PLACEMENTS, brief: 'What stands between the two components', default: 'ipc' },
      json: jsonFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'ipc', placeholder: 'operation', parse: oneOf(['ipc'], ['packet']) }],
    },
  },
  func(this: CommandContext, { profile, gate, json }: Flags): void {
    const explanation = explainCall(profileOf(profile), gate);
    this.process.stdout.write(json ? jsonOf(explanation) : render(explanation));
  },
});
