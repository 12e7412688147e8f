/** `bulkhead inspect SYSTEM domains|caps|memory|machine|lspci`: what there is, at a moment. */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import type { ProfileName } from '@bulkhead/costs';
import { capsOf, configurationOf, type DomainsSnapshot, domainsOf, machineOf, memoryOf } from '@bulkhead/inspection';
import type { Nic } from '@bulkhead/parts';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { Failure, UsageError } from '../errors.ts';
import { capsDot, capsText } from '../output/caps-view.ts';
import { domainsDot, domainsText } from '../output/domains-view.ts';
import { jsonOf } from '../output/json.ts';
import { lspciText } from '../output/lspci-view.ts';
import { machineText } from '../output/machine-view.ts';
import { memoryDot, memoryText } from '../output/memory-view.ts';
import { inSteps, runSteps } from '../output/progress.ts';
import { loadSystemWith } from '../systems.ts';
import { CLIENTS, runToAnswer } from '../under-load.ts';
import { jsonFlag, momentMs, nicFlag, oneOf, profileFlag, systemArgument, wholeNumber } from './flags.ts';

/** What `inspect SYSTEM domains --json` prints; the other topics print the snapshots of the inspection package too. */
export type InspectReport = DomainsSnapshot;

const TOPICS = ['domains', 'caps', 'memory', 'machine', 'lspci'] as const;
type Topic = (typeof TOPICS)[number];
/** A minute of simulated time: nothing new happens in a system that nobody asks for anything. */
const LATEST_MS = 60_000;
/** Everything has started, and the link has come up. */
const USUAL_MS = 50;
const MOST_REQUESTS = 1_000_000;
const NS_PER_MS = 1_000_000;

interface Flags {
  readonly nic?: Nic;
  readonly profile: ProfileName;
  readonly json: boolean;
  readonly dot: boolean;
  readonly at?: number;
  readonly requests?: number;
}
interface View {
  readonly snapshot: object;
  text(): string;
  /** Absent where there is nothing to draw. */
  readonly dot?: () => string;
}

/** A `Record` makes a topic without a view a compile error. */
const VIEWS: Readonly<Record<Topic, (system: System) => View>> = {
  domains: (system) => viewOf(domainsOf(system), domainsText, domainsDot),
  caps: (system) => viewOf(capsOf(system), capsText, capsDot),
  memory: (system) => viewOf(memoryOf(system), memoryText, memoryDot),
  machine: (system) => viewOf(machineOf(system), machineText),
  lspci: (system) => viewOf(configurationOf(system), lspciText),
};
function viewOf<T extends object>(snapshot: T, text: (snapshot: T) => string, dot?: (snapshot: T) => string): View {
  return { snapshot, text: () => text(snapshot), ...(dot === undefined ? {} : { dot: () => dot(snapshot) }) };
}

/** @throws Failure when the system does not live so long. */
function systemAt(description: Description, profile: ProfileName, atMs = USUAL_MS): System {
  const system = assemble(description, { profile });
  system.runUntil(system.clock.cyclesOf(Math.round(atMs * NS_PER_MS)));
  if (system.panic !== null)
    throw new Failure(`'${description.name}' panicked before ${atMs} ms: ${system.panic.message}`);
  return system;
}

/** @throws Failure when it stops answering. */
async function systemUnderLoad(description: Description, { profile, requests, json, dot }: Flags): Promise<System> {
  const { name } = description;
  const system = systemAt(description, profile);
  const title = `${name}: serves ${requests} of the requests of ${CLIENTS} clients in simulated time`;
  const run = (show: (share: number) => void): Promise<void> => inSteps(runToAnswer(system, requests!), show);
  try {
    await runSteps([{ title, run }], json || dot);
  } catch (error) {
    throw error instanceof Failure ? new Failure(`'${name}' ${error.message}`) : error;
  }
  return system;
}

function render({ snapshot, text, dot }: View, { json, dot: drawn }: Flags, topic: Topic): string {
  if (json) return jsonOf(snapshot);
  if (!drawn) return text();
  if (dot === undefined) throw new UsageError(`'${topic}' has no drawing: leave --dot out, or use --json`);
  return dot();
}

export const inspect: Command<CommandContext> = buildCommand<Flags, [string, Topic], CommandContext>({
  docs: {
    brief: 'What a system is made of, at a moment: domains, capabilities, memory, machine, lspci',
    fullDescription: `Runs the system up to a moment and prints what there is then. Looking changes nothing.
  domains  protection domains with their components and memory, and every connection with its gates
  caps     every capability by holder, and the tree of who was derived from whom
  memory   physical memory by owner and use, each domain's virtual map, and what each device reaches by DMA
  machine  the board: address map, PCI functions, IOMMU, interrupts
  lspci    configuration space of every PCI function, as 'lspci -F FILE' reads it
--json prints the snapshot: addresses as numbers of bytes or pages. --dot prints a graph for Graphviz.`,
  },
  parameters: {
    flags: {
      nic: nicFlag,
      profile: profileFlag,
      json: jsonFlag,
      dot: { kind: 'boolean', brief: 'A graph in the DOT language of Graphviz', default: false, withNegated: false },
      at: {
        kind: 'parsed',
        parse: momentMs(LATEST_MS),
        brief: `The moment, in milliseconds of simulated time after power-on, such as 0.25; ${USUAL_MS} where nothing is said`,
        placeholder: 'ms',
        optional: true,
      },
      requests: {
        kind: 'parsed',
        parse: wholeNumber(1, MOST_REQUESTS),
        brief: `In the middle of a load instead: when so many requests of ${CLIENTS} HTTP clients are answered, and theirs go on`,
        placeholder: 'number',
        optional: true,
      },
    },
    positional: {
      kind: 'tuple',
      parameters: [systemArgument, { brief: TOPICS.join(', '), placeholder: 'topic', parse: oneOf(TOPICS) }],
    },
  },
  async func(this: CommandContext, flags: Flags, name: string, topic: Topic): Promise<void> {
    if (flags.json && flags.dot) throw new UsageError('--json excludes --dot: leave one out');
    if (flags.at !== undefined && flags.requests !== undefined)
      throw new UsageError('--requests says the moment, and so does --at: leave one out');
    const description = await loadSystemWith(name, flags.nic);
    const system =
      flags.requests === undefined
        ? systemAt(description, flags.profile, flags.at)
        : await systemUnderLoad(description, flags);
    const view = VIEWS[topic](system);
    this.process.stdout.write(render(view, flags, topic));
  },
});
