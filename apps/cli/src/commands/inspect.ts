/** `bulkhead inspect SYSTEM domains`: who stands behind which wall, after boot. */
import { assemble, type System } from '@bulkhead/assembler';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { UsageError } from '../errors.ts';
import { table, whole } from '../output/table.ts';
import { profileOf } from '../profiles.ts';
import { loadSystem } from '../systems.ts';

/** Long enough for every component to have started. */
const BOOT_NS = 50_000_000;

export interface DomainReport {
  readonly name: string;
  readonly privilege: 'kernel' | 'user';
  readonly asid: number;
  readonly alive: boolean;
  readonly starts: number;
  readonly components: readonly { readonly name: string; readonly level: number }[];
}
export interface ConnectionReport {
  readonly client: string;
  readonly server: string;
  readonly contract: string;
  readonly calls: string;
  readonly events: string;
}
export interface InspectReport {
  readonly system: string;
  readonly summary: string;
  readonly domains: readonly DomainReport[];
  readonly connections: readonly ConnectionReport[];
}

export function inspectDomains(system: System): InspectReport {
  return {
    system: system.description.name,
    summary: system.description.summary,
    domains: system.kernel.domains.map(({ name, isKernel, asid, alive, starts, seats }) => ({
      name,
      privilege: isKernel ? 'kernel' : 'user',
      asid,
      alive: isKernel || alive,
      starts,
      components: seats.map((seat) => ({ name: seat.name, level: seat.level })),
    })),
    connections: system.connections.map(({ client, clientPort, server, serverPort, contract, up, down, events }) => ({
      client: `${client.seat.name}.${clientPort}`,
      server: `${server.seat.name}.${serverPort}`,
      contract: contract.name,
      calls: up,
      events: events.length > 0 ? down : '',
    })),
  };
}

function render({ system, summary, domains, connections }: InspectReport): string {
  const walls = domains.map(({ name, privilege, asid, alive, starts, components }) => [
    name,
    privilege,
    String(asid),
    alive ? 'alive' : 'dead',
    whole(starts),
    components.map((component) => `${component.name} (${component.level})`).join(', ') || '–',
  ]);
  const gates = connections.map(({ client, server, contract, calls, events }) => [
    client,
    server,
    contract,
    calls,
    events,
  ]);
  return [
    `${system}: ${summary}`,
    '',
    table(['domain', 'privilege', 'ASID', 'state', 'starts', 'components (level)'], walls, false),
    '',
    table(['client', 'server', 'contract', 'calls by', 'events by'], gates, false),
    '',
  ].join('\n');
}

interface Flags {
  readonly profile: string;
  readonly json: boolean;
}

export const inspect: Command<CommandContext> = buildCommand<Flags, [string, string], CommandContext>({
  docs: { brief: 'What a system is made of, after boot' },
  parameters: {
    flags: {
      profile: { kind: 'parsed', parse: String, brief: 'Cost profile: lecture or haswell', default: 'haswell' },
      json: { kind: 'boolean', brief: 'One JSON object on standard output', default: false },
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          brief: 'A system from apps/, or the path of a module that exports one',
          placeholder: 'system',
          parse: String,
        },
        { brief: 'domains', placeholder: 'what', parse: String },
      ],
    },
  },
  async func(this: CommandContext, { profile, json }: Flags, name: string, what: string): Promise<void> {
    if (what !== 'domains') throw new UsageError(`cannot inspect '${what}': use domains`);
    const description = await loadSystem(name);
    const system = assemble(description, { profile: profileOf(profile).name });
    system.runUntil(system.clock.cyclesOf(BOOT_NS));
    const report = inspectDomains(system);
    this.process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : render(report));
  },
});
