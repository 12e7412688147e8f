/** `bulkhead explain`: one operation, every cycle, with its source. */
import { type ProfileName, profileNames } from '@bulkhead/costs';
import type { Nic } from '@bulkhead/parts';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { UsageError } from '../errors.ts';
import { explainConstants } from '../explain/constants.ts';
import { constantsOfAllText, constantsText } from '../explain/constants-text.ts';
import { explainDriverStart } from '../explain/driver-start.ts';
import { driverStartMermaid, driverStartText } from '../explain/driver-start-text.ts';
import { explainGate, explainIpc } from '../explain/ipc.ts';
import { allProfilesText, explanationText, ipcText } from '../explain/ipc-text.ts';
import { explainPacket, type PacketTotals } from '../explain/packet.ts';
import { packetSummaryText, packetText } from '../explain/packet-text.ts';
import { GATES, type Gate } from '../explain/parts.ts';
import { checkDriver, explainUnmap, type UnmapExplanation } from '../explain/unmap.ts';
import { unmapText } from '../explain/unmap-text.ts';
import { type ProfileWays, waysOf } from '../explain/ways.ts';
import { jsonOf } from '../output/json.ts';
import { runSteps } from '../output/progress.ts';
import { profileOf } from '../profiles.ts';
import { loadSystem, loadSystems, loadSystemWith, SYSTEM_NAMES } from '../systems.ts';
import { jsonFlag, nicFlag, oneOf, profileFlag, requestPath } from './flags.ts';

export type { Explanation } from '../explain/parts.ts';

const OPERATIONS = ['ipc', 'packet', 'driver-start', 'unmap', 'constants'] as const;
type Operation = (typeof OPERATIONS)[number];
/** In place of a profile's name. */
const ALL = 'all';
const DEFAULT_PATH = '/bytes/100';
/** The figure: an isolated driver. */
const DEFAULT_SYSTEM = 'multiserver';

interface Flags {
  readonly profile: ProfileName | typeof ALL;
  readonly gate?: Gate;
  readonly system?: string;
  readonly path?: string;
  readonly nic?: Nic;
  readonly mermaid?: boolean;
  readonly json: boolean;
}
/** What `explain ipc --profile all --json` prints. */
export interface AllProfilesReport {
  readonly operation: 'ipc';
  readonly profiles: readonly ProfileWays[];
}
/** What `explain packet --json` prints when no system is named. */
export interface PacketSummary {
  readonly operation: 'packet';
  readonly systems: readonly PacketTotals[];
}

/** Which options an operation has, beside --profile and --json. */
const OPTIONS: Readonly<Record<Operation, readonly (keyof Flags)[]>> = {
  ipc: ['gate'],
  packet: ['system', 'path'],
  'driver-start': ['system', 'nic', 'mermaid'],
  unmap: ['system', 'nic'],
  constants: [],
};
const ownersOf = (option: keyof Flags): Operation[] =>
  OPERATIONS.filter((operation) => OPTIONS[operation].includes(option));

/** 'explain a', 'explain b' and 'explain c' */
const inWords = (operations: readonly Operation[]): string =>
  operations
    .map((operation) => `'explain ${operation}'`)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ');

/** @throws UsageError when an option goes with another operation. */
function checkFlags(operation: Operation, flags: Flags): void {
  for (const option of new Set(Object.values(OPTIONS).flat())) {
    const owners = ownersOf(option);
    if (flags[option] !== undefined && !owners.includes(operation))
      throw new UsageError(`--${option} goes with ${inWords(owners)}: leave it out`);
  }
  if (flags.mermaid === true && flags.json) throw new UsageError('--json and --mermaid exclude each other: leave one');
  if (flags.profile !== ALL) return;
  const mend = `name one of ${profileNames.join(', ')}`;
  if (operation !== 'ipc' && operation !== 'constants')
    throw new UsageError(`'explain ${operation}' takes one profile: ${mend}`);
  if (flags.gate !== undefined) throw new UsageError(`--gate takes one profile: ${mend}`);
}

/** @returns what is printed. */
type Run = (flags: Flags) => Promise<string>;

