/** `bulkhead audit SYSTEM`: who can reach what, through which chain, and what falls if something falls. */
import type { Description, System } from '@bulkhead/assembler';
import {
  type Answer,
  type Audit,
  type AuditEdge,
  ask,
  auditDescription,
  auditSystem,
  type Containment,
  containment,
  drawing,
  FORMS,
  showing,
  starvation,
  trustedBases,
  type UnusedRight,
  unforeseen,
  watched,
} from '@bulkhead/audit';
import { HttpLoad } from '@bulkhead/load';
import { HTTP_PORT } from '@bulkhead/parts';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { UsageError } from '../errors.ts';
import { boot } from '../live-system.ts';
import { farEndConfig, GUEST } from '../network.ts';
import { auditText } from '../output/audit-text.ts';
import { jsonOf } from '../output/json.ts';
import { inSteps, runSteps } from '../output/progress.ts';
import { linesOf } from '../privileged-lines.ts';
import { loadSystem } from '../systems.ts';
import { jsonFlag, systemArgument } from './flags.ts';

/** What a run showed. */
export interface LiveReport {
  /** Requests that the run served after booting. */
  readonly requests: number;
  /** What the system allows and its description did not foretell. */
  readonly unforeseen: readonly AuditEdge[];
  readonly unused: readonly UnusedRight[];
}
/** What `--json` prints. */
export interface AuditReport {
  readonly audit: Audit;
  readonly containment: Containment;
  readonly starvation: ReturnType<typeof starvation>;
  readonly trustedBases: ReturnType<typeof trustedBases>;
  /** For each edge of the audit the attack that shows it, or why none does. */
  readonly showings: readonly showing.Showing[];
  /** With `--live`. */
  readonly live?: LiveReport;
}

export function reportOf(description: Description, audit: Audit = auditDescription(description)): AuditReport {
  return {
    audit,
    containment: containment(audit),
    starvation: starvation(audit),
    trustedBases: trustedBases(audit, description, linesOf),
    showings: showing.shownBy(audit),
  };
}

const REQUESTS = 64;
const CLIENTS = 8;
const PATH = '/bytes/1000';
const PATIENCE_NS = 1e9;
const STEP_NS = 1e6;

/** Boots the system, has it serve a few requests if it does, and reads off what it allows. */
async function liveReport(description: Description, report: (share: number) => void): Promise<AuditReport> {
  const { description: counted, unused } = watched(description);
  const system = boot(counted, {});
  const requests = await inSteps(serveSome(system), report);
  const audit = auditSystem(system);
  const live = { requests, unforeseen: unforeseen(auditDescription(description), audit), unused: unused() };
  return { ...reportOf(description, audit), live };
}
/** Yields how far it is. @returns how many requests were answered: none where nobody serves. */
function* serveSome(system: System): Generator<number, number> {
  const { clock } = system;
  const config = farEndConfig(1);
  const target = { address: GUEST, port: HTTP_PORT, config };
  const load = new HttpLoad({ system, clients: CLIENTS, requests: REQUESTS, path: PATH, ...target });
  load.start();
  for (
    const end = clock.now + clock.cyclesOf(PATIENCE_NS);
    !load.isDone && clock.now < end && system.panic === null;
  ) {
    system.runUntil(clock.now + clock.cyclesOf(STEP_NS));
    yield load.completed / REQUESTS;
  }
  return load.completed;
}

interface Flags {
  readonly question?: string;
  readonly live: boolean;
  readonly json: boolean;
  readonly dot: boolean;
  readonly mermaid: boolean;
}

/**
 * Asked of the description alone, unless only a run can tell: then the system runs.
 * @throws UsageError when the question is not understood: the message says what is.
 */
async function answer(description: Description, question: string, flags: Flags): Promise<string> {
  const asked = (report: AuditReport): Answer =>
    ask(report.audit, question, {
      trustedBases: report.trustedBases,
      ...(report.live && { unused: report.live.unused }),
    });
  let found = asked(flags.live ? await run(description, flags) : reportOf(description));
  if (found.kind === 'needs-run') found = asked(await run(description, flags));
  if (found.kind === 'not-understood') throw new UsageError(found.text);
  return flags.json ? jsonOf({ question, answer: found }) : `${found.text}\n`;
}
async function run(description: Description, { json, dot, mermaid }: Flags): Promise<AuditReport> {
  const title = `${description.name}: boots and serves ${REQUESTS} requests in simulated time`;
  return (await runSteps([{ title, run: (show) => liveReport(description, show) }], json || dot || mermaid))[0]!;
}

async function output(description: Description, flags: Flags): Promise<string> {
  if (flags.question !== undefined) return answer(description, flags.question, flags);
  const report = flags.live ? await run(description, flags) : reportOf(description);
  if (flags.json) return jsonOf(report);
  if (flags.dot) return drawing.toDot(report.audit);
  return flags.mermaid ? drawing.toMermaid(report.audit) : auditText(description, report);
}

const switchFlag = { kind: 'boolean', default: false, withNegated: false } as const;

export const audit: Command<CommandContext> = buildCommand<Flags, [string], CommandContext>({
  docs: {
    brief: 'Who can reach what, through which chain, and what falls if something falls',
    fullDescription: `Answers from the description alone, before anything runs: what each component can do with all that it is given;\nwith --live from the capabilities, page tables and IO page tables of a run.\nQuestions:\n${FORMS.map((form) => `  ${form}`).join('\n')}`,
  },
  parameters: {
    flags: {
      question: {
        kind: 'parsed',
        parse: String,
        brief: 'A question in plain words, such as "can nic-driver write web-server"',
        placeholder: 'text',
        optional: true,
      },
      live: { ...switchFlag, brief: 'From a run: capabilities and page tables after a load, and what was never used' },
      json: jsonFlag,
      dot: { ...switchFlag, brief: 'The graph, for Graphviz' },
      mermaid: { ...switchFlag, brief: 'The graph, as a Mermaid flowchart' },
    },
    positional: { kind: 'tuple', parameters: [systemArgument] },
  },
  async func(this: CommandContext, flags: Flags, name: string): Promise<void> {
    const forms = [flags.json, flags.dot, flags.mermaid].filter(Boolean).length;
    if (forms > 1) throw new UsageError('--json, --dot and --mermaid exclude each other: leave one');
    if (flags.question !== undefined && (flags.dot || flags.mermaid))
      throw new UsageError('--question is answered in words or with --json: leave --dot and --mermaid out');
    this.process.stdout.write(await output(await loadSystem(name), flags));
  },
});
