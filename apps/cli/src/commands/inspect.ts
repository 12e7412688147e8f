/** `bulkhead inspect SYSTEM domains`: who stands behind which wall, after boot. */
import type { System } from '@bulkhead/assembler';
import type { ProfileName } from '@bulkhead/costs';
import { buildCommand, type Command, type CommandContext } from '@stricli/core';
import { boot } from '../live-system.ts';
import { jsonOf } from '../output/json.ts';
import { table, whole } from '../output/table.ts';
import { loadSystem } from '../systems.ts';
import { jsonFlag, oneOf, profileFlag, systemArgument } from './flags.ts';

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
  readonly profile: ProfileName;
  readonly json: boolean;
}

const VIEWS = ['domains'] as const;
const PLANNED_VIEWS: readonly string[] = ['caps', 'memory', 'lspci', 'machine'];

export const inspect: Command<CommandContext> = buildCommand<Flags, [string, 'domains'], CommandContext>({
  docs: {
    brief: 'What a system is made of, after boot',
    fullDescription:
      'Boots the system and prints its protection domains with their components, and every connection with its gates.',
  },
  parameters: {
    flags: { profile: profileFlag, json: jsonFlag },
    positional: {
      kind: 'tuple',
      parameters: [systemArgument, { brief: 'domains', placeholder: 'view', parse: oneOf(VIEWS, PLANNED_VIEWS) }],
    },
  },
  async func(this: CommandContext, { profile, json }: Flags, name: string): Promise<void> {
    const report = inspectDomains(boot(await loadSystem(name), { profile }));
    this.process.stdout.write(json ? jsonOf(report) : render(report));
  },
});