const RUNS: Readonly<Record<Operation, Run>> = {
  ipc: async ({ profile, gate, json }) => {
    if (profile === ALL) {
      const profiles = await runSteps(
        profileNames.map((name) => ({ title: `messages under ${name}`, run: async () => waysOf(profileOf(name)) })),
        json,
      );
      const report: AllProfilesReport = { operation: 'ipc', profiles };
      return json ? jsonOf(report) : allProfilesText(profiles);
    }
    if (gate !== undefined) {
      const explanation = explainGate(profileOf(profile), gate);
      return json ? jsonOf(explanation) : explanationText(explanation);
    }
    const report = explainIpc(profileOf(profile));
    return json ? jsonOf(report) : ipcText(report);
  },
  packet: async ({ profile: name, system, path = DEFAULT_PATH, json }) => {
    const profile = profileOf(name);
    if (system !== undefined) {
      const explanation = explainPacket(await loadSystem(system), { profile, path });
      return json ? jsonOf(explanation) : packetText(explanation, profile);
    }
    const descriptions = await loadSystems(SYSTEM_NAMES.join(','));
    const systems = await runSteps(
      descriptions.map((description) => ({
        title: `${description.name}: one request`,
        run: async (): Promise<PacketTotals> => {
          const { sections: _, ...totals } = explainPacket(description, { profile, path });
          return totals;
        },
      })),
      json,
    );
    const summary: PacketSummary = { operation: 'packet', systems };
    return json ? jsonOf(summary) : packetSummaryText(systems);
  },
  'driver-start': async ({ profile, system = DEFAULT_SYSTEM, nic, mermaid, json }) => {
    const description = await loadSystemWith(system, nic);
    const start = explainDriverStart(description, { profile: profileOf(profile as ProfileName) });
    if (json) return jsonOf(start);
    return mermaid === true ? driverStartMermaid(start, description) : driverStartText(start, description);
  },
  unmap: async ({ profile, system = DEFAULT_SYSTEM, nic, json }) => {
    const description = await loadSystemWith(system, nic);
    checkDriver(description);
    const title = `${description.name}: strict and deferred invalidation`;
    const run = async (): Promise<UnmapExplanation> =>
      explainUnmap(description, { profile: profileOf(profile as ProfileName) });
    const [explanation] = await runSteps([{ title, run }], json);
    return json ? jsonOf(explanation!) : unmapText(explanation!);
  },
  constants: async ({ profile, json }) => {
    const systems = await loadSystems(SYSTEM_NAMES.join(','));
    if (profile !== ALL) {
      const report = explainConstants(profileOf(profile), systems);
      return json ? jsonOf(report) : constantsText(report);
    }
    const profiles = profileNames.map((name) => explainConstants(profileOf(name), systems));
    return json ? jsonOf({ operation: 'constants', profiles }) : constantsOfAllText(profiles);
  },
};

export const explain: Command<CommandContext> = buildCommand<Flags, [Operation], CommandContext>({
  docs: {
    brief: 'One operation, every cycle, with its source',
    fullDescription:
      'ipc: one call and its reply, charge by charge: first what the lecture adds up, then what it leaves out, then the total;\nthen every other way that a message can go, and synchronous against asynchronous messages by batch.\npacket: one HTTP request on a connection that is kept alive, from the wire to the application and back.\nWithout --system, the totals of all systems side by side.\ndriver-start: how an isolated driver comes to its device, every message and capability that really went.\nunmap: how a device loses memory that was mapped for it: what deferred invalidation saves, and the window of exposure that it costs.\nconstants: the price of everything that a system can be charged for.',
  },
  parameters: {
    flags: {
      profile: {
        ...profileFlag,
        parse: oneOf<ProfileName | typeof ALL>([...profileNames, ALL]),
        brief: `${profileFlag.brief}; with ipc and constants, ${ALL} for one table of all`,
      },
      gate: { kind: 'enum', values: GATES, brief: 'ipc: this way alone', optional: true },
      system: {
        kind: 'parsed',
        parse: String,
        brief: `packet: every step in this system, a name or the path of a module; driver-start, unmap: this one (${DEFAULT_SYSTEM})`,
        placeholder: 'system',
        optional: true,
      },
      path: {
        kind: 'parsed',
        parse: requestPath,
        brief: `packet: what is asked for (${DEFAULT_PATH})`,
        placeholder: 'path',
        optional: true,
      },
      nic: { ...nicFlag, brief: `driver-start, unmap: ${nicFlag.brief}` },
      mermaid: {
        kind: 'boolean',
        brief: 'driver-start: as a Mermaid sequence diagram',
        optional: true,
        withNegated: false,
      },
      json: jsonFlag,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: OPERATIONS.join(', '), placeholder: 'operation', parse: oneOf(OPERATIONS) }],
    },
  },
  async func(this: CommandContext, flags: Flags, operation: Operation): Promise<void> {
    checkFlags(operation, flags);
    this.process.stdout.write(await RUNS[operation](flags));
  },
});
