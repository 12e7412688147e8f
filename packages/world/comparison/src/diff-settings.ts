/** What was asked, and where the walls stand, in words that can be compared. */
import type { Comparison, SystemResult } from './result.ts';

/** Something that is no amount. `absent` where one side does not have it. */
export interface SettingChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const ABSENT = 'absent';

/** Everything but the systems that decides what comes out. */
export const settingChanges = (before: Comparison, after: Comparison): readonly SettingChange[] =>
  changesIn(settingsOf(before), settingsOf(after));

/** Where the components of a system stand and what lies between them. */
export const shapeChanges = (before: SystemResult, after: SystemResult): readonly SettingChange[] =>
  changesIn(shapeOf(before), shapeOf(after));

function settingsOf({ workload, profile, seed }: Comparison): ReadonlyMap<string, string> {
  const { loop, ...figures } = workload;
  return new Map([
    ...Object.entries(figures).map(([name, value]) => [name, String(value)] as const),
    ['loop', loop.kind === 'closed' ? 'closed' : `open, ${loop.requestsPerSecond} requests a second`],
    ['profile', profile.name],
    ['cyclesPerSecond', String(profile.cyclesPerSecond)],
    ['seed', String(seed)],
  ]);
}

function shapeOf({ iommu, domains, connections }: SystemResult): ReadonlyMap<string, string> {
  return new Map([
    ['IOMMU', iommu],
    ...domains.flatMap(({ name: domain, isKernel, components }) =>
      components.map(
        ({ name, kind, level }) =>
          [
            `component ${name}`,
            `${name === kind ? '' : `${kind} `}in ${isKernel ? 'the kernel domain' : domain}, level ${level}`,
          ] as const,
      ),
    ),
    ...connections.map(
      ({ client, server, contract, up, down }) =>
        [`${client} → ${server} (${contract})`, up === down ? up : `${up} up, ${down} down`] as const,
    ),
  ]);
}

function changesIn(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly SettingChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ name, before: before.get(name) ?? ABSENT, after: after.get(name) ?? ABSENT }))
    .filter((change) => change.before !== change.after);
}
