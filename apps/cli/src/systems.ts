/** Systems by name, or by the path of a module that exports a description. The only place where descriptions are loaded. */
import type { Description } from '@bulkhead/assembler';
import exokernel from '@bulkhead/exokernel';
import exokernelTwo from '@bulkhead/exokernel-two';
import hybrid from '@bulkhead/hybrid';
import monolithic from '@bulkhead/monolithic';
import monolithicIommu from '@bulkhead/monolithic-iommu';
import multiserver from '@bulkhead/multiserver';
import multiserverAsync from '@bulkhead/multiserver-async';
import { type Nic, withNic } from '@bulkhead/parts';
import { UsageError } from './errors.ts';
import { isPath, loadOwnSystem } from './own-system.ts';

/** The five designs, in the order in which walls are added and moved. */
const DESIGNS: Readonly<Record<string, Description>> = {
  monolithic,
  hybrid,
  multiserver,
  'multiserver-async': multiserverAsync,
  exokernel,
};
const KNOWN: Readonly<Record<string, Description>> = {
  ...DESIGNS,
  'monolithic-iommu': monolithicIommu,
  'exokernel-two': exokernelTwo,
};
export const DESIGN_NAMES: readonly string[] = Object.keys(DESIGNS);
export const SYSTEM_NAMES: readonly string[] = Object.keys(KNOWN);

/** With another network card, where one is named. @throws UsageError as `loadSystem`, or without a driver to replace. */
export async function loadSystemWith(name: string, nic: Nic | undefined): Promise<Description> {
  const description = await loadSystem(name);
  if (nic === undefined) return description;
  const changed = withNic(description, nic);
  if (!changed.ok) throw new UsageError(changed.error);
  return changed.value;
}

/** @throws UsageError when there is no such system, or its description is wrong. */
export async function loadSystem(name: string): Promise<Description> {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known !== undefined) return known;
  if (isPath(name)) return loadOwnSystem(name);
  throw new UsageError(
    `no system '${name}': use one of ${SYSTEM_NAMES.join(', ')}, or the path of a module that exports one`,
  );
}

/** A description, and what it was asked for by: a name or a path. */
export interface LoadedSystem extends Description {
  readonly source: string;
}

/** Names separated by commas. @throws UsageError as `loadSystem`, or when one is named twice. */
export async function loadSystems(list: string, nic?: Nic): Promise<LoadedSystem[]> {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new UsageError(`no system named: use one of ${SYSTEM_NAMES.join(', ')}`);
  const systems = await Promise.all(names.map(async (source) => ({ ...(await loadSystemWith(source, nic)), source })));
  for (const [index, { name, source }] of systems.entries()) {
    const before = systems.slice(0, index).find((other) => other.name === name);
    if (before !== undefined)
      throw new UsageError(
        before.source === source
          ? `system '${source}' is named twice: name each once`
          : `'${before.source}' and '${source}' are both systems named '${name}': change the name in one of them`,
      );
  }
  return systems;
}
